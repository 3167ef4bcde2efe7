//! Cross-origin requests: pages of other origins may call the API if the setting `CORS_ORIGINS` lists them.

use actix_cors::{Cors, CorsError};
use actix_web::ResponseError;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;

use crate::error::{Error, Problem};
use crate::text::shorten;

/// Seconds for which a browser may remember a preflight.
const REMEMBERED: usize = 3600;

/// Returns the rules for pages of these origins. They send tokens in a header and never cookies.
pub fn rules(origins: &[String]) -> Cors {
    let rules = Cors::default()
        .allowed_methods([
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allowed_headers([
            "accept",
            "authorization",
            "content-type",
            "idempotency-key",
            "if-match",
            "if-none-match",
            "last-event-id",
            "x-comment",
            "x-request-id",
        ])
        .expose_headers([
            "content-disposition",
            "etag",
            "link",
            "location",
            "retry-after",
            "x-request-id",
        ])
        .max_age(REMEMBERED)
        // A request from elsewhere is answered without the headers, and the browser keeps the response from the page.
        .block_on_origin_mismatch(false);
    if origins.iter().any(|origin| origin == "*") {
        return rules.allow_any_origin().send_wildcard();
    }
    origins
        .iter()
        .fold(rules, |rules, origin| rules.allowed_origin(origin))
}

/// Turns what the rules refuse into problem documents.
///
/// # Errors
/// Those of the route.
pub async fn refusals<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let sent = |name| {
        let value = request.headers().get(name);
        shorten(&value.map_or_else(String::new, |value| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        }))
    };
    let (origin, method, headers) = (
        sent(header::ORIGIN),
        sent(header::ACCESS_CONTROL_REQUEST_METHOD),
        sent(header::ACCESS_CONTROL_REQUEST_HEADERS),
    );
    let response = next.call(request).await?;
    let refused = response
        .response()
        .error()
        .and_then(|error| error.as_error::<CorsError>())
        .map(|error| match error {
            CorsError::MethodNotAllowed => Error::new(
                Problem::Forbidden,
                format!("pages of other origins may not send {method}; they may send GET, HEAD, POST, PUT, PATCH and DELETE"),
            ),
            CorsError::HeadersNotAllowed => Error::new(
                Problem::Forbidden,
                format!("pages of other origins may not send all of the headers {headers}; docs/api.md lists those that they may send"),
            ),
            CorsError::OriginNotAllowed => Error::new(
                Problem::Forbidden,
                format!("pages of {origin} may not call this server; the setting CORS_ORIGINS lists the origins that may"),
            ),
            _ => Error::malformed(
                "",
                "a preflight has Origin and Access-Control-Request-Method, and its header names are valid",
            ),
        });
    Ok(match refused {
        None => response.map_into_left_body(),
        Some(error) => response
            .into_response(error.error_response())
            .map_into_right_body(),
    })
}
