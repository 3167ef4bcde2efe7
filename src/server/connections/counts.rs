//! What `/metrics` shows of connections.

use prometheus::core::Collector;
use prometheus::{IntCounterVec, IntGauge, Opts};

/// What is counted about connections.
#[derive(Clone)]
pub struct Counts {
    pub(super) open: IntGauge,
    closed: IntCounterVec,
}

impl Counts {
    /// Returns new counts, all zero.
    ///
    /// # Errors
    /// If the name of a metric is not valid.
    pub fn new() -> prometheus::Result<Self> {
        let open = IntGauge::new("demarche_http_connections", "Open connections")?;
        let closed = IntCounterVec::new(
            Opts::new(
                "demarche_http_connections_closed_total",
                "Connections that the server closed: idle ones to make room, and others by the reason",
            ),
            &["reason"],
        )?;
        for reason in CloseReason::ALL {
            closed.with_label_values(&[reason.word()]);
        }
        Ok(Self { open, closed })
    }

    /// Returns what a registry of metrics collects.
    pub fn collectors(&self) -> [Box<dyn Collector>; 2] {
        [Box::new(self.open.clone()), Box::new(self.closed.clone())]
    }

    /// Counts a connection that the server closes.
    pub(super) fn count(&self, reason: CloseReason) {
        self.closed.with_label_values(&[reason.word()]).inc();
    }
}

/// Why the server closed a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// It was idle, and a new connection needed its place.
    Idle,
    /// All connections, or all of its client, were busy when it was opened.
    Refused,
    /// Its client read a response too slowly.
    Slow,
    /// The request could not be read, or did not arrive in time.
    Unreadable,
}

impl CloseReason {
    const ALL: [Self; 4] = [Self::Idle, Self::Refused, Self::Slow, Self::Unreadable];

    const fn word(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Refused => "refused",
            Self::Slow => "slow_reader",
            Self::Unreadable => "unreadable_request",
        }
    }
}
