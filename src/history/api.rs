//! The history of records over HTTP, for all kinds. The routes of vocabulary entries are in `vocabulary`.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Limits;
use crate::db::sequencer;
use crate::db::{Db, ReadOn};
use crate::error::{Error, Result};
use crate::history::find;
use crate::history::model::{Revision, RevisionFilter, Subject, Version, parse_version, selection};
use crate::history::restoring::{RestoreRequest, restore_in};
use crate::http::as_of::Registry;
use crate::http::auth::{Analyst, Reader};
use crate::http::body::JsonBody;
use crate::http::crud::{IdempotencyKey, IfMatch};
use crate::http::idempotency::{Idempotency, idempotent};
use crate::http::listing::{CursorKey, Listing, Page, PageOf};
use crate::http::path::{PathReference, PrettyAlone, segment};
use crate::http::precondition::Precondition;
use crate::http::response::Response;
use crate::http::warnings::{Strict, WriteParameters};
use crate::resource::{Kind, Reference};

/// The Cache-Control header of a response that never changes.
const PUBLIC_FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The same if reading requires a token.
const PRIVATE_FOR_EVER: &str = "private, max-age=31536000, immutable";

/// Registers the routes of histories, versions and restores.
pub fn routes(configuration: &mut ServiceConfig) {
    configuration.service(list).service(show).service(restore);
}

/// `{resource}` of a path.
struct PathResource(Kind);

impl FromRequest for PathResource {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let find = |name: String| {
            Kind::ALL
                .into_iter()
                .find(|resource| resource.path() == name)
                .map(Self)
                .ok_or_else(|| {
                    let known = Kind::ALL.map(Kind::path).join(", ");
                    Error::not_found(format!(
                        "{name} is not a kind of record with a history; known are {known}"
                    ))
                })
        };
        ready(segment(request, "resource").and_then(find))
    }
}

/// Lists the history of a record, the latest version first
///
/// Also of a deleted record: by its id, or by a key that it had when it was deleted and that no record has now. Sorts by version.
#[utoipa::path(
    tag = "history",
    operation_id = "list_history",
    params(
        ("resource" = Kind, Path, description = "The resource", example = "sanctions"),
        ("ref" = String, Path, description = "Id, or a key such as iso3166:CO"),
        PageOf<Revision>, RevisionFilter,
    ),
    responses((status = 200, description = "A page of versions", content(
        (Page<Revision> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    )))
)]
#[get("/v1/{resource}/{ref}/history")]
async fn list(
    resource: PathResource,
    reference: PathReference,
    listing: Listing<RevisionFilter>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    let subject = find::record(ReadOn::Db(&db), resource.0, &reference.0).await?;
    page(&subject, listing, &db, &key).await
}

/// Returns one whole version of a record
///
/// A permanent address that can be cited: its response never changes.
#[utoipa::path(
    tag = "history",
    operation_id = "show_version",
    params(
        ("resource" = Kind, Path, description = "The resource", example = "sanctions"),
        ("ref" = String, Path, description = "Id, or a key such as iso3166:CO; only an id names the same record for ever"),
        ("version" = i32, Path, description = "Number of the version", minimum = 1, example = 2),
    ),
    responses(
        (status = 200, description = "The record as it was at this version", body = Version),
        (status = 304, description = "Not modified"),
    )
)]
#[get("/v1/{resource}/{ref}/history/{version}")]
async fn show(
    request: HttpRequest,
    resource: PathResource,
    reference: PathReference,
    _: PrettyAlone,
    db: web::Data<Db>,
    _: Reader,
) -> Result<HttpResponse> {
    let version = parse_version(&segment(&request, "version")?)?;
    let subject = find::record(ReadOn::Db(&db), resource.0, &reference.0).await?;
    // A key may belong to another record later.
    let is_permanent = matches!(reference.0, Reference::Id(_));
    version_of(&request, &subject, version, is_permanent, &db).await
}

/// Restores an earlier version of a record
///
/// Makes a new version with the content of the earlier one. A deleted record is created again under its id; an actor that was
/// merged takes back what moved. If-Match names the last version; for a deleted record its deletion. Faults point into
/// `record` of the restored version. Not in batches: one transaction restores one record.
#[utoipa::path(
    tag = "history",
    operation_id = "restore_record",
    params(
        ("resource" = Kind, Path, description = "The resource", example = "sanctions"),
        ("ref" = String, Path, description = "Id, or a key such as iso3166:CO"),
        WriteParameters,
        IfMatch,
        IdempotencyKey,
    ),
    request_body(content = RestoreRequest, example = json!({"version": 2})),
    responses((status = 200, description = "The record as it is now", body = Object))
)]
#[post("/v1/{resource}/{ref}/restore")]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
async fn restore(
    by: Analyst,
    resource: PathResource,
    reference: PathReference,
    strict: Strict,
    precondition: Precondition,
    idempotency: Idempotency,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let resource = resource.0;
    let answer = idempotent(&db, &by, idempotency, body, move |write, body| {
        Box::pin(async move { restore_in(write, resource, &reference.0, &precondition, body, strict).await })
    })
    .await?;
    Ok(answer.into_response())
}

/// Returns a page of a history.
///
/// # Errors
/// Malformed request if the sort, the cursor or a filter is not valid; unavailable if changes are not put in order in time.
pub async fn page(
    subject: &Subject,
    listing: Listing<RevisionFilter>,
    db: &Db,
    key: &CursorKey,
) -> Result<HttpResponse> {
    if !db.is_as_of() {
        sequencer::bring_up_to_date(db).await?;
    }
    let (filter, listing) = listing.split();
    listing
        .respond::<Revision>(db, key, &selection(), filter.conditions(subject, db))
        .await
}

/// Returns one version of a history.
///
/// # Errors
/// Not found if the record has no such version; not acceptable if the client does not accept JSON; unavailable if changes are
/// not put in order in time.
pub async fn version_of(
    request: &HttpRequest,
    subject: &Subject,
    version: Option<i32>,
    is_permanent: bool,
    db: &Db,
) -> Result<HttpResponse> {
    let unknown = || {
        Error::not_found(format!(
            "/v1/{}/{} has no such version; its history lists the versions",
            subject.resource, subject.id
        ))
    };
    let version = version.ok_or_else(unknown)?;
    sequencer::bring_up_to_date(db).await?;
    let found = Version::find(db, subject, version).await?.ok_or_else(unknown)?;
    let is_public = request
        .app_data::<web::Data<Limits>>()
        .is_some_and(|limits| limits.public_read);
    let mut response = Response::of(StatusCode::OK, version, &found)?.into_response_to(request)?;
    let headers = response.headers_mut();
    if is_permanent {
        let caching = if is_public {
            PUBLIC_FOR_EVER
        } else {
            PRIVATE_FOR_EVER
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    } else {
        let address = format!("/v1/{}/{}/history/{version}", subject.resource, subject.id);
        let address = HeaderValue::from_str(&address).map_err(Error::internal)?;
        headers.insert(header::CONTENT_LOCATION, address);
    }
    Ok(response)
}
