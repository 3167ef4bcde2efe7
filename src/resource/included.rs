//! What the rows of a list refer to: other records, which a response has by their names, or whole if the request asks for that.

use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::Kind;
use crate::query::TableRow;

/// What a list returns: a record, or something that is made of records.
pub trait Listed: DeserializeOwned + Serialize + TableRow + ToSchema {
    /// The references that a request may ask to be included whole.
    const REFERENCES: &'static [Included] = &[];
}

/// A reference to another record.
#[derive(Debug, Clone, Copy)]
pub struct Included {
    /// What a request calls it, such as `source`.
    pub name: &'static str,
    /// Where it is, such as `citations.source`; a list on the way has one in each of its elements.
    pub path: &'static str,
    /// The kind of the record that it names.
    pub kind: Kind,
}

impl Included {
    /// Returns a reference that is in a field of its own name.
    pub const fn field(name: &'static str, kind: Kind) -> Self {
        Self::at(name, name, kind)
    }

    /// Returns a reference at a path.
    pub const fn at(name: &'static str, path: &'static str, kind: Kind) -> Self {
        Self { name, path, kind }
    }

    /// The source of a citation.
    pub const SOURCE: Self = Self::at("source", "citations.source", Kind::Sources);
    /// The actor to whom a citation attributes the claim.
    pub const ATTRIBUTED_TO: Self = Self::at("attributed_to", "citations.attributed_to", Kind::Actors);

    /// Returns the names of the path.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.path.split('.')
    }
}

/// The references of the record within an item that has a relationship, a sanction or a diplomatic action in its field `record`.
pub const OF_RECORD: &[Included] = &[
    Included::at("imposer", "record.imposer", Kind::Actors),
    Included::at("target", "record.target", Kind::Actors),
    Included::at("subject", "record.subject", Kind::Actors),
    Included::at("object", "record.object", Kind::Actors),
    Included::at("participant", "record.participants.actor", Kind::Actors),
    Included::at("programme", "record.programmes", Kind::Programmes),
    Included::at("action", "record.action", Kind::DiplomaticActions),
    Included::at("link", "record.links.action", Kind::DiplomaticActions),
    Included::at(
        "linked_from",
        "record.linked_from.action",
        Kind::DiplomaticActions,
    ),
    Included::at("source", "record.citations.source", Kind::Sources),
    Included::at("attributed_to", "record.citations.attributed_to", Kind::Actors),
];
