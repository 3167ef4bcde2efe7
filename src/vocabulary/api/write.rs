//! The writes of entries in a transaction, each with its response.

use actix_web::http::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use super::path::PathEntry;
use crate::db::Write;
use crate::error::Result;
use crate::history::restoring;
use crate::http::fields;
use crate::http::precondition::Precondition;
use crate::http::response::Response;
use crate::validation::Faults;
use crate::vocabulary::model::{Entry, Vocabulary};
use crate::vocabulary::request::{EntryRequest, check_fields};

/// Fields that are derived or set by the registry.
const READ_ONLY: &[&str] = &["root", "version", "created_at", "updated_at"];
/// The same for an existing entry, whose code never changes: records and other systems use it.
const READ_ONLY_LATER: &[&str] = &["code", "root", "version", "created_at", "updated_at"];

/// How the body of a write changes an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// The body is the whole entry.
    Replace,
    /// The body is a JSON Merge Patch (RFC 7396).
    Patch,
}

pub(super) async fn create(write: &mut Write<'_>, vocabulary: Vocabulary, body: Value) -> Result<Response> {
    check_fields(vocabulary, &body)?;
    let (request, faults): (EntryRequest, _) = fields::new_record(body, READ_ONLY)?;
    let row = request.validate(write, vocabulary, faults, None).await?;
    let entry = Entry::create(write, vocabulary, None, &row).await?;
    Ok(Response {
        location: Some(format!("/v1/vocabularies/{vocabulary}/{}", entry.code)),
        ..Response::of(StatusCode::CREATED, entry.version, &entry)?
    })
}

pub(super) async fn change(
    write: &mut Write<'_>,
    path: &PathEntry,
    precondition: &Precondition,
    change: Change,
    body: Value,
) -> Result<Response> {
    let current = lock(write, path, precondition).await?;
    check_fields(path.vocabulary, &body)?;
    let (request, faults) = match change {
        Change::Replace => fields::replacement(body, &current, READ_ONLY_LATER)?,
        Change::Patch => fields::patched(body, &current, READ_ONLY_LATER)?,
    };
    replace(write, path.vocabulary, &current, request, faults).await
}

pub(super) async fn delete(
    write: &mut Write<'_>,
    path: &PathEntry,
    precondition: &Precondition,
) -> Result<Response> {
    lock(write, path, precondition).await?;
    Entry::delete(write, path.vocabulary, &path.code).await?;
    Ok(Response::no_content())
}

/// Makes an earlier version of the entry with this id of its history the entry again.
pub(super) async fn restore(
    write: &mut Write<'_>,
    path: &PathEntry,
    id: Uuid,
    precondition: &Precondition,
    body: Value,
) -> Result<Response> {
    let vocabulary = path.vocabulary;
    let current = Entry::lock(write, vocabulary, &path.code).await?;
    let earlier = restoring::earlier(write, vocabulary.name(), id, precondition, body).await?;
    let request: EntryRequest = fields::restored(earlier.document, READ_ONLY)?;
    let restored = match current {
        Some(current) => replace(write, vocabulary, &current, request, Faults::default()).await,
        None => {
            async {
                let row = request
                    .validate(write, vocabulary, Faults::default(), None)
                    .await?;
                let entry = Entry::create(write, vocabulary, earlier.identity.created_at, &row).await?;
                Response::of(StatusCode::OK, entry.version, &entry)
            }
            .await
        }
    };
    restored.map_err(restoring::in_record)
}

async fn replace(
    write: &mut Write<'_>,
    vocabulary: Vocabulary,
    current: &Entry,
    request: EntryRequest,
    faults: Faults,
) -> Result<Response> {
    let row = request
        .validate(write, vocabulary, faults, Some(&current.code))
        .await?;
    let entry = Entry::replace(write, vocabulary, current, &row).await?;
    Response::of(StatusCode::OK, entry.version, &entry)
}

/// Locks the entry that a path names, checks its version and returns it.
async fn lock(write: &mut Write<'_>, path: &PathEntry, precondition: &Precondition) -> Result<Entry> {
    let current = Entry::lock(write, path.vocabulary, &path.code)
        .await?
        .ok_or_else(|| path.unknown())?;
    precondition.check(current.version)?;
    Ok(current)
}
