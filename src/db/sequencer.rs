//! Gives committed revisions their sequence number, the time from which as-of reads show them, and their link of the chain.
//! Writers don't wait for it: every write of this server wakes it, and it polls for the writes of others several times a
//! second. Several servers may run it; they take turns at the one row of `chain_head`.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types;
use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use crate::db::{Db, Statement};
use crate::error::{Error, Result};

/// The longest time between two polls for changes that were not written by this server.
pub const WINDOW: Duration = Duration::from_millis(200);
/// The user that it writes as; its writes have no revisions.
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

/// Starts the task that sequences changes; it ends when the returned value is dropped.
pub fn start(db: &Db) -> AbortOnDropHandle<()> {
    let db = db.clone();
    let runtime = db.runtime().clone();
    AbortOnDropHandle::new(runtime.spawn(async move {
        loop {
            // Polls on notification or timeout.
            let _ = timeout(WINDOW, db.written().notified()).await;
            let done = match is_waiting(&db).await {
                Ok(false) => continue,
                // The task that holds the lock sequences these changes too.
                Ok(true) => match db.sequencing().try_lock() {
                    Ok(_lock) => run(&db, false, None).await,
                    Err(_) => continue,
                },
                Err(error) => Err(error),
            };
            if let Err(error) = done {
                tracing::debug!(%error, "the outbox could not be sequenced; it is tried again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }))
}

/// Sequences all revisions that are committed by now, so that clients find their own writes in the feed.
///
/// # Errors
/// If the database fails.
pub async fn bring_up_to_date(db: &Db) -> Result<()> {
    if !is_waiting(db).await? {
        return Ok(());
    }
    in_time(async {
        let lock = Arc::clone(db.sequencing()).lock_owned().await;
        // Another pass may have done it meanwhile.
        if is_waiting(db).await? {
            pass(db, lock, None).await?;
        }
        Ok(())
    })
    .await
}

/// Waits for a pass, but not for long: one over the revisions of a large import goes on without the request.
async fn in_time(sequenced: impl Future<Output = Result<()>>) -> Result<()> {
    const PATIENCE: Duration = Duration::from_secs(8);
    timeout(PATIENCE, sequenced).await.unwrap_or_else(|_| {
        Err(Error::unavailable(
            "the latest changes are still being put in order; send the request again in a moment",
            "a pass of the sequencer takes long",
        ))
    })
}

/// The database's clock, and whether the registry as recorded at a moment may still change.
#[derive(QueryableByName)]
pub struct Horizon {
    /// The time of the database's clock.
    #[diesel(sql_type = sql_types::Timestamptz)]
    pub clock: DateTime<Utc>,
    /// Whether the registry as recorded at the moment may still change.
    #[diesel(sql_type = sql_types::Bool)]
    pub is_beyond: bool,
}

/// Returns the database's clock, and whether the registry as recorded at `moment` may still change.
///
/// # Errors
/// If the database fails.
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

/// Makes the registry as recorded at `moment` final. `moment` must not be in the future.
///
/// # Errors
/// If the database fails.
pub async fn bring_up_to(db: &Db, moment: DateTime<Utc>) -> Result<()> {
    in_time(async {
        let lock = Arc::clone(db.sequencing()).lock_owned().await;
        if horizon(db, moment).await?.is_beyond {
            pass(db, lock, Some(moment)).await?;
        }
        Ok(())
    })
    .await
}

/// Runs a pass in a task of its own, as the program and not as the request that needs it: a client that goes away leaves no half
/// of it, and it takes none of the places of writes. However many requests need one, one pass runs at a time.
async fn pass(db: &Db, lock: OwnedMutexGuard<()>, up_to: Option<DateTime<Utc>>) -> Result<()> {
    let of_task = db.clone();
    let task = db.runtime().spawn(async move {
        let done = run(&of_task, true, up_to).await;
        drop(lock);
        done
    });
    task.await.map_err(Error::internal)?.map(drop)
}

async fn is_waiting(db: &Db) -> Result<bool> {
    let statement = Statement::new("select exists (select from outbox) as exists").keep_prepared();
    Ok(db
        .read_one::<ExistsRow>(statement)
        .await?
        .is_some_and(|row| row.exists))
}

/// Sequences the outbox once and returns the number of changes; `None` if another pass runs and `waits` is false.
async fn run(db: &Db, waits: bool, up_to: Option<DateTime<Utc>>) -> Result<Option<i64>> {
    let done = db
        .write(WRITER, move |write| {
            Box::pin(async move {
                // A pass over the revisions of a large import may take long.
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
