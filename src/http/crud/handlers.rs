//! The handlers of one kind of record.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::db::{Db, Write};
use crate::error::Result;
use crate::http::as_of::Registry;
use crate::http::auth::Analyst;
use crate::http::body::JsonBody;
use crate::http::crud::Operation;
use crate::http::idempotency::{Idempotency, idempotent};
use crate::http::listing::{CursorKey, Listing};
use crate::http::path::{NoParameters, OfRecord, PathReference};
use crate::http::precondition::Precondition;
use crate::http::response::Response;
use crate::http::shape::{Kinds, Known, Shape};
use crate::http::warnings::Strict;
use crate::resource::filter::{Counted, Filter, OfRecords};
use crate::resource::{self, Resource};

pub(super) async fn list<R: Resource>(
    listing: Listing<OfRecords<R::Filter>>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    let (OfRecords(filter), mut listing) = listing.split();
    listing.set_default_day(filter.status_day());
    let conditions = listing.conditions(filter, &db).await?;
    listing.respond_with_records::<R>(&db, &key, conditions).await
}

pub(super) async fn count<R: Resource>(
    listing: Listing<Counted<R::Filter>>,
    db: Registry,
) -> Result<HttpResponse> {
    let (Counted(filter), mut listing) = listing.split();
    let fields = R::Filter::FIELDS;
    let counting = listing.counting(fields)?;
    listing.set_default_day(filter.status_day());
    let conditions = listing.conditions(filter, &db).await?;
    let all = &R::sql().selection;
    let found = listing
        .search
        .take()
        .map(|search| search.within(all, &R::searched()));
    let selection = found.as_ref().unwrap_or(all);
    listing
        .respond_with_counts(&db, fields, selection, &counting, conditions)
        .await
}

pub(super) async fn create<R: Resource>(
    by: Analyst,
    strict: Strict,
    idempotency: Idempotency,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let response = idempotent(&db, &by, idempotency, body, move |write, body| {
        Box::pin(perform_in::<R>(write, Operation::Create { body }, strict))
    })
    .await?;
    Ok(response.into_response())
}

pub(super) async fn show<R: Resource>(
    request: HttpRequest,
    reference: PathReference,
    parameters: OfRecord,
    kinds: web::Data<Kinds>,
    db: Registry,
) -> Result<HttpResponse> {
    let shape = Shape::read(
        &parameters.asked,
        &Known::of::<R>(),
        R::REFERENCES,
        &[],
        **kinds,
        db.is_as_of(),
    )?;
    let included = shape.included();
    let mut record =
        resource::read_named::<R>(&db, &reference.0, parameters.day, included.as_deref()).await?;
    record.record = shape.of(record.record, record.included.as_deref())?;
    Response::ok_loaded(record).into_response_to(&request)
}

pub(super) async fn replace<R: Resource>(
    by: Analyst,
    reference: PathReference,
    strict: Strict,
    precondition: Precondition,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let operation = Operation::Replace {
        reference: reference.0,
        precondition,
        body: body.value,
    };
    perform::<R>(&db, &by, operation, strict).await
}

pub(super) async fn patch<R: Resource>(
    by: Analyst,
    reference: PathReference,
    strict: Strict,
    precondition: Precondition,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let operation = Operation::Patch {
        reference: reference.0,
        precondition,
        body: body.value,
    };
    perform::<R>(&db, &by, operation, strict).await
}

pub(super) async fn delete<R: Resource>(
    by: Analyst,
    reference: PathReference,
    _: NoParameters,
    precondition: Precondition,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let operation = Operation::Delete {
        reference: reference.0,
        precondition,
    };
    perform::<R>(&db, &by, operation, Strict(false)).await
}

async fn perform<R: Resource>(
    db: &Db,
    by: &Analyst,
    operation: Operation,
    strict: Strict,
) -> Result<HttpResponse> {
    let response = db
        .write(by.name(), move |write| {
            Box::pin(perform_in::<R>(write, operation, strict))
        })
        .await?;
    Ok(response.into_response())
}

async fn perform_in<R: Resource>(
    write: &mut Write<'_>,
    operation: Operation,
    strict: Strict,
) -> Result<Response> {
    let response = operation.perform::<R>(write).await?;
    strict.conclude::<R>(write, response.id, response).await
}
