//! `demarche bi`: what BI tools read, and how fresh it is.

use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use tokio::task::JoinHandle;

use super::{CommandResult, registry};
use crate::bi::refresh::{self, IfBusy, Manner};
use crate::config;
use crate::db::connect::{self, Use};
use crate::db::{Db, Target};

#[derive(Debug, Args)]
pub struct Bi {
    #[command(flatten)]
    database: config::Database,
    #[command(subcommand)]
    command: BiCommand,
}

#[derive(Debug, Subcommand)]
enum BiCommand {
    /// Bring what the views of schema bi stand on up to date; readers don't wait
    Refresh {
        /// Work out everything, and not only what changed
        #[arg(long)]
        full: bool,
    },
}

impl Bi {
    pub async fn run(self) -> CommandResult {
        let target = registry::target(&self.database).await?;
        match self.command {
            BiCommand::Refresh { full } => run_refresh(target, full).await,
        }
    }
}

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

async fn run_refresh(target: Target, full: bool) -> CommandResult {
    let manner = if full { Manner::Full } else { Manner::Incremental };
    let runtime = tokio::runtime::Handle::current();
    let mut connection = connect::on(&runtime, target, Use::Exclusive).await?;
    let begun = Instant::now();
    let refreshed = match refresh::refresh(&mut connection, manner, IfBusy::LeaveIt).await? {
        Some(refreshed) => Some(refreshed),
        None => {
            eprintln!("another refresh is under way, waiting for it to end");
            refresh::refresh(&mut connection, manner, IfBusy::Wait).await?
        }
    };
    if let Some(refreshed) = refreshed {
        eprintln!(
            "refreshed in {:.1} s, {}: {} changed records, {} changed rows",
            begun.elapsed().as_secs_f64(),
            refreshed.manner.word(),
            refreshed.changed_records,
            refreshed.changed_rows
        );
    }
    Ok(())
}
