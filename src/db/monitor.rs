//! Looks at the database again and again, and when a request asks, on a connection of its own: a look never waits for the work of
//! requests.

use std::time::Duration;

use diesel_async::AsyncPgConnection;
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::connect::{self, Use};
use super::handle::Db;
use super::health::Health;
use super::migrate;

/// The time between two looks at a database that is well.
const PAUSE: Duration = Duration::from_secs(1);
/// The same at a database that is not: its recovery is noticed soon.
const SHORT_PAUSE: Duration = Duration::from_millis(200);
/// The least time between two looks, however many requests ask.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
/// How long a look may take. A database under load takes its time; one that needs longer for this does not respond.
const PATIENCE: Duration = Duration::from_secs(2);

/// Starts the task that looks; it ends when the returned value is dropped.
pub fn start(db: &Db) -> AbortOnDropHandle<()> {
    let db = db.clone();
    let runtime = db.runtime().clone();
    AbortOnDropHandle::new(runtime.spawn(async move {
        let mut kept = None;
        loop {
            let number = db.health().begin_look();
            let seen = match timeout(PATIENCE, look(&db, &mut kept)).await {
                Ok(seen) => seen,
                Err(_) => {
                    kept = None;
                    Health::Silent(format!("no response within {} seconds", PATIENCE.as_secs()))
                }
            };
            let is_well = seen == Health::Current;
            db.health().note(number, seen);
            sleep(SHORTEST_PAUSE).await;
            // Until the pause is over or somebody asks.
            let _ = timeout(if is_well { PAUSE } else { SHORT_PAUSE }, db.health().wanted()).await;
        }
    }))
}

/// Looks once. A connection that was lost since the last look is made anew at once: the database may be back already.
async fn look(db: &Db, kept: &mut Option<AsyncPgConnection>) -> Health {
    if let Some(mut connection) = kept.take()
        && let Ok(seen) = ask(&mut connection).await
    {
        *kept = Some(connection);
        return seen;
    }
    match connect::on(db.runtime(), db.target().clone(), Use::Shared).await {
        Err(error) => Health::Silent(error.to_string()),
        Ok(mut connection) => match ask(&mut connection).await {
            Ok(seen) => {
                *kept = Some(connection);
                seen
            }
            Err(error) => Health::Silent(error.to_string()),
        },
    }
}

async fn ask(connection: &mut AsyncPgConnection) -> Result<Health, migrate::MigrateError> {
    Ok(if migrate::is_complete(connection).await? {
        Health::Current
    } else {
        Health::Outdated
    })
}
