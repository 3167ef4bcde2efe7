//! As-of reads: the statements of the present, on connections whose search path leads to the mirrors in schema `as_of`
//! instead of the tables. A connection serves one read at a time, because the moment is a setting of the connection. The
//! setting is sent ahead of the statement, in the same round trip.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel::result::QueryResult;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::join;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout, timeout_at};

use super::abandon::abandon;
use super::connect::{self, Target, Use};
use super::error::unreachable;
use super::health::Healths;
use super::retry::{DEADLINE, TRIES, is_lost};
use super::statement::Statement;
use crate::admission::Place;
use crate::error::{Error, Result};
use crate::text::timestamp;

/// Makes every table name mean its as-of mirror, and refuses writes.
const SESSION: &str = "set search_path = as_of; set default_transaction_read_only = on";

/// Connections for as-of reads, made when they are first needed.
pub(super) struct AsOf {
    target: Target,
    runtime: Handle,
    health: Arc<Healths>,
    statement_time: Duration,
    idle: Mutex<Vec<Idle>>,
    /// Microseconds since 1970. Reads as of this moment or an earlier one can no longer change.
    final_until: AtomicI64,
}

/// A connection that is not in use, and the moment that it is set to.
struct Idle {
    connection: AsyncPgConnection,
    moment: DateTime<Utc>,
}

/// A connection during one read. If this is dropped early, the statement is cancelled and the connection closed.
struct Lent<'a> {
    of: &'a AsOf,
    connection: Option<AsyncPgConnection>,
    place: Option<Place>,
}

impl Lent<'_> {
    fn connection(&self) -> Result<&AsyncPgConnection> {
        self.connection
            .as_ref()
            .ok_or_else(|| Error::internal("a connection is used after its end"))
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            abandon(connection, self.place.take(), &self.of.target, &self.of.runtime);
        }
    }
}

impl AsOf {
    pub fn new(target: &Target, runtime: &Handle, health: &Arc<Healths>, statement_time: Duration) -> Self {
        Self {
            target: target.clone(),
            runtime: runtime.clone(),
            health: Arc::clone(health),
            statement_time,
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

    /// Returns a connection after a read that ended.
    fn put_back(&self, connection: AsyncPgConnection, moment: DateTime<Utc>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(Idle { connection, moment });
    }

    /// Closes all idle connections: one was lost, so the others are probably lost too.
    fn close_idle(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Returns whether reads as of `moment` are known to be final.
    pub fn is_final(&self, moment: DateTime<Utc>) -> bool {
        moment.timestamp_micros() <= AtomicI64::load(&self.final_until, Ordering::Relaxed)
    }

    /// Remembers that reads as of `moment`, and of earlier moments, are final.
    pub fn note_final(&self, moment: DateTime<Utc>) {
        self.final_until
            .fetch_max(moment.timestamp_micros(), Ordering::Relaxed);
    }

    /// Runs one statement as of `moment`; see `Db::read`. Returns the place for the next statement of the same request.
    pub async fn read<Row>(
        &self,
        moment: DateTime<Utc>,
        statement: Statement,
        mut place: Option<Place>,
        deadline: Instant,
    ) -> Result<(Vec<Row>, Option<Place>)>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        let mut tries = TRIES;
        loop {
            tries -= 1;
            let (connection, is_set) = match self.take(moment) {
                Some(idle) => (idle.connection, idle.moment == moment),
                None => match timeout_at(deadline, self.connect()).await {
                    Ok(made) => (made?, false),
                    Err(_) => return Err(unreachable("no connection for as-of reads in time")),
                },
            };
            let mut lent = Lent {
                of: self,
                connection: Some(connection),
                place: place.take(),
            };
            let reading = read_on::<Row>(lent.connection()?, moment, is_set, &statement);
            match timeout_at(deadline, reading).await {
                Err(_) => return Err(self.health.read_too_slow()),
                Ok(Ok(rows)) => {
                    if let Some(connection) = lent.connection.take() {
                        self.put_back(connection, moment);
                    }
                    return Ok((rows, lent.place.take()));
                }
                Ok(Err(error)) => {
                    drop(lent.connection.take());
                    place = lent.place.take();
                    if !is_lost(&error) || tries == 0 {
                        return Err(Error::from(error));
                    }
                    self.close_idle();
                }
            }
        }
    }

    /// Makes a connection on which the statement that sets the moment is prepared already.
    async fn connect(&self) -> Result<AsyncPgConnection> {
        let mut connection = connect::on(&self.runtime, self.target.clone(), Use::AsOf(self.statement_time))
            .await
            .map_err(unreachable)?;
        let prepared = timeout(DEADLINE, set_session(&mut connection, DateTime::UNIX_EPOCH)).await;
        match prepared {
            Ok(Ok(())) => Ok(connection),
            Ok(Err(error)) => Err(unreachable(error)),
            Err(_) => Err(unreachable(
                "an as-of connection was not set up within ten seconds",
            )),
        }
    }
}

/// Makes a connection read as of `moment` from now on.
pub(super) async fn set_session(
    connection: &mut AsyncPgConnection,
    moment: DateTime<Utc>,
) -> QueryResult<()> {
    connection.batch_execute(SESSION).await?;
    set_moment(moment).execute(connection).await.map(drop)
}

/// Sets the moment of all later reads on a connection.
fn set_moment(moment: DateTime<Utc>) -> Statement {
    Statement::new("select set_config('demarche.known_at', ")
        .bind(timestamp(moment))
        .sql(", false)")
        .keep_prepared()
}

/// Sends the moment and the statement in one round trip. `join` polls them in order, and PostgreSQL runs them in the order
/// in which they arrive. The first is already prepared (`AsOf::connect`), so it is sent at its first poll.
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
