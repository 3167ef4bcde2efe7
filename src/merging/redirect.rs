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
use crate::http::path::segment;
use crate::http::response::vary;

/// Looks for a merge only if an actor was not found, so that no other request waits for it. The history of the old id, and
/// restoring it, work without a redirect.
///
/// # Errors
/// Those of the route.
pub async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let response = next.call(request).await?;
    let Some((id, rest)) = path_of_missing_actor(&response) else {
        return Ok(response.map_into_left_body());
    };
    // An as-of read follows the merges that were recorded at its time.
    let found = match Registry::from_request(response.request(), &mut Payload::None).await {
        Ok(registry) => survivor::find(&registry, id).await,
        Err(error) => Err(error),
    };
    let redirect = match found {
        Ok(None) => return Ok(response.map_into_left_body()),
        Ok(Some(into)) => {
            let query = response.request().query_string();
            let separator = if query.is_empty() { "" } else { "?" };
            let mut redirect = HttpResponse::build(StatusCode::PERMANENT_REDIRECT);
            // Must be revalidated, because a merge can be undone.
            vary(&mut redirect);
            redirect.insert_header((
                header::LOCATION,
                format!("/v1/actors/{into}{rest}{separator}{query}"),
            ));
            redirect.json(json!({"id": id, "merged_into": {"id": into}}))
        }
        Err(error) => error.error_response(),
    };
    Ok(response.into_response(redirect).map_into_right_body())
}

/// Returns the id in the path of an actor that was not found, and the rest of the path; `None` for every other response.
fn path_of_missing_actor<B>(response: &ServiceResponse<B>) -> Option<(Uuid, String)> {
    let request = response.request();
    if response.status() != StatusCode::NOT_FOUND {
        return None;
    }
    // If no route matches, a redirect would not help.
    let pattern = request.match_pattern()?;
    if !pattern.starts_with("/v1/actors/{ref}") {
        return None;
    }
    let path = request.uri().path().strip_prefix("/v1/actors/")?;
    let rest = path.find('/').map_or("", |end| path.split_at(end).1);
    // Decoded: a client may encode the hyphens of the id.
    let id = segment(request, "ref").ok()?;
    Some((Uuid::try_parse(&id).ok()?, rest.to_owned()))
}
