//! What a request carries through logs, answers and the transaction that it makes: its id, and why it writes (`comment`).

use std::future::Future;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError};
use uuid::Uuid;

use crate::http::comment;

/// A request under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub id: String,
    /// Why the records are written, as the writer said
    pub comment: Option<String>,
}

tokio::task_local! {
    static REQUEST: Request;
}

pub static HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The request under way; one of its own outside of any.
pub fn request() -> Request {
    REQUEST.try_with(Clone::clone).unwrap_or_else(|_| Request {
        id: Uuid::now_v7().to_string(),
        comment: None,
    })
}

/// The id of the request under way; a new one outside of any.
pub fn current() -> String {
    request().id
}

/// Runs a future that belongs to a request, also in a task of its own.
pub fn scope<F: Future>(request: Request, future: F) -> impl Future<Output = F::Output> {
    REQUEST.scope(request, future)
}

/// A client may send an id of its own; what is no plain word of at most 128 letters is replaced.
fn accepted(sent: Option<&HeaderValue>) -> String {
    sent.and_then(|value| value.to_str().ok())
        .filter(|id| (1..=128).contains(&id.len()))
        .filter(|id| {
            id.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/=+".contains(&byte))
        })
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// Gives every request its id and its comment, and one line in the log when it is answered.
pub async fn middleware(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = accepted(request.headers().get(&HEADER));
    let begun = Instant::now();
    let method = request.method().clone();
    let path = request.path().to_owned();
    let header = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("unknown"));
    // What only reads has nothing to explain, and a comment on it no meaning.
    let comment = if method.is_safe() {
        Ok(None)
    } else {
        comment::of(request.headers())
    };
    let under_way = Request {
        id: id.clone(),
        comment: comment.as_ref().ok().cloned().flatten(),
    };
    let mut response = scope(under_way, async {
        match comment {
            Ok(_) => next.call(request).await.map(ServiceResponse::map_into_left_body),
            Err(refused) => Ok(request
                .into_response(refused.error_response())
                .map_into_right_body()),
        }
    })
    .await?;
    response.headers_mut().insert(HEADER.clone(), header);
    tracing::info!(
        request_id = id,
        %method,
        path,
        status = response.status().as_u16(),
        milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
    Ok(response)
}
