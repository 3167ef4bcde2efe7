//! What is known of the database at the moment. `db::monitor` finds out; requests only look, so that a health check never waits for
//! a database that does not respond.

use std::time::Duration;

use tokio::sync::watch;

use super::error::unreachable;
use crate::error::{Error, Problem};

/// What the last look at the database found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Nobody has looked yet.
    Unknown,
    /// It responds, and its schema is what this program expects.
    Current,
    /// It responds, but its schema is older than this program.
    Outdated,
    /// It does not respond; the reason is only logged.
    Silent(String),
}

/// The health of the database, as it was last seen.
pub struct Healths {
    last: watch::Sender<Health>,
    read_time: Duration,
}

impl Healths {
    pub(super) fn new(read_time: Duration) -> Self {
        Self {
            last: watch::Sender::new(Health::Unknown),
            read_time,
        }
    }

    /// Returns what the last look found. Before the first, waits for it, but not long.
    pub async fn last(&self) -> Health {
        /// The first look begins when the server starts.
        const FIRST_LOOK: Duration = Duration::from_secs(2);
        let mut seen = self.last.subscribe();
        match tokio::time::timeout(FIRST_LOOK, seen.wait_for(|health| *health != Health::Unknown)).await {
            Ok(Ok(health)) => health.clone(),
            Ok(Err(_)) | Err(_) => Health::Unknown,
        }
    }

    /// Notes what a look found.
    pub(super) fn note(&self, health: Health) {
        self.last.send_replace(health);
    }

    /// Returns the failure of a read that was stopped because its time is over: it asks for too much, or the database does not
    /// respond at all.
    pub(super) fn read_too_slow(&self) -> Error {
        if let Health::Silent(reason) = &*self.last.borrow() {
            return unreachable(reason);
        }
        Error::new(
            Problem::TooSlow,
            format!(
                "the read did not end within {} seconds and was stopped; ask for less: fewer values of a filter, a shorter \
                 period, a smaller limit",
                self.read_time.as_secs()
            ),
        )
    }

    /// Returns the failure of a write that was stopped because its time is over, before it was committed.
    pub(super) fn write_too_slow(&self, time: Option<Duration>) -> Error {
        if let Health::Silent(reason) = &*self.last.borrow() {
            return unreachable(reason);
        }
        Error::new(
            Problem::TooSlow,
            format!(
                "the write did not end within {} seconds and was stopped; nothing was changed: divide it into smaller ones",
                time.unwrap_or_default().as_secs()
            ),
        )
    }
}
