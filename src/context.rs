//! What a request carries through every layer: its id, which logs and responses repeat, and the comment that its
//! changes are recorded with. It is task-local, so that `db` and `error` find it without knowing of HTTP.

use std::future::Future;

use uuid::Uuid;

/// A request that is being served, or a command's work that counts as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The id in logs, in `X-Request-Id` and in the history of what the request changes
    pub id: String,
    /// Why the records are written, in the writer's words; `None` where the request gives no reason
    pub comment: Option<String>,
}

tokio::task_local! {
    static REQUEST: Request;
}

/// Returns the current request; outside of one, a new request without a comment.
pub fn request() -> Request {
    REQUEST.try_with(Clone::clone).unwrap_or_else(|_| Request {
        id: new_id(),
        comment: None,
    })
}

/// Returns the id of the current request; outside of one, a new id at each call.
pub fn request_id() -> String {
    request().id
}

/// Returns an id for a request that has none: a UUID of version 7, so that ids sort by time.
pub fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// Runs `future` as part of `request`. A task that is spawned does not inherit the request: wrap its future as well.
pub fn scope<F: Future>(request: Request, future: F) -> impl Future<Output = F::Output> {
    REQUEST.scope(request, future)
}
