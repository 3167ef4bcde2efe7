//! As-of reads: the statements of the present, on connections whose search path leads to the mirrors in schema `as_of`
//! instead of the tables. A connection serves one read at a time, because the moment is a setting of the connection. The
//! setting is sent ahead of the statement, in the same round trip.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SecondsFormat, Utc};
use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel::result::QueryResult;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::future::join;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::{DEADLINE, Db, Statement, TRIES, away, connect, is_lost};
use crate::error::{Error, Result};

/// Connections for as-of reads, made when they are first needed.
pub struct Connections {
    permits: Semaphore,
    idle: Mutex<Vec<Idle>>,
    /// Microseconds since 1970. Reads as of this moment or an earlier one can no longer change.
    final_until: AtomicI64,
}

/// A connection that is not in use, and the moment that it is set to.
struct Idle {
    connection: AsyncPgConnection,
    moment: DateTime<Utc>,
}

impl Connections {
    pub fn new(connections: usize) -> Self {
        Self {
            permits: Semaphore::new(connections),
            idle: Mutex::default(),
            final_until: AtomicI64::new(i64::MIN),
        }
    }

    /// Takes an idle connection; one that is set to `moment` is preferred.
    fn take(&self, moment: DateTime<Utc>) -> Option<Idle> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let same = idle.iter().rposition(|idle| idle.moment == moment);
        match same {
            Some(index) => Some(idle.swap_remove(index)),
            None => idle.pop(),
        }
    }

    /// Returns a connection after a read that ended. A read that is dropped half way closes its connection.
    fn put_back(&self, connection: AsyncPgConnection, moment: DateTime<Utc>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(Idle { connection, moment });
    }

    /// Closes all idle connections: one was lost, so the others are probably lost too.
    fn close_idle(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Sets the moment of all later reads on a connection.
pub fn set_moment(moment: DateTime<Utc>) -> Statement {
    Statement::new("select set_config('demarche.known_at', ")
        .bind(moment.to_rfc3339_opts(SecondsFormat::Micros, true))
        .sql(", false)")
        .keep_prepared()
}

impl Db {
    /// Returns a handle that reads as of `moment`. The caller first makes sure that reads of this moment can no longer
    /// change (`history::sequencer::bring_up_to`).
    #[must_use]
    pub fn as_of(&self, moment: DateTime<Utc>) -> Self {
        Self {
            doors: Arc::clone(&self.doors),
            as_of: Some(moment),
        }
    }

    /// Whether this handle reads as of a moment instead of the present.
    pub fn is_as_of(&self) -> bool {
        self.as_of.is_some()
    }

    /// The moment as of which this handle reads; `None` for the present.
    pub fn moment(&self) -> Option<DateTime<Utc>> {
        self.as_of
    }

    /// Whether reads as of `moment` are known to be final.
    pub fn is_final(&self, moment: DateTime<Utc>) -> bool {
        moment.timestamp_micros() <= AtomicI64::load(&self.doors.as_of.final_until, Ordering::Relaxed)
    }

    /// Remembers that reads as of `moment`, and of earlier moments, are final.
    pub fn note_final(&self, moment: DateTime<Utc>) {
        self.doors
            .as_of
            .final_until
            .fetch_max(moment.timestamp_micros(), Ordering::Relaxed);
    }

    /// Runs one statement as of `moment`. A lost connection is replaced, as in `read`.
    pub(super) async fn read_as_of<Row>(
        &self,
        moment: DateTime<Utc>,
        statement: Statement,
    ) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        let connections = &self.doors.as_of;
        let deadline = Instant::now() + DEADLINE;
        let Ok(Ok(_permit)) = timeout_at(deadline, connections.permits.acquire()).await else {
            return Err(Error::unavailable(
                "too many reads with known_at at the same time: send the request again in a moment",
                "no connection for as-of reads came free within ten seconds",
            ));
        };
        let mut tries = TRIES;
        loop {
            tries -= 1;
            let (connection, is_set) = match connections.take(moment) {
                Some(idle) => (idle.connection, idle.moment == moment),
                None => {
                    let made =
                        connect::on(&self.doors.runtime, self.doors.target.clone(), connect::Use::AsOf);
                    (made.await.map_err(away)?, false)
                }
            };
            match read_on::<Row>(&connection, moment, is_set, &statement).await {
                Ok(rows) => {
                    connections.put_back(connection, moment);
                    return Ok(rows);
                }
                Err(error) => {
                    drop(connection);
                    if !is_lost(&error) || tries == 0 {
                        return Err(Error::from(error));
                    }
                    connections.close_idle();
                }
            }
        }
    }
}

/// Sends the moment and the statement in one round trip. `join` polls them in order, and PostgreSQL runs them in the order
/// in which they arrive. The first is already prepared (`connect`), so it is sent at its first poll.
async fn read_on<Row>(
    connection: &AsyncPgConnection,
    moment: DateTime<Utc>,
    is_set: bool,
    statement: &Statement,
) -> QueryResult<Vec<Row>>
where
    Row: QueryableByName<Pg> + Send + 'static,
{
    let (mut setting, mut reading) = (connection, connection);
    if is_set {
        return statement.clone().load::<Row>(&mut reading).await;
    }
    let set = set_moment(moment);
    let (set, read) = join(
        set.execute(&mut setting),
        statement.clone().load::<Row>(&mut reading),
    )
    .await;
    set?;
    read
}
