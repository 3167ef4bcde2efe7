//! Clients that wait for changes: how many may wait, what wakes them, and when they have to end. One task polls the
//! database for all of them, and only while a client waits.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, WeakShared};
use prometheus::{IntCounter, IntGauge, IntGaugeVec, Opts};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::admission::{Place, Places, Room};
use crate::changes::model::{self, Changes};
use crate::changes::request::ChangedResource;
use crate::changes::sessions::{Followed, Sessions};
use crate::config::Limits;
use crate::context::{self, Client};
use crate::db::Db;
use crate::error::{Error, Problem, Result};
use crate::users::model::Session;

/// How often the database is polled for changes that another server sequenced; this server's own are notified.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// The shortest time between two wake-ups of the followers, however many writes there are.
const PAUSE: Duration = Duration::from_millis(10);
/// How many followers read from the database at the same time: other requests have priority.
const CONCURRENT_READS: usize = 2;

/// The metrics of followers.
#[derive(Clone)]
pub struct Counts {
    waiting: IntGaugeVec,
    sent: IntCounter,
    stalled: IntCounter,
}

impl Counts {
    /// Returns new metrics, all zero.
    ///
    /// # Errors
    /// If the name of a metric is not valid.
    pub fn new() -> std::result::Result<Self, prometheus::Error> {
        let waiting = IntGaugeVec::new(
            Opts::new(
                "demarche_change_followers",
                "Clients that wait for changes: requests (wait) and event streams (stream)",
            ),
            &["how"],
        )?;
        // Created at the start, so that no follower is reported as 0.
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
                "Event streams that ended because the client did not read them",
            )?,
        })
    }

    /// Returns the metrics to register.
    pub fn collectors(&self) -> [Box<dyn prometheus::core::Collector>; 3] {
        [
            Box::new(self.waiting.clone()),
            Box::new(self.sent.clone()),
            Box::new(self.stalled.clone()),
        ]
    }
}

/// How a client follows the feed.
#[derive(Debug, Clone, Copy)]
pub enum How {
    /// A page of changes, whose request waits if there is none yet.
    Wait,
    /// An event stream, which stays open.
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
    /// `None` if nobody may follow.
    places: Option<Places>,
    sessions: Arc<Sessions>,
    stall_timeout: Duration,
    reading: Semaphore,
    readings: Mutex<Vec<(Asked, WeakShared<Reading>)>>,
    /// The last sequence number known.
    head: watch::Sender<i64>,
    /// Notified when a client starts to wait.
    wanted: Notify,
    stopping: watch::Sender<bool>,
    counts: Counts,
}

/// The page that a follower asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    after: i64,
    resources: Vec<ChangedResource>,
    limit: i64,
}

/// A page that is being read.
type Reading = BoxFuture<'static, Result<Arc<Changes>>>;

/// The slot of one follower, released when it is dropped.
pub struct Slot {
    _place: Place,
    gauge: IntGauge,
    session: Followed,
}

impl Slot {
    /// Waits until the client may no longer follow: its token was revoked or has expired, or its user was removed or has another
    /// role. Forever if it has no token.
    pub async fn ended(&self) {
        self.session.ended().await;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}

impl Followers {
    /// Returns the followers of a server; none is waiting.
    pub fn new(db: &Db, limits: Limits, counts: Counts) -> Self {
        // Nobody waits for a place: who waits for changes holds it for long.
        let room = Room {
            places: limits.followers,
            queue: 0,
            patience: Duration::ZERO,
        };
        Self(Arc::new(Shared {
            db: db.clone(),
            places: (limits.followers > 0).then(|| Places::new("followers of the feed", room, db.counts())),
            sessions: Arc::default(),
            stall_timeout: Duration::from_secs(limits.stalled_seconds),
            reading: Semaphore::new(CONCURRENT_READS),
            readings: Mutex::default(),
            head: watch::Sender::new(0),
            wanted: Notify::new(),
            stopping: watch::Sender::new(false),
            counts,
        }))
    }

    /// Starts the tasks that poll for changes and watch the sessions while a client waits; they end when the returned values are
    /// dropped.
    pub fn start(&self) -> [AbortOnDropHandle<()>; 2] {
        let followers = self.clone();
        let watching = Arc::clone(&self.0.sessions).watch(self.0.db.clone());
        let runtime = self.0.db.runtime();
        [
            runtime.spawn(async move { followers.poll().await }),
            runtime.spawn(watching),
        ]
        .map(AbortOnDropHandle::new)
    }

    async fn poll(&self) {
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
                    let _ = timeout(POLL_INTERVAL, sequenced.changed()).await;
                }
                Err(error) => {
                    tracing::debug!(%error, "the last change could not be read");
                    sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// Returns a slot for one more follower, the client of the current request.
    ///
    /// # Errors
    /// Overloaded if the limit (FOLLOWERS) is reached; too many requests if the client has its share of it.
    pub fn slot(&self, how: How, session: Option<Session>) -> Result<Slot> {
        let Some(places) = &self.0.places else {
            return Err(Error::new(
                Problem::Overloaded,
                "this server lets nobody wait for changes (FOLLOWERS is 0); send the request without wait",
            ));
        };
        let place = places.try_take(context::client())?;
        let gauge = self.0.counts.waiting.with_label_values(&[how.word()]);
        gauge.inc();
        Ok(Slot {
            _place: place,
            gauge,
            session: self.0.sessions.follow(session),
        })
    }

    /// Returns a page, read when it is this follower's turn. Followers that ask for the same page at the same time share one
    /// read: a change wakes all of them, and most are at the same position.
    ///
    /// # Errors
    /// Those of reading a page of changes: unavailable if the database does not respond in time; internal if a stored change is
    /// not complete.
    pub async fn page(&self, after: i64, resources: &[ChangedResource], limit: i64) -> Result<Arc<Changes>> {
        let asked = Asked {
            after,
            resources: resources.to_vec(),
            limit,
        };
        let reading = {
            let mut readings = self.0.readings.lock().unwrap_or_else(PoisonError::into_inner);
            readings.retain(|(_, reading)| reading.upgrade().is_some_and(|reading| reading.peek().is_none()));
            let same = readings.iter().find(|(other, _)| *other == asked);
            match same.and_then(|(_, reading)| reading.upgrade()) {
                Some(reading) => reading,
                None => {
                    let reading = self.clone().read(asked.clone()).boxed().shared();
                    // Dropped with its last follower, so that a read which nobody waits for has no turn.
                    readings.extend(reading.downgrade().map(|weak| (asked, weak)));
                    reading
                }
            }
        };
        reading.await
    }

    async fn read(self, asked: Asked) -> Result<Arc<Changes>> {
        let _turn = self.0.reading.acquire().await.map_err(Error::internal)?;
        // Two of the program's own connections serve all followers. The time of the request may be over while it waits.
        let as_program = context::Request {
            client: Client::Program,
            deadline: None,
            ..context::request()
        };
        let page = model::page(&self.0.db, asked.after, &asked.resources, asked.limit);
        context::scope(as_program, page).await.map(Arc::new)
    }

    /// Waits until there is a change after a sequence number.
    pub async fn changed_after(&self, sequence: i64) {
        let mut head = self.0.head.subscribe();
        self.0.wanted.notify_one();
        // Never an error: the sender lives as long as `self`.
        let _ = head.wait_for(|head| *head > sequence).await;
    }

    /// Returns how long a stream lasts whose client reads nothing.
    pub fn stall_timeout(&self) -> Duration {
        self.0.stall_timeout
    }

    /// Waits until the server is about to stop.
    pub async fn stopping(&self) {
        let mut stopping = self.0.stopping.subscribe();
        let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
    }

    /// Ends all waiting.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Counts changes that were sent.
    pub fn count_sent(&self, changes: usize) {
        self.0
            .counts
            .sent
            .inc_by(u64::try_from(changes).unwrap_or_default());
    }

    /// Counts a stream that ended because its client did not read.
    pub fn count_stalled(&self) {
        self.0.counts.stalled.inc();
    }
}
