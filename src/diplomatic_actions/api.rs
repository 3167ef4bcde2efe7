//! Diplomatic actions over HTTP.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, get, patch, post, put, web};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::citations;
use crate::db::{Db, Write};
use crate::diplomatic_actions::chain::{self, Chain};
use crate::diplomatic_actions::children;
use crate::diplomatic_actions::filter::{DiplomaticActionFilter, SELECTION};
use crate::diplomatic_actions::model::{DiplomaticAction, READ_ONLY, cameo_code_of};
use crate::diplomatic_actions::request::DiplomaticActionRequest;
use crate::error::{Error, Result};
use crate::history::restoring::Earlier;
use crate::http::auth::Analyst;
use crate::http::body::{self, JsonBody};
use crate::http::idempotency::{Idempotency, once};
use crate::http::listing::{CursorKey, Listing, Page, PageParameters};
use crate::http::path::{NoParameters, OnDay, PathReference, RecordParameters, segment};
use crate::http::precondition::Precondition;
use crate::http::registry::Registry;
use crate::http::response::{Response, vary};
use crate::query::parameters::{KNOWN_AT, not_a_day, parse_day, whole_number};
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
        .service(show_chain)
        .service(add_citation)
        .service(remove_citation);
}

/// Diplomatic actions, by page or as a stream
///
/// Sorts by occurred_on, title, created_at, updated_at.
#[utoipa::path(
    tag = "diplomatic-actions",
    operation_id = "list_diplomatic_actions",
    params(PageParameters, DiplomaticActionFilter),
    responses((status = 200, description = "A page of diplomatic actions", content(
        (Page<DiplomaticAction> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    )))
)]
#[get("/v1/diplomatic-actions")]
async fn list(
    listing: Listing<DiplomaticActionFilter>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    let (filter, listing) = listing.split();
    listing
        .answer::<DiplomaticAction>(&db, &key, &SELECTION, filter.conditions(&db).await?)
        .await
}

/// Records a new diplomatic action
#[utoipa::path(
    tag = "diplomatic-actions",
    operation_id = "create_diplomatic_action",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body get the first answer again, for 24 hours", min_length = 1, max_length = 255)),
    request_body = DiplomaticActionRequest,
    responses((status = 201, description = "The action as it is recorded", body = DiplomaticAction))
)]
#[post("/v1/diplomatic-actions")]
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

/// One diplomatic action
#[utoipa::path(
    tag = "diplomatic-actions",
    operation_id = "show_diplomatic_action",
    params(("ref" = String, Path, description = "Id, or a key scheme:value"), RecordParameters),
    responses((status = 200, description = "The action", body = DiplomaticAction), (status = 304, description = "It is as it was"))
)]
#[get("/v1/diplomatic-actions/{ref}")]
async fn show(
    request: HttpRequest,
    reference: PathReference,
    _: OnDay,
    db: Registry,
) -> Result<HttpResponse> {
    let id = resource::find(&db, Kind::DiplomaticActions, &reference.0).await?;
    let action = DiplomaticAction::find(&db, id)
        .await?
        .ok_or_else(|| resource::unknown(Kind::DiplomaticActions, &reference.0))?;
    Response::ok(&action)?.into_response_to(&request)
}

/// Replaces a diplomatic action whole
#[utoipa::path(
    tag = "diplomatic-actions",
    operation_id = "replace_diplomatic_action",
    params(
        ("ref" = String, Path, description = "Id, or a key scheme:value"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    request_body = DiplomaticActionRequest,
    responses((status = 200, description = "The action as it is now", body = DiplomaticAction))
)]
#[put("/v1/diplomatic-actions/{ref}")]
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

/// Changes fields of a diplomatic action (JSON Merge Patch)
///
/// A patch of type that does not name cameo_code takes the new type's code, unless the record had
/// another than its old type's: what somebody chose is kept. `"cameo_code": null` gives the type's.
#[utoipa::path(
    tag = "diplomatic-actions",
    operation_id = "patch_diplomatic_action",
    params(
        ("ref" = String, Path, description = "Id, or a key scheme:value"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    request_body(content((DiplomaticActionRequest = "application/merge-patch+json"), (DiplomaticActionRequest = "application/json"))),
    responses((status = 200, description = "The action as it is now", body = DiplomaticAction))
)]
#[patch("/v1/diplomatic-actions/{ref}")]
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

/// Deletes a diplomatic action that no record refers to
#[utoipa::path(
    tag = "diplomatic-actions",
    operation_id = "delete_diplomatic_action",
    params(
        ("ref" = String, Path, description = "Id, or a key scheme:value"),
        ("If-Match" = Option<String>, Header, description = "ETag that the record was read with"),
    ),
    responses((status = 204, description = "It is gone"))
)]
#[delete("/v1/diplomatic-actions/{ref}")]
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

/// What led to a diplomatic action, and what came of it
///
/// Follows the links responds_to, retaliates_for and escalates both ways, each as far as they go.
#[utoipa::path(
    tag = "reading across",
    operation_id = "show_chain_of_diplomatic_action",
    params(
        ("ref" = String, Path, description = "Id, or a key scheme:value"),
        ("depth" = Option<i64>, Query, description = "How many links to follow at most, 50 when absent", minimum = 1, maximum = 50),
        RecordParameters,
    ),
    responses((status = 200, description = "The action and its chain", body = Chain))
)]
#[get("/v1/diplomatic-actions/{ref}/chain")]
async fn show_chain(reference: PathReference, depth: ChainDepth, db: Registry) -> Result<HttpResponse> {
    let id = resource::find(&db, Kind::DiplomaticActions, &reference.0).await?;
    let chain = Chain::find(&db, id, depth.0)
        .await?
        .ok_or_else(|| resource::unknown(Kind::DiplomaticActions, &reference.0))?;
    let mut response = HttpResponse::Ok();
    vary(&mut response);
    Ok(response.json(chain))
}

/// Adds one citation to a diplomatic action
#[utoipa::path(
    tag = "diplomatic-actions",
    operation_id = "add_citation_of_diplomatic_action",
    params(
        ("ref" = String, Path, description = "Id, or a key scheme:value"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and body get the first answer again, for 24 hours", min_length = 1, max_length = 255),
    ),
    request_body = CitationRequest,
    responses((status = 201, description = "The citation as it is recorded", body = Citation, headers(
        ("ETag" = String, description = "What the diplomatic action is at now, with this citation"),
        ("Location" = String, description = "The diplomatic action"),
    )))
)]
#[post("/v1/diplomatic-actions/{ref}/citations")]
async fn add_citation(
    by: Analyst,
    reference: PathReference,
    _: NoParameters,
    idempotency: Idempotency,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let answer = once(&db, &by, idempotency, body, |write, body| {
        Box::pin(async move {
            let current = locked(write, &reference.0, &Precondition::None).await?;
            citations::api::add_in(write, Kind::DiplomaticActions, current.id, body)
                .await?
                .with_etag_of(&DiplomaticAction::reload(write, current.id).await?)
        })
    })
    .await?;
    Ok(answer.into_response())
}

/// Removes one citation from a diplomatic action
#[utoipa::path(
    tag = "diplomatic-actions",
    operation_id = "remove_citation_of_diplomatic_action",
    params(
        ("ref" = String, Path, description = "Id, or a key scheme:value"),
        ("id" = Uuid, Path, description = "Id of the citation"),
        ("If-Match" = Option<String>, Header, description = "ETag that the action was read with"),
    ),
    responses((status = 204, description = "It is gone", headers(
        ("ETag" = String, description = "What the diplomatic action is at now, without it"),
    )))
)]
#[delete("/v1/diplomatic-actions/{ref}/citations/{id}")]
async fn remove_citation(
    by: Analyst,
    request: HttpRequest,
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
                citations::api::remove_in(write, Kind::DiplomaticActions, current.id, &citation)
                    .await?
                    .with_etag_of(&DiplomaticAction::reload(write, current.id).await?)
            })
        })
        .await?;
    Ok(answer.into_response())
}

/// How far a chain goes.
struct ChainDepth(i64);

impl FromRequest for ChainDepth {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(chain_depth(request.query_string()).map(Self))
    }
}

fn chain_depth(query: &str) -> Result<i64> {
    let mut depth = None;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "depth" if depth.is_some() => {
                return Err(Error::malformed("?depth", "depth is given twice"));
            }
            "depth" => {
                depth = Some(whole_number("depth", &value, 1, chain::LONGEST)?);
            }
            "on" => {
                parse_day(&value).ok_or_else(|| not_a_day("on"))?;
            }
            // `Registry` reads it.
            KNOWN_AT => {}
            _ => {
                return Err(Error::malformed(
                    format!("?{name}"),
                    format!("{name} is no parameter here; known are depth, on, {KNOWN_AT}"),
                ));
            }
        }
    }
    Ok(depth.unwrap_or(chain::LONGEST))
}

/// Lets a patch of the type take the new type's CAMEO code along, where the record's was only the
/// old type's and the patch does not name one.
async fn with_cameo_code_of_type(
    write: &mut Write<'_>,
    mut patch: Value,
    current: &DiplomaticAction,
) -> Result<Value> {
    if let Value::Object(fields) = &mut patch
        && fields.contains_key("type")
        && !fields.contains_key("cameo_code")
        && cameo_code_of(write, &current.r#type).await?.as_ref() == Some(&current.cameo_code)
    {
        fields.insert("cameo_code".to_owned(), Value::Null);
    }
    Ok(patch)
}

// The writes themselves, for the routes above and for batches.

pub async fn create_in(write: &mut Write<'_>, body: Value) -> Result<Response> {
    let (request, faults) = body::new_record(body, READ_ONLY)?;
    Response::created(&DiplomaticAction::create(write, request, faults).await?)
}

pub async fn replace_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
    body: Value,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    let (request, faults) = body::replacement(body, &current, READ_ONLY)?;
    Response::ok(&DiplomaticAction::replace(write, &current, request, faults).await?)
}

pub async fn patch_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
    patch: Value,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    let patch = with_cameo_code_of_type(write, patch, &current).await?;
    let (request, faults) = body::patched(patch, &current, READ_ONLY)?;
    Response::ok(&DiplomaticAction::replace(write, &current, request, faults).await?)
}

pub async fn remove_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
) -> Result<Response> {
    let current = locked(write, reference, precondition).await?;
    DiplomaticAction::delete(write, current.id).await?;
    Ok(Response::no_content())
}

pub async fn restore_in(write: &mut Write<'_>, mut earlier: Earlier) -> Result<Response> {
    let identity = earlier.identity;
    children::join_participants(write, &mut earlier.document).await?;
    let mut request: DiplomaticActionRequest = earlier.request(READ_ONLY)?;
    crate::resource::citations::keep_ids(&mut request.citations);
    let record = match DiplomaticAction::lock(write, identity.id).await? {
        Some(current) => DiplomaticAction::replace(write, &current, request, Faults::default()).await?,
        None => DiplomaticAction::create_as(write, identity, request, Faults::default()).await?,
    };
    Response::ok(&record)
}

async fn locked(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
) -> Result<DiplomaticAction> {
    let id = resource::find_for_write(write, Kind::DiplomaticActions, reference).await?;
    let current = DiplomaticAction::lock(write, id)
        .await?
        .ok_or_else(|| resource::gone(Kind::DiplomaticActions, reference))?;
    precondition.check(current.version)?;
    Ok(current)
}
