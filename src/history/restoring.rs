//! An earlier version becomes the record again, also one of a record that is gone. It goes the way of every other write, so
//! what holds no longer (a key that was taken, an actor that was deleted) is told as of a new record.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::error::OnConstraint;
use crate::db::{Statement, Write};
use crate::error::{Error, Problem, Result};
use crate::http::body;
use crate::http::precondition::Precondition;
use crate::http::response::Response;
use crate::merging::undo::Undo;
use crate::resource::Kind;
use crate::resource::records::{self, Identity};
use crate::{actors, diplomatic_actions, programmes, relationships, sanctions, sources};

/// Which version is to be the record again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    /// Required; one at which the record was there
    #[schema(minimum = 1, examples(2))]
    version: Option<i64>,
}

/// A version that is to be the record again.
#[derive(Debug, Clone)]
pub struct Earlier {
    pub identity: Identity,
    pub document: Value,
    /// Whether the record is gone because it became part of another.
    is_merged: bool,
}

impl Earlier {
    /// What the version says, as if a request said it.
    pub fn request<T: DeserializeOwned>(mut self, read_only: &[&str]) -> Result<T> {
        if let Value::Object(fields) = &mut self.document {
            for name in read_only {
                fields.remove(*name);
            }
        }
        body::structured(self.document).map_err(|error| {
            Error::invalid(
                "/version",
                format!("does not fit what a record holds today: {}", error.detail()),
            )
        })
    }
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

/// Finds the version that a request names, and says in the transaction that the record is restored. The record, where it is
/// there, is locked by now.
pub async fn earlier(
    write: &mut Write<'_>,
    table: &'static str,
    id: Uuid,
    precondition: &Precondition,
    body: Value,
) -> Result<Earlier> {
    let (request, mut faults): (RestoreRequest, _) = body::new_record(body, &[])?;
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
        return Err(Error::invalid(
            "/version",
            format!(
                "is none of this record's: they are 1 to {}; its history tells them",
                row.last_version
            ),
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
    let document: Value = records::parse(&document)?;
    let created_at: Option<DateTime<Utc>> = document["created_at"].as_str().and_then(|at| at.parse().ok());
    Ok(Earlier {
        identity: Identity { id, created_at },
        document,
        is_merged: row.last_operation == "merge",
    })
}

/// Restores a record of any resource.
pub async fn restore_in(
    write: &mut Write<'_>,
    resource: Kind,
    id: Uuid,
    precondition: &Precondition,
    body: Value,
) -> Result<Response> {
    records::lock(write, resource, id).await?;
    let earlier = earlier(write, resource.table(), id, precondition, body).await?;
    let undo = if earlier.is_merged {
        Undo::begin(write, id).await?
    } else {
        None
    };
    let answer = match resource {
        Kind::Actors => actors::api::restore_in(write, earlier).await,
        Kind::Relationships => relationships::api::restore_in(write, earlier).await,
        Kind::Programmes => programmes::api::restore_in(write, earlier).await,
        Kind::Sanctions => sanctions::api::restore_in(write, earlier).await,
        Kind::DiplomaticActions => diplomatic_actions::api::restore_in(write, earlier).await,
        Kind::Sources => sources::api::restore_in(write, earlier).await,
    };
    let answer = answer
        .map_err(in_record)
        .on_constraint(&format!("{}_pkey", resource.table()), || {
            Error::conflict("somebody brought the record back just now; read it again")
        })
        .on_constraint("citations_pkey", || {
            Error::conflict("a citation of that version belongs to another claim now")
        })?;
    if let Some(undo) = undo {
        undo.end(write).await?;
    }
    Ok(answer)
}

/// Faults are the version's, not the request's: they point into `record` of its page in the history.
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
