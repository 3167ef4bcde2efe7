//! `demarche bi`: administration for BI tools.

mod access;
pub mod refresh;

use clap::{Args, Subcommand};

use super::{CommandResult, registry};
use crate::config;

#[derive(Debug, Args)]
pub struct Bi {
    #[command(flatten)]
    database: config::Database,
    #[command(subcommand)]
    command: BiCommand,
}

#[derive(Debug, Subcommand)]
enum BiCommand {
    /// Create a login that reads schema bi and nothing else, or change one, and print how tools connect with it
    Grant(access::Grant),
    /// Remove a login: its sessions end, the role is dropped
    Revoke {
        /// A login that bi grant created
        name: String,
    },
    /// List the logins that bi grant created, with their limits
    List,
    /// Bring the tables that views of schema bi read up to date; readers do not wait
    Refresh {
        /// Compute every row, not only those that changed records affect
        #[arg(long)]
        full: bool,
    },
}

impl Bi {
    pub async fn run(self) -> CommandResult {
        let target = registry::reachable(&self.database).await?;
        match self.command {
            BiCommand::Grant(grant) => grant.run(&target).await,
            BiCommand::Revoke { name } => access::revoke(&target, &name).await,
            BiCommand::List => access::list(&target).await,
            BiCommand::Refresh { full } => refresh::run(target, full).await,
        }
    }
}
