//! Merging over HTTP.

use actix_web::{HttpResponse, post, web};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::actors::{Actor, survivor};
use crate::db::{Db, ReadOn, Write};
use crate::error::{Error, Result};
use crate::http::auth::Analyst;
use crate::http::body::JsonBody;
use crate::http::crud::{IdempotencyKey, IfMatch};
use crate::http::fields;
use crate::http::idempotency::{Idempotency, idempotent};
use crate::http::path::PathReference;
use crate::http::precondition::Precondition;
use crate::http::response::Response;
use crate::http::warnings::{Strict, WriteParameters};
use crate::merging::model::{self, MergeRequest, MergedActor};
use crate::resource::{self, Kind, Lookup, Reference, store};

/// Registers the route that merges two actors.
pub fn routes(configuration: &mut ServiceConfig) {
    configuration.service(merge);
}

/// Merges an actor into another actor
///
/// For two records of one actor. The target gains names (the main one as an alias), countries, identifiers, external keys and
/// properties that it does not have, and description and dates if it has none. Relationships, programmes, sanctions,
/// participations and attributions refer to the target afterwards. Of relationships that become equal one stays, with the
/// citations of all; `dropped` names the others. The old id returns 308; its history stays, and restoring it
/// undoes the merge. Both actors must be of one kind. 409 if a record would relate the target to itself. Not in batches: one
/// transaction merges one actor.
#[utoipa::path(
    tag = "actors",
    operation_id = "merge_actor",
    params(
        ("ref" = String, Path, description = "The actor to merge: id, or a key such as iso3166:CO"),
        WriteParameters,
        IfMatch,
        IdempotencyKey,
    ),
    request_body(content = MergeRequest, example = json!({"into": "wikidata:Q739"})),
    responses((status = 200, description = "The other as it is now, and what came of it", body = MergedActor))
)]
#[post("/v1/actors/{ref}/merge")]
async fn merge(
    by: Analyst,
    reference: PathReference,
    strict: Strict,
    precondition: Precondition,
    idempotency: Idempotency,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let answer = idempotent(&db, &by, idempotency, body, move |write, body| {
        Box::pin(async move { merge_in(write, &reference.0, &precondition, body, strict).await })
    })
    .await?;
    Ok(answer.into_response())
}

async fn merge_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
    body: Value,
    strict: Strict,
) -> Result<Response> {
    let (request, mut faults): (MergeRequest, _) = fields::new_record(body, &[])?;
    let mut lookup = Lookup::default();
    let target = faults.required("/into", request.into);
    let into = lookup.want_optional("/into", Kind::Actors, target.clone());
    let source = resource::find(ReadOn::Write(write), Kind::Actors, reference).await?;
    let into = lookup
        .resolve(ReadOn::Write(write), &mut faults)
        .await?
        .optional(into);
    model::lock(write, source, into).await?;
    let Some(source): Option<Actor> = store::lock(write, source).await? else {
        return Err(match survivor::find_in(write, source).await? {
            Some(into) => Error::conflict(format!("{reference} was merged already: it is part of {into}")),
            None => resource::unknown(Kind::Actors, reference).overtaken(),
        });
    };
    if !resource::still_names(write, Kind::Actors, reference, source.id).await? {
        return Err(resource::moved(Kind::Actors, reference));
    }
    precondition.check(source.version)?;
    if into == Some(source.id) {
        faults.add("/into", "is the actor itself");
    }
    faults.finish()?;
    let into: Option<Actor> = match into {
        Some(into) => store::lock(write, into).await?,
        None => None,
    };
    let into = into
        .ok_or_else(|| Error::invalid("/into", "names an actor that does not exist any more").overtaken())?;
    if let Some(target) = &target
        && !resource::still_names(write, Kind::Actors, target, into.id).await?
    {
        return Err(resource::moved(Kind::Actors, target).under("/into"));
    }
    if into.kind != source.kind {
        return Err(Error::invalid(
            "/into",
            format!(
                "is of kind {}, and the actor to merge is of kind {}; if they are one actor, give both the same kind first",
                into.kind, source.kind
            ),
        ));
    }
    let merged = model::merge(write, source, into).await?;
    // The ETag is that of the target, as a read of it returns it.
    let response = Response {
        body: Some(serde_json::to_string(&merged).map_err(Error::internal)?),
        ..Response::ok(&merged.actor)?
    };
    strict.conclude::<Actor>(write, response.id, response).await
}
