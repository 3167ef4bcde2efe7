//! Relationships: what one holds, and the SQL that keeps and finds them.

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
use crate::relationships::percent::Percent;
use crate::relationships::request::RelationshipRequest;
use crate::resource::citations::{self as citations, Citation};
use crate::resource::external_keys::{self, ExternalKey};
use crate::resource::records::{self, Identity, RecordRow};
use crate::resource::{ActorReference, Kind};
use crate::schema::relationships;
use crate::text;
use crate::validation::Faults;
use crate::vocabulary::ClaimStatus;

/// Fields that follow from others or that the registry sets.
pub const READ_ONLY: &[&str] = &["id", "version", "created_at", "updated_at"];

/// A typed, dated tie between two actors, read subject kind object.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Relationship {
    pub id: Uuid,
    /// Who has the tie
    pub subject: ActorReference,
    /// A code of the vocabulary relationship_kinds
    #[schema(examples("head_of_state_of"))]
    pub kind: String,
    /// To whom
    pub object: ActorReference,
    /// The subject's role in it
    #[schema(examples("interior minister"))]
    pub role: Option<String>,
    /// Share owned, in percent
    pub share_percent: Option<f64>,
    pub started_on: Option<PartialDate>,
    pub ended_on: Option<PartialDate>,
    pub description: Option<String>,
    pub claim_status: ClaimStatus,
    pub citations: Vec<Citation>,
    /// What a list or dataset says and no field holds: name to list of texts
    pub properties: Value,
    pub external_keys: Vec<ExternalKey>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// The columns that a request sets.
#[derive(Debug, Clone, PartialEq, Insertable, AsChangeset)]
#[diesel(table_name = relationships, treat_none_as_null = true)]
pub struct Columns {
    pub subject_id: Uuid,
    pub kind: String,
    pub object_id: Uuid,
    pub role: Option<String>,
    pub share_percent: Option<Percent>,
    pub started_on: Option<PartialDate>,
    pub ended_on: Option<PartialDate>,
    pub description: Option<String>,
    pub claim_status: ClaimStatus,
    pub properties: Value,
}

/// A checked relationship: its columns and its children.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    pub columns: Columns,
    pub citations: Vec<citations::Values>,
    pub external_keys: Vec<ExternalKey>,
}

impl From<&Relationship> for Values {
    fn from(relationship: &Relationship) -> Self {
        let relationship = relationship.clone();
        Self {
            columns: Columns {
                subject_id: relationship.subject.id,
                kind: relationship.kind,
                object_id: relationship.object.id,
                role: relationship.role,
                share_percent: relationship.share_percent.map(Percent::nearest),
                started_on: relationship.started_on,
                ended_on: relationship.ended_on,
                description: relationship.description,
                claim_status: relationship.claim_status,
                properties: relationship.properties,
            },
            citations: relationship
                .citations
                .iter()
                .map(citations::Values::from)
                .collect(),
            external_keys: relationship.external_keys,
        }
    }
}

impl Record for Relationship {
    const RESOURCE: Kind = Kind::Relationships;

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }
}

impl TableRow for Relationship {
    const HEADER: &'static [&'static str] = &[
        "id",
        "subject_id",
        "subject",
        "kind",
        "object_id",
        "object",
        "role",
        "share_percent",
        "started_on",
        "ended_on",
        "description",
        "claim_status",
        "citations",
        "stances",
        "grades",
        "attributed_to",
        "best_grade",
        "properties",
        "external_keys",
        "version",
        "created_at",
        "updated_at",
    ];

    fn cells(&self) -> Vec<String> {
        let mut cells = vec![
            self.id.to_string(),
            self.subject.id.to_string(),
            self.subject.name.clone(),
            self.kind.clone(),
            self.object.id.to_string(),
            self.object.name.clone(),
            cell(self.role.as_ref()),
            cell(self.share_percent.as_ref()),
            cell(self.started_on.as_ref()),
            cell(self.ended_on.as_ref()),
            cell(self.description.as_ref()),
            self.claim_status.to_string(),
        ];
        cells.extend(citations::cells(&self.citations));
        cells.extend([
            properties_cell(&self.properties),
            joined(&self.external_keys, |key| format!("{}:{}", key.scheme, key.value)),
            self.version.to_string(),
            text::timestamp(self.created_at),
            text::timestamp(self.updated_at),
        ]);
        cells
    }
}

/// Makes a relationship's JSON in the select of a table `relationship`.
pub static RECORD_SQL: LazyLock<String> = LazyLock::new(|| {
    include_str!("record.sql")
        .replace(
            "{citations}",
            &citations::record_sql(Kind::Relationships, "relationship.id"),
        )
        .replace(
            "{external_keys}",
            &external_keys::record_sql(Kind::Relationships, "relationship.id"),
        )
});

static FIND_SQL: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {}::text as record from relationships as relationship where relationship.id = ",
        *RECORD_SQL
    )
});

impl Relationship {
    pub async fn find(db: &Db, id: Uuid) -> Result<Option<Self>> {
        let statement = Statement::new(FIND_SQL.as_str()).bind(id).keep_prepared();
        db.read_one::<RecordRow>(statement)
            .await?
            .map(RecordRow::parse)
            .transpose()
    }

    pub async fn reload(write: &mut Write<'_>, id: Uuid) -> Result<Self> {
        let statement = Statement::new(FIND_SQL.as_str()).bind(id).keep_prepared();
        records::only(write.load::<RecordRow>(statement).await?)
    }

    /// Reads the record for a change: nobody else changes it until the transaction ends.
    pub async fn lock(write: &mut Write<'_>, id: Uuid) -> Result<Option<Self>> {
        if !records::lock(write, Kind::Relationships, id).await? {
            return Ok(None);
        }
        Self::reload(write, id).await.map(Some)
    }

    pub async fn create(write: &mut Write<'_>, request: RelationshipRequest, faults: Faults) -> Result<Self> {
        Self::create_as(write, Identity::fresh(), request, faults).await
    }

    /// Makes the record under an id that is given: it comes back.
    pub async fn create_as(
        write: &mut Write<'_>,
        identity: Identity,
        request: RelationshipRequest,
        faults: Faults,
    ) -> Result<Self> {
        let values = request.validate(write, faults, &[]).await?;
        let Identity { id, created_at } = identity;
        diesel::insert_into(relationships::table)
            .values((
                relationships::id.eq(id),
                created_at.map(|at| relationships::created_at.eq(at)),
                &values.columns,
            ))
            .execute(write.connection)
            .await
            .map_err(Error::from)
            .map_err(meaning)?;
        values.replace_children(write, id, None).await?;
        Self::reload(write, id).await
    }

    /// Gives the record what the request says; what is the same is left alone, so that a request
    /// that changes nothing makes no version.
    pub async fn replace(
        write: &mut Write<'_>,
        current: &Self,
        request: RelationshipRequest,
        faults: Faults,
    ) -> Result<Self> {
        let values = request.validate(write, faults, &current.citations).await?;
        let before = Values::from(current);
        if values.columns != before.columns {
            diesel::update(relationships::table.find(current.id))
                .set(&values.columns)
                .execute(write.connection)
                .await
                .map_err(Error::from)
                .map_err(meaning)?;
        }
        values.replace_children(write, current.id, Some(&before)).await?;
        Self::reload(write, current.id).await
    }

    /// Deletes a locked relationship with its citations; no record refers to one.
    pub async fn delete(write: &mut Write<'_>, id: Uuid) -> Result<()> {
        let statement = Statement::new("delete from relationships where id = ").bind(id);
        write.execute(statement).await.map(drop)
    }
}

impl Values {
    async fn replace_children(&self, write: &mut Write<'_>, id: Uuid, before: Option<&Self>) -> Result<()> {
        let (citations, external_keys) = before
            .map(|before| (before.citations.as_slice(), before.external_keys.as_slice()))
            .unwrap_or_default();
        citations::replace(write, Kind::Relationships, id, citations, &self.citations).await?;
        external_keys::replace(write, Kind::Relationships, id, external_keys, &self.external_keys).await
    }
}

/// What a broken constraint of the table means to who sent the request.
fn meaning(error: Error) -> Error {
    records::meaning(
        error,
        &[
            ("relationships_subject_id_fkey", "/subject", "fits no actor"),
            ("relationships_object_id_fkey", "/object", "fits no actor"),
            (
                "relationships_kind_fkey",
                "/kind",
                "is no code of the vocabulary relationship_kinds",
            ),
            ("relationships_ends_check", "/object", "is the subject itself"),
            (
                "relationships_share_percent_check",
                "/share_percent",
                "is not from 0 to 100",
            ),
            ("relationships_period_check", "/ended_on", "is before started_on"),
            (
                "relationships_properties_check",
                "/properties",
                "is no object of name to list of texts",
            ),
        ],
    )
}
