//! Relationships over HTTP.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::actors::model::Actor;
use crate::citations;
use crate::db::{Db, Write};
use crate::error::Result;
use crate::history::restoring::Earlier;
use crate::http::auth::Analyst;
use crate::http::body::{self, JsonBody};
use crate::http::idempotency::{Idempotency, once};
use crate::http::listing::{CursorKey, Listing, Page, PageParameters};
use crate::http::path::{NoParameters, OnDay, PathReference, RecordParameters, segment};
use crate::http::precondition::Precondition;
use crate::http::registry::Registry;
use crate::http::response::Response;
use crate::relationships::filter::{ActorRelationshipFilter, RelationshipFilter, SELECTION};
use crate::relationships::model::{READ_ONLY, Relationship};
use crate::relationships::request::RelationshipRequest;
use crate::resource::citations::{Citation, CitationRequest};
use crate::resource::{self, Kind, Reference};
use crate::validation::Faults;

pub fn routes(configuration: &mut ServiceConfig) {
    configuration
        .service(list)
        .service(create)
        .service(show)
        .service(replace)
        .service(patch_one)
        .service(remove)
        .service(add_citation)
        .service(remove_citation)
        .service(list_of_actor);
}

/// Relationships, by page or as a stream
///
/// Sorts by started_on, kind, created_at, updated_at.
#[utoipa::path(
    tag = "relationships",
    operation_id = "list_relationships",
    params(PageParameters, RelationshipFilter),
    responses((status = 200, description = "A page of relationships", content(
        (Page<Relationship> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    )))
)]
#[get("/v1/relationships")]
async fn list(
    listing: Listing<RelationshipFilter>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    let (filter, listing) = listing.split();
    let conditions = filter.conditions(&db, listing.asked_on).await?;
    listing
        .answer::<Relationship>(&db, &key, &SELECTION, conditions)
        .await
}

/// Records a new relationship
#[utoipa::path(
    tag = "relationships",
    operation_id = "create_relationship",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body get the first answer again, for 24 hours", min_length = 1, max_length = 255)),
    request_body = RelationshipRequest,
    responses((status = 201, description = "The relationship as it is recorded", body = Relationship))
)]
#[post("/v1/relationships")]
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

/// One relationship
#[utoipa::path(
    tag = "relationships",
    operation_id = "show_relationship",
    params(("ref" = String, Path, description = "Id, or an external key scheme:value"), RecordParameters),
    responses((status = 200, description = "The relationship", body = Relationship), (status = 304, description = "It is as it was"))
)]
#[get("/v1/relationships/{ref}")]
async fn show(
    request: HttpRequest,
    reference: PathReference,
    _: OnDay,
    db: Registry,
) -> Result<HttpResponse> {
    let id = resource::find(&db, Kind::Relationships, &reference.0).await?;
    let relationship = Relationship::find(&db, id)
        .await?
        .ok_or_else(|| resource::unknown(Kind::Relationships, &reference.0))?;
    Response::ok(&relationship)?.into_response_to(&request)
}

/// Replaces a relationship whole
#[utoipa::path(
    tag = "relationships",
    operation_id = "replace_relationship",
    params(
        ("ref" = String, Path, description = "Id, or an external key scheme:value"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    request_body = RelationshipRequest,
    responses((status = 200, description = "The relationship as it is now", body = Relationship))
)]
#[put("/v1/relationships/{ref}")]
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

/// Changes fields of a relationship (JSON Merge Patch)
#[utoipa::path(
    tag = "relationships",
    operation_id = "patch_relationship",
    params(
        ("ref" = String, Path, description = "Id, or an external key scheme:value"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    request_body(content((RelationshipRequest = "application/merge-patch+json"), (RelationshipRequest = "application/json"))),
    responses((status = 200, description = "The relationship as it is now", body = Relationship))
)]
#[patch("/v1/relationships/{ref}")]
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

/// Deletes a relationship with its citations
#[utoipa::path(
    tag = "relationships",
    operation_id = "delete_relationship",
    params(
        ("ref" = String, Path, description = "Id, or an external key scheme:value"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    responses((status = 204, description = "It is gone"))
)]
#[delete("/v1/relationships/{ref}")]
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

/// Adds a citation
///
/// Nobody else's is overwritten.
#[utoipa::path(
    tag = "relationships",
    operation_id = "add_relationship_citation",
    params(
        ("ref" = String, Path, description = "Id, or an external key scheme:value"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and body get the first answer again, for 24 hours", min_length = 1, max_length = 255),
    ),
    request_body = CitationRequest,
    responses((status = 201, description = "The citation as it is recorded", body = Citation, headers(
        ("ETag" = String, description = "What the relationship is at now, with this citation"),
        ("Location" = String, description = "The relationship"),
    )))
)]
#[post("/v1/relationships/{ref}/citations")]
async fn add_citation(
    by: Analyst,
    reference: PathReference,
    _: NoParameters,
    idempotency: Idempotency,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let answer = once(&db, &by, idempotency, body, move |write, body| {
        Box::pin(async move {
            let current = locked(write, &reference.0, &Precondition::None).await?;
            citations::api::add_in(write, Kind::Relationships, current.id, body)
                .await?
                .with_etag_of(&Relationship::reload(write, current.id).await?)
        })
    })
    .await?;
    Ok(answer.into_response())
}

/// Removes a citation
#[utoipa::path(
    tag = "relationships",
    operation_id = "remove_relationship_citation",
    params(
        ("ref" = String, Path, description = "Id, or an external key scheme:value"),
        ("id" = String, Path, format = Uuid, description = "Id of the citation"),
        ("If-Match" = Option<String>, Header, description = "ETag that the relationship was read with"),
    ),
    responses((status = 204, description = "It is gone", headers(
        ("ETag" = String, description = "What the relationship is at now, without it"),
    )))
)]
#[delete("/v1/relationships/{ref}/citations/{id}")]
async fn remove_citation(
    request: HttpRequest,
    by: Analyst,
    reference: PathReference,
    _: NoParameters,
    precondition: Precondition,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let citation = segment(&request, "id")?;
    let answer = db
        .write(by.name(), move |write| {
            Box::pin(async move {
                let current = locked(write, &reference.0, &precondition).await?;
                citations::api::remove_in(write, Kind::Relationships, current.id, &citation)
                    .await?
                    .with_etag_of(&Relationship::reload(write, current.id).await?)
            })
        })
        .await?;
    Ok(answer.into_response())
}

/// The relationships of an actor, at whichever end it stands
///
/// Sorts by started_on, kind, created_at, updated_at.
#[utoipa::path(
    tag = "reading across",
    operation_id = "list_actor_relationships",
    params(
        ("ref" = String, Path, description = "Id, or a key such as iso3166:CO", example = "iso3166:CO"),
        PageParameters,
        ActorRelationshipFilter,
    ),
    responses((status = 200, description = "A page of relationships", content(
        (Page<Relationship> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    )))
)]
#[get("/v1/actors/{ref}/relationships")]
async fn list_of_actor(
    reference: PathReference,
    listing: Listing<ActorRelationshipFilter>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    let id = resource::find(&db, Kind::Actors, &reference.0).await?;
    let actor = Actor::find(&db, id)
        .await?
        .ok_or_else(|| resource::unknown(Kind::Actors, &reference.0))?;
    let (filter, listing) = listing.split();
    let conditions = filter.conditions(&db, actor.id, listing.asked_on).await?;
    listing
        .answer::<Relationship>(&db, &key, &SELECTION, conditions)
        .await
}

// The writes themselves, for the routes above and for batches.

pub async fn create_in(write: &mut Write<'_>, body: Value) -> Result<Response> {
    let (request, faults) = body::new_record(body, READ_ONLY)?;
    Response::created(&Relationship::create(write, request, faults).await?)
}

pub async fn replace_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
    body: Value,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    let (request, faults) = body::replacement(body, &current, READ_ONLY)?;
    Response::ok(&Relationship::replace(write, &current, request, faults).await?)
}

pub async fn patch_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
    patch: Value,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    let (request, faults) = body::patched(patch, &current, READ_ONLY)?;
    Response::ok(&Relationship::replace(write, &current, request, faults).await?)
}

pub async fn remove_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    Relationship::delete(write, current.id).await?;
    Ok(Response::no_content())
}

pub async fn restore_in(write: &mut Write<'_>, earlier: Earlier) -> Result<Response> {
    let identity = earlier.identity;
    let mut request: RelationshipRequest = earlier.request(READ_ONLY)?;
    crate::resource::citations::keep_ids(&mut request.citations);
    let record = match Relationship::lock(write, identity.id).await? {
        Some(current) => Relationship::replace(write, &current, request, Faults::default()).await?,
        None => Relationship::create_as(write, identity, request, Faults::default()).await?,
    };
    Response::ok(&record)
}

async fn locked(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
) -> Result<Relationship> {
    let id = resource::find_for_write(write, Kind::Relationships, reference).await?;
    let current = Relationship::lock(write, id)
        .await?
        .ok_or_else(|| resource::gone(Kind::Relationships, reference))?;
    precondition.check(current.version)?;
    Ok(current)
}
