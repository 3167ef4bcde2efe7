//! `demarche migrate`: brings the database's schema up to date. A deployment runs it before it starts the servers.

use clap::Args;

use super::output::tell;
use super::{CommandResult, registry};
use crate::config;
use crate::migrating::migrate_with;

#[derive(Debug, Args)]
pub struct Migrate {
    #[command(flatten)]
    database: config::Database,
    #[command(flatten)]
    migrating: config::Migrating,
}

impl Migrate {
    /// Migrates, and prints each migration to stderr.
    ///
    /// # Errors
    /// If the database can't be reached or a migration fails; nothing has changed then.
    pub async fn run(self) -> CommandResult {
        let target = registry::reachable(&self.database).await?;
        let done = migrate_with(&target, self.migrating.patience()).await?;
        for migration in &done.migrations {
            tell(format_args!("migrated {migration}"));
        }
        super::bi::refresh::fill(&target).await?;
        tell(format_args!(
            "the schema of {} is up to date{}",
            target.database(),
            if done.views_rebuilt {
                "; its views were rebuilt"
            } else {
                "; nothing had to be done"
            }
        ));
        Ok(())
    }
}
