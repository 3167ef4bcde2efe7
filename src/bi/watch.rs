//! Ends what BI logins do for longer than they may. A login may lift its own timeout, so this does not
//! rely on it; it looks on a connection of its own, which no crowd of readers can take.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

use prometheus::{IntCounterVec, Opts};
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::config::BiLimits;
use crate::db::Target;

/// How long a query that was cancelled has to end before its session does.
const GRACE: Duration = Duration::from_secs(5);
/// How often the watch looks, at most and at least.
const OFTEN: Duration = Duration::from_millis(250);
const SELDOM: Duration = Duration::from_secs(5);
/// How long the watch waits for an answer, and after one that did not come.
const PATIENCE: Duration = Duration::from_secs(10);

/// What of BI logins was ended, and how.
#[derive(Clone)]
pub struct Ended(IntCounterVec);

impl Ended {
    pub fn new() -> prometheus::Result<Self> {
        let counter = IntCounterVec::new(
            Opts::new(
                "demarche_bi_ended_total",
                "What BI logins did for longer than they may, and whether it was cancelled, terminated, or could not be",
            ),
            &["reason", "how"],
        )?;
        for reason in ["statement", "idle", "transaction"] {
            for how in ["cancelled", "terminated", "refused"] {
                counter.with_label_values(&[reason, how]).inc_by(0);
            }
        }
        Ok(Self(counter))
    }

    pub fn counter(&self) -> IntCounterVec {
        self.0.clone()
    }
}

/// A watch that looks for as long as this is held.
pub struct Watching(tokio::task::AbortHandle);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts to watch, where there is anything that would be ended.
pub fn start(target: &Target, limits: BiLimits, ended: Ended) -> Option<Watching> {
    let shortest = [
        limits.bi_statement_seconds,
        limits.bi_idle_seconds,
        limits.bi_transaction_seconds,
    ]
    .into_iter()
    .filter(|seconds| *seconds > 0)
    .min()?;
    let watch = Watch {
        limits,
        ended,
        pause: Duration::from_secs(u64::from(shortest) / 4).clamp(OFTEN, SELDOM),
        cancelled: HashMap::new(),
        told: HashSet::new(),
    };
    Some(Watching(tokio::spawn(watch.run(target.clone())).abort_handle()))
}

struct Watch {
    limits: BiLimits,
    ended: Ended,
    pause: Duration,
    /// Queries that were cancelled and had not ended when last looked at.
    cancelled: HashMap<(i32, SystemTime), Instant>,
    /// Logins about which was said already that nothing can be done.
    told: HashSet<String>,
}

/// A session that has done something for too long.
struct Session {
    pid: i32,
    began: Option<SystemTime>,
    login: String,
    query_began: Option<SystemTime>,
    reason: String,
    age: Option<f64>,
}

impl Watch {
    async fn run(mut self, target: Target) {
        loop {
            // The server tells by itself when the database is away; the watch has only to come back.
            if let Err(error) = self.watch(&target).await {
                tracing::debug!(error, "the watch over BI logins begins anew");
            }
            sleep(SELDOM).await;
        }
    }

    /// Looks again and again on one connection, until that is lost.
    async fn watch(&mut self, target: &Target) -> Result<(), String> {
        let client = timeout(PATIENCE, target.client())
            .await
            .map_err(|_| "no connection came".to_owned())?
            .map_err(|error| error.to_string())?;
        // Never a reader of tables, so nothing that it does may take long or hold anything.
        client
            .batch_execute(
                "set statement_timeout = '5s'; set default_transaction_read_only = on; set jit = off",
            )
            .await
            .map_err(|error| error.to_string())?;
        let look = client
            .prepare(include_str!("sessions.sql"))
            .await
            .map_err(|error| error.to_string())?;
        loop {
            let seconds = [
                self.limits.bi_statement_seconds,
                self.limits.bi_idle_seconds,
                self.limits.bi_transaction_seconds,
            ]
            .map(f64::from);
            let rows = timeout(
                PATIENCE,
                client.query(&look, &[&seconds[0], &seconds[1], &seconds[2]]),
            )
            .await
            .map_err(|_| "no answer came".to_owned())?
            .map_err(|error| error.to_string())?;
            let sessions: Vec<Session> = rows
                .iter()
                .map(|row| Session {
                    pid: row.get(0),
                    began: row.get(1),
                    login: row.get(2),
                    query_began: row.get(4),
                    reason: row.get(5),
                    age: row.get(6),
                })
                .collect();
            self.cancelled.retain(|(pid, began), _| {
                sessions
                    .iter()
                    .any(|session| session.pid == *pid && session.query_began == Some(*began))
            });
            for session in &sessions {
                self.end(&client, session)
                    .await
                    .map_err(|error| error.to_string())?;
            }
            sleep(self.pause).await;
        }
    }

    async fn end(&mut self, client: &Client, session: &Session) -> Result<(), tokio_postgres::Error> {
        if session.reason == "hidden" {
            self.tell_once(session, "what it does can't be seen");
            return Ok(());
        }
        let query = session.query_began.map(|began| (session.pid, began));
        let cancelled = query.and_then(|query| self.cancelled.get(&query));
        let how = match cancelled {
            None if session.reason == "statement" => "cancelled",
            Some(at) if session.reason == "statement" && at.elapsed() < GRACE => return Ok(()),
            None | Some(_) => "terminated",
        };
        // Only if it is still the same: the process's number may be another's by now, or its query the next.
        let (function, same) = if how == "cancelled" {
            ("pg_cancel_backend", "query_start = $2 and state <> 'idle'")
        } else {
            ("pg_terminate_backend", "backend_start = $2")
        };
        let since = if how == "cancelled" {
            session.query_began
        } else {
            session.began
        };
        let done = client
            .query(
                &format!("select {function}(pid) from pg_stat_activity where pid = $1 and {same}"),
                &[&session.pid, &since],
            )
            .await;
        match done {
            Ok(rows) if rows.is_empty() => {}
            Ok(_) => {
                if let Some(query) = query {
                    self.cancelled.entry(query).or_insert_with(Instant::now);
                }
                self.count(session, how);
                tracing::warn!(
                    login = session.login,
                    pid = session.pid,
                    seconds = session.age.map(f64::round),
                    reason = session.reason,
                    "a BI login did something for too long, it is {how}"
                );
            }
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                self.count(session, "refused");
                self.tell_once(session, "what it does for too long can't be ended");
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn count(&self, session: &Session, how: &str) {
        self.ended
            .0
            .with_label_values(&[session.reason.as_str(), how])
            .inc();
    }

    fn tell_once(&mut self, session: &Session, what: &str) {
        if self.told.insert(session.login.clone()) {
            tracing::warn!(
                login = session.login,
                pid = session.pid,
                "{what}: the database's user must be a member of this login, which demarche bi grant makes it"
            );
        }
    }
}
