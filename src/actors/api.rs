//! Actors over HTTP.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::actors::filter::{ActorFilter, SELECTION};
use crate::actors::model::{Actor, READ_ONLY};
use crate::actors::request::ActorRequest;
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

/// Actors, by page or as a stream
///
/// Sorts by name, kind, created_at, updated_at.
#[utoipa::path(
    tag = "actors",
    operation_id = "list_actors",
    params(PageParameters, ActorFilter),
    responses((status = 200, description = "A page of actors", content(
        (Page<Actor> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    )))
)]
#[get("/v1/actors")]
async fn list(
    listing: Listing<ActorFilter>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    let (filter, listing) = listing.split();
    listing
        .answer::<Actor>(&db, &key, &SELECTION, filter.conditions(&db).await?)
        .await
}

/// Records a new actor
#[utoipa::path(
    tag = "actors",
    operation_id = "create_actor",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body get the first answer again, for 24 hours", min_length = 1, max_length = 255)),
    request_body = ActorRequest,
    responses((status = 201, description = "The actor as it is recorded", body = Actor))
)]
#[post("/v1/actors")]
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

/// One actor
#[utoipa::path(
    tag = "actors",
    operation_id = "show_actor",
    params(("ref" = String, Path, description = "Id, or a key such as iso3166:CO", example = "iso3166:CO"), RecordParameters),
    responses((status = 200, description = "The actor", body = Actor), (status = 304, description = "It is as it was"))
)]
#[get("/v1/actors/{ref}")]
async fn show(
    request: HttpRequest,
    reference: PathReference,
    _: OnDay,
    db: Registry,
) -> Result<HttpResponse> {
    let id = resource::find(&db, Kind::Actors, &reference.0).await?;
    let actor = Actor::find(&db, id)
        .await?
        .ok_or_else(|| resource::unknown(Kind::Actors, &reference.0))?;
    Response::kept(&actor).into_response_to(&request)
}

/// Replaces an actor whole
#[utoipa::path(
    tag = "actors",
    operation_id = "replace_actor",
    params(
        ("ref" = String, Path, description = "Id, or a key such as iso3166:CO"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    request_body = ActorRequest,
    responses((status = 200, description = "The actor as it is now", body = Actor))
)]
#[put("/v1/actors/{ref}")]
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

/// Changes fields of an actor (JSON Merge Patch)
#[utoipa::path(
    tag = "actors",
    operation_id = "patch_actor",
    params(
        ("ref" = String, Path, description = "Id, or a key such as iso3166:CO"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    request_body(content((ActorRequest = "application/merge-patch+json"), (ActorRequest = "application/json"))),
    responses((status = 200, description = "The actor as it is now", body = Actor))
)]
#[patch("/v1/actors/{ref}")]
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

/// Deletes an actor that no record refers to
#[utoipa::path(
    tag = "actors",
    operation_id = "delete_actor",
    params(
        ("ref" = String, Path, description = "Id, or a key such as iso3166:CO"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    responses((status = 204, description = "It is gone"))
)]
#[delete("/v1/actors/{ref}")]
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
    Response::created(&Actor::create(write, request, faults).await?)
}

pub async fn replace_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
    body: Value,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    let (request, faults) = body::replacement(body, &current, READ_ONLY)?;
    Response::ok(&Actor::replace(write, &current, request, faults).await?)
}

pub async fn patch_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
    patch: Value,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    let (request, faults) = body::patched(patch, &current, READ_ONLY)?;
    Response::ok(&Actor::replace(write, &current, request, faults).await?)
}

pub async fn remove_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    Actor::delete(write, current.id).await?;
    Ok(Response::no_content())
}

pub async fn restore_in(write: &mut Write<'_>, earlier: Earlier) -> Result<Response> {
    let identity = earlier.identity;
    let request: ActorRequest = earlier.request(READ_ONLY)?;
    let record = match Actor::lock(write, identity.id).await? {
        Some(current) => Actor::replace(write, &current, request, Faults::default()).await?,
        None => Actor::create_as(write, identity, request, Faults::default()).await?,
    };
    Response::ok(&record)
}

async fn locked(write: &mut Write<'_>, reference: &Reference, precondition: &Precondition) -> Result<Actor> {
    let id = resource::find_for_write(write, Kind::Actors, reference).await?;
    let current = Actor::lock(write, id)
        .await?
        .ok_or_else(|| resource::gone(Kind::Actors, reference))?;
    precondition.check(current.version)?;
    Ok(current)
}
