//! A change, and the SQL that reads a page of changes.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::changes::request::ChangedResource;
use crate::db::{Db, Statement};
use crate::error::{Error, Result};
use crate::heavy;
use crate::history::model::RecordId;
use crate::vocabulary::RevisionOperation;
use crate::vocabulary::model::Vocabulary;

/// A page ends early once its records together exceed this size, in bytes as the database stores them.
const PAGE_BYTES: i64 = 4 * 1024 * 1024;

/// One change of one record.
#[derive(Debug, Serialize, ToSchema)]
pub struct Change {
    /// Number in the order of all changes: from 1, without gaps, never changed
    #[schema(example = 1204)]
    pub sequence: i64,
    /// As in paths: actors, diplomatic-actions, vocabularies/measures …
    #[schema(value_type = String, example = "sanctions")]
    pub resource: ChangedResource,
    /// Id of the record; for a vocabulary entry an id derived from its code
    pub id: Uuid,
    /// Code of a vocabulary entry, which is how it is read; else null
    pub code: Option<String>,
    /// Version of the record after the change, from 1
    pub version: i32,
    /// What was done to the record
    pub operation: RevisionOperation,
    /// When the registry recorded it
    pub at: DateTime<Utc>,
    /// Whether the writer set `at` to an earlier time than that of the write
    pub backdated: bool,
    /// Who wrote it: the user of the token, or `role:` and the database role
    #[schema(example = "alice")]
    pub by: String,
    /// The writer's reason; null if none was given
    pub comment: Option<String>,
    /// For a merge, the record that it was merged into; else null
    pub merged_into: Option<RecordId>,
    /// The whole record after the change, with other records in it as {"id"} only; null if the record ended
    #[schema(value_type = Option<Object>)]
    pub record: Option<Box<RawValue>>,
}

/// A page of changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changes {
    /// In order; empty if there is nothing new
    pub items: Vec<Change>,
    /// Send it as `after` in the next request
    #[schema(example = 1204)]
    pub next: i64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql_types::BigInt)]
    head: i64,
    #[diesel(sql_type = sql_types::Nullable<sql_types::BigInt>)]
    sequence: Option<i64>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    resource: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Uuid>)]
    record_id: Option<Uuid>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    code: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Integer>)]
    version: Option<i32>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    operation: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Timestamptz>)]
    recorded_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Bool>)]
    is_backdated: Option<bool>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    changed_by: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    comment: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Uuid>)]
    merged_into: Option<Uuid>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    document: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Bool>)]
    is_last: Option<bool>,
}

impl Row {
    /// Returns the change; `None` if the row only holds the head.
    fn change(self) -> Result<Option<Change>> {
        let Some(sequence) = self.sequence else {
            return Ok(None);
        };
        let missing = || Error::internal(format_args!("change {sequence} is not whole"));
        let table = self.resource.ok_or_else(missing)?;
        let operation = self.operation.ok_or_else(missing)?;
        Ok(Some(Change {
            sequence,
            resource: ChangedResource::of_table(&table)
                .ok_or_else(|| Error::internal(format_args!("no resource has the table {table}")))?,
            id: self.record_id.ok_or_else(missing)?,
            code: self.code,
            version: self.version.ok_or_else(missing)?,
            operation: operation.parse().map_err(Error::internal)?,
            at: self.recorded_at.ok_or_else(missing)?,
            backdated: self.is_backdated.ok_or_else(missing)?,
            by: self.changed_by.ok_or_else(missing)?,
            comment: self.comment,
            merged_into: self.merged_into.map(|id| RecordId { id }),
            record: self
                .document
                .map(RawValue::from_string)
                .transpose()
                .map_err(Error::internal)?,
        }))
    }
}

/// Returns up to `limit` changes after a sequence number, of the given resources or, if none is given, of all. The page and
/// the head come from one snapshot: a page that is not full has everything up to the head.
///
/// # Errors
/// Those of [`Db::read_slowly`]; internal if a stored change is not complete.
pub async fn page(db: &Db, after: i64, resources: &[ChangedResource], limit: i64) -> Result<Changes> {
    let rows: Vec<Row> = db.read_slowly(statement(after, resources, limit)).await?;
    let head = rows.first().map_or(after, |row| row.head);
    let is_whole = rows.last().is_none_or(|row| row.is_last.unwrap_or(true));
    let size = rows
        .iter()
        .filter_map(|row| Some(row.document.as_ref()?.len()))
        .sum();
    let items = heavy::run(size, move || changes(rows)).await?;
    let is_full = i64::try_from(items.len()).map_err(Error::internal)? >= limit || !is_whole;
    let next = match items.last() {
        Some(last) if is_full => last.sequence,
        // Everything up to the head was read. Never moves the cursor backwards.
        _ => head.max(after),
    };
    Ok(Changes { items, next })
}

fn changes(rows: Vec<Row>) -> Result<Vec<Change>> {
    rows.into_iter()
        .filter_map(|row| row.change().transpose())
        .collect()
}

fn statement(after: i64, resources: &[ChangedResource], limit: i64) -> Statement {
    let vocabularies: Vec<String> = Vocabulary::ALL
        .iter()
        .map(|vocabulary| vocabulary.name().to_owned())
        .collect();
    let statement = Statement::new("with vocabularies (names) as (select ")
        .bind(vocabularies)
        .sql("::text[]), found as materialized (");
    let statement = if resources.is_empty() {
        statement
            .sql("select change.* from changes as change where change.sequence > ")
            .bind(after)
    } else {
        // Each resource by its own index scan, then the first of all: a rare resource is found without reading the others.
        let tables: Vec<String> = resources
            .iter()
            .map(|resource| resource.table().to_owned())
            .collect();
        statement
            .sql("select change.* from unnest(")
            .bind(tables)
            .sql(
                "::text[]) as wanted (resource) cross join lateral (\
                 select own.* from changes as own where own.resource = wanted.resource and own.sequence > ",
            )
            .bind(after)
            .sql(" order by own.sequence limit ")
            .bind(limit)
            .sql(") as change")
    };
    statement
        .sql(" order by change.sequence limit ")
        .bind(limit)
        .sql(include_str!("page.sql"))
        .bind(PAGE_BYTES)
        .sql(" order by measured.sequence")
}

/// Returns the last sequence number that was assigned.
///
/// # Errors
/// Those of [`Db::read`]; internal if the registry has no head of its hash chain.
pub async fn head(db: &Db) -> Result<i64> {
    #[derive(QueryableByName)]
    struct HeadRow {
        #[diesel(sql_type = sql_types::BigInt)]
        sequence: i64,
    }
    let statement = Statement::new("select sequence from chain_head").keep_prepared();
    let head = db.read_one::<HeadRow>(statement).await?;
    head.map(|row| row.sequence)
        .ok_or_else(|| Error::internal("chain_head has no row"))
}
