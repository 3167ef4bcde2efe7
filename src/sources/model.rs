//! Sources: what one holds, and the SQL that keeps and finds them.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Db, Statement, Write};
use crate::error::{Error, Result};
use crate::http::response::Record;
use crate::partial_date::PartialDate;
use crate::query::table_row::{TableRow, cell, joined, properties_cell};
use crate::resource::Kind;
use crate::resource::external_keys::{self, ExternalKey};
use crate::resource::records::{self, Identity, RecordRow};
use crate::schema::sources;
use crate::sources::request::SourceRequest;
use crate::text;
use crate::validation::Faults;
use crate::vocabulary::{SourceKind, SourceReliability};

/// Fields that follow from others or that the registry sets.
pub const READ_ONLY: &[&str] = &["id", "version", "created_at", "updated_at"];

/// A document that claims rest on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Source {
    pub id: Uuid,
    pub kind: SourceKind,
    #[schema(examples("Treasury Sanctions Colombian President Gustavo Petro"))]
    pub title: String,
    #[schema(examples("US Department of the Treasury"))]
    pub publisher: Option<String>,
    /// Who wrote or said it
    pub author: Option<String>,
    /// Where it was read
    pub url: Option<String>,
    /// Where a copy is kept
    pub archive_url: Option<String>,
    pub published_on: Option<PartialDate>,
    /// When it was read
    pub retrieved_at: Option<DateTime<Utc>>,
    /// BCP 47 tag such as es
    pub language: Option<String>,
    /// Admiralty scale: A completely reliable to E unreliable, F cannot be judged; null where nobody judged
    pub reliability: Option<SourceReliability>,
    /// SHA-256 of what was read, in lower-case hexadecimal
    pub content_sha256: Option<String>,
    pub notes: Option<String>,
    /// What a list or dataset says and no field holds: name to list of texts
    pub properties: Value,
    pub external_keys: Vec<ExternalKey>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// The columns that a request sets.
#[derive(Debug, Clone, PartialEq, Insertable, AsChangeset)]
#[diesel(table_name = sources, treat_none_as_null = true)]
pub struct Columns {
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

/// A checked source: its columns and its keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    pub columns: Columns,
    pub external_keys: Vec<ExternalKey>,
}

impl From<&Source> for Values {
    fn from(source: &Source) -> Self {
        let source = source.clone();
        Self {
            columns: Columns {
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
    const RESOURCE: Kind = Kind::Sources;

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }
}

impl TableRow for Source {
    const HEADER: &'static [&'static str] = &[
        "id",
        "kind",
        "title",
        "publisher",
        "author",
        "url",
        "archive_url",
        "published_on",
        "retrieved_at",
        "language",
        "reliability",
        "content_sha256",
        "notes",
        "properties",
        "external_keys",
        "version",
        "created_at",
        "updated_at",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.kind.to_string(),
            self.title.clone(),
            cell(self.publisher.as_ref()),
            cell(self.author.as_ref()),
            cell(self.url.as_ref()),
            cell(self.archive_url.as_ref()),
            cell(self.published_on.as_ref()),
            self.retrieved_at.map(text::timestamp).unwrap_or_default(),
            cell(self.language.as_ref()),
            cell(self.reliability.as_ref()),
            cell(self.content_sha256.as_ref()),
            cell(self.notes.as_ref()),
            properties_cell(&self.properties),
            joined(&self.external_keys, |key| format!("{}:{}", key.scheme, key.value)),
            self.version.to_string(),
            text::timestamp(self.created_at),
            text::timestamp(self.updated_at),
        ]
    }
}

/// Makes a source's JSON in the select of a table `source`.
pub static RECORD_SQL: LazyLock<String> = LazyLock::new(|| {
    include_str!("record.sql").replace(
        "{external_keys}",
        &external_keys::record_sql(Kind::Sources, "source.id"),
    )
});

static FIND_SQL: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {}::text as record from sources as source where source.id = ",
        *RECORD_SQL
    )
});

impl Source {
    pub async fn find(db: &Db, id: Uuid) -> Result<Option<Self>> {
        let statement = Statement::new(FIND_SQL.as_str()).bind(id).keep_prepared();
        db.read_one::<RecordRow>(statement)
            .await?
            .map(RecordRow::parse)
            .transpose()
    }

    async fn reload(write: &mut Write<'_>, id: Uuid) -> Result<Self> {
        let statement = Statement::new(FIND_SQL.as_str()).bind(id).keep_prepared();
        records::only(write.load::<RecordRow>(statement).await?)
    }

    /// Reads the record for a change: nobody else changes it until the transaction ends.
    pub async fn lock(write: &mut Write<'_>, id: Uuid) -> Result<Option<Self>> {
        if !records::lock(write, Kind::Sources, id).await? {
            return Ok(None);
        }
        Self::reload(write, id).await.map(Some)
    }

    pub async fn create(write: &mut Write<'_>, request: SourceRequest, faults: Faults) -> Result<Self> {
        Self::create_as(write, Identity::fresh(), request, faults).await
    }

    /// Makes the record under an id that is given: it comes back.
    pub async fn create_as(
        write: &mut Write<'_>,
        identity: Identity,
        request: SourceRequest,
        faults: Faults,
    ) -> Result<Self> {
        let values = request.validate(faults)?;
        let Identity { id, created_at } = identity;
        diesel::insert_into(sources::table)
            .values((
                sources::id.eq(id),
                created_at.map(|at| sources::created_at.eq(at)),
                &values.columns,
            ))
            .execute(write.connection)
            .await
            .map_err(Error::from)
            .map_err(meaning)?;
        external_keys::replace(write, Kind::Sources, id, &[], &values.external_keys).await?;
        Self::reload(write, id).await
    }

    /// Gives the record what the request says; what is the same is left alone, so that a request
    /// that changes nothing makes no version.
    pub async fn replace(
        write: &mut Write<'_>,
        current: &Self,
        request: SourceRequest,
        faults: Faults,
    ) -> Result<Self> {
        let values = request.validate(faults)?;
        let before = Values::from(current);
        if values.columns != before.columns {
            diesel::update(sources::table.find(current.id))
                .set(&values.columns)
                .execute(write.connection)
                .await
                .map_err(Error::from)
                .map_err(meaning)?;
        }
        external_keys::replace(
            write,
            Kind::Sources,
            current.id,
            &before.external_keys,
            &values.external_keys,
        )
        .await?;
        Self::reload(write, current.id).await
    }

    pub async fn delete(write: &mut Write<'_>, id: Uuid) -> Result<()> {
        records::delete(write, Kind::Sources, id, include_str!("referrers.sql")).await
    }
}

/// What a broken constraint of the table means to who sent the request.
fn meaning(error: Error) -> Error {
    records::meaning(
        error,
        &[
            ("sources_title_check", "/title", "is empty or too long"),
            ("sources_publisher_check", "/publisher", "is empty or too long"),
            ("sources_url_check", "/url", "is no web address"),
            ("sources_archive_url_check", "/archive_url", "is no web address"),
            ("sources_language_check", "/language", "is no language tag"),
            ("sources_content_sha256_check", "/content_sha256", "is no SHA-256"),
            (
                "sources_properties_check",
                "/properties",
                "is no object of name to list of texts",
            ),
        ],
    )
}
