//! What is known of the database at the moment. `db::monitor` looks; requests ask what it saw, so that a health check never waits long
//! for a database that does not respond.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::timeout;

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
    last: watch::Sender<Seen>,
    /// The number of the look that began last
    begun: AtomicU64,
    wanted: Notify,
    read_time: Duration,
}

/// What a look found, with its number.
struct Seen {
    look: u64,
    health: Health,
}

impl Healths {
    pub(super) fn new(read_time: Duration) -> Self {
        Self {
            last: watch::Sender::new(Seen {
                look: 0,
                health: Health::Unknown,
            }),
            begun: AtomicU64::new(0),
            wanted: Notify::new(),
            read_time,
        }
    }

    /// Asks for a look and returns what it finds. If that takes long, returns what the last one found.
    pub async fn now(&self) -> Health {
        /// A database that is well responds in a few milliseconds.
        const PATIENCE: Duration = Duration::from_millis(150);
        /// The first look begins when the server starts, and has to connect.
        const FIRST_PATIENCE: Duration = Duration::from_secs(2);
        let is_first = self.last.borrow().health == Health::Unknown;
        let patience = if is_first { FIRST_PATIENCE } else { PATIENCE };
        let before = self.begun.load(Ordering::Acquire);
        let mut last = self.last.subscribe();
        self.wanted.notify_one();
        // An error would mean that there is no sender, which `self` is.
        let _ = timeout(patience, last.wait_for(|seen| seen.look > before)).await;
        self.last.borrow().health.clone()
    }

    /// Waits until somebody asks for a look.
    pub(super) async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// Begins a look and returns its number.
    pub(super) fn begin_look(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Notes what a look found.
    pub(super) fn note(&self, look: u64, health: Health) {
        self.last.send_replace(Seen { look, health });
    }

    /// Returns a failure for want of room, or in its place that the database does not respond.
    pub(super) fn instead_of(&self, full: Error) -> Error {
        match &self.last.borrow().health {
            Health::Silent(reason) => unreachable(reason),
            Health::Unknown | Health::Current | Health::Outdated => full,
        }
    }

    /// Returns the failure of a read that was stopped because its time is over: it asks for too much, or the database does not
    /// respond at all.
    pub(super) fn read_too_slow(&self) -> Error {
        if let Health::Silent(reason) = &self.last.borrow().health {
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
        if let Health::Silent(reason) = &self.last.borrow().health {
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
