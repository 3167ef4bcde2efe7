//! Write transactions: each records its user, and is retried if it collides with another.

use std::collections::HashMap;

use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, TransactionManager};
use futures_util::future::BoxFuture;
use tokio::time::timeout;
use uuid::Uuid;

use super::error::unreachable;
use super::pool::Pooled;
use super::retry::{DEADLINE, LONGEST_PAUSE, TRIES, has_stale_plan, is_lost};
use super::statement::Statement;
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

/// Runs `work` in a transaction; see `Db::write`.
pub(super) async fn run<T, Work>(pool: &Pooled, by: &str, work: Work) -> Result<T>
where
    T: Send + 'static,
    Work: for<'w> FnOnce(&'w mut Write<'_>) -> BoxFuture<'w, Result<T>> + Clone + Send + 'static,
{
    let request = context::request();
    let mut tries = TRIES;
    loop {
        tries -= 1;
        let done = run_once(pool, by, &request, work.clone()).await;
        let collided = done
            .as_ref()
            .is_err_and(|error| error.is_collision() || error.is_overtaken());
        if tries == 0 || !collided {
            return done;
        }
        tokio::time::sleep(LONGEST_PAUSE.mul_f32(rand::random())).await;
    }
}

async fn run_once<T, Work>(pool: &Pooled, by: &str, request: &Request, work: Work) -> Result<T>
where
    T: Send + 'static,
    Work: for<'w> FnOnce(&'w mut Write<'_>) -> BoxFuture<'w, Result<T>> + Send + 'static,
{
    let begun = timeout(DEADLINE, begin(pool, by, request)).await;
    let mut connection =
        begun.unwrap_or_else(|_| Err(unreachable("no transaction began within ten seconds")))?;
    let worked = work(&mut Write {
        connection: &mut connection,
        handles: Handles::default(),
        warnings: Vec::new(),
        defers_unique_keys: false,
    })
    .await;
    let done = match worked {
        Ok(value) => Transactions::commit_transaction(&mut *connection)
            .await
            .map(|()| value)
            .map_err(Error::from),
        Err(error) => {
            // If that fails, the connection is broken and the pool does not take it back.
            let _ = Transactions::rollback_transaction(&mut *connection).await;
            Err(error)
        }
    };
    if let Err(error) = &done {
        if error.problem() == Problem::Unavailable && !error.is_collision() {
            // The connection may be lost or have a stale plan.
            drop(Object::take(connection));
        }
        if has_stale_plan(error) {
            pool.close_idle();
        }
    }
    done
}

/// Returns a connection with an open transaction. Nothing is changed yet, so a lost connection is replaced by another.
async fn begin(pool: &Pooled, by: &str, request: &Request) -> Result<Object<AsyncPgConnection>> {
    let mut tries = TRIES;
    loop {
        let mut connection = pool.take().await?;
        tries -= 1;
        match introduce(&mut connection, by, request).await {
            Ok(()) => return Ok(connection),
            Err(error) => {
                drop(Object::take(connection));
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
