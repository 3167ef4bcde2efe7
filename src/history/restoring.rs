//! Restores an earlier version of a record, also of a deleted one. The version is checked as any other write, so what does not
//! hold any more (a key that another record has now, an actor that was deleted) is reported as for a new record.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::error::OnConstraint;
use crate::db::{ReadOn, Statement, Write};
use crate::dispatch;
use crate::error::{Error, Problem, Result};
use crate::history::find;
use crate::http::crud::Operation;
use crate::http::fields;
use crate::http::precondition::Precondition;
use crate::http::response::Response;
use crate::http::warnings::Strict;
use crate::merging::undo::Undo;
use crate::resource::{self, Identity, Kind, Reference, record, store};

/// Which version to restore.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    /// Required; one at which the record was there
    #[schema(minimum = 1, examples(2))]
    version: Option<i64>,
}

/// A version that is to be restored.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The id of the record, and the time of its first creation.
    pub identity: Identity,
    /// The record at that version, with other records in it by id alone.
    pub document: Value,
    /// Whether the record does not exist because it was merged into another.
    is_merged: bool,
}

#[derive(QueryableByName)]
struct EarlierRow {
    #[diesel(sql_type = sql_types::Integer)]
    last_version: i32,
    #[diesel(sql_type = sql_types::Text)]
    last_operation: String,
    #[diesel(sql_type = sql_types::Bool)]
    is_there: bool,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    document: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Integer>)]
    nearest: Option<i32>,
}

/// Finds the version that a request names, and marks the transaction as a restore. The record is locked, if it exists.
///
/// # Errors
/// Precondition failed if the record has another version now; invalid at `/version` if it has no such version.
pub async fn earlier(
    write: &mut Write<'_>,
    table: &'static str,
    id: Uuid,
    precondition: &Precondition,
    body: Value,
) -> Result<Earlier> {
    let (request, mut faults): (RestoreRequest, _) = fields::new_record(body, &[])?;
    let version = faults.required("/version", request.version);
    faults.finish()?;
    let version = version.unwrap_or_default();
    let statement = Statement::new(
        "select last.version as last_version, last.operation::text as last_operation, \
         wanted.version is not null as is_there, wanted.document::text as document, \
         (select max(nearest.version) from revisions as nearest where nearest.record_id = last.record_id \
         and nearest.resource = last.resource \
         and nearest.document is not null and nearest.version < ",
    )
    .bind(version)
    .sql(
        ") as nearest from revisions as last \
         left join revisions as wanted on wanted.record_id = last.record_id and wanted.resource = last.resource \
         and wanted.version = ",
    )
    .bind(version)
    .sql(" where last.record_id = ")
    .bind(id)
    .sql(" and last.resource = ")
    .bind(table)
    .sql(" order by last.version desc limit 1");
    let row: EarlierRow = write
        .load(statement)
        .await?
        .pop()
        .ok_or_else(|| Error::not_found(format!("{id} has no history")))?;
    precondition.check(row.last_version)?;
    if !row.is_there {
        let versions = match row.last_version {
            1 => "version 1 alone".to_owned(),
            last => format!("the versions 1 to {last}"),
        };
        return Err(Error::invalid(
            "/version",
            format!("{version} does not exist; the record has {versions}"),
        ));
    }
    let Some(document) = row.document else {
        let instead = row.nearest.unwrap_or(1);
        return Err(Error::invalid(
            "/version",
            format!("is where the record ended; restore one at which it was there, such as {instead}"),
        ));
    };
    let restored = Statement::new("select set_config('demarche.restored', ")
        .bind(id.to_string())
        .sql(", true)");
    write.execute(restored).await?;
    let document: Value = record::parse(&document)?;
    let created_at: Option<DateTime<Utc>> = document["created_at"].as_str().and_then(|at| at.parse().ok());
    Ok(Earlier {
        identity: Identity { id, created_at },
        document,
        is_merged: row.last_operation == "merge",
    })
}

/// Restores a record of any kind and returns the response to the restore.
///
/// # Errors
/// Not found if no record has or had the reference; invalid at `/version` if the record has no such version; else those of a
/// write that sends the version, with pointers into `record` of the version, warnings included if the write is strict.
pub async fn restore_in(
    write: &mut Write<'_>,
    kind: Kind,
    reference: &Reference,
    precondition: &Precondition,
    body: Value,
    strict: Strict,
) -> Result<Response> {
    let id = find::record(ReadOn::Write(write), kind, reference)
        .await?
        .record_id;
    store::lock_row(write, kind, id).await?;
    // The key may have moved while this waited for the lock.
    if find::record(ReadOn::Write(write), kind, reference)
        .await?
        .record_id
        != id
    {
        return Err(resource::moved(kind, reference));
    }
    let earlier = earlier(write, kind.table(), id, precondition, body).await?;
    let undo = if earlier.is_merged {
        Undo::begin(write, id).await?
    } else {
        None
    };
    let restore = Operation::Restore {
        identity: earlier.identity,
        document: earlier.document,
    };
    let restored = dispatch::protocol(kind).perform(write, restore).await;
    let response = explain_restored(kind, restored.map_err(in_record))?;
    if let Some(undo) = undo {
        undo.end(write).await?;
    }
    let found = dispatch::protocol(kind)
        .warnings(write, vec![id])
        .await?
        .remove(&id);
    strict.add(response, found.unwrap_or_default()).map_err(in_record)
}

/// Explains the constraints that only a restore violates.
fn explain_restored<T>(kind: Kind, restored: Result<T>) -> Result<T> {
    restored
        .on_constraint(&format!("{}_pkey", kind.table()), || {
            Error::conflict("somebody restored the record at the same time; read it again")
        })
        .on_constraint("citations_pkey", || {
            Error::conflict("a citation of that version belongs to another claim now")
        })
}

/// Returns the error with its faults under `/record`: they are faults of the version, not of the request.
pub fn in_record(error: Error) -> Error {
    let is_of_record = matches!(error.problem(), Problem::InvalidRecord | Problem::Conflict)
        && error
            .fault_list()
            .iter()
            .any(|fault| fault.pointer.starts_with('/') && fault.pointer != "/version");
    if is_of_record {
        error.under("/record")
    } else {
        error
    }
}
