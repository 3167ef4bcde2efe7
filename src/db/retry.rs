//! How long a caller waits for the database, and which failures are worth another try.

use std::time::Duration;

use diesel::result::DatabaseErrorKind;

use crate::error::Error;

/// The longest wait for a read, connecting and retries included, and for a connection of the pool; a caller that waits longer
/// gets 503. PostgreSQL's own timeouts don't cover the wait on a connection that other reads share.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);
/// How often a statement is tried if its connection proves to be lost, and how often a write is tried that collides with others.
pub(super) const TRIES: usize = 3;
/// The longest pause before a write that collided is tried again. The pause is random, so that the two writes don't collide
/// again.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_millis(200);
/// PostgreSQL's message about a prepared plan whose table has changed.
const STALE_PLAN: &str = "cached plan must not change";

/// Returns whether another connection may succeed: this one is lost, or has a plan that a changed table made stale.
pub(super) fn is_lost(error: &diesel::result::Error) -> bool {
    let diesel::result::Error::DatabaseError(kind, information) = error else {
        return false;
    };
    let message = information.message();
    matches!(
        kind,
        DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection
    ) || message.contains("terminating connection")
        || message.contains(STALE_PLAN)
}

/// Returns whether the error came from a prepared plan whose table has changed.
pub(super) fn has_stale_plan(error: &Error) -> bool {
    error.cause().is_some_and(|cause| cause.contains(STALE_PLAN))
}
