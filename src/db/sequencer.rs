//! The sequencer: gives committed revisions their sequence number, their time and their link of the hash chain. Writers do
//! not wait for it: each write of this program wakes it, and it polls for other writes several times a second. Several servers
//! may run one; the row of `chain_head` is their lock.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::db::{Db, Statement};
use crate::error::{Error, Result};

/// Longest time until a running server numbers a revision that another program wrote.
pub const WINDOW: Duration = Duration::from_millis(200);
/// The user of its transactions, which write no revisions.
const WRITER: &str = "demarche";

#[derive(QueryableByName)]
struct ExistsRow {
    #[diesel(sql_type = sql_types::Bool)]
    exists: bool,
}

#[derive(QueryableByName)]
struct DoneRow {
    #[diesel(sql_type = sql_types::Nullable<sql_types::BigInt>)]
    done: Option<i64>,
}

/// A running sequencer, which stops when this is dropped.
#[derive(Debug)]
pub struct Sequencer(JoinHandle<()>);

impl Drop for Sequencer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts a sequencer.
pub fn start(db: &Db) -> Sequencer {
    let db = db.clone();
    let runtime = db.runtime().clone();
    Sequencer(runtime.spawn(async move {
        loop {
            // Polls on notification or timeout.
            let _ = timeout(WINDOW, db.written().notified()).await;
            let done = match is_waiting(&db).await {
                Ok(false) => continue,
                Ok(true) => run(&db, false, None).await,
                Err(error) => Err(error),
            };
            if let Err(error) = done {
                tracing::debug!(%error, "revisions wait for their sequence number");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }))
}

/// Numbers all revisions that are committed, so that a client which reads the changes next finds its own writes.
///
/// # Errors
/// If the database can't be reached or refuses a statement.
pub async fn bring_up_to_date(db: &Db) -> Result<()> {
    if is_waiting(db).await? {
        run(db, true, None).await?;
    }
    Ok(())
}

/// The clock of the database, and whether a moment lies beyond the changes that are final.
#[derive(QueryableByName)]
pub struct Horizon {
    /// The time of the database.
    #[diesel(sql_type = sql_types::Timestamptz)]
    pub clock: DateTime<Utc>,
    /// Whether changes with an earlier time than the moment may still be added.
    #[diesel(sql_type = sql_types::Bool)]
    pub is_beyond: bool,
}

/// Returns whether an as-of read at a moment may still change.
///
/// # Errors
/// If the database can't be reached.
pub async fn horizon(db: &Db, moment: DateTime<Utc>) -> Result<Horizon> {
    let statement =
        Statement::new("select clock_timestamp() as clock, exists (select from chain_head where horizon < ")
            .bind(moment)
            .sql(") as is_beyond")
            .keep_prepared();
    db.read_one(statement)
        .await?
        .ok_or_else(|| Error::internal("the database returned no time"))
}

/// Makes as-of reads at a moment final; the moment must not be in the future.
///
/// # Errors
/// If the database can't be reached or refuses a statement.
pub async fn bring_up_to(db: &Db, moment: DateTime<Utc>) -> Result<()> {
    run(db, true, Some(moment)).await.map(drop)
}

async fn is_waiting(db: &Db) -> Result<bool> {
    let statement = Statement::new("select exists (select from outbox) as exists").keep_prepared();
    Ok(db
        .read_one::<ExistsRow>(statement)
        .await?
        .is_some_and(|row| row.exists))
}

/// Runs one pass and returns how many revisions it numbered; `None` if another pass is running and `waits` is false.
async fn run(db: &Db, waits: bool, up_to: Option<DateTime<Utc>>) -> Result<Option<i64>> {
    let done = db
        .write(WRITER, move |write| {
            Box::pin(async move {
                // After a large load a pass may take long.
                write
                    .execute(Statement::new("set local statement_timeout = 0"))
                    .await?;
                let pass = Statement::new("select sequence_revisions(")
                    .bind(waits)
                    .sql(", ")
                    .bind(up_to.map(|moment| moment.to_rfc3339()))
                    .sql("::timestamptz) as done");
                Ok(write.load::<DoneRow>(pass).await?.pop().and_then(|row| row.done))
            })
        })
        .await?;
    if done.is_some_and(|done| done > 0) {
        db.sequenced().send_replace(());
    }
    Ok(done)
}
