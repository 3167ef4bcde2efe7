//! `demarche migrate`: what a deployment runs before it starts the servers.

use clap::Args;

use super::output::tell;
use super::{CommandResult, registry};
use crate::config;
use crate::db::migrate::migrate_with;

#[derive(Debug, Args)]
pub struct Migrate {
    #[command(flatten)]
    database: config::Database,
    #[command(flatten)]
    migrating: config::Migrating,
}

impl Migrate {
    pub async fn run(self) -> CommandResult {
        let target = registry::target(&self.database).await?;
        let done = migrate_with(&target, self.migrating.patience()).await?;
        for migration in &done.migrations {
            tell(format_args!("migrated {migration}"));
        }
        super::bi::refresh::fill(&target).await?;
        tell(format_args!(
            "the schema of {} is current{}",
            target.database(),
            if done.views_rebuilt {
                ", its views are built anew"
            } else {
                ", nothing was to do"
            }
        ));
        Ok(())
    }
}
