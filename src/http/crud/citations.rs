//! Adding and removing one citation of a claim, so that two analysts never overwrite each other's citations.

use std::marker::PhantomData;

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;
use utoipa::openapi::path::Paths;
use utoipa::openapi::{RefOr, Schema};
use utoipa_actix_web::OpenApiFactory;
use uuid::Uuid;

use super::operation::lock;
use super::{Endpoint, document, route};
use crate::db::{Db, Write};
use crate::error::{Error, Result};
use crate::http::auth::Analyst;
use crate::http::body::JsonBody;
use crate::http::fields;
use crate::http::idempotency::{Idempotency, idempotent};
use crate::http::path::{PathReference, segment};
use crate::http::precondition::Precondition;
use crate::http::response::Response;
use crate::http::warnings::Strict;
use crate::resource::citations::{self, Cites};
use crate::resource::{Reference, store};

/// The routes of the citations of one kind of claim.
pub struct Citations<R>(PhantomData<fn() -> R>);

impl<R> Citations<R> {
    /// The routes.
    pub const NEW: Self = Self(PhantomData);
}

impl<R: Endpoint + Cites> HttpServiceFactory for Citations<R> {
    fn register(self, service: &mut AppService) {
        let all = document::path_of_citations(R::KIND);
        let one = document::path_of_citation(R::KIND);
        route(service, Method::POST, &all, add::<R>);
        route(service, Method::DELETE, &one, remove::<R>);
    }
}

impl<R: Endpoint + Cites> OpenApiFactory for Citations<R> {
    fn paths(&self) -> Paths {
        document::citations::<R>()
    }

    fn schemas(&self, schemas: &mut Vec<(String, RefOr<Schema>)>) {
        document::citation_schemas(schemas);
    }
}

async fn add<R: Cites>(
    by: Analyst,
    reference: PathReference,
    strict: Strict,
    idempotency: Idempotency,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let response = idempotent(&db, &by, idempotency, body, move |write, body| {
        Box::pin(add_in::<R>(write, reference.0, body, strict))
    })
    .await?;
    Ok(response.into_response())
}

async fn add_in<R: Cites>(
    write: &mut Write<'_>,
    reference: Reference,
    body: Value,
    strict: Strict,
) -> Result<Response> {
    let current: R = lock(write, &reference, &Precondition::None).await?;
    let id = current.common().id;
    let (request, faults) = fields::new_record(body, &["id", "grade"])?;
    let citation = citations::add::<R>(write, id, request, faults).await?;
    let response = Response {
        status: StatusCode::CREATED,
        id: Some(citation.id),
        location: Some(format!("/v1/{}/{id}", R::KIND)),
        etag: None,
        body: Some(serde_json::to_string(&citation).map_err(Error::internal)?),
        warnings: std::mem::take(&mut write.warnings),
    }
    .with_etag_of(&store::reload::<R>(write, id).await?)?;
    strict.conclude::<R>(write, Some(id), response).await
}

async fn remove<R: Cites>(
    request: HttpRequest,
    by: Analyst,
    reference: PathReference,
    strict: Strict,
    precondition: Precondition,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let citation = segment(&request, "id")?;
    let response = db
        .write(by.name(), move |write| {
            Box::pin(remove_in::<R>(write, reference.0, precondition, citation, strict))
        })
        .await?;
    Ok(response.into_response())
}

async fn remove_in<R: Cites>(
    write: &mut Write<'_>,
    reference: Reference,
    precondition: Precondition,
    citation: String,
    strict: Strict,
) -> Result<Response> {
    let current: R = lock(write, &reference, &precondition).await?;
    let id = current.common().id;
    let missing = || Error::not_found(format!("the {} has no such citation", R::KIND.noun()));
    let citation = Uuid::try_parse(&citation).map_err(|_| missing())?;
    if !citations::remove::<R>(write, id, citation).await? {
        return Err(missing());
    }
    let response = Response::no_content().with_etag_of(&store::reload::<R>(write, id).await?)?;
    strict.conclude::<R>(write, Some(id), response).await
}
