//! The open vocabularies over HTTP. They are read like records, and an admin writes them.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use chrono::{DateTime, Utc};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::db::{Db, Write};
use crate::error::{Error, Result};
use crate::history::model::{Revision, RevisionFilter, Version, parse_version};
use crate::history::restoring::{self, RestoreRequest};
use crate::history::{self, find};
use crate::http::as_of::Registry;
use crate::http::auth::{Admin, Analyst, Reader};
use crate::http::body::JsonBody;
use crate::http::crud::{IdempotencyKey, IfMatch};
use crate::http::fields;
use crate::http::idempotency::{Idempotency, idempotent};
use crate::http::listing::{CursorKey, Listing, Page, PageParameters};
use crate::http::path::{NoParameters, OnDay, RecordParameters, segment};
use crate::http::precondition::Precondition;
use crate::http::response::{Response, etag, vary};
use crate::validation::Faults;
use crate::vocabulary::model::{Entry, EntryFilter, Line, Summary, Vocabulary};
use crate::vocabulary::request::{EntryRequest, check_fields};

/// Fields that are derived or set by the registry.
const READ_ONLY: &[&str] = &["root", "version", "created_at", "updated_at"];
/// The same for an existing entry, whose code never changes: records and other systems use it.
const READ_ONLY_LATER: &[&str] = &["code", "root", "version", "created_at", "updated_at"];

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
        .service(list_history)
        .service(show_version)
        .service(restore);
}

/// `{name}` of a path.
struct PathVocabulary(Vocabulary);

impl FromRequest for PathVocabulary {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(segment(request, "name").and_then(|name| Vocabulary::from_name(&name).map(Self)))
    }
}

/// `{name}` and `{code}` of a path.
#[derive(Debug, Clone)]
struct PathEntry {
    vocabulary: Vocabulary,
    code: String,
}

impl FromRequest for PathEntry {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = || {
            Ok(Self {
                vocabulary: Vocabulary::from_name(&segment(request, "name")?)?,
                code: segment(request, "code")?,
            })
        };
        ready(read())
    }
}

impl PathEntry {
    fn unknown(&self) -> Error {
        Error::not_found(format!("{} is not a code of {}", self.code, self.vocabulary))
    }
}

/// Lists the open vocabularies and how many entries each has
#[utoipa::path(
    tag = "vocabularies",
    operation_id = "list_vocabularies",
    params(RecordParameters),
    responses((status = 200, description = "All vocabularies on one page", body = Page<Summary>))
)]
#[get("/v1/vocabularies")]
async fn index(_: OnDay, db: Registry) -> Result<HttpResponse> {
    let page = Page {
        items: Summary::all(&db).await?,
        next_cursor: None,
        total: None,
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
        PageParameters,
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
        RelationshipKinds,
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
        Box::pin(create_in(write, name.0, body))
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
    respond_with(StatusCode::OK, &entry)?.into_response_to(&request)
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
    let response = db
        .write(&by.0.name, move |write| {
            Box::pin(async move { replace_in(write, &path, &precondition, body.value).await })
        })
        .await?;
    Ok(response.into_response())
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
    let response = db
        .write(&by.0.name, move |write| {
            Box::pin(async move { patch_in(write, &path, &precondition, body.value).await })
        })
        .await?;
    Ok(response.into_response())
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
            Box::pin(async move { remove_in(write, &path, &precondition).await })
        })
        .await?;
    Ok(response.into_response())
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
        PageParameters, RevisionFilter,
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
    history::api::page(&subject, listing, &db, &key).await
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
    _: NoParameters,
    db: web::Data<Db>,
    _: Reader,
) -> Result<HttpResponse> {
    let version = parse_version(&segment(&request, "version")?)?;
    let subject = find::entry(&db, path.vocabulary, &path.code).await?;
    history::api::version_of(&request, &subject, version, true, &db).await
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
        Box::pin(async move { restore_in(write, &path, id, &precondition, body).await })
    })
    .await?;
    Ok(response.into_response())
}

async fn create_in(write: &mut Write<'_>, vocabulary: Vocabulary, body: Value) -> Result<Response> {
    check_fields(vocabulary, &body)?;
    let (request, faults) = fields::new_record(body, READ_ONLY)?;
    let values = EntryRequest::validate(request, write, vocabulary, faults, None).await?;
    let entry = Entry::create(write, vocabulary, &values).await?;
    let mut response = respond_with(StatusCode::CREATED, &entry)?;
    response.location = Some(format!("/v1/vocabularies/{vocabulary}/{}", entry.code));
    Ok(response)
}

async fn replace_in(
    write: &mut Write<'_>,
    path: &PathEntry,
    precondition: &Precondition,
    body: Value,
) -> Result<Response> {
    let current = locked(write, path, precondition).await?;
    check_fields(path.vocabulary, &body)?;
    let (request, faults) = fields::replacement(body, &current, READ_ONLY_LATER)?;
    replace_entry(write, path.vocabulary, &current, request, faults).await
}

async fn patch_in(
    write: &mut Write<'_>,
    path: &PathEntry,
    precondition: &Precondition,
    patch: Value,
) -> Result<Response> {
    let current = locked(write, path, precondition).await?;
    check_fields(path.vocabulary, &patch)?;
    let (request, faults) = fields::patched(patch, &current, READ_ONLY_LATER)?;
    replace_entry(write, path.vocabulary, &current, request, faults).await
}

async fn remove_in(write: &mut Write<'_>, path: &PathEntry, precondition: &Precondition) -> Result<Response> {
    locked(write, path, precondition).await?;
    Entry::delete(write, path.vocabulary, &path.code).await?;
    Ok(Response::no_content())
}

async fn restore_in(
    write: &mut Write<'_>,
    path: &PathEntry,
    id: Uuid,
    precondition: &Precondition,
    body: Value,
) -> Result<Response> {
    let vocabulary = path.vocabulary;
    let current = Entry::lock(write, vocabulary, &path.code).await?;
    let earlier = restoring::earlier(write, vocabulary.name(), id, precondition, body).await?;
    let created_at = earlier.identity.created_at;
    let request = fields::restored(earlier.document, READ_ONLY)?;
    let restored = match current {
        Some(current) => replace_entry(write, vocabulary, &current, request, Faults::default()).await,
        None => create_again(write, vocabulary, created_at, request).await,
    };
    restored.map_err(restoring::in_record)
}

async fn replace_entry(
    write: &mut Write<'_>,
    vocabulary: Vocabulary,
    current: &Entry,
    request: EntryRequest,
    faults: Faults,
) -> Result<Response> {
    let values = request
        .validate(write, vocabulary, faults, Some(&current.code))
        .await?;
    let entry = Entry::replace(write, vocabulary, current, &values).await?;
    respond_with(StatusCode::OK, &entry)
}

async fn create_again(
    write: &mut Write<'_>,
    vocabulary: Vocabulary,
    created_at: Option<DateTime<Utc>>,
    request: EntryRequest,
) -> Result<Response> {
    let values = request
        .validate(write, vocabulary, Faults::default(), None)
        .await?;
    let entry = Entry::create_again(write, vocabulary, created_at, &values).await?;
    respond_with(StatusCode::OK, &entry)
}

async fn locked(write: &mut Write<'_>, path: &PathEntry, precondition: &Precondition) -> Result<Entry> {
    let current = Entry::lock(write, path.vocabulary, &path.code)
        .await?
        .ok_or_else(|| path.unknown())?;
    precondition.check(current.version)?;
    Ok(current)
}

/// Returns the response of an entry. It has no id, and otherwise the form of a record's response.
fn respond_with(status: StatusCode, entry: &Entry) -> Result<Response> {
    let body = serde_json::to_string(entry).map_err(Error::internal)?;
    Ok(Response {
        status,
        id: None,
        location: None,
        etag: Some(etag(entry.version, &body)),
        body: Some(body),
    })
}
