//! Documents that claims rest on: the record, and how it is stored.

use chrono::{DateTime, Utc};
use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::partial_date::PartialDate;
use crate::query::table_row::{cell, date, text, time};
use crate::query::{Column, TableRow};
use crate::resource::external_keys::ExternalKey;
use crate::resource::{Command, Common, CommonColumns, ConstraintError, Identity, Kind, Record, Row};
use crate::schema::sources;
use crate::vocabulary::{SourceKind, SourceReliability};

/// A document that claims rest on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Source {
    /// Id of the source
    pub id: Uuid,
    /// What kind of document it is
    pub kind: SourceKind,
    /// Its title
    #[schema(examples("Treasury Sanctions Colombian President Gustavo Petro"))]
    pub title: String,
    /// The body that published it; null if not recorded
    #[schema(examples("US Department of the Treasury"))]
    pub publisher: Option<String>,
    /// The person that wrote or said it; null if not recorded
    pub author: Option<String>,
    /// Web address at which it was read; null if it has none or it is not recorded
    pub url: Option<String>,
    /// Web address of an archived copy; null if there is none
    pub archive_url: Option<String>,
    /// When it was published; null if not known
    pub published_on: Option<PartialDate>,
    /// When it was read; null if not recorded
    pub retrieved_at: Option<DateTime<Utc>>,
    /// BCP 47 tag of its language, such as es; null if not recorded
    pub language: Option<String>,
    /// Admiralty scale: A completely reliable to E unreliable, F cannot be judged; null if nobody judged it
    pub reliability: Option<SourceReliability>,
    /// SHA-256 of what was read, in lower-case hexadecimal; null if not recorded
    pub content_sha256: Option<String>,
    /// What is to be known about it; null if nothing was written
    pub notes: Option<String>,
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
#[diesel(table_name = sources, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SourceColumns {
    pub kind: SourceKind,
    pub title: String,
    pub publisher: Option<String>,
    pub author: Option<String>,
    pub url: Option<String>,
    pub archive_url: Option<String>,
    pub published_on: Option<PartialDate>,
    pub retrieved_at: Option<DateTime<Utc>>,
    pub language: Option<String>,
    pub reliability: Option<SourceReliability>,
    pub content_sha256: Option<String>,
    pub notes: Option<String>,
    pub properties: Value,
}

/// A record as it is stored: its columns and its lists.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceRow {
    pub columns: SourceColumns,
    pub external_keys: Vec<ExternalKey>,
}

impl From<&Source> for SourceRow {
    fn from(source: &Source) -> Self {
        let source = source.clone();
        Self {
            columns: SourceColumns {
                kind: source.kind,
                title: source.title,
                publisher: source.publisher,
                author: source.author,
                url: source.url,
                archive_url: source.archive_url,
                published_on: source.published_on,
                retrieved_at: source.retrieved_at,
                language: source.language,
                reliability: source.reliability,
                content_sha256: source.content_sha256,
                notes: source.notes,
                properties: source.properties,
            },
            external_keys: source.external_keys,
        }
    }
}

impl Record for Source {
    const KIND: Kind = Kind::Sources;

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

impl TableRow for Source {
    const COLUMNS: &'static [&'static [Column<Self>]] = &[OWN_COLUMNS, CommonColumns::COLUMNS];
}

const OWN_COLUMNS: &[Column<Source>] = &[
    ("id", |source| text(source.id)),
    ("kind", |source| text(source.kind)),
    ("title", |source| text(&source.title)),
    ("publisher", |source| cell(source.publisher.as_ref())),
    ("author", |source| cell(source.author.as_ref())),
    ("url", |source| cell(source.url.as_ref())),
    ("archive_url", |source| cell(source.archive_url.as_ref())),
    ("published_on", |source| date(source.published_on.as_ref())),
    ("retrieved_at", |source| time(source.retrieved_at)),
    ("language", |source| cell(source.language.as_ref())),
    ("reliability", |source| cell(source.reliability.as_ref())),
    ("content_sha256", |source| cell(source.content_sha256.as_ref())),
    ("notes", |source| cell(source.notes.as_ref())),
];

impl Row for SourceRow {
    fn insert(&self, identity: Identity) -> impl Command {
        diesel::insert_into(sources::table).values((
            sources::id.eq(identity.id),
            sources::created_at.eq(identity.created_at()),
            &self.columns,
        ))
    }

    fn update(&self, id: Uuid, before: &Self) -> Option<impl Command> {
        (self.columns != before.columns).then(|| diesel::update(sources::table.find(id)).set(&self.columns))
    }

    fn external_keys(&self) -> &[ExternalKey] {
        &self.external_keys
    }
}

/// What violated constraints of the tables mean.
pub(super) const CONSTRAINTS: &[ConstraintError] = &[
    ConstraintError::invalid("sources_title_check", "/title", "is empty or too long"),
    ConstraintError::invalid("sources_publisher_check", "/publisher", "is empty or too long"),
    ConstraintError::invalid("sources_url_check", "/url", "is not a web address"),
    ConstraintError::invalid(
        "sources_archive_url_check",
        "/archive_url",
        "is not a web address",
    ),
    ConstraintError::invalid("sources_language_check", "/language", "is not a language tag"),
    ConstraintError::invalid(
        "sources_content_sha256_check",
        "/content_sha256",
        "is not a SHA-256",
    ),
];
