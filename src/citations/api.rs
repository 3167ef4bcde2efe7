//! Adding and removing one citation, so that two analysts never overwrite each other's. The routes
//! stand with each resource of claims; what they do is the same for all and stands here.

use actix_web::http::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Write;
use crate::error::{Error, Result};
use crate::http::body;
use crate::http::response::Response;
use crate::resource::citations::{self as model, Citation, CitationRequest};
use crate::resource::{Kind, Lookup};

/// Adds a citation to a locked claim; answers the citation as it is recorded.
pub async fn add_in(write: &mut Write<'_>, resource: Kind, id: Uuid, body: Value) -> Result<Response> {
    let (request, mut faults) = body::new_record::<CitationRequest>(body, &["id", "grade"])?;
    let mut lookup = Lookup::default();
    let checked = model::validate_one("", request, &[], &mut faults, &mut lookup);
    let found = lookup.resolve(write, &mut faults).await?;
    faults.finish()?;
    let values = model::resolved(vec![checked], &found);
    let [citation] = values.as_slice() else {
        return Err(Error::internal("a citation without a source was accepted"));
    };
    model::add(write, resource, id, citation).await?;
    let recorded: Option<Citation> = model::of(write, resource, id)
        .await?
        .into_iter()
        .find(|recorded| recorded.id == citation.id);
    let recorded = recorded.ok_or_else(|| Error::internal("a citation vanished"))?;
    Ok(Response {
        status: StatusCode::CREATED,
        id: Some(citation.id),
        location: Some(format!("/v1/{}/{id}", resource.path())),
        etag: None,
        body: Some(serde_json::to_string(&recorded).map_err(Error::internal)?),
    })
}

/// Removes a citation from a locked claim.
pub async fn remove_in(write: &mut Write<'_>, resource: Kind, id: Uuid, citation: &str) -> Result<Response> {
    let missing = || Error::not_found(format!("the {} has no such citation", resource.noun()));
    let citation = Uuid::try_parse(citation).map_err(|_| missing())?;
    if model::remove(write, resource, id, citation).await? {
        Ok(Response::no_content())
    } else {
        Err(missing())
    }
}
