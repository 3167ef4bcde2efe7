//! Relationships: the record, and how it is stored.

use chrono::{DateTime, Utc};
use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::partial_date::PartialDate;
use crate::query::table_row::{cell, date, number_cell, text};
use crate::query::{Column, TableRow};
use crate::relationships::percent::Percent;
use crate::relationships::share::Share;
use crate::resource::children::ChildRows;
use crate::resource::citations::{self, Citation, CitationColumns, CitationRow, Cites};
use crate::resource::external_keys::ExternalKey;
use crate::resource::{
    ActorReference, Command, Common, CommonColumns, ConstraintError, Identity, Kind, Record, Row,
};
use crate::schema::relationships;
use crate::vocabulary::ClaimStatus;

/// A dated tie of a kind between two actors. Read it as subject, kind, object: this person head_of_state_of that state.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Relationship {
    /// Id of the relationship
    pub id: Uuid,
    /// The actor from which the tie is read
    pub subject: ActorReference,
    /// A code of the vocabulary relationship_kinds
    #[schema(examples("head_of_state_of"))]
    pub kind: String,
    /// The actor to which the tie is read
    pub object: ActorReference,
    /// The role of the subject in it; null if not recorded
    #[schema(examples("interior minister"))]
    pub role: Option<String>,
    /// Share that the subject owns, in percent: a number, or an interval such as {"min": 25, "max": 50}; null if not known
    #[schema(inline)]
    pub share_percent: Option<Share>,
    /// When it began; null if not known
    pub started_on: Option<PartialDate>,
    /// When it ended; null if it has not ended or the end is not known
    pub ended_on: Option<PartialDate>,
    /// What is to be known about it; null if nothing was written
    pub description: Option<String>,
    /// How far the sources support it
    pub claim_status: ClaimStatus,
    /// The sources, and what each says about it
    pub citations: Vec<Citation>,
    /// What a list or dataset says and no field holds: an object of lists of texts, by names such as those of the vocabulary
    /// property_names
    #[schema(value_type = std::collections::HashMap<String, Vec<String>>)]
    pub properties: Value,
    /// Its keys in other registries
    pub external_keys: Vec<ExternalKey>,
    /// Number of the current version: 1 when created, one more with each change
    pub version: i32,
    /// When the registry recorded it
    pub created_at: DateTime<Utc>,
    /// When its current version was written
    pub updated_at: DateTime<Utc>,
}

/// The columns of the table that a request sets.
#[derive(Debug, Clone, PartialEq, Insertable, AsChangeset)]
#[diesel(table_name = relationships, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RelationshipColumns {
    pub subject_id: Uuid,
    pub kind: String,
    pub object_id: Uuid,
    pub role: Option<String>,
    pub share_percent_min: Option<Percent>,
    pub share_percent_max: Option<Percent>,
    pub started_on: Option<PartialDate>,
    pub ended_on: Option<PartialDate>,
    pub description: Option<String>,
    pub claim_status: ClaimStatus,
    pub properties: Value,
}

/// A record as it is stored: its columns and its lists.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationshipRow {
    pub columns: RelationshipColumns,
    pub citations: Vec<CitationRow>,
    pub external_keys: Vec<ExternalKey>,
}

impl From<&Relationship> for RelationshipRow {
    fn from(relationship: &Relationship) -> Self {
        let relationship = relationship.clone();
        Self {
            columns: RelationshipColumns {
                subject_id: relationship.subject.id,
                kind: relationship.kind,
                object_id: relationship.object.id,
                role: relationship.role,
                share_percent_min: relationship
                    .share_percent
                    .map(|share| Percent::nearest(share.min)),
                share_percent_max: relationship
                    .share_percent
                    .map(|share| Percent::nearest(share.max)),
                started_on: relationship.started_on,
                ended_on: relationship.ended_on,
                description: relationship.description,
                claim_status: relationship.claim_status,
                properties: relationship.properties,
            },
            citations: relationship.citations.iter().map(CitationRow::from).collect(),
            external_keys: relationship.external_keys,
        }
    }
}

impl Record for Relationship {
    const KIND: Kind = Kind::Relationships;

    fn common(&self) -> Common<'_> {
        Common {
            id: self.id,
            version: self.version,
            properties: &self.properties,
            external_keys: &self.external_keys,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl Cites for Relationship {
    fn citations(&self) -> &[Citation] {
        &self.citations
    }
}

impl TableRow for Relationship {
    const COLUMNS: &'static [&'static [Column<Self>]] =
        &[OWN_COLUMNS, CitationColumns::COLUMNS, CommonColumns::COLUMNS];
}

const OWN_COLUMNS: &[Column<Relationship>] = &[
    ("id", |relationship| text(relationship.id)),
    ("subject_id", |relationship| text(relationship.subject.id)),
    ("subject", |relationship| text(&relationship.subject.name)),
    ("kind", |relationship| text(&relationship.kind)),
    ("object_id", |relationship| text(relationship.object.id)),
    ("object", |relationship| text(&relationship.object.name)),
    ("role", |relationship| cell(relationship.role.as_ref())),
    ("share_percent", |relationship| {
        number_cell(relationship.share_percent.and_then(Share::exact).as_ref())
    }),
    ("share_percent_min", |relationship| {
        number_cell(relationship.share_percent.map(|share| share.min).as_ref())
    }),
    ("share_percent_max", |relationship| {
        number_cell(relationship.share_percent.map(|share| share.max).as_ref())
    }),
    ("started_on", |relationship| {
        date(relationship.started_on.as_ref())
    }),
    ("ended_on", |relationship| date(relationship.ended_on.as_ref())),
    ("description", |relationship| {
        cell(relationship.description.as_ref())
    }),
    ("claim_status", |relationship| text(relationship.claim_status)),
];

impl Row for RelationshipRow {
    fn insert(&self, identity: Identity) -> impl Command {
        diesel::insert_into(relationships::table).values((
            relationships::id.eq(identity.id),
            relationships::created_at.eq(identity.created_at()),
            &self.columns,
        ))
    }

    fn update(&self, id: Uuid, before: &Self) -> Option<impl Command> {
        (self.columns != before.columns)
            .then(|| diesel::update(relationships::table.find(id)).set(&self.columns))
    }

    fn external_keys(&self) -> &[ExternalKey] {
        &self.external_keys
    }

    fn children(&self) -> Vec<ChildRows> {
        vec![citations::child_rows(&self.citations)]
    }
}

/// What violated constraints of the tables mean.
pub(super) const CONSTRAINTS: &[ConstraintError] = &[
    ConstraintError::invalid(
        "relationships_subject_id_fkey",
        "/subject",
        "names an actor that does not exist any more",
    ),
    ConstraintError::invalid(
        "relationships_object_id_fkey",
        "/object",
        "names an actor that does not exist any more",
    ),
    ConstraintError::invalid(
        "relationships_kind_fkey",
        "/kind",
        "is not a code of the vocabulary relationship_kinds",
    ),
    ConstraintError::invalid("relationships_ends_check", "/object", "is the subject itself"),
    ConstraintError::invalid(
        "relationships_share_percent_check",
        "/share_percent",
        "is not from 0 to 100, or its min is above its max",
    ),
    ConstraintError::invalid("relationships_period_check", "/ended_on", "is before started_on"),
];
