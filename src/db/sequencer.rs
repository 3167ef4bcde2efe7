//! Gives committed revisions their place in the one order of changes, the moment they are known from, and their link of
//! the chain. Writers don't wait for it: it is woken by every write of this program, and looks for those of others several
//! times a second. Several servers may do it; they take turns at the one row of `chain_head`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::db::{Db, Statement};
use crate::error::{Error, Result};

/// How long a change by somebody else's hand may wait for its place while a server runs.
pub const WINDOW: Duration = Duration::from_millis(200);
/// As whom it writes; what it writes has no revisions.
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

/// Stops the task when the server does.
#[derive(Debug)]
pub struct Sequencer(JoinHandle<()>);

impl Drop for Sequencer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Puts changes in order from now on.
pub fn start(db: &Db) -> Sequencer {
    let db = db.clone();
    let runtime = db.runtime().clone();
    Sequencer(runtime.spawn(async move {
        loop {
            // Whether woken or not: there may be something.
            let _ = timeout(WINDOW, db.written().notified()).await;
            let done = match is_waiting(&db).await {
                Ok(false) => continue,
                Ok(true) => run(&db, false, None).await,
                Err(error) => Err(error),
            };
            if let Err(error) = done {
                tracing::debug!(%error, "changes wait for their place");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }))
}

/// Gives a place to everything that is committed by now, so that who reads the order of changes finds what they wrote.
pub async fn bring_up_to_date(db: &Db) -> Result<()> {
    if is_waiting(db).await? {
        run(db, true, None).await?;
    }
    Ok(())
}

/// What the database says of a moment.
#[derive(QueryableByName)]
pub struct Horizon {
    /// What time it is there.
    #[diesel(sql_type = sql_types::Timestamptz)]
    pub clock: DateTime<Utc>,
    /// Whether what was known at the moment may change yet.
    #[diesel(sql_type = sql_types::Bool)]
    pub is_beyond: bool,
}

/// Whether what was known at a moment is final.
pub async fn horizon(db: &Db, moment: DateTime<Utc>) -> Result<Horizon> {
    let statement =
        Statement::new("select clock_timestamp() as clock, exists (select from chain_head where horizon < ")
            .bind(moment)
            .sql(") as is_beyond")
            .keep_prepared();
    db.read_one(statement)
        .await?
        .ok_or_else(|| Error::internal("the database told no time"))
}

/// Makes sure that what was known at a moment, which is not to come, will never change.
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

/// One pass. Tells how many changes got a place; nothing where another pass is under way and it was not to be waited for.
async fn run(db: &Db, waits: bool, up_to: Option<DateTime<Utc>>) -> Result<Option<i64>> {
    let done = db
        .write(WRITER, move |write| {
            Box::pin(async move {
                // Of a great load it may take long.
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
