//! Responses to reads, kept in memory and returned again only if the database confirms, for that very request, that nothing visible
//! has changed. docs/decisions/0008-answers-from-memory.md has the argument and its limits.

mod counts;
mod kept;
mod key;
mod middleware;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::watch;

use crate::db::Snapshot;

pub use counts::Counts;
pub use middleware::{leave_out, middleware};

use counts::Outcome;
use kept::Kept;
use key::Key;

/// What is known of the response to a request at a snapshot.
#[derive(Clone)]
struct Confirmed {
    snapshot: Snapshot,
    /// `None` if it can't be kept
    response: Option<Arc<Kept>>,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Arc<Key>, Confirmed> for Weight {
    fn weight(&self, key: &Arc<Key>, confirmed: &Confirmed) -> u64 {
        key.size() + confirmed.response.as_ref().map_or(0, |response| response.size())
    }
}

/// The response that a request makes now, for all who want the same; closed without one if it can't be kept.
type Made = watch::Receiver<Option<Arc<Kept>>>;

/// The responses that one server keeps.
pub struct Memory {
    responses: Cache<Arc<Key>, Confirmed, Weight>,
    in_progress: Mutex<HashMap<(Arc<Key>, Snapshot), Made>>,
    counts: Counts,
}

/// What the memory has for a request.
enum Found {
    /// The response, made for the snapshot
    Kept(Arc<Kept>),
    /// Another request makes it now
    InProgress(Made),
    /// Nothing: the request makes it
    Nothing(Making),
    /// It can't be kept: each request makes its own
    NotKept,
}

/// A response that a request makes, for itself and for those who want the same meanwhile.
struct Making {
    memory: Arc<Memory>,
    key: Arc<Key>,
    snapshot: Snapshot,
    made: watch::Sender<Option<Arc<Kept>>>,
}

impl Memory {
    /// Returns a memory of at most this many bytes, which keeps nothing yet.
    pub fn new(bytes: u64, counts: Counts) -> Self {
        /// What a response is expected to take, in bytes.
        const EXPECTED: u64 = 8 * 1024;
        let expected = usize::try_from(bytes / EXPECTED).unwrap_or(usize::MAX);
        Self {
            responses: Cache::with_weighter(expected, bytes, Weight),
            in_progress: Mutex::default(),
            counts,
        }
    }

    /// Finds the response to a request. It is as new as the request if the snapshot was taken after the request arrived.
    fn find(self: &Arc<Self>, key: &Arc<Key>, snapshot: &Snapshot) -> Found {
        if let Some(confirmed) = self.responses.get(key)
            && confirmed.snapshot == *snapshot
        {
            return confirmed.response.map_or(Found::NotKept, Found::Kept);
        }
        let mut in_progress = self.in_progress.lock().unwrap_or_else(PoisonError::into_inner);
        match in_progress.entry((Arc::clone(key), snapshot.clone())) {
            Entry::Occupied(making) => Found::InProgress(making.get().clone()),
            Entry::Vacant(place) => {
                let (made, receiver) = watch::channel(None);
                place.insert(receiver);
                Found::Nothing(Making {
                    memory: Arc::clone(self),
                    key: Arc::clone(key),
                    snapshot: snapshot.clone(),
                    made,
                })
            }
        }
    }

    fn count(&self, outcome: Outcome) {
        self.counts.count(outcome);
    }
}

impl Making {
    /// Gives the response to those who want the same now. They asked at this snapshot, or later while it was the same.
    fn give(&self, response: &Arc<Kept>) {
        self.made.send_replace(Some(Arc::clone(response)));
    }

    /// Keeps the response if the database is still the same as before it was made.
    fn keep(self, response: Arc<Kept>, now: Option<&Snapshot>) {
        if now == Some(&self.snapshot) {
            self.note(Some(response));
        }
    }

    /// Notes that the response can't be kept, so that requests for it don't wait for each other.
    fn refuse(self) {
        self.note(None);
    }

    fn note(&self, response: Option<Arc<Kept>>) {
        let responses = &self.memory.responses;
        let snapshot = self.snapshot.clone();
        responses.insert(Arc::clone(&self.key), Confirmed { snapshot, response });
        self.memory.counts.set_size(responses.weight(), responses.len());
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        let mut in_progress = self
            .memory
            .in_progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        in_progress.remove(&(Arc::clone(&self.key), self.snapshot.clone()));
    }
}
