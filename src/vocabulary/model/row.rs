//! An entry as it is stored: what a request sets, and its columns.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::Statement;
use crate::partial_date::PartialDate;

/// An entry as it is stored, without what the registry sets.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryRow {
    /// The word that records use.
    pub code: String,
    /// The name that people read, in English.
    pub label: String,
    /// What the entry means; `None` if nothing was written.
    pub description: Option<String>,
    /// The fields of its vocabulary alone.
    pub extra: Extra,
}

/// The fields that the entries of a vocabulary have beside code, label and description.
#[derive(Debug, Clone, PartialEq)]
pub enum Extra {
    /// Actor kinds, measures, grounds and objectives have no other fields.
    Nothing,
    /// A country or territory, present or former.
    Country {
        /// ISO 3166-1 alpha-3; `None` if it has none.
        iso3: Option<String>,
        /// ISO 3166-1 numeric, three digits; `None` if it has none.
        iso_numeric: Option<String>,
        /// Continent, in the words of the UN geoscheme; `None` if not recorded.
        region: Option<String>,
        /// Subregion, in the words of the UN geoscheme; `None` if not recorded.
        subregion: Option<String>,
        /// When a former country began; `None` for a present one or if not recorded.
        began_on: Option<PartialDate>,
        /// When a former country ended; `None` for a present one.
        ended_on: Option<PartialDate>,
    },
    /// A kind of relationship, read from subject to object.
    RelationshipKind {
        /// The label as read from the object.
        inverse_label: String,
        /// Whether an act of the subject counts as an act of the state at the end of the object.
        counts_for_state: bool,
    },
    /// A scheme of identifiers of actors.
    IdentifierScheme {
        /// Whether a value belongs to one actor only.
        is_unique: bool,
        /// The PostgreSQL regular expression that every value matches; `None` if any text is allowed.
        pattern: Option<String>,
    },
    /// A kind of diplomatic action.
    ActionType {
        /// The default CAMEO code of an action of this type.
        cameo_code: String,
    },
    /// A registered name of properties.
    PropertyName {
        /// What each value must be.
        value_type: ValueType,
        /// The words that are allowed; empty unless the type is word.
        words: Vec<String>,
        /// The resources and kinds of actors that the name is meant for; empty for all.
        applies_to: Vec<String>,
        /// Its name in FollowTheMoney; `None` if it has none.
        ftm_name: Option<String>,
    },
    /// An event code of CAMEO.
    CameoCode {
        /// 1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict.
        quad_class: i16,
        /// Goldstein score, from -10 (most conflictual) to 10 (most cooperative).
        goldstein: f64,
        /// The parent code from which the score is taken; `None` if the code has a score of its own.
        goldstein_from: Option<String>,
    },
}

/// What the values of a registered name of properties must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// Any text
    Text,
    /// One of the words of the entry
    Word,
    /// A date that keeps its precision
    Date,
    /// A decimal number
    Number,
    /// A code of the vocabulary countries
    Country,
    /// A web address
    Url,
}

impl ValueType {
    /// Returns the word as it is stored.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Word => "word",
            Self::Date => "date",
            Self::Number => "number",
            Self::Country => "country",
            Self::Url => "url",
        }
    }
}

impl EntryRow {
    /// Returns the columns that a request sets, except the code, with their values.
    pub(super) fn columns(&self) -> Vec<(&'static str, Statement)> {
        let text = |value: &Option<String>| Statement::default().bind(value.clone());
        let date = |value: &Option<PartialDate>| {
            Statement::default()
                .bind(value.as_ref().map(ToString::to_string))
                .sql("::text::partial_date")
        };
        let mut columns = vec![
            ("label", Statement::default().bind(self.label.as_str())),
            ("description", text(&self.description)),
        ];
        columns.extend(match &self.extra {
            Extra::Nothing => Vec::new(),
            Extra::Country {
                iso3,
                iso_numeric,
                region,
                subregion,
                began_on,
                ended_on,
            } => vec![
                ("iso3", text(iso3)),
                ("iso_numeric", text(iso_numeric)),
                ("region", text(region)),
                ("subregion", text(subregion)),
                ("began_on", date(began_on)),
                ("ended_on", date(ended_on)),
            ],
            Extra::RelationshipKind {
                inverse_label,
                counts_for_state,
            } => vec![
                ("inverse_label", Statement::default().bind(inverse_label.as_str())),
                ("counts_for_state", Statement::default().bind(*counts_for_state)),
            ],
            Extra::IdentifierScheme { is_unique, pattern } => vec![
                ("is_unique", Statement::default().bind(*is_unique)),
                ("pattern", text(pattern)),
            ],
            Extra::ActionType { cameo_code } => {
                vec![("cameo_code", Statement::default().bind(cameo_code.as_str()))]
            }
            Extra::PropertyName {
                value_type,
                words,
                applies_to,
                ftm_name,
            } => vec![
                ("value_type", Statement::default().bind(value_type.word())),
                ("words", Statement::default().bind(words.clone())),
                ("applies_to", Statement::default().bind(applies_to.clone())),
                ("ftm_name", text(ftm_name)),
            ],
            Extra::CameoCode {
                quad_class,
                goldstein,
                goldstein_from,
            } => vec![
                ("root", Statement::default().bind(root_of(&self.code))),
                (
                    "quad_class",
                    Statement::default()
                        .bind(i64::from(*quad_class))
                        .sql("::bigint::smallint"),
                ),
                (
                    "goldstein",
                    Statement::default()
                        .bind(goldstein.to_string())
                        .sql("::text::numeric"),
                ),
                ("goldstein_from", text(goldstein_from)),
            ],
        });
        columns
    }
}

/// Returns the first two digits of a CAMEO code.
fn root_of(code: &str) -> &str {
    code.get(..2).unwrap_or(code)
}
