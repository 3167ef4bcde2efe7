//! Sources over HTTP.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::{Db, Write};
use crate::error::Result;
use crate::history::restoring::Earlier;
use crate::http::auth::Analyst;
use crate::http::body::{self, JsonBody};
use crate::http::idempotency::{Idempotency, once};
use crate::http::listing::{CursorKey, Listing, Page, PageParameters};
use crate::http::path::{NoParameters, OnDay, PathReference, RecordParameters};
use crate::http::precondition::Precondition;
use crate::http::registry::Registry;
use crate::http::response::Response;
use crate::resource::{self, Kind, Reference};
use crate::sources::filter::{SELECTION, SourceFilter};
use crate::sources::model::{READ_ONLY, Source};
use crate::sources::request::SourceRequest;
use crate::validation::Faults;

pub fn routes(configuration: &mut ServiceConfig) {
    configuration
        .service(list)
        .service(create)
        .service(show)
        .service(replace)
        .service(patch_one)
        .service(remove);
}

/// Sources, by page or as a stream
///
/// Sorts by title, published_on, kind, created_at, updated_at.
#[utoipa::path(
    tag = "sources",
    operation_id = "list_sources",
    params(PageParameters, SourceFilter),
    responses((status = 200, description = "A page of sources", content(
        (Page<Source> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    )))
)]
#[get("/v1/sources")]
async fn list(
    listing: Listing<SourceFilter>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    let (filter, listing) = listing.split();
    listing
        .answer::<Source>(&db, &key, &SELECTION, filter.conditions())
        .await
}

/// Records a new source
#[utoipa::path(
    tag = "sources",
    operation_id = "create_source",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body get the first answer again, for 24 hours", min_length = 1, max_length = 255)),
    request_body = SourceRequest,
    responses((status = 201, description = "The source as it is recorded", body = Source))
)]
#[post("/v1/sources")]
async fn create(
    by: Analyst,
    _: NoParameters,
    idempotency: Idempotency,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let answer = once(&db, &by, idempotency, body, |write, body| {
        Box::pin(create_in(write, body))
    })
    .await?;
    Ok(answer.into_response())
}

/// One source
#[utoipa::path(
    tag = "sources",
    operation_id = "show_source",
    params(("ref" = String, Path, description = "Id, or an external key scheme:value"), RecordParameters),
    responses((status = 200, description = "The source", body = Source), (status = 304, description = "It is as it was"))
)]
#[get("/v1/sources/{ref}")]
async fn show(
    request: HttpRequest,
    reference: PathReference,
    _: OnDay,
    db: Registry,
) -> Result<HttpResponse> {
    let id = resource::find(&db, Kind::Sources, &reference.0).await?;
    let source = Source::find(&db, id)
        .await?
        .ok_or_else(|| resource::unknown(Kind::Sources, &reference.0))?;
    Response::ok(&source)?.into_response_to(&request)
}

/// Replaces a source whole
#[utoipa::path(
    tag = "sources",
    operation_id = "replace_source",
    params(
        ("ref" = String, Path, description = "Id, or an external key scheme:value"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    request_body = SourceRequest,
    responses((status = 200, description = "The source as it is now", body = Source))
)]
#[put("/v1/sources/{ref}")]
async fn replace(
    by: Analyst,
    reference: PathReference,
    _: NoParameters,
    precondition: Precondition,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let answer = db
        .write(by.name(), move |write| {
            Box::pin(async move { replace_in(write, &reference.0, &precondition, body.value).await })
        })
        .await?;
    Ok(answer.into_response())
}

/// Changes fields of a source (JSON Merge Patch)
#[utoipa::path(
    tag = "sources",
    operation_id = "patch_source",
    params(
        ("ref" = String, Path, description = "Id, or an external key scheme:value"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    request_body(content((SourceRequest = "application/merge-patch+json"), (SourceRequest = "application/json"))),
    responses((status = 200, description = "The source as it is now", body = Source))
)]
#[patch("/v1/sources/{ref}")]
async fn patch_one(
    by: Analyst,
    reference: PathReference,
    _: NoParameters,
    precondition: Precondition,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let answer = db
        .write(by.name(), move |write| {
            Box::pin(async move { patch_in(write, &reference.0, &precondition, body.value).await })
        })
        .await?;
    Ok(answer.into_response())
}

/// Deletes a source that no claim cites
#[utoipa::path(
    tag = "sources",
    operation_id = "delete_source",
    params(
        ("ref" = String, Path, description = "Id, or an external key scheme:value"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    responses((status = 204, description = "It is gone"))
)]
#[delete("/v1/sources/{ref}")]
async fn remove(
    by: Analyst,
    reference: PathReference,
    _: NoParameters,
    precondition: Precondition,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let answer = db
        .write(by.name(), move |write| {
            Box::pin(async move { remove_in(write, &reference.0, &precondition).await })
        })
        .await?;
    Ok(answer.into_response())
}

// The writes themselves, for the routes above and for batches.

pub async fn create_in(write: &mut Write<'_>, body: Value) -> Result<Response> {
    let (request, faults) = body::new_record(body, READ_ONLY)?;
    Response::created(&Source::create(write, request, faults).await?)
}

pub async fn replace_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
    body: Value,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    let (request, faults) = body::replacement(body, &current, READ_ONLY)?;
    Response::ok(&Source::replace(write, &current, request, faults).await?)
}

pub async fn patch_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
    patch: Value,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    let (request, faults) = body::patched(patch, &current, READ_ONLY)?;
    Response::ok(&Source::replace(write, &current, request, faults).await?)
}

pub async fn remove_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    Source::delete(write, current.id).await?;
    Ok(Response::no_content())
}

pub async fn restore_in(write: &mut Write<'_>, earlier: Earlier) -> Result<Response> {
    let identity = earlier.identity;
    let request: SourceRequest = earlier.request(READ_ONLY)?;
    let record = match Source::lock(write, identity.id).await? {
        Some(current) => Source::replace(write, &current, request, Faults::default()).await?,
        None => Source::create_as(write, identity, request, Faults::default()).await?,
    };
    Response::ok(&record)
}

async fn locked(write: &mut Write<'_>, reference: &Reference, precondition: &Precondition) -> Result<Source> {
    let id = resource::find_for_write(write, Kind::Sources, reference).await?;
    let current = Source::lock(write, id)
        .await?
        .ok_or_else(|| resource::gone(Kind::Sources, reference))?;
    precondition.check(current.version)?;
    Ok(current)
}
