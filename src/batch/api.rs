//! `POST /v1/batch`

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, post, web};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::batch::lock_targets;
use crate::batch::request::{BatchRequest, OperationMethod, OperationRequest, Operations};
use crate::config::Limits;
use crate::db::{Db, ReadOn, Write};
use crate::dispatch;
use crate::error::{Error, Fault, Problem, Result};
use crate::heavy;
use crate::http::auth::Analyst;
use crate::http::body::Body;
use crate::http::crud::{IdempotencyKey, Operation};
use crate::http::idempotency::{Idempotency, idempotent};
use crate::http::precondition::Precondition;
use crate::http::response::Response;
use crate::http::warnings::{Strict, WriteParameters};
use crate::resource::{self, Kind, Reference, unique_keys};
use crate::validation::Faults;

/// Registers the route of batches.
pub fn routes(configuration: &mut ServiceConfig) {
    configuration.service(run);
}

/// The results of the operations, in their order.
#[derive(Serialize, ToSchema)]
pub struct BatchResponse {
    results: Vec<OperationResponse>,
}

/// The result of one operation.
#[derive(Serialize, ToSchema)]
pub struct OperationResponse {
    /// The HTTP status code of the record's own route
    #[schema(examples(201))]
    status: u16,
    /// Id of the record; null after DELETE
    id: Option<Uuid>,
    /// The record as it is now; null after DELETE
    #[schema(value_type = Option<Object>)]
    body: Option<Box<RawValue>>,
}

/// Performs several writes in one transaction, all or none
///
/// Later operations refer to records of earlier ones by the name that `as` gave: `"target": "@petro"`.
#[utoipa::path(
    tag = "batch",
    operation_id = "run_batch",
    params(WriteParameters, IdempotencyKey),
    request_body(content = BatchRequest, example = json!({"operations": [
        {"method": "POST", "resource": "actors", "as": "petro", "body": {"kind": "person", "name": "Gustavo Petro"}},
        {"method": "POST", "resource": "relationships", "body": {
            "subject": "@petro", "kind": "head_of_state_of", "object": "iso3166:CO", "started_on": "2022-08-07",
        }},
    ]})),
    responses((status = 200, description = "All operations were performed", body = BatchResponse))
)]
#[post("/v1/batch")]
async fn run(
    by: Analyst,
    strict: Strict,
    idempotency: Idempotency,
    body: Body<Operations>,
    limits: web::Data<Limits>,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let requires_if_match = limits.require_if_match;
    // The place of a large body is taken until the write has ended, even if its client has left.
    let place = body.place.clone();
    let response = idempotent(&db, &by, idempotency, body, move |write, operations| {
        Box::pin(async move {
            let response = run_in(write, &operations, requires_if_match, strict).await;
            drop(place);
            response
        })
    })
    .await?;
    Ok(response.into_response())
}

async fn run_in(
    write: &mut Write<'_>,
    operations: &Operations,
    requires_if_match: bool,
    strict: Strict,
) -> Result<Response> {
    let operations = operations.0.as_slice();
    validate(operations)?;
    let named: Vec<_> = operations
        .iter()
        .filter_map(|operation| Some((operation.resource, operation.reference.as_ref()?)))
        .collect();
    lock_targets::lock(write, &named).await?;
    unique_keys::defer(write).await?;
    let mut responses = Vec::with_capacity(operations.len());
    for (index, operation) in operations.iter().enumerate() {
        let pointer = format!("/operations/{index}");
        let resource = operation.resource;
        let handle = operation.handle.clone();
        let precondition = operation
            .precondition(requires_if_match)
            .map_err(|error| error.under(&format!("{pointer}/if_match")))?;
        // `validate` reported what is missing.
        let body = match &operation.body {
            Some(text) => text.parse().await?,
            None => Value::Null,
        };
        let operation = operation
            .to_operation(write, precondition, body)
            .await
            .map_err(|error| error.under(&format!("{pointer}/ref")))?;
        let deletes = matches!(operation, Operation::Delete { .. });
        let done = dispatch::protocol(resource).perform(write, operation).await;
        let done = done.map_err(|error| {
            let field = if error.problem() == Problem::PreconditionFailed {
                "if_match"
            } else if deletes || error.problem() == Problem::NotFound {
                "ref"
            } else {
                "body"
            };
            error.under(&format!("{pointer}/{field}"))
        })?;
        if let (Some(handle), Some(id)) = (handle, done.id) {
            write.handles.insert(handle, resource.table(), id);
        }
        responses.push((resource, done));
    }
    refuse_shared_keys(write, &responses).await?;
    let body = add_warnings(write, responses, strict).await?;
    Ok(Response {
        status: StatusCode::OK,
        id: None,
        location: None,
        etag: None,
        body: Some(body),
        warnings: Vec::new(),
    })
}

/// Refuses a batch after which two records have one key. The error names the last operation that wrote one of them.
async fn refuse_shared_keys(write: &mut Write<'_>, responses: &[(Kind, Response)]) -> Result<()> {
    let Some(violation) = unique_keys::check(write).await? else {
        return Ok(());
    };
    for (index, (kind, response)) in responses.iter().enumerate().rev() {
        if let Some(id) = response.id {
            dispatch::protocol(*kind)
                .check_stored_keys(write, id)
                .await
                .map_err(|error| error.under(&format!("/operations/{index}/body")))?;
        }
    }
    // Another transaction took the key meanwhile.
    Err(Kind::ALL
        .into_iter()
        .fold(violation, |error, kind| dispatch::protocol(kind).explain(error)))
}

/// Returns the responses as JSON, with what is implausible in the records after the last operation. A record that several
/// operations wrote has its warnings in the last of them.
async fn add_warnings(
    write: &mut Write<'_>,
    responses: Vec<(Kind, Response)>,
    strict: Strict,
) -> Result<String> {
    let mut found: HashMap<Uuid, Vec<Fault>> = HashMap::new();
    for kind in Kind::ALL {
        let of_kind = responses.iter().filter(|(resource, _)| *resource == kind);
        let ids: Vec<Uuid> = of_kind.filter_map(|(_, response)| response.id).collect();
        found.extend(dispatch::protocol(kind).warnings(write, ids).await?);
    }
    let size = responses
        .iter()
        .filter_map(|(_, response)| response.body.as_ref().map(String::len))
        .sum();
    heavy::run(size, move || to_json(responses, found, strict)).await
}

fn to_json(
    responses: Vec<(Kind, Response)>,
    mut found: HashMap<Uuid, Vec<Fault>>,
    strict: Strict,
) -> Result<String> {
    let mut results = Vec::with_capacity(responses.len());
    let mut refused = Vec::new();
    for (index, (_, mut response)) in responses.into_iter().enumerate().rev() {
        let of_record = response.id.and_then(|id| found.remove(&id));
        let mut warnings = std::mem::take(&mut response.warnings);
        warnings.extend(of_record.unwrap_or_default());
        let response = response.with_warnings(&warnings)?;
        results.push(OperationResponse {
            status: response.status.as_u16(),
            id: response.id,
            body: response.into_raw_body()?,
        });
        if strict.0 {
            for warning in warnings.into_iter().rev() {
                let pointer = format!("/operations/{index}/body{}", warning.pointer);
                refused.push(Fault::new(pointer, warning.detail));
            }
        }
    }
    results.reverse();
    refused.reverse();
    if refused.is_empty() {
        serde_json::to_string(&BatchResponse { results }).map_err(Error::internal)
    } else {
        Err(Error::faults(refused))
    }
}

/// Checks what can be checked before the first operation.
fn validate(operations: &[OperationRequest]) -> Result<()> {
    let mut faults = Faults::default();
    let mut handles = HashMap::new();
    for (index, operation) in operations.iter().enumerate() {
        let pointer = format!("/operations/{index}");
        let is_post = operation.method == OperationMethod::Post;
        if is_post && operation.reference.is_some() {
            faults.add(format!("{pointer}/ref"), "must be absent in a POST");
        }
        if !is_post && operation.reference.is_none() {
            faults.add(format!("{pointer}/ref"), "is required for PUT, PATCH and DELETE");
        }
        if is_post && operation.if_match.is_some() {
            faults.add(format!("{pointer}/if_match"), "must be absent in a POST");
        }
        if operation.method == OperationMethod::Delete {
            if operation.body.is_some() {
                faults.add(format!("{pointer}/body"), "must be absent in a DELETE");
            }
        } else if operation.body.is_none() {
            faults.add(format!("{pointer}/body"), "is required");
        }
        if let Some(handle) = &operation.handle {
            let is_name = (1..=100).contains(&handle.len())
                && handle
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
            if !is_name {
                faults.add(
                    format!("{pointer}/as"),
                    "is not a name; write 1 to 100 letters, digits, _ . or -",
                );
            }
            if let Some(twin) = handles.insert(handle.clone(), index) {
                faults.add(
                    format!("{pointer}/as"),
                    format!("is the name of operation {twin} already"),
                );
            }
        }
    }
    faults.finish()
}

impl OperationRequest {
    fn precondition(&self, is_required: bool) -> Result<Precondition> {
        match &self.if_match {
            Some(etag) => Precondition::parse("if_match", etag),
            None if is_required && self.method != OperationMethod::Post => Err(Error::new(
                Problem::PreconditionRequired,
                "this server requires if_match in every PUT, PATCH and DELETE of a batch",
            )),
            None => Ok(Precondition::None),
        }
    }

    /// The operation, on the record that `ref` is found to name.
    async fn to_operation(
        &self,
        write: &mut Write<'_>,
        precondition: Precondition,
        body: Value,
    ) -> Result<Operation> {
        let reference = match self.reference.clone() {
            // Found and locked at once: a key can't move to another record between this and the operation.
            Some(reference @ Reference::Key { .. }) => {
                match resource::lock_named(write, self.resource, &reference).await {
                    // The operation needs to know the key, which the record keeps or gets.
                    Ok(_) if self.method == OperationMethod::Put => reference,
                    Err(error)
                        if self.method == OperationMethod::Put && error.problem() == Problem::NotFound =>
                    {
                        reference
                    }
                    found => found?.into(),
                }
            }
            Some(reference) => {
                let id = resource::find(ReadOn::Write(write), self.resource, &reference).await?;
                // A batch can't be sent elsewhere, as a request for an actor that was merged is.
                let id = dispatch::protocol(self.resource).current_id(write, id).await?;
                id.into()
            }
            None => Reference::parse(""),
        };
        Ok(match self.method {
            OperationMethod::Post => Operation::Create { body },
            OperationMethod::Put => Operation::Replace {
                reference,
                precondition,
                body,
            },
            OperationMethod::Patch => Operation::Patch {
                reference,
                precondition,
                body,
            },
            OperationMethod::Delete => Operation::Delete {
                reference,
                precondition,
            },
        })
    }
}
