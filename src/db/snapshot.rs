//! Asks PostgreSQL whether anything that is visible in the database can have changed. One statement answers for all who ask at the
//! moment.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use tokio_postgres::{Client, Statement};

use super::connect::Target;

/// What a transaction sees is decided by this text alone, except on a standby: there it leaves out the transactions in progress.
const ASK: &str = "select pg_catalog.pg_current_snapshot()::text, pg_catalog.pg_is_in_recovery()";
/// How long a caller waits; one that hears nothing reads from the database.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a connection may take to answer before another is made.
const ANSWER: Duration = Duration::from_secs(5);
/// How long after a failure no connection is tried: those who ask meanwhile don't wait.
const PAUSE: Duration = Duration::from_secs(1);

/// What was visible in the database at a moment. Two that are equal see the same: no transaction was committed between them.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Rises with each difference that this server sees
    number: u64,
    text: Arc<str>,
}

impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Snapshot {}

impl Snapshot {
    /// Returns the number of the snapshot: equal for snapshots that are equal.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns whether a statement that was sent after this snapshot was taken saw the same; `text` is its `pg_current_snapshot()`.
    pub fn is_of(&self, text: &str) -> bool {
        *self.text == *text
    }
}

/// Those who wait for the next statement, and whether one is in flight.
#[derive(Default)]
struct Queue {
    waiting: Vec<oneshot::Sender<Option<Snapshot>>>,
    is_asking: bool,
}

/// The connection on which snapshots are asked for. Snapshots of two connections are never equal: the transaction numbers of a
/// server that crashed, was restored or is another one say nothing about those before.
struct Session {
    client: Client,
    statement: Statement,
    last: Option<Snapshot>,
}

#[derive(Default)]
struct Connected {
    session: Option<Session>,
    failed_at: Option<Instant>,
    numbers: u64,
}

/// The snapshots of one server.
pub(super) struct Snapshots {
    target: Target,
    runtime: Handle,
    queue: Mutex<Queue>,
    connected: tokio::sync::Mutex<Connected>,
}

/// A task that sends the statements. If it panics or is dropped with its runtime, those who wait hear nothing.
struct Flight {
    snapshots: Arc<Snapshots>,
    has_ended: bool,
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.has_ended {
            self.snapshots.with_queue(|queue| *queue = Queue::default());
        }
    }
}

impl Snapshots {
    pub fn new(target: &Target, runtime: &Handle) -> Self {
        Self {
            target: target.clone(),
            runtime: runtime.clone(),
            queue: Mutex::default(),
            connected: tokio::sync::Mutex::default(),
        }
    }

    /// Returns a snapshot taken after this call began; see `Db::snapshot`.
    pub async fn take(self: &Arc<Self>) -> Option<Snapshot> {
        let (sender, receiver) = oneshot::channel();
        let starts = self.with_queue(|queue| {
            queue.waiting.push(sender);
            !std::mem::replace(&mut queue.is_asking, true)
        });
        if starts {
            let flight = Flight {
                snapshots: Arc::clone(self),
                has_ended: false,
            };
            self.runtime.spawn(flight.run());
        }
        timeout(PATIENCE, receiver).await.ok()?.ok()?
    }

    fn with_queue<T>(&self, work: impl FnOnce(&mut Queue) -> T) -> T {
        work(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes those who wait; if there are none, the flight has ended.
    fn waiting(&self) -> Vec<oneshot::Sender<Option<Snapshot>>> {
        self.with_queue(|queue| {
            queue.is_asking = !queue.waiting.is_empty();
            std::mem::take(&mut queue.waiting)
        })
    }
}

impl Flight {
    async fn run(mut self) {
        let snapshots = Arc::clone(&self.snapshots);
        let mut connected = snapshots.connected.lock().await;
        loop {
            let waiting = snapshots.waiting();
            if waiting.is_empty() {
                self.has_ended = true;
                return;
            }
            let snapshot = connected.ask(&snapshots.target).await;
            for sender in waiting {
                // Fails if the client has disconnected, which is no fault.
                let _ = sender.send(snapshot.clone());
            }
        }
    }
}

impl Connected {
    /// Returns the snapshot of now; `None` on a standby, or if the database does not respond.
    async fn ask(&mut self, target: &Target) -> Option<Snapshot> {
        if self.session.is_none() {
            if self.failed_at.is_some_and(|at| at.elapsed() < PAUSE) {
                return None;
            }
            self.session = match timeout(ANSWER, open(target)).await {
                Ok(Ok(session)) => Some(session),
                Ok(Err(_)) | Err(_) => None,
            };
        }
        let answer = match &self.session {
            Some(session) => timeout(ANSWER, session.client.query_one(&session.statement, &[])).await,
            None => {
                self.failed_at = Some(Instant::now());
                return None;
            }
        };
        let Ok(Ok(row)) = answer else {
            self.session = None;
            self.failed_at = Some(Instant::now());
            return None;
        };
        let (text, is_standby): (&str, bool) = (row.get(0), row.get(1));
        if is_standby {
            return None;
        }
        let session = self.session.as_mut()?;
        match &session.last {
            Some(last) if last.is_of(text) => {}
            Some(_) | None => {
                self.numbers += 1;
                session.last = Some(Snapshot {
                    number: self.numbers,
                    text: text.into(),
                });
            }
        }
        session.last.clone()
    }
}

async fn open(target: &Target) -> Result<Session, tokio_postgres::Error> {
    let client = target.client().await?;
    let statement = client.prepare(ASK).await?;
    Ok(Session {
        client,
        statement,
        last: None,
    })
}
