//! Programmes over HTTP.

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
use crate::programmes::filter::{ProgrammeFilter, SELECTION};
use crate::programmes::model::{Programme, READ_ONLY};
use crate::programmes::request::ProgrammeRequest;
use crate::resource::{self, Kind, Reference};
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

/// Programmes, by page or as a stream
///
/// Sorts by code, name, created_at, updated_at.
#[utoipa::path(
    tag = "programmes",
    operation_id = "list_programmes",
    params(PageParameters, ProgrammeFilter),
    responses((status = 200, description = "A page of programmes", content(
        (Page<Programme> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    )))
)]
#[get("/v1/programmes")]
async fn list(
    listing: Listing<ProgrammeFilter>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    let (filter, listing) = listing.split();
    listing
        .answer::<Programme>(&db, &key, &SELECTION, filter.conditions(&db).await?)
        .await
}

/// Records a new programme
#[utoipa::path(
    tag = "programmes",
    operation_id = "create_programme",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body get the first answer again, for 24 hours", min_length = 1, max_length = 255)),
    request_body = ProgrammeRequest,
    responses((status = 201, description = "The programme as it is recorded", body = Programme))
)]
#[post("/v1/programmes")]
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

/// One programme
#[utoipa::path(
    tag = "programmes",
    operation_id = "show_programme",
    params(("ref" = String, Path, description = "Id, or a key such as programme:ILLICIT-DRUGS-EO14059"), RecordParameters),
    responses((status = 200, description = "The programme", body = Programme), (status = 304, description = "It is as it was"))
)]
#[get("/v1/programmes/{ref}")]
async fn show(
    request: HttpRequest,
    reference: PathReference,
    _: OnDay,
    db: Registry,
) -> Result<HttpResponse> {
    let id = resource::find(&db, Kind::Programmes, &reference.0).await?;
    let programme = Programme::find(&db, id)
        .await?
        .ok_or_else(|| resource::unknown(Kind::Programmes, &reference.0))?;
    Response::ok(&programme)?.into_response_to(&request)
}

/// Replaces a programme whole
#[utoipa::path(
    tag = "programmes",
    operation_id = "replace_programme",
    params(
        ("ref" = String, Path, description = "Id, or a key such as programme:ILLICIT-DRUGS-EO14059"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    request_body = ProgrammeRequest,
    responses((status = 200, description = "The programme as it is now", body = Programme))
)]
#[put("/v1/programmes/{ref}")]
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

/// Changes fields of a programme (JSON Merge Patch)
#[utoipa::path(
    tag = "programmes",
    operation_id = "patch_programme",
    params(
        ("ref" = String, Path, description = "Id, or a key such as programme:ILLICIT-DRUGS-EO14059"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    request_body(content((ProgrammeRequest = "application/merge-patch+json"), (ProgrammeRequest = "application/json"))),
    responses((status = 200, description = "The programme as it is now", body = Programme))
)]
#[patch("/v1/programmes/{ref}")]
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

/// Deletes a programme that no sanction refers to
#[utoipa::path(
    tag = "programmes",
    operation_id = "delete_programme",
    params(
        ("ref" = String, Path, description = "Id, or a key such as programme:ILLICIT-DRUGS-EO14059"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    responses((status = 204, description = "It is gone"))
)]
#[delete("/v1/programmes/{ref}")]
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
    Response::created(&Programme::create(write, request, faults).await?)
}

pub async fn replace_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
    body: Value,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    let (request, faults) = body::replacement(body, &current, READ_ONLY)?;
    Response::ok(&Programme::replace(write, &current, request, faults).await?)
}

pub async fn patch_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
    patch: Value,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    let (request, faults) = body::patched(patch, &current, READ_ONLY)?;
    Response::ok(&Programme::replace(write, &current, request, faults).await?)
}

pub async fn remove_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    Programme::delete(write, current.id).await?;
    Ok(Response::no_content())
}

pub async fn restore_in(write: &mut Write<'_>, earlier: Earlier) -> Result<Response> {
    let identity = earlier.identity;
    let request: ProgrammeRequest = earlier.request(READ_ONLY)?;
    let record = match Programme::lock(write, identity.id).await? {
        Some(current) => Programme::replace(write, &current, request, Faults::default()).await?,
        None => Programme::create_as(write, identity, request, Faults::default()).await?,
    };
    Response::ok(&record)
}

async fn locked(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
) -> Result<Programme> {
    let id = resource::find_for_write(write, Kind::Programmes, reference).await?;
    let current = Programme::lock(write, id)
        .await?
        .ok_or_else(|| resource::gone(Kind::Programmes, reference))?;
    precondition.check(current.version)?;
    Ok(current)
}
