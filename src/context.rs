//! What a request carries through every layer: its id, which logs and responses repeat, the comment that its changes are
//! recorded with, whose it is, and when its reads have to end. It is task-local, so that `db` and `error` find it without knowing
//! of HTTP.

use std::future::Future;
use std::net::IpAddr;

use tokio::time::Instant;
use uuid::Uuid;

/// Whose a request is. Each client has a share of what the server takes on at a time (`admission`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// A user, by a valid token
    User(Uuid),
    /// A client without a valid token, by its address; for IPv6 by the /64 network. `None` if the address is unknown
    Address(Option<IpAddr>),
    /// The program itself: a command, or a task of the server
    Program,
}

impl Client {
    /// Returns whether the client has no valid token.
    pub const fn is_anonymous(self) -> bool {
        match self {
            Self::Address(_) => true,
            Self::User(_) | Self::Program => false,
        }
    }
}

/// A request that is being served, or a command's work that counts as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The id in logs, in `X-Request-Id` and in the history of what the request changes
    pub id: String,
    /// Why the records are written, in the writer's words; `None` where the request gives no reason
    pub comment: Option<String>,
    /// Who sent it
    pub client: Client,
    /// When its reads have to end; `None` gives each read its own time
    pub deadline: Option<Instant>,
}

tokio::task_local! {
    static REQUEST: Request;
}

/// Returns the current request; outside of one, a new request of the program without a comment.
pub fn request() -> Request {
    REQUEST.try_with(Clone::clone).unwrap_or_else(|_| Request {
        id: new_id(),
        comment: None,
        client: Client::Program,
        deadline: None,
    })
}

/// Returns the id of the current request; outside of one, a new id at each call.
pub fn request_id() -> String {
    REQUEST
        .try_with(|request| request.id.clone())
        .unwrap_or_else(|_| new_id())
}

/// Returns who sent the current request; outside of one, the program.
pub fn client() -> Client {
    REQUEST
        .try_with(|request| request.client)
        .unwrap_or(Client::Program)
}

/// Returns when the reads of the current request have to end; `None` if each has its own time.
pub fn deadline() -> Option<Instant> {
    REQUEST.try_with(|request| request.deadline).ok().flatten()
}

/// Returns an id for a request that has none: a UUID of version 7, so that ids sort by time.
pub fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// Runs `future` as part of `request`. A task that is spawned does not inherit the request: wrap its future as well.
pub fn scope<F: Future>(request: Request, future: F) -> impl Future<Output = F::Output> {
    REQUEST.scope(request, future)
}
