//! Redirects (308) requests for an actor that was merged to the actor it was merged into.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpResponse, ResponseError};
use serde_json::json;
use uuid::Uuid;

use crate::actors::survivor;
use crate::http::as_of::Registry;
use crate::http::response::vary;

/// Looks for a merge only if an actor was not found, so that no other request waits for it. The history of the old id, and
/// restoring it, work without a redirect.
pub async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let answered = next.call(request).await?;
    let Some((id, rest)) = merged_perhaps(&answered) else {
        return Ok(answered.map_into_left_body());
    };
    // An as-of read follows the merges that were recorded at its moment.
    let found = match Registry::from_request(answered.request(), &mut Payload::None).await {
        Ok(registry) => survivor::find(&registry, id).await,
        Err(error) => Err(error),
    };
    let response = match found {
        Ok(None) => return Ok(answered.map_into_left_body()),
        Ok(Some(into)) => {
            let query = answered.request().query_string();
            let question = if query.is_empty() { "" } else { "?" };
            let mut response = HttpResponse::build(StatusCode::PERMANENT_REDIRECT);
            // Not to be kept: a merge can be undone.
            vary(&mut response);
            response.insert_header((
                header::LOCATION,
                format!("/v1/actors/{into}{rest}{question}{query}"),
            ));
            response.json(json!({"id": id, "merged_into": {"id": into}}))
        }
        Err(error) => error.error_response(),
    };
    Ok(answered.into_response(response).map_into_right_body())
}

/// The id in the path of an actor that was not found, and what follows it.
fn merged_perhaps<B>(answered: &ServiceResponse<B>) -> Option<(Uuid, String)> {
    let request = answered.request();
    if answered.status() != StatusCode::NOT_FOUND {
        return None;
    }
    // A path that no route knows is nowhere else either.
    let pattern = request.match_pattern()?;
    if !pattern.starts_with("/v1/actors/{ref}") {
        return None;
    }
    let path = request.uri().path().strip_prefix("/v1/actors/")?;
    let (id, rest) = path.find('/').map_or((path, ""), |end| path.split_at(end));
    Some((Uuid::try_parse(id).ok()?, rest.to_owned()))
}
