//! How much of each kind of work the server takes on at a time, from the number of its connections.

use std::time::Duration;

use super::connect::COMMAND_TIME;
use crate::admission::Room;

/// How many connections a [`Db`](super::Db) opens at most, and how long its work may take.
#[derive(Debug, Clone, Copy)]
pub struct Capacity {
    /// Connections that point reads share; at least 1
    pub shared: usize,
    /// Connections of the pool for requests: a third each for writes, lists and streams. As-of reads open a third as many beside it,
    /// and the program's own work at most five
    pub pool: usize,
    /// How long the reads of a request may take
    pub read_time: Duration,
    /// How long a write may take
    pub write_time: Duration,
}

/// Connections beside those of requests, for the program's own work: the sequencer, followers of the feed, the refresh of schema bi.
const OWN: usize = 5;
/// How many statements may be in flight on one shared connection.
const IN_FLIGHT: usize = 128;

/// A kind of work that has room of its own, so that no other kind can take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Reads of one record, and what other requests look up: keys, codes, tokens
    Points,
    /// Lists and other reads that may be slow
    Lists,
    /// Reads with known_at
    AsOf,
    /// Lists as CSV, NDJSON and XLSX
    Streams,
    Writes,
}

impl Class {
    /// In the order of their numbers
    pub const ALL: [Self; 5] = [Self::Points, Self::Lists, Self::AsOf, Self::Streams, Self::Writes];

    /// Returns what the work is called in messages and metrics, in the plural.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Points => "reads of single records",
            Self::Lists => "lists",
            Self::AsOf => "reads with known_at",
            Self::Streams => "exports",
            Self::Writes => "writes",
        }
    }
}

impl Capacity {
    /// Returns how many connections the pool has in all.
    pub(super) fn pooled(&self) -> usize {
        [Class::Lists, Class::Streams, Class::Writes]
            .into_iter()
            .map(|class| self.room(class).places)
            .sum::<usize>()
            + OWN
    }

    /// Returns how long a statement may take that nobody cancels: longer than any request.
    pub(super) fn statement_time(&self) -> Duration {
        COMMAND_TIME.max(self.read_time.max(self.write_time) + Duration::from_secs(5))
    }

    /// Returns the room of a kind of work. The queue is as long as what the places do five times: a client that sends some thirty
    /// requests at once is served, and a crowd makes nobody wait long.
    pub(super) fn room(&self, class: Class) -> Room {
        let third = (self.pool / 3).max(1);
        let places = match class {
            Class::Points => self.shared.max(1) * IN_FLIGHT,
            Class::Lists => self.pool.saturating_sub(2 * third).max(1),
            Class::AsOf | Class::Streams | Class::Writes => third,
        };
        let queue = match class {
            // An export holds its place for long.
            Class::Streams => places,
            Class::Points | Class::Lists | Class::AsOf | Class::Writes => places * 5,
        };
        let patience = match class {
            Class::Points | Class::Lists | Class::AsOf | Class::Streams => Duration::from_secs(1),
            // Writes of one record wait for each other.
            Class::Writes => Duration::from_secs(10),
        };
        Room {
            places,
            queue,
            patience,
        }
    }
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            shared: 2,
            pool: 24,
            read_time: Duration::from_secs(10),
            write_time: Duration::from_secs(60),
        }
    }
}
