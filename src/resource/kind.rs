//! The kinds of records.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The kinds of records that the registry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = Resource)]
pub enum Kind {
    /// People, states, organizations, vessels and others who act or are acted upon.
    #[serde(rename = "actors")]
    Actors,
    /// Ties between two actors.
    #[serde(rename = "relationships")]
    Relationships,
    /// Legal bases under which sanctions are imposed.
    #[serde(rename = "programmes")]
    Programmes,
    /// Measures of an imposer against a target.
    #[serde(rename = "sanctions")]
    Sanctions,
    /// What actors did to or with others.
    #[serde(rename = "diplomatic-actions")]
    DiplomaticActions,
    /// Documents that claims rest on.
    #[serde(rename = "sources")]
    Sources,
}

impl Kind {
    /// All kinds, in the order of lists of them.
    pub const ALL: [Self; 6] = [
        Self::Actors,
        Self::Relationships,
        Self::Programmes,
        Self::Sanctions,
        Self::DiplomaticActions,
        Self::Sources,
    ];

    /// Returns the word that names the kind in addresses and bodies, such as `diplomatic-actions`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Actors => "actors",
            Self::Relationships => "relationships",
            Self::Programmes => "programmes",
            Self::Sanctions => "sanctions",
            Self::DiplomaticActions => "diplomatic-actions",
            Self::Sources => "sources",
        }
    }

    /// Returns the table that stores the records, such as `diplomatic_actions`.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Actors => "actors",
            Self::Relationships => "relationships",
            Self::Programmes => "programmes",
            Self::Sanctions => "sanctions",
            Self::DiplomaticActions => "diplomatic_actions",
            Self::Sources => "sources",
        }
    }

    /// Returns the kind whose records stand in a table; `None` if the table holds no records.
    pub fn of_table(table: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.table() == table)
    }

    /// Returns the words for one record, such as `diplomatic action`.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Actors => "actor",
            Self::Relationships => "relationship",
            Self::Programmes => "programme",
            Self::Sanctions => "sanction",
            Self::DiplomaticActions => "diplomatic action",
            Self::Sources => "source",
        }
    }

    /// Returns the field that tells people which record it is, such as `title`; `None` if only the id does.
    pub const fn name_field(self) -> Option<&'static str> {
        match self {
            Self::Actors => Some("name"),
            Self::Relationships => Some("kind"),
            Self::Programmes => Some("code"),
            Self::Sanctions => None,
            Self::DiplomaticActions | Self::Sources => Some("title"),
        }
    }

    /// Returns the column by which a child table (external keys, citations) refers to a record.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Actors => "actor_id",
            Self::Relationships => "relationship_id",
            Self::Programmes => "programme_id",
            Self::Sanctions => "sanction_id",
            Self::DiplomaticActions => "action_id",
            Self::Sources => "source_id",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.path())
    }
}
