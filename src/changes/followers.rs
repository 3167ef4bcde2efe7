//! Those who wait for changes: how many there may be, what wakes them, and when they are sent away. One task looks for
//! all of them whether there is anything new, and only while somebody waits.

use std::sync::Arc;
use std::time::Duration;

use prometheus::{IntCounter, IntGauge, IntGaugeVec, Opts};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::changes::model::{self, Changes};
use crate::changes::request::ChangedResource;
use crate::config::Limits;
use crate::db::Db;
use crate::error::{Error, Result};

/// How often it is looked for what another server has put in order; what this one has is known at once.
const LOOK: Duration = Duration::from_millis(250);
/// Under a great load of writes, followers are woken no more often than this.
const PAUSE: Duration = Duration::from_millis(10);
/// How many of them read from the database at once: the others' requests come first.
const READING_AT_ONCE: usize = 2;

/// What is counted of followers.
#[derive(Clone)]
pub struct Counts {
    waiting: IntGaugeVec,
    sent: IntCounter,
    stalled: IntCounter,
}

impl Counts {
    pub fn new() -> std::result::Result<Self, prometheus::Error> {
        let waiting = IntGaugeVec::new(
            Opts::new(
                "demarche_change_followers",
                "Who waits for changes: requests (wait) and event streams (stream)",
            ),
            &["how"],
        )?;
        // There from the start, so that none is told as 0.
        for how in [How::Wait, How::Stream] {
            waiting.with_label_values(&[how.word()]);
        }
        Ok(Self {
            waiting,
            sent: IntCounter::new(
                "demarche_changes_sent_total",
                "Changes sent to followers of the feed",
            )?,
            stalled: IntCounter::new(
                "demarche_change_streams_stalled_total",
                "Event streams that were ended because nobody read them",
            )?,
        })
    }

    pub fn collectors(&self) -> [Box<dyn prometheus::core::Collector>; 3] {
        [
            Box::new(self.waiting.clone()),
            Box::new(self.sent.clone()),
            Box::new(self.stalled.clone()),
        ]
    }
}

/// How somebody follows.
#[derive(Debug, Clone, Copy)]
pub enum How {
    Wait,
    Stream,
}

impl How {
    const fn word(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Stream => "stream",
        }
    }
}

/// The followers of one server.
#[derive(Clone)]
pub struct Followers(Arc<Shared>);

struct Shared {
    db: Db,
    places: Arc<Semaphore>,
    most: usize,
    patience: Duration,
    reading: Semaphore,
    head: watch::Sender<i64>,
    wanted: Notify,
    stopping: watch::Sender<bool>,
    counts: Counts,
}

/// The place of one follower, given back when it is dropped.
pub struct Place {
    _permit: OwnedSemaphorePermit,
    gauge: IntGauge,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}

/// Ends the task when the server does.
pub struct Looking(JoinHandle<()>);

impl Drop for Looking {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Followers {
    pub fn new(db: &Db, limits: Limits, counts: Counts) -> Self {
        Self(Arc::new(Shared {
            db: db.clone(),
            places: Arc::new(Semaphore::new(limits.followers)),
            most: limits.followers,
            patience: Duration::from_secs(limits.stalled_seconds),
            reading: Semaphore::new(READING_AT_ONCE),
            head: watch::Sender::new(0),
            wanted: Notify::new(),
            stopping: watch::Sender::new(false),
            counts,
        }))
    }

    /// Looks for changes from now on, for whoever waits.
    pub fn start(&self) -> Looking {
        let followers = self.clone();
        Looking(self.0.db.runtime().spawn(async move { followers.look().await }))
    }

    async fn look(&self) {
        let shared = &self.0;
        let mut sequenced = shared.db.sequenced().subscribe();
        loop {
            if shared.head.receiver_count() == 0 {
                shared.wanted.notified().await;
            }
            sequenced.mark_unchanged();
            match model::head(&shared.db).await {
                Ok(head) => {
                    shared.head.send_if_modified(|known| {
                        let is_other = *known != head;
                        *known = head;
                        is_other
                    });
                    sleep(PAUSE).await;
                    let _ = timeout(LOOK, sequenced.changed()).await;
                }
                Err(error) => {
                    tracing::debug!(%error, "whether there are changes can't be told");
                    sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// A place among those who wait, if one is free.
    pub fn place(&self, how: How) -> Result<Place> {
        let permit = Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| {
            Error::unavailable(
                format!(
                    "{} clients wait for changes, and this server lets no more wait (FOLLOWERS): ask without \
                     wait, or again in a moment",
                    self.0.most
                ),
                "no place among the followers",
            )
        })?;
        let gauge = self.0.counts.waiting.with_label_values(&[how.word()]);
        gauge.inc();
        Ok(Place {
            _permit: permit,
            gauge,
        })
    }

    /// Reads a page in its turn.
    pub async fn page(&self, after: i64, resources: &[ChangedResource], limit: i64) -> Result<Changes> {
        let _turn = self.0.reading.acquire().await.map_err(Error::internal)?;
        model::page(&self.0.db, after, resources, limit).await
    }

    /// Ends when something comes after a sequence.
    pub async fn beyond(&self, sequence: i64) {
        let mut head = self.0.head.subscribe();
        self.0.wanted.notify_one();
        // It lives as long as `self`.
        let _ = head.wait_for(|head| *head > sequence).await;
    }

    /// How long a stream is kept whose reader takes nothing.
    pub fn patience(&self) -> Duration {
        self.0.patience
    }

    /// Ends when the server is about to stop.
    pub async fn stopping(&self) {
        let mut stopping = self.0.stopping.subscribe();
        let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
    }

    /// Sends everybody away.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    pub fn count_sent(&self, changes: usize) {
        self.0
            .counts
            .sent
            .inc_by(u64::try_from(changes).unwrap_or_default());
    }

    pub fn count_stalled(&self) {
        self.0.counts.stalled.inc();
    }
}
