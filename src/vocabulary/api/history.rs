//! The versions of an entry over HTTP.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::path::PathEntry;
use super::write;
use crate::db::Db;
use crate::error::Result;
use crate::history::find;
use crate::history::model::{Revision, RevisionFilter, Version, parse_version};
use crate::history::restoring::RestoreRequest;
use crate::http::as_of::Registry;
use crate::http::auth::{Admin, Analyst, Reader};
use crate::http::body::JsonBody;
use crate::http::crud::{IdempotencyKey, IfMatch};
use crate::http::idempotency::{Idempotency, idempotent};
use crate::http::listing::{CursorKey, Listing, Page, PageOf};
use crate::http::path::{NoParameters, PrettyAlone, segment};
use crate::http::precondition::Precondition;
use crate::vocabulary::model::{Entry, Vocabulary};

pub(super) fn routes(configuration: &mut ServiceConfig) {
    configuration
        .service(list_history)
        .service(show_version)
        .service(restore);
}

/// Lists the versions of an entry, the latest first
///
/// Also available after the entry was deleted. Sorts by version.
#[utoipa::path(
    tag = "history",
    operation_id = "list_history_of_vocabulary_entry",
    params(
        ("name" = Vocabulary, Path, description = "Name of the vocabulary", example = "measures"),
        ("code" = String, Path, description = "Code of the entry", example = "asset_freeze"),
        PageOf<Revision>, RevisionFilter,
    ),
    responses((status = 200, description = "A page of versions", content(
        (Page<Revision> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    )))
)]
#[get("/v1/vocabularies/{name}/{code}/history")]
async fn list_history(
    path: PathEntry,
    listing: Listing<RevisionFilter>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    let subject = find::entry(&db, path.vocabulary, &path.code).await?;
    crate::history::api::page(&subject, listing, &db, &key).await
}

/// Returns one version of an entry
///
/// The address is permanent and can be cited: its response never changes.
#[utoipa::path(
    tag = "history",
    operation_id = "show_version_of_vocabulary_entry",
    params(
        ("name" = Vocabulary, Path, description = "Name of the vocabulary", example = "measures"),
        ("code" = String, Path, description = "Code of the entry", example = "asset_freeze"),
        ("version" = i32, Path, description = "Number of the version", minimum = 1, example = 1),
    ),
    responses(
        (status = 200, description = "The version", body = Version),
        (status = 304, description = "Not modified"),
    )
)]
#[get("/v1/vocabularies/{name}/{code}/history/{version}")]
async fn show_version(
    request: HttpRequest,
    path: PathEntry,
    _: PrettyAlone,
    db: web::Data<Db>,
    _: Reader,
) -> Result<HttpResponse> {
    let version = parse_version(&segment(&request, "version")?)?;
    let subject = find::entry(&db, path.vocabulary, &path.code).await?;
    crate::history::api::version_of(&request, &subject, version, true, &db).await
}

/// Restores an earlier version of an entry
///
/// Creates a new version with the content of the earlier one, also for an entry that was deleted. If-Match names the last
/// version; for a deleted entry that is its deletion.
#[utoipa::path(
    tag = "history",
    operation_id = "restore_vocabulary_entry",
    params(
        ("name" = Vocabulary, Path, description = "Name of the vocabulary"),
        ("code" = String, Path, description = "Code of the entry"),
        IfMatch,
        IdempotencyKey,
    ),
    request_body(content = RestoreRequest, example = json!({"version": 1})),
    responses((status = 200, description = "The changed entry", body = Entry))
)]
#[post("/v1/vocabularies/{name}/{code}/restore")]
async fn restore(
    by: Admin,
    path: PathEntry,
    _: NoParameters,
    precondition: Precondition,
    idempotency: Idempotency,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let id = find::entry(&db, path.vocabulary, &path.code).await?.record_id;
    let response = idempotent(&db, &Analyst(by.0), idempotency, body, move |write, body| {
        Box::pin(async move { write::restore(write, &path, id, &precondition, body).await })
    })
    .await?;
    Ok(response.into_response())
}
