//! `demarche bi refresh`: brings the tables that views of schema `bi` read up to date, once or at an interval.

use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::bi::refresh::{self, IfBusy, Manner};
use crate::cli::CommandResult;
use crate::cli::output::tell;
use crate::config;
use crate::db::connect::{self, Use};
use crate::db::{Db, Target};

/// Refreshes after migrating, so that no view is empty until the first refresh. Does nothing if nothing changed.
pub async fn fill(target: &Target) -> CommandResult {
    let runtime = tokio::runtime::Handle::current();
    let mut connection = connect::on(&runtime, target.clone(), Use::Exclusive(connect::COMMAND_TIME)).await?;
    refresh::refresh_if_due(&mut connection).await?;
    Ok(())
}

/// Starts a task that refreshes at an interval; the caller aborts it when the server stops. Returns `None` if the interval is 0.
pub fn keep_fresh(db: &Db, settings: config::Bi) -> Option<JoinHandle<()>> {
    let every = Duration::from_secs(settings.refresh_seconds);
    (!every.is_zero()).then(|| tokio::spawn(refresh::keep_fresh(db.clone(), every)))
}

/// Refreshes once, after any other refresh that runs.
pub async fn run(target: Target, full: bool) -> CommandResult {
    let manner = if full { Manner::Full } else { Manner::Incremental };
    let runtime = tokio::runtime::Handle::current();
    let mut connection = connect::on(&runtime, target, Use::Exclusive(connect::COMMAND_TIME)).await?;
    let begun = Instant::now();
    let refreshed = match refresh::refresh(&mut connection, manner, IfBusy::Skip).await? {
        Some(refreshed) => Some(refreshed),
        None => {
            tell("another refresh is running, waiting for it to end");
            refresh::refresh(&mut connection, manner, IfBusy::Wait).await?
        }
    };
    if let Some(refreshed) = refreshed {
        tell(format_args!(
            "refreshed in {:.1} s, {}: {} changed records, {} changed rows",
            begun.elapsed().as_secs_f64(),
            refreshed.manner.word(),
            refreshed.changed_records,
            refreshed.changed_rows
        ));
    }
    Ok(())
}
