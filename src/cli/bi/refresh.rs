//! `demarche bi refresh`: brings what the views stand on up to date, by hand and by itself.

use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::bi::refresh::{self, IfBusy, Manner};
use crate::cli::CommandResult;
use crate::cli::output::tell;
use crate::config;
use crate::db::connect::{self, Use};
use crate::db::{Db, Target};

/// After migrating: no view is empty until the first refresh. Does nothing where nothing changed.
pub async fn fill(target: &Target) -> CommandResult {
    let runtime = tokio::runtime::Handle::current();
    let mut connection = connect::on(&runtime, target.clone(), Use::Exclusive).await?;
    refresh::refresh_if_due(&mut connection).await?;
    Ok(())
}

/// Refreshes from time to time, in a task to be aborted when the server stops.
pub fn keep_fresh(db: &Db, settings: config::Bi) -> Option<JoinHandle<()>> {
    let every = Duration::from_secs(settings.refresh_seconds);
    (!every.is_zero()).then(|| tokio::spawn(refresh::keep_fresh(db.clone(), every)))
}

pub async fn run(target: Target, full: bool) -> CommandResult {
    let manner = if full { Manner::Full } else { Manner::Incremental };
    let runtime = tokio::runtime::Handle::current();
    let mut connection = connect::on(&runtime, target, Use::Exclusive).await?;
    let begun = Instant::now();
    let refreshed = match refresh::refresh(&mut connection, manner, IfBusy::LeaveIt).await? {
        Some(refreshed) => Some(refreshed),
        None => {
            tell("another refresh is under way, waiting for it to end");
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
