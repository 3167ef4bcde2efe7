//! Merging over HTTP.

use actix_web::{HttpResponse, post, web};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::actors::{Actor, survivor};
use crate::db::{Db, Write};
use crate::error::{Error, Result};
use crate::http::auth::Analyst;
use crate::http::body::JsonBody;
use crate::http::crud::{IdempotencyKey, IfMatch};
use crate::http::fields;
use crate::http::idempotency::{Idempotency, idempotent};
use crate::http::path::{NoParameters, PathReference};
use crate::http::precondition::Precondition;
use crate::http::response::Response;
use crate::merging::model::{self, MergeRequest, MergedActor};
use crate::resource::{self, Kind, Lookup, Reference, store};

pub fn routes(configuration: &mut ServiceConfig) {
    configuration.service(merge);
}

/// Merges an actor into another, with which it is one
///
/// Names (the main one as an alias), countries, identifiers, external keys and properties, and whatever names the actor, become
/// the other's: relationships, programmes, sanctions, participations, attributions. Description and dates are taken where the
/// other has none. The old id answers 308 from then on; its history stays, and restoring it undoes the merge. Both must be of
/// one kind; what would then be between the actor and itself is 409. Not in batches: one transaction merges one actor.
#[utoipa::path(
    tag = "actors",
    operation_id = "merge_actor",
    params(
        ("ref" = String, Path, description = "Who becomes part of the other: id, or a key such as iso3166:CO"),
        IfMatch,
        IdempotencyKey,
    ),
    request_body(content = MergeRequest, example = json!({"into": "wikidata:Q7174"})),
    responses((status = 200, description = "The other as it is now, and what came of it", body = MergedActor))
)]
#[post("/v1/actors/{ref}/merge")]
async fn merge(
    by: Analyst,
    reference: PathReference,
    _: NoParameters,
    precondition: Precondition,
    idempotency: Idempotency,
    body: JsonBody,
    db: web::Data<Db>,
) -> Result<HttpResponse> {
    let answer = idempotent(&db, &by, idempotency, body, move |write, body| {
        Box::pin(async move { merge_in(write, &reference.0, &precondition, body).await })
    })
    .await?;
    Ok(answer.into_response())
}

async fn merge_in(
    write: &mut Write<'_>,
    reference: &Reference,
    precondition: &Precondition,
    body: Value,
) -> Result<Response> {
    let (request, mut faults): (MergeRequest, _) = fields::new_record(body, &[])?;
    let mut lookup = Lookup::default();
    let into = faults.required("/into", request.into);
    let into = lookup.want_optional("/into", Kind::Actors, into);
    let away = resource::find_for_write(write, Kind::Actors, reference).await?;
    let into = lookup.resolve(write, &mut faults).await?.optional(into);
    model::lock(write, away, into).await?;
    let Some(away): Option<Actor> = store::lock(write, away).await? else {
        return Err(match survivor::find_in(write, away).await? {
            Some(into) => Error::conflict(format!("{reference} was merged already: it is part of {into}")),
            None => resource::unknown(Kind::Actors, reference),
        });
    };
    precondition.check(away.version)?;
    if into == Some(away.id) {
        faults.add("/into", "is the actor itself");
    }
    faults.finish()?;
    let into: Option<Actor> = match into {
        Some(into) => store::lock(write, into).await?,
        None => None,
    };
    let into = into.ok_or_else(|| Error::invalid("/into", "fits no actor any more").overtaken())?;
    if into.kind != away.kind {
        return Err(Error::invalid(
            "/into",
            format!(
                "is of kind {}, and who is merged of kind {}; if they are one, give them one kind first",
                into.kind, away.kind
            ),
        ));
    }
    let merged = model::merge(write, away, into).await?;
    // The ETag is that of the other, as a read of it gives it.
    Ok(Response {
        body: Some(serde_json::to_string(&merged).map_err(Error::internal)?),
        ..Response::ok(&merged.actor)?
    })
}
