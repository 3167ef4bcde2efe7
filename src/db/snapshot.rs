//! Asks PostgreSQL whether anything that is visible in the database can have changed. One statement answers for all who ask on a thread
//! at the moment.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use tokio_postgres::{Client, Statement};

use super::connect::Target;

/// What a transaction sees is decided by this text alone, except on a standby: there it leaves out the transactions in progress.
const ASK: &str = "select pg_catalog.pg_current_snapshot()::text, pg_catalog.pg_is_in_recovery()";
/// When the server was started, to the microsecond.
const STARTED: &str = "select pg_catalog.pg_postmaster_start_time()::text";
/// How long a caller waits; one that hears nothing reads from the database.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a connection may take to answer before another is made.
const ANSWER: Duration = Duration::from_secs(5);
/// How long after a failure no connection is tried: those who ask meanwhile don't wait.
const PAUSE: Duration = Duration::from_secs(1);

/// What was visible in the database at a moment. Two that are equal see the same: no transaction was committed between them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// The run of the database: numbers of transactions say nothing about those of another run
    run: u64,
    /// When the server was started: another server, or the same one after it was restored, has another time.
    started: Arc<str>,
    text: Arc<str>,
}

impl Snapshot {
    /// Returns whether a statement that was sent after this snapshot was taken saw the same; `text` is its `pg_current_snapshot()`.
    pub fn is_of(&self, text: &str) -> bool {
        *self.text == *text
    }
}

/// What the snapshots of one server have in common.
pub(super) struct Run {
    target: Target,
    /// Rises when connections of a run break, also one that nobody uses at the moment. A server that crashed uses the numbers of
    /// transactions again; then all connections break. So what one of them has seen is worth nothing once another is lost.
    number: Arc<AtomicU64>,
}

impl Run {
    pub fn new(target: &Target) -> Self {
        Self {
            target: target.clone(),
            number: Arc::default(),
        }
    }

    /// Ends the run with this number, if it has not ended. The connections of an earlier run say nothing about this one.
    fn end(number: &AtomicU64, run: u64) {
        // Fails if another connection of the run has ended it.
        let _ = number.compare_exchange(run, run + 1, Ordering::SeqCst, Ordering::SeqCst);
    }
}

/// The snapshots of one thread, which has a connection of its own for them: what is asked and answered there wakes no other thread.
#[derive(Clone)]
pub struct Snapshots(Rc<Local>);

struct Local {
    run: Arc<Run>,
    queue: RefCell<Queue>,
    connected: tokio::sync::Mutex<Connected>,
}

/// Those who wait for the next statement, and whether one is in flight.
#[derive(Default)]
struct Queue {
    waiting: Vec<oneshot::Sender<Option<Snapshot>>>,
    is_asking: bool,
}

#[derive(Default)]
struct Connected {
    session: Option<Session>,
    failed_at: Option<Instant>,
}

struct Session {
    client: Client,
    statement: Statement,
    run: u64,
    started: Arc<str>,
    last: Option<Snapshot>,
}

/// A task that sends the statements. If it panics or is dropped with its thread, those who wait hear nothing.
struct Flight {
    local: Rc<Local>,
    has_ended: bool,
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.has_ended {
            self.local.queue.replace(Queue::default());
        }
    }
}

impl Snapshots {
    pub(super) fn new(run: &Arc<Run>) -> Self {
        Self(Rc::new(Local {
            run: Arc::clone(run),
            queue: RefCell::default(),
            connected: tokio::sync::Mutex::default(),
        }))
    }

    /// Returns what is visible in the database at a moment after this call began, asked for together with all who call now. Needs no
    /// place: however many call, one statement is in flight. `None` on a standby, and if the database does not respond within a
    /// second: then nothing is known.
    pub async fn take(&self) -> Option<Snapshot> {
        let (sender, receiver) = oneshot::channel();
        let starts = {
            let mut queue = self.0.queue.borrow_mut();
            queue.waiting.push(sender);
            !std::mem::replace(&mut queue.is_asking, true)
        };
        if starts {
            let flight = Flight {
                local: Rc::clone(&self.0),
                has_ended: false,
            };
            tokio::task::spawn_local(flight.run());
        }
        timeout(PATIENCE, receiver).await.ok()?.ok()?
    }
}

impl Local {
    /// Takes those who wait; if there are none, the flight has ended.
    fn waiting(&self) -> Vec<oneshot::Sender<Option<Snapshot>>> {
        let mut queue = self.queue.borrow_mut();
        queue.is_asking = !queue.waiting.is_empty();
        std::mem::take(&mut queue.waiting)
    }
}

impl Flight {
    async fn run(mut self) {
        let local = Rc::clone(&self.local);
        let mut connected = local.connected.lock().await;
        loop {
            // Requests that have arrived are read first: the fewer statements, the more requests there is time for.
            tokio::task::yield_now().await;
            let waiting = local.waiting();
            if waiting.is_empty() {
                self.has_ended = true;
                return;
            }
            let snapshot = connected.ask(&local.run).await;
            for sender in waiting {
                // Fails if the client has disconnected, which is no fault.
                let _ = sender.send(snapshot.clone());
            }
        }
    }
}

impl Connected {
    /// Returns the snapshot of now; `None` on a standby, or if the database does not respond.
    async fn ask(&mut self, run: &Run) -> Option<Snapshot> {
        self.session = self
            .session
            .take()
            .filter(|session| session.run == run.number.load(Ordering::SeqCst));
        if self.session.is_none() {
            if self.failed_at.is_some_and(|at| at.elapsed() < PAUSE) {
                return None;
            }
            self.session = match timeout(ANSWER, open(run)).await {
                Ok(Ok(session)) => Some(session),
                Ok(Err(_)) | Err(_) => None,
            };
        }
        let Some(session) = &mut self.session else {
            self.failed_at = Some(Instant::now());
            return None;
        };
        let answer = timeout(ANSWER, session.client.query_one(&session.statement, &[])).await;
        let Ok(Ok(row)) = answer else {
            Run::end(&run.number, session.run);
            self.session = None;
            self.failed_at = Some(Instant::now());
            return None;
        };
        let (text, is_standby): (&str, bool) = (row.get(0), row.get(1));
        if is_standby {
            return None;
        }
        if session.last.as_ref().is_none_or(|last| !last.is_of(text)) {
            session.last = Some(Snapshot {
                run: session.run,
                started: Arc::clone(&session.started),
                text: text.into(),
            });
        }
        session.last.clone()
    }
}

async fn open(run: &Run) -> Result<Session, tokio_postgres::Error> {
    // Before the connection is made: a run that ends meanwhile is not taken for the next.
    let number = run.number.load(Ordering::SeqCst);
    let current = Arc::clone(&run.number);
    let client = run
        .target
        .client_until(move || Run::end(&current, number))
        .await?;
    let statement = client.prepare(ASK).await?;
    let started: String = client.query_one(STARTED, &[]).await?.get(0);
    Ok(Session {
        client,
        statement,
        run: number,
        started: started.into(),
        last: None,
    })
}
