//! Metrics of the memory.

use prometheus::core::Collector;
use prometheus::{IntCounterVec, IntGauge, Opts};

/// What came of a read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    /// Its response was kept
    Hit,
    /// Another request made the same response at that time
    Shared,
    /// It was read from the database
    Miss,
}

/// The metrics of one memory.
#[derive(Clone)]
pub struct Counts {
    reads: IntCounterVec,
    bytes: IntGauge,
    responses: IntGauge,
}

impl Counts {
    /// Returns new metrics, all zero.
    ///
    /// # Errors
    /// If the name of a metric is not valid.
    pub fn new() -> Result<Self, prometheus::Error> {
        let counts = Self {
            reads: IntCounterVec::new(
                Opts::new(
                    "demarche_read_memory_reads_total",
                    "Reads by where their response came from: hit (kept), shared (made by another request at that time), miss (the database)",
                ),
                &["result"],
            )?,
            bytes: IntGauge::new("demarche_read_memory_bytes", "Memory of responses that are kept")?,
            responses: IntGauge::new("demarche_read_memory_responses", "Responses that are kept")?,
        };
        for outcome in [Outcome::Hit, Outcome::Shared, Outcome::Miss] {
            counts.reads.with_label_values(&[outcome.word()]);
        }
        Ok(counts)
    }

    /// Returns the metrics, to register them.
    pub fn collectors(&self) -> [Box<dyn Collector>; 3] {
        [
            Box::new(self.reads.clone()),
            Box::new(self.bytes.clone()),
            Box::new(self.responses.clone()),
        ]
    }

    pub(super) fn count(&self, outcome: Outcome) {
        self.reads.with_label_values(&[outcome.word()]).inc();
    }

    pub(super) fn set_size(&self, bytes: u64, responses: usize) {
        self.bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        self.responses.set(i64::try_from(responses).unwrap_or(i64::MAX));
    }
}

impl Outcome {
    const fn word(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Shared => "shared",
            Self::Miss => "miss",
        }
    }
}
