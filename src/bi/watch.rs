//! Ends queries and sessions of BI logins that exceed the limits of `serve`. A login may change its own timeouts and `work_mem`, so
//! the watch does not rely on them. It has a connection of its own, so that it works when all others are in use.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

use prometheus::{IntCounterVec, Opts};
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use tokio_util::task::AbortOnDropHandle;

use crate::bi::memory;
use crate::config::BiLimits;
use crate::db::Target;

/// How long a cancelled query has to end before its session is terminated.
const GRACE_PERIOD: Duration = Duration::from_secs(5);
/// The shortest and the longest pause between two looks at the sessions.
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The pause while memory is limited: a session takes a few hundred megabytes a second.
const MEMORY_PAUSE: Duration = Duration::from_millis(500);
/// How long the watch waits for a connection or a response.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(10);

/// Counts what was ended, by limit and by how it was ended.
#[derive(Clone)]
pub struct Ended(IntCounterVec);

impl Ended {
    /// Returns the counter `demarche_bi_ended_total` with every combination of labels at 0.
    ///
    /// # Errors
    ///
    /// Never with the fixed name and labels that it has.
    pub fn new() -> prometheus::Result<Self> {
        let counter = IntCounterVec::new(
            Opts::new(
                "demarche_bi_ended_total",
                "Queries and sessions of BI logins that exceeded a limit (reason), and whether they were cancelled, terminated, or could \
                 not be ended (refused)",
            ),
            &["reason", "how"],
        )?;
        for reason in ["statement", "idle", "transaction", "notify", "memory"] {
            for how in ["cancelled", "terminated", "refused"] {
                counter.with_label_values(&[reason, how]).inc_by(0);
            }
        }
        Ok(Self(counter))
    }

    /// Returns the counter, to be registered with the metrics of the server.
    pub fn counter(&self) -> IntCounterVec {
        self.0.clone()
    }
}

/// Starts to watch, until the returned value is dropped. Returns `None` if every limit is 0, which means that there is no limit.
pub fn start(target: &Target, limits: BiLimits, ended: Ended) -> Option<AbortOnDropHandle<()>> {
    let shortest = [
        limits.bi_statement_seconds,
        limits.bi_idle_seconds,
        limits.bi_transaction_seconds,
    ]
    .into_iter()
    .filter(|seconds| *seconds > 0)
    .min();
    if shortest.is_none() && limits.bi_memory_megabytes == 0 {
        return None;
    }
    let watch = Watch {
        limits,
        ended,
        pause: shortest.map_or(LONGEST_PAUSE, |seconds| {
            Duration::from_secs(u64::from(seconds) / 4).clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
        }),
        sees_memory: None,
        cancelled: HashMap::new(),
        warned: HashSet::new(),
    };
    Some(AbortOnDropHandle::new(tokio::spawn(watch.run(target.clone()))))
}

struct Watch {
    limits: BiLimits,
    ended: Ended,
    pause: Duration,
    /// Whether PostgreSQL's processes are to be seen on this machine; `None` before the first connection.
    sees_memory: Option<bool>,
    /// When a query was cancelled, by process and start of the query, for queries that still run.
    cancelled: HashMap<(i32, SystemTime), Instant>,
    /// Logins that a warning about missing privileges was logged for.
    warned: HashSet<String>,
}

/// A session that may exceed a limit.
struct Session {
    pid: i32,
    began: Option<SystemTime>,
    login: String,
    query_began: Option<SystemTime>,
    /// The processes that work for it in parallel
    workers: Vec<i32>,
    /// The limit that it exceeds
    reason: Option<String>,
    age: Option<f64>,
}

impl Watch {
    async fn run(mut self, target: Target) {
        loop {
            // A warning would repeat what the server logs about a database that is away.
            if let Err(error) = self.watch(&target).await {
                tracing::debug!(
                    error,
                    "the watch over BI logins lost its connection and reconnects"
                );
            }
            sleep(LONGEST_PAUSE).await;
        }
    }

    /// Checks the sessions again and again on one connection, until it is lost.
    async fn watch(&mut self, target: &Target) -> Result<(), String> {
        let client = timeout(DATABASE_TIMEOUT, target.client())
            .await
            .map_err(|_| "no connection within ten seconds".to_owned())?
            .map_err(|error| error.to_string())?;
        // Reads no table, so no statement takes long.
        client
            .batch_execute(
                "set statement_timeout = '5s'; set default_transaction_read_only = on; set jit = off",
            )
            .await
            .map_err(|error| error.to_string())?;
        let select_sessions = client
            .prepare(include_str!("sessions.sql"))
            .await
            .map_err(|error| error.to_string())?;
        self.look_for_memory(&client).await?;
        loop {
            let seconds = [
                self.limits.bi_statement_seconds,
                self.limits.bi_idle_seconds,
                self.limits.bi_transaction_seconds,
            ]
            .map(f64::from);
            let rows = timeout(
                DATABASE_TIMEOUT,
                client.query(&select_sessions, &[&seconds[0], &seconds[1], &seconds[2]]),
            )
            .await
            .map_err(|_| "no response within ten seconds".to_owned())?
            .map_err(|error| error.to_string())?;
            let mut sessions: Vec<Session> = rows
                .iter()
                .map(|row| Session {
                    pid: row.get(0),
                    began: row.get(1),
                    login: row.get(2),
                    query_began: row.get(3),
                    workers: row.get(4),
                    reason: row.get(5),
                    age: row.get(6),
                })
                .collect();
            self.cancelled.retain(|(pid, began), _| {
                sessions
                    .iter()
                    .any(|session| session.pid == *pid && session.query_began == Some(*began))
            });
            self.look_at_memory(&mut sessions);
            for session in &sessions {
                self.end(&client, session)
                    .await
                    .map_err(|error| error.to_string())?;
            }
            sleep(self.pause()).await;
        }
    }

    fn pause(&self) -> Duration {
        let limits_memory = self.limits.bi_memory_megabytes > 0 && self.sees_memory != Some(false);
        if limits_memory {
            self.pause.min(MEMORY_PAUSE)
        } else {
            self.pause
        }
    }

    /// Finds out whether this machine shows the memory of sessions, by the watch's own.
    async fn look_for_memory(&mut self, client: &Client) -> Result<(), String> {
        let row = timeout(
            DATABASE_TIMEOUT,
            client.query_one("select pg_backend_pid(), current_user::text", &[]),
        )
        .await
        .map_err(|_| "no response within ten seconds".to_owned())?
        .map_err(|error| error.to_string())?;
        let sees_memory = memory::of_session(row.get(0), row.get(1), &[]).is_some();
        let is_new = self.sees_memory != Some(sees_memory);
        self.sees_memory = Some(sees_memory);
        if is_new && !sees_memory && self.limits.bi_memory_megabytes > 0 {
            tracing::info!(
                "BI_MEMORY_MEGABYTES has no effect: PostgreSQL's processes are not to be seen on this machine; limit the memory of \
                 its service there"
            );
        }
        Ok(())
    }

    /// Sets the reason of the sessions that take too much memory.
    fn look_at_memory(&mut self, sessions: &mut [Session]) {
        if self.limits.bi_memory_megabytes == 0 {
            return;
        }
        for session in sessions.iter_mut().filter(|session| session.reason.is_none()) {
            let taken = memory::of_session(session.pid, &session.login, &session.workers);
            if taken.is_some_and(|taken| taken > u64::from(self.limits.bi_memory_megabytes)) {
                session.reason = Some("memory".to_owned());
            }
        }
    }

    async fn end(&mut self, client: &Client, session: &Session) -> Result<(), tokio_postgres::Error> {
        let Some(reason) = session.reason.as_deref() else {
            return Ok(());
        };
        if reason == "hidden" {
            self.warn_once(session, "its queries can't be seen");
            return Ok(());
        }
        let query = session.query_began.map(|began| (session.pid, began));
        let cancelled = query.and_then(|query| self.cancelled.get(&query));
        let how = match cancelled {
            None if reason == "statement" => "cancelled",
            Some(at) if reason == "statement" && at.elapsed() < GRACE_PERIOD => return Ok(()),
            None | Some(_) => "terminated",
        };
        // Only if it is the same session and query: since the look, another may have the process id, or the next query runs.
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
                self.count(reason, how);
                tracing::warn!(
                    login = session.login,
                    pid = session.pid,
                    seconds = session.age.map(f64::round),
                    reason,
                    "a BI login exceeded a limit: {how}"
                );
            }
            Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                self.count(reason, "refused");
                self.warn_once(
                    session,
                    "a query or session of it exceeds a limit and can't be ended",
                );
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn count(&self, reason: &str, how: &str) {
        self.ended.0.with_label_values(&[reason, how]).inc();
    }

    fn warn_once(&mut self, session: &Session, what: &str) {
        if self.warned.insert(session.login.clone()) {
            tracing::warn!(
                login = session.login,
                pid = session.pid,
                "a BI login is not under control, {what}: the database's user must be a member of the login, run demarche bi grant for it"
            );
        }
    }
}
