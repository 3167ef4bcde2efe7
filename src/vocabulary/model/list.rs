//! The open vocabularies, the fields of their entries, and how they are listed.

use std::fmt;

use diesel::QueryableByName;
use diesel::sql_types;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Db, Statement};
use crate::error::{Error, Result};
use crate::query::{Conditions, Selection, Sort};
use crate::resource::filter::ListFilter;

/// An open vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vocabulary {
    /// Countries and territories, present and former.
    Countries,
    /// Kinds of actors.
    ActorKinds,
    /// Kinds of relationships between two actors.
    RelationshipKinds,
    /// Schemes of identifiers of actors.
    IdentifierSchemes,
    /// What a sanction does to its target.
    Measures,
    /// Why a target is sanctioned.
    Grounds,
    /// What an imposer wants to achieve by a sanction.
    Objectives,
    /// Kinds of diplomatic actions.
    ActionTypes,
    /// Event codes of CAMEO.
    CameoCodes,
    /// Registered names of properties.
    PropertyNames,
}

impl Vocabulary {
    /// All vocabularies in the order of the list of them.
    pub const ALL: [Self; 10] = [
        Self::Countries,
        Self::ActorKinds,
        Self::RelationshipKinds,
        Self::IdentifierSchemes,
        Self::Measures,
        Self::Grounds,
        Self::Objectives,
        Self::ActionTypes,
        Self::CameoCodes,
        Self::PropertyNames,
    ];

    /// Returns the name, which paths and the table have.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Countries => "countries",
            Self::ActorKinds => "actor_kinds",
            Self::RelationshipKinds => "relationship_kinds",
            Self::IdentifierSchemes => "identifier_schemes",
            Self::Measures => "measures",
            Self::Grounds => "grounds",
            Self::Objectives => "objectives",
            Self::ActionTypes => "action_types",
            Self::CameoCodes => "cameo_codes",
            Self::PropertyNames => "property_names",
        }
    }

    /// Returns the vocabulary with a name.
    ///
    /// # Errors
    /// Not found if there is none.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|vocabulary| vocabulary.name() == name)
            .ok_or_else(|| {
                let known = Self::ALL.map(Self::name).join(", ");
                Error::not_found(format!("{name} is not an open vocabulary; known are {known}"))
            })
    }

    /// Returns what its entries are.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Countries => "Countries and territories, present and former",
            Self::ActorKinds => "Kinds of actors",
            Self::RelationshipKinds => {
                "Kinds of relationships between two actors, read from subject to object"
            }
            Self::IdentifierSchemes => {
                "Schemes of identifiers of actors, and whether an identifier belongs to one actor only"
            }
            Self::Measures => "What a sanction does to its target",
            Self::Grounds => "Why a target is sanctioned",
            Self::Objectives => "What an imposer wants to achieve by a sanction",
            Self::ActionTypes => "Kinds of diplomatic actions, each with a CAMEO code",
            Self::CameoCodes => {
                "Event codes of CAMEO, with the quad class and the Goldstein score that GDELT publishes"
            }
            Self::PropertyNames => {
                "Names of properties, what their values must be, and what FollowTheMoney calls them"
            }
        }
    }

    /// Returns the fields of its entries in the order of JSON and CSV.
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::ActorKinds | Self::Measures | Self::Grounds | Self::Objectives => &[
                "code",
                "label",
                "description",
                "version",
                "created_at",
                "updated_at",
            ],
            Self::Countries => &[
                "code",
                "label",
                "description",
                "iso3",
                "iso_numeric",
                "region",
                "subregion",
                "began_on",
                "ended_on",
                "version",
                "created_at",
                "updated_at",
            ],
            Self::RelationshipKinds => &[
                "code",
                "label",
                "description",
                "inverse_label",
                "counts_for_state",
                "version",
                "created_at",
                "updated_at",
            ],
            Self::IdentifierSchemes => &[
                "code",
                "label",
                "description",
                "is_unique",
                "pattern",
                "version",
                "created_at",
                "updated_at",
            ],
            Self::ActionTypes => &[
                "code",
                "label",
                "description",
                "cameo_code",
                "version",
                "created_at",
                "updated_at",
            ],
            Self::CameoCodes => &[
                "code",
                "label",
                "description",
                "root",
                "quad_class",
                "goldstein",
                "goldstein_from",
                "version",
                "created_at",
                "updated_at",
            ],
            Self::PropertyNames => &[
                "code",
                "label",
                "description",
                "value_type",
                "words",
                "applies_to",
                "ftm_name",
                "version",
                "created_at",
                "updated_at",
            ],
        }
    }

    /// Returns the expression of an entry's JSON, where the table's alias is `entry`.
    fn record_sql(self) -> String {
        let fields: Vec<String> = self
            .columns()
            .iter()
            .map(|column| format!("'{column}', entry.{column}"))
            .collect();
        format!("json_build_object({})", fields.join(", "))
    }

    /// Returns what a list of its entries selects.
    pub fn selection(self) -> Selection {
        Selection {
            record: self.record_sql().into(),
            record_as_of: None,
            made_by: None,
            is_response: false,
            from: format!("{self} as entry").into(),
            id: "entry.code".into(),
            sorts: SORTS,
            default_sort: "",
            with: Statement::default(),
        }
    }

    pub(super) fn find_statement(self, code: &str) -> Statement {
        Statement::new(format!(
            "select {}::text as record from {} as entry where entry.code = ",
            self.record_sql(),
            self.name()
        ))
        .bind(code)
        .keep_prepared()
    }
}

impl fmt::Display for Vocabulary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

const SORTS: &[Sort] = &[
    Sort::plain("code", "entry.code", "text"),
    Sort::plain("label", "entry.label", "text"),
    Sort::plain("created_at", "entry.created_at", "timestamptz"),
    Sort::plain("updated_at", "entry.updated_at", "timestamptz"),
];

/// Filters of a list of entries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntryFilter {
    /// Code of the entry. Repeat it for several
    #[param(example = "asset_freeze")]
    code: Vec<String>,
}

impl ListFilter for EntryFilter {}

impl EntryFilter {
    /// Returns the conditions of the filters.
    pub fn conditions(self) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.any("entry.code", self.code, "");
        conditions
    }
}

/// A vocabulary in the list of all vocabularies.
#[derive(Debug, Serialize, ToSchema)]
pub struct Summary {
    /// As in paths: /v1/vocabularies/{name}
    pub name: Vocabulary,
    /// What its entries are
    pub description: &'static str,
    /// Number of entries
    pub entries: i64,
    /// The fields of an entry
    pub fields: &'static [&'static str],
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = sql_types::Text)]
    name: String,
    #[diesel(sql_type = sql_types::BigInt)]
    entries: i64,
}

impl Summary {
    /// Returns the summaries of all vocabularies.
    ///
    /// # Errors
    /// Those of [`Db::read`].
    pub async fn all(db: &Db) -> Result<Vec<Self>> {
        let counts = Vocabulary::ALL.map(|vocabulary| {
            format!("select '{vocabulary}' as name, count(*) as entries from {vocabulary}")
        });
        let rows: Vec<CountRow> = db
            .read(Statement::new(counts.join(" union all ")).keep_prepared())
            .await?;
        Ok(Vocabulary::ALL
            .into_iter()
            .map(|name| Self {
                name,
                description: name.description(),
                entries: rows
                    .iter()
                    .find(|row| row.name == name.name())
                    .map_or(0, |row| row.entries),
                fields: name.columns(),
            })
            .collect())
    }
}
