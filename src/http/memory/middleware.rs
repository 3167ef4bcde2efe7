//! The one way of every read below `/v1`: from the memory, or from its handler and then into the memory.

use std::sync::Arc;

use actix_web::body::{BodySize, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage, HttpRequest, web};

use super::{Found, Kept, Key, Making, Memory, Outcome};
use crate::db::{RequestPlace, Snapshots};
use crate::http::large_responses::LARGE;
use crate::http::{conditional, headers, pretty, snapshot};
use crate::query::parameters::today;

/// Leaves the response to a request out of the memory: it depends on more than the database, the request and the day, such as on the
/// time that the request waits. Other requests for the same don't wait for it.
pub fn leave_out(request: &HttpRequest) {
    let making = request.extensions_mut().remove::<Making>();
    if let Some(making) = making {
        making.refuse();
    }
}

type Response<B> = ServiceResponse<EitherBody<B, Bytes>>;

/// Answers a read from the memory if the database confirms it, else by its handler, and keeps what can be kept. The client's right to
/// read was checked before. A response that the client has already becomes 304.
///
/// # Errors
/// Those of the route.
pub async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<Response<B>, Error> {
    if request.method() != Method::GET || !request.path().starts_with("/v1") {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    }
    match find(request.request()).await {
        Some(Ok(kept)) => {
            let response = kept.respond(request.request());
            Ok(request.into_response(response).map_into_right_body())
        }
        Some(Err(making)) => make(request, next, making).await,
        None => {
            let response = answered(next.call(request).await?);
            Ok(conditional_response(response))
        }
    }
}

/// Returns the response that is kept for a read, or the right to make it; `None` if its response can't be kept.
async fn find(request: &HttpRequest) -> Option<Result<Arc<Kept>, Making>> {
    let memory = request.app_data::<web::Data<Memory>>()?;
    // The handler says what is wrong with them.
    headers::check(request).ok()?;
    let key = Arc::new(Key::of(request)?);
    let snapshot = snapshot::of(request).await?;
    let found = match memory.find(&key, &snapshot) {
        Found::Kept(kept) => Some((Outcome::Hit, Ok(kept))),
        // Where there is none in the end, its client went away, or it can't be kept.
        Found::InProgress(mut made) => {
            let made = made.wait_for(Option::is_some).await;
            let kept = made.ok().and_then(|made| made.clone());
            kept.map(|kept| (Outcome::Shared, Ok(kept)))
        }
        Found::Nothing(making) => Some((Outcome::Miss, Err(making))),
        Found::NotKept => None,
    };
    let (outcome, found) = found.map_or((Outcome::Miss, None), |(outcome, found)| (outcome, Some(found)));
    memory.count(outcome);
    found
}

/// Lets the handler make the response, gives it to those who want the same now, and keeps it if the database confirms that nothing
/// changed meanwhile.
async fn make<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
    making: Making,
) -> Result<Response<B>, Error> {
    request.extensions_mut().insert(making);
    let response = answered(next.call(request).await?);
    let making = response.request().extensions_mut().remove::<Making>();
    let Some(making) = making else {
        return Ok(conditional_response(response));
    };
    let is_kept = response.status() == StatusCode::OK
        && matches!(response.response().body().size(), BodySize::Sized(length) if length <= LARGE)
        && today() == making.key.day;
    if !is_kept {
        if response.status() == StatusCode::OK {
            making.refuse();
        }
        return Ok(conditional_response(response));
    }
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(body) => {
            making.refuse();
            let response = ServiceResponse::new(request, response.set_body(body));
            return Ok(conditional_response(response));
        }
    };
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|sent| sent == "application/json");
    let body = if is_json {
        pretty::written(body, pretty::is_indented(&request)).await?
    } else {
        body
    };
    let kept = Arc::new(Kept::new(response.headers(), body));
    making.give(&kept);
    let response = kept.respond(&request).map_body(|_, body| EitherBody::right(body));
    if let Some(snapshots) = request.app_data::<Snapshots>().cloned() {
        // The client does not wait for it.
        actix_web::rt::spawn(async move { making.keep(kept, snapshots.take().await.as_ref()) });
    }
    Ok(ServiceResponse::new(request, response))
}

/// Ends the reads of a request: it has its response, so its place is free.
fn answered<B>(response: ServiceResponse<B>) -> ServiceResponse<B> {
    response.request().extensions_mut().remove::<RequestPlace>();
    response
}

/// Makes a response a 304 if the client has it already.
fn conditional_response<B>(response: ServiceResponse<B>) -> Response<B> {
    let has_it = response.status() == StatusCode::OK
        && conditional::has_it(response.request(), response.headers().get(header::ETAG));
    if has_it {
        let unchanged = conditional::not_modified(response.headers()).map_body(|_, _| Bytes::new());
        return response.into_response(unchanged).map_into_right_body();
    }
    response.map_into_left_body()
}
