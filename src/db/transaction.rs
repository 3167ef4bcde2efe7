//! Write transactions: each records its user, and is retried if it collides with another.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::time::Duration;

use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, TransactionManager};
use futures_util::future::BoxFuture;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout, timeout_at};
use uuid::Uuid;

use super::error::unreachable;
use super::health::Healths;
use super::pool::{InUse, Pooled};
use super::retry::{DEADLINE, LONGEST_PAUSE, TRIES, has_stale_plan, is_lost};
use super::statement::Statement;
use crate::admission::Place;
use crate::context::{self, Request};
use crate::error::{Error, Fault, Problem, Result};

/// A transaction that is open. Its statements are kept prepared, because writes have few texts.
pub struct Write<'c> {
    /// The connection, for what [`Statement`] does not cover
    pub connection: &'c mut AsyncPgConnection,
    /// The names that earlier operations of the transaction gave to their records
    pub handles: Handles,
    /// What the validation of the current operation found implausible, such as a text that is given twice and taken once. It
    /// is reported with what the rules find in the stored record
    pub warnings: Vec<Fault>,
    /// Whether keys need to be unique only after the last operation, so that records can swap them. The checks that name
    /// the other record then wait for the end as well
    pub defers_unique_keys: bool,
    /// The codes of vocabularies that the transaction has found. None of its operations takes one away; if another transaction does,
    /// a foreign key refuses the record
    pub known_codes: KnownCodes,
}

/// Codes of vocabularies that are there.
#[derive(Debug, Default, Clone)]
pub struct KnownCodes(HashMap<&'static str, HashSet<String>>);

impl KnownCodes {
    /// Returns whether a code was found.
    pub fn has(&self, vocabulary: &str, code: &str) -> bool {
        self.0.get(vocabulary).is_some_and(|codes| codes.contains(code))
    }

    /// Adds a code that was found.
    pub fn insert(&mut self, vocabulary: &'static str, code: String) {
        self.0.entry(vocabulary).or_default().insert(code);
    }
}

/// Names that operations of one transaction gave to the records they created: handle to table and id.
#[derive(Debug, Default, Clone)]
pub struct Handles(HashMap<String, (&'static str, Uuid)>);

impl Handles {
    /// Returns the table and the id of the record that has the name; `None` if no operation gave it.
    pub fn get(&self, handle: &str) -> Option<(&'static str, Uuid)> {
        self.0.get(handle).copied()
    }

    /// Gives a name to a record; a name given before now means this record.
    pub fn insert(&mut self, handle: String, table: &'static str, id: Uuid) {
        self.0.insert(handle, (table, id));
    }
}

impl Write<'_> {
    /// Runs a statement and returns its rows.
    ///
    /// # Errors
    ///
    /// The error of the statement, after which the transaction can only be rolled back.
    pub async fn load<Row>(&mut self, statement: Statement) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        Ok(statement.keep_prepared().load::<Row>(self.connection).await?)
    }

    /// Runs a statement and returns how many rows it changed.
    ///
    /// # Errors
    ///
    /// The error of the statement, after which the transaction can only be rolled back.
    pub async fn execute(&mut self, statement: Statement) -> Result<usize> {
        Ok(statement.keep_prepared().execute(self.connection).await?)
    }
}

/// What a transaction runs on, and how long it may take.
pub(super) struct Terms<'t> {
    pub pool: &'t Pooled,
    pub health: &'t Healths,
    /// `None` for the program's own work, which ends when it is done
    pub time: Option<Duration>,
}

/// Runs `work` in a transaction; see `Db::write`.
pub(super) async fn run<T, Work>(
    terms: Terms<'_>,
    by: &str,
    mut place: Option<Place>,
    work: Work,
) -> Result<T>
where
    T: Send + 'static,
    Work: for<'w> FnOnce(&'w mut Write<'_>) -> BoxFuture<'w, Result<T>> + Clone + Send + 'static,
{
    let request = context::request();
    let deadline = terms.time.map(|time| Instant::now() + time);
    let mut tries = TRIES;
    loop {
        tries -= 1;
        let (done, kept) = run_once(&terms, by, &request, place.take(), deadline, work.clone()).await;
        place = kept;
        let collided = done
            .as_ref()
            .is_err_and(|error| error.is_collision() || error.is_overtaken());
        if tries == 0 || !collided {
            return done;
        }
        tokio::time::sleep(LONGEST_PAUSE.mul_f32(rand::random())).await;
    }
}

/// Returns the place with the result, for another try. Where the time is over, the place follows its statement.
async fn run_once<T, Work>(
    terms: &Terms<'_>,
    by: &str,
    request: &Request,
    place: Option<Place>,
    deadline: Option<Instant>,
    work: Work,
) -> (Result<T>, Option<Place>)
where
    T: Send + 'static,
    Work: for<'w> FnOnce(&'w mut Write<'_>) -> BoxFuture<'w, Result<T>> + Send + 'static,
{
    let soon = Instant::now() + DEADLINE;
    let begun = timeout_at(soon, begin(terms.pool, by, request, place, soon)).await;
    let mut in_use = match begun {
        Ok(Ok(in_use)) => in_use,
        Ok(Err(error)) => return (Err(error), None),
        Err(_) => return (Err(unreachable("no transaction began within ten seconds")), None),
    };
    let connection = match in_use.connection() {
        Ok(connection) => connection,
        Err(error) => return (Err(error), None),
    };
    let mut write = Write {
        connection,
        handles: Handles::default(),
        warnings: Vec::new(),
        defers_unique_keys: false,
        known_codes: KnownCodes::default(),
    };
    let worked = timeout_if(deadline, work(&mut write)).await;
    let done = match worked {
        // `in_use` cancels the statement; without a commit nothing of it remains.
        Err(_) => return (Err(terms.health.write_too_slow(terms.time)), None),
        Ok(Ok(value)) => {
            let committing = Transactions::commit_transaction(connection);
            match timeout_if(terms.time.map(|_| Instant::now() + DEADLINE), committing).await {
                Ok(committed) => committed.map(|()| value).map_err(Error::from),
                Err(_) => return (Err(unconfirmed()), None),
            }
        }
        Ok(Err(error)) => {
            // If that fails, the connection is broken and must not return to the pool.
            let rolled_back = timeout(DEADLINE, Transactions::rollback_transaction(connection)).await;
            if !matches!(rolled_back, Ok(Ok(()))) {
                // Even after a collision there is no other try: the place stays with this connection.
                return (Err(unreachable(error)), None);
            }
            Err(error)
        }
    };
    // The connection may be lost or have a stale plan.
    let is_doubtful = done
        .as_ref()
        .is_err_and(|error| error.problem() == Problem::Unavailable && !error.is_collision());
    let place = if is_doubtful {
        in_use.close()
    } else {
        in_use.give_back()
    };
    if done.as_ref().is_err_and(has_stale_plan) {
        terms.pool.close_idle();
    }
    (done, place)
}

/// Waits for a future until a deadline; without one, until it ends.
async fn timeout_if<F: Future>(deadline: Option<Instant>, future: F) -> Result<F::Output, Elapsed> {
    match deadline {
        Some(deadline) => timeout_at(deadline, future).await,
        None => Ok(future.await),
    }
}

/// Returns the failure of a write whose commit was sent and not confirmed.
fn unconfirmed() -> Error {
    Error::unavailable(
        "the database did not confirm the write, which may be stored or not; read the record, or repeat the request with \
         the same Idempotency-Key",
        "a commit was not confirmed within ten seconds",
    )
}

/// Returns a connection with an open transaction. Nothing is changed yet, so a lost connection is replaced by another.
async fn begin(
    pool: &Pooled,
    by: &str,
    request: &Request,
    mut place: Option<Place>,
    deadline: Instant,
) -> Result<InUse> {
    let mut tries = TRIES;
    loop {
        let mut in_use = pool.take_for(place.take(), deadline).await?;
        tries -= 1;
        match introduce(in_use.connection()?, by, request).await {
            Ok(()) => return Ok(in_use),
            Err(error) => {
                place = in_use.close();
                if tries == 0 || !is_lost(&error) {
                    return Err(Error::from(error));
                }
                pool.close_idle();
            }
        }
    }
}

type Transactions = <AsyncPgConnection as AsyncConnection>::TransactionManager;

/// Begins a transaction and sets who writes, for which request and why. Writes find rows by key, so one generic plan serves
/// every value; otherwise PostgreSQL would plan a statement again each time that it can't guess how long a list is.
async fn introduce(
    connection: &mut AsyncPgConnection,
    by: &str,
    request: &Request,
) -> Result<(), diesel::result::Error> {
    Transactions::begin_transaction(connection).await?;
    Statement::new("select set_config('demarche.by', ")
        .bind(by)
        .sql(", true), set_config('demarche.request_id', ")
        .bind(request.id.as_str())
        .sql(", true), set_config('demarche.comment', ")
        .bind(request.comment.clone().unwrap_or_default())
        .sql(", true), set_config('plan_cache_mode', 'force_generic_plan', true)")
        .keep_prepared()
        .execute(connection)
        .await
        .map(drop)
}
