//! What becomes of a connection whose user is gone: its statement is cancelled, so that PostgreSQL does not work for nobody.

use std::time::Duration;

use diesel_async::AsyncPgConnection;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::connect::Target;

/// How long a cancellation may take. A server that does not respond keeps the statement anyway.
const PATIENCE: Duration = Duration::from_secs(2);

/// Cancels what runs on a connection and closes it. `held` is dropped after that: a place that is free again means that its
/// statement has ended.
///
/// PostgreSQL takes a cancellation on another connection, so this happens in a task of its own. The connection is not used again:
/// a late cancellation would hit somebody else's statement.
pub(super) fn abandon(
    connection: AsyncPgConnection,
    held: impl Send + 'static,
    target: &Target,
    runtime: &Handle,
) {
    let token = connection.cancel_token();
    let target = target.clone();
    runtime.spawn(async move {
        match timeout(PATIENCE, target.cancel(token)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a statement could not be cancelled"),
            Err(_) => tracing::debug!("the database did not take a cancellation"),
        }
        drop(connection);
        drop(held);
    });
}
