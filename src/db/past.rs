//! Reads of the registry as it was known at a moment: the statements of the present, on connections whose search path finds
//! the views of schema `known` before the tables. These serve one read at a time, since the moment is a setting of the
//! connection; it is sent ahead of the statement, in the same round trip.

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

/// Connections on which the past is read, made when they are first needed.
pub struct Past {
    places: Semaphore,
    resting: Mutex<Vec<Resting>>,
    /// In microseconds of Unix time; what was known by then is final.
    final_until: AtomicI64,
}

/// A connection that nobody reads from, and the moment that it was last asked about.
struct Resting {
    connection: AsyncPgConnection,
    moment: DateTime<Utc>,
}

impl Past {
    pub fn new(connections: usize) -> Self {
        Self {
            places: Semaphore::new(connections),
            resting: Mutex::default(),
            final_until: AtomicI64::new(i64::MIN),
        }
    }

    /// Takes a connection; where there is one that was asked about the same moment, that one.
    fn take(&self, moment: DateTime<Utc>) -> Option<Resting> {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        let same = resting.iter().rposition(|resting| resting.moment == moment);
        match same {
            Some(place) => Some(resting.swap_remove(place)),
            None => resting.pop(),
        }
    }

    /// Only after a read that came to its end: what is dropped half way is closed.
    fn put_back(&self, connection: AsyncPgConnection, moment: DateTime<Utc>) {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.push(Resting { connection, moment });
    }

    /// What happened to one connection happened to all.
    fn forget(&self) {
        self.resting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// Says which moment is asked about, for all that this connection reads from now on.
pub fn ask_about(moment: DateTime<Utc>) -> Statement {
    Statement::new("select set_config('demarche.known_at', ")
        .bind(moment.to_rfc3339_opts(SecondsFormat::Micros, true))
        .sql(", false)")
        .keep_prepared()
}

impl Db {
    /// The registry as it was known at a moment: what is read through this is read of then. What is to be final at that
    /// moment must be made so before (`history::sequencer::bring_up_to`).
    #[must_use]
    pub fn known_at(&self, moment: DateTime<Utc>) -> Self {
        Self {
            doors: Arc::clone(&self.doors),
            known_at: Some(moment),
        }
    }

    /// Whether this reads what was known at a moment, and not what is.
    pub fn is_of_the_past(&self) -> bool {
        self.known_at.is_some()
    }

    /// The moment that reads are of, where that is not now.
    pub fn moment(&self) -> Option<DateTime<Utc>> {
        self.known_at
    }

    /// Whether what was known at a moment was found to be final already.
    pub fn is_final(&self, moment: DateTime<Utc>) -> bool {
        moment.timestamp_micros() <= AtomicI64::load(&self.doors.past.final_until, Ordering::Relaxed)
    }

    /// Remembers what will stay so.
    pub fn note_final(&self, moment: DateTime<Utc>) {
        self.doors
            .past
            .final_until
            .fetch_max(moment.timestamp_micros(), Ordering::Relaxed);
    }

    /// Runs one statement on what was known at a moment. A lost connection is replaced, like those of `read`.
    pub(super) async fn read_past<Row>(&self, moment: DateTime<Utc>, statement: Statement) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        let past = &self.doors.past;
        let deadline = Instant::now() + DEADLINE;
        let Ok(Ok(_place)) = timeout_at(deadline, past.places.acquire()).await else {
            return Err(Error::unavailable(
                "too many ask what was known, send the request again in a moment",
                "no connection for reading the past came free within ten seconds",
            ));
        };
        let mut tries = TRIES;
        loop {
            tries -= 1;
            let (connection, is_asked) = match past.take(moment) {
                Some(resting) => (resting.connection, resting.moment == moment),
                None => {
                    let made = connect::on(
                        &self.doors.runtime,
                        self.doors.target.clone(),
                        connect::Use::Known,
                    );
                    (made.await.map_err(away)?, false)
                }
            };
            match read_on::<Row>(&connection, moment, is_asked, &statement).await {
                Ok(rows) => {
                    past.put_back(connection, moment);
                    return Ok(rows);
                }
                Err(error) => {
                    drop(connection);
                    if !is_lost(&error) || tries == 0 {
                        return Err(Error::from(error));
                    }
                    past.forget();
                }
            }
        }
    }
}

/// The two statements are sent in the order in which they are polled, and PostgreSQL runs them in the order in which they
/// are sent. The first is kept prepared since the connection was made (`connect`), so that it is sent when it is polled.
async fn read_on<Row>(
    connection: &AsyncPgConnection,
    moment: DateTime<Utc>,
    is_asked: bool,
    statement: &Statement,
) -> QueryResult<Vec<Row>>
where
    Row: QueryableByName<Pg> + Send + 'static,
{
    let (mut asking, mut reading) = (connection, connection);
    if is_asked {
        return statement.clone().load::<Row>(&mut reading).await;
    }
    let ask = ask_about(moment);
    let (asked, read) = join(
        ask.execute(&mut asking),
        statement.clone().load::<Row>(&mut reading),
    )
    .await;
    asked?;
    read
}
