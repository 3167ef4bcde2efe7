//! Gives every request its id and its comment (`context`), and logs one line for each response.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use crate::context::{self, Client, Request};
use crate::db::Db;
use crate::http::{client_address, comment};

/// Name of the header that carries the id of a request, in both directions.
pub static HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Returns the id that the client sent, or a new one unless that has 1 to 128 characters, all of them ASCII letters, digits
/// or `-_.:/=+`.
fn accepted(sent: Option<&HeaderValue>) -> String {
    sent.and_then(|value| value.to_str().ok())
        .filter(|id| (1..=128).contains(&id.len()))
        .filter(|id| {
            id.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/=+".contains(&byte))
        })
        .map_or_else(context::new_id, str::to_owned)
}

/// Runs each request with its id and comment as context, returns the id as a header, and logs one line a response. A comment that is
/// malformed is refused by `http::headers`, once the client is known to have a right to write.
///
/// # Errors
/// Those of the route.
pub async fn middleware(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = accepted(request.headers().get(&HEADER));
    let begun = Instant::now();
    let method = request.method().clone();
    let path = request.path().to_owned();
    let header = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("unknown"));
    let current = Request {
        id: id.clone(),
        // A request that only reads records nothing.
        comment: if method.is_safe() {
            None
        } else {
            comment::of(request.headers()).ok().flatten()
        },
        // By its token if `http::auth` finds that valid.
        client: Client::Address(client_address::of(request.request())),
        deadline: request
            .app_data::<web::Data<Db>>()
            .filter(|_| method.is_safe())
            .map(|db| tokio::time::Instant::now() + db.read_time()),
    };
    let mut response = context::scope(current, next.call(request)).await?;
    response.headers_mut().insert(HEADER.clone(), header);
    tracing::info!(
        request_id = id,
        %method,
        path,
        status = response.status().as_u16(),
        milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        "response sent"
    );
    Ok(response)
}
