//! The open vocabularies over HTTP. They are read like records, and an admin writes them.

mod history;
mod path;
mod write;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use self::path::{PathEntry, PathVocabulary};
use self::write::Change;
use crate::db::Db;
use crate::error::Result;
use crate::http::as_of::Registry;
use crate::http::auth::{Admin, Analyst};
use crate::http::body::JsonBody;
use crate::http::crud::{IdempotencyKey, IfMatch};
use crate::http::idempotency::{Idempotency, idempotent};
use crate::http::listing::{CursorKey, Listing, Page, PageOf};
use crate::http::path::{NoParameters, OnDay, RecordParameters};
use crate::http::precondition::Precondition;
use crate::http::response::{Response, accept_json, vary};
use crate::vocabulary::model::{Entry, EntryFilter, Line, Summary, Vocabulary};
use crate::vocabulary::request::EntryRequest;

/// Adds the routes.
pub fn routes(configuration: &mut ServiceConfig) {
    configuration
        .service(index)
        .service(list)
        .service(create)
        .service(show)
        .service(replace)
        .service(patch_one)
        .service(remove)
        .configure(history::routes);
}

/// Lists the open vocabularies and how many entries each has
#[utoipa::path(
    tag = "vocabularies",
    operation_id = "list_vocabularies",
    params(RecordParameters),
    responses((status = 200, description = "All vocabularies on one page", body = Page<Summary>))
)]
#[get("/v1/vocabularies")]
async fn index(request: HttpRequest, _: OnDay, db: Registry) -> Result<HttpResponse> {
    accept_json(&request)?;
    let page = Page {
        items: Summary::all(&db).await?,
        next_cursor: None,
        total: None,
        facets: None,
    };
    let mut response = HttpResponse::Ok();
    vary(&mut response);
    Ok(response.json(page))
}

/// Lists the entries of a vocabulary
///
/// Sorts by code (the default), label, created_at, updated_at.
#[utoipa::path(
    tag = "vocabularies",
    operation_id = "list_vocabulary_entries",
    params(
        ("name" = Vocabulary, Path, description = "Name of the vocabulary", example = "measures"),
        PageOf<Line<0>>,
        EntryFilter,
    ),
    responses((status = 200, description = "A page of entries", content(
        (Page<Entry> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    )))
)]
#[get("/v1/vocabularies/{name}")]
async fn list(
    name: PathVocabulary,
    listing: Listing<EntryFilter>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    use Vocabulary::{
        ActionTypes, ActorKinds, CameoCodes, Countries, Grounds, IdentifierSchemes, Measures, Objectives,
        PropertyNames, RelationshipKinds,
    };

    let (filter, listing) = listing.split();
    match name.0 {
        Countries => respond::<{ Countries as usize }>(filter, listing, &db, &key).await,
        ActorKinds => respond::<{ ActorKinds as usize }>(filter, listing, &db, &key).await,
        RelationshipKinds => respond::<{ RelationshipKinds as usize }>(filter, listing, &db, &key).await,
        IdentifierSchemes => respond::<{ IdentifierSchemes as usize }>(filter, listing, &db, &key).await,
        Measures => respond::<{ Measures as usize }>(filter, listing, &db, &key).await,
        Grounds => respond::<{ Grounds as usize }>(filter, listing, &db, &key).await,
        Objectives => respond::<{ Objectives as usize }>(filter, listing, &db, &key).await,
        ActionTypes => respond::<{ ActionTypes as usize }>(filter, listing, &db, &key).await,
        CameoCodes => respond::<{ CameoCodes as usize }>(filter, listing, &db, &key).await,
        PropertyNames => respond::<{ PropertyNames as usize }>(filter, listing, &db, &key).await,
    }
}

/// Returns the list of one vocabulary, whose table has columns of its own. `INDEX` is that of the vocabulary in `ALL`.
async fn respond<const INDEX: usize>(
    filter: EntryFilter,
    listing: Listing<EntryFilter>,
    db: &Db,
    key: &CursorKey,
) -> Result<HttpResponse> {
    let selection = Vocabulary::ALL[INDEX].selection();
    listing
        .respond::<Line<INDEX>>(db, key, &selection, filter.conditions())
        .await
}

/// Adds an entry to a vocabulary
#[utoipa::path(
    tag = "vocabularies",
    operation_id = "create_vocabulary_entry",
    params(
        ("name" = Vocabulary, Path, description = "Name of the vocabulary", example = "measures"),
        IdempotencyKey,
    ),
    request_body = EntryRequest,
    responses((status = 201, description = "The created entry", body = Entry))
)]
#[post("/v1/vocabularies/{name}")]
async fn create(
    by: Admin,
    name: PathVocabulary,
    _: NoParameters,
    idempotency: Idempotency,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let response = idempotent(&db, &Analyst(by.0), idempotency, body, move |write, body| {
        Box::pin(write::create(write, name.0, body))
    })
    .await?;
    Ok(response.into_response())
}

/// Returns an entry of a vocabulary
#[utoipa::path(
    tag = "vocabularies",
    operation_id = "show_vocabulary_entry",
    params(
        ("name" = Vocabulary, Path, description = "Name of the vocabulary", example = "measures"),
        ("code" = String, Path, description = "Code of the entry", example = "asset_freeze"),
        RecordParameters,
    ),
    responses((status = 200, description = "The entry", body = Entry), (status = 304, description = "Not modified"))
)]
#[get("/v1/vocabularies/{name}/{code}")]
async fn show(request: HttpRequest, path: PathEntry, _: OnDay, db: Registry) -> Result<HttpResponse> {
    let entry = Entry::find(&db, path.vocabulary, &path.code)
        .await?
        .ok_or_else(|| path.unknown())?;
    Response::of(StatusCode::OK, entry.version, &entry)?.into_response_to(&request)
}

/// Replaces an entry, except its code
#[utoipa::path(
    tag = "vocabularies",
    operation_id = "replace_vocabulary_entry",
    params(
        ("name" = Vocabulary, Path, description = "Name of the vocabulary"),
        ("code" = String, Path, description = "Code of the entry"),
        IfMatch,
    ),
    request_body = EntryRequest,
    responses((status = 200, description = "The changed entry", body = Entry))
)]
#[put("/v1/vocabularies/{name}/{code}")]
async fn replace(
    by: Admin,
    path: PathEntry,
    _: NoParameters,
    precondition: Precondition,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    change(&db, &by, path, precondition, Change::Replace, body.value).await
}

/// Changes fields of an entry (JSON Merge Patch)
#[utoipa::path(
    tag = "vocabularies",
    operation_id = "patch_vocabulary_entry",
    params(
        ("name" = Vocabulary, Path, description = "Name of the vocabulary"),
        ("code" = String, Path, description = "Code of the entry"),
        IfMatch,
    ),
    request_body(content((EntryRequest = "application/merge-patch+json"), (EntryRequest = "application/json"))),
    responses((status = 200, description = "The changed entry", body = Entry))
)]
#[patch("/v1/vocabularies/{name}/{code}")]
async fn patch_one(
    by: Admin,
    path: PathEntry,
    _: NoParameters,
    precondition: Precondition,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    change(&db, &by, path, precondition, Change::Patch, body.value).await
}

/// Deletes an entry that no record uses
#[utoipa::path(
    tag = "vocabularies",
    operation_id = "delete_vocabulary_entry",
    params(
        ("name" = Vocabulary, Path, description = "Name of the vocabulary"),
        ("code" = String, Path, description = "Code of the entry"),
        IfMatch,
    ),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/v1/vocabularies/{name}/{code}")]
async fn remove(
    by: Admin,
    path: PathEntry,
    _: NoParameters,
    precondition: Precondition,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let response = db
        .write(&by.0.name, move |write| {
            Box::pin(async move { write::delete(write, &path, &precondition).await })
        })
        .await?;
    Ok(response.into_response())
}

async fn change(
    db: &Db,
    by: &Admin,
    path: PathEntry,
    precondition: Precondition,
    change: Change,
    body: Value,
) -> Result<HttpResponse> {
    let response = db
        .write(&by.0.name, move |write| {
            Box::pin(async move { write::change(write, &path, &precondition, change, body).await })
        })
        .await?;
    Ok(response.into_response())
}
