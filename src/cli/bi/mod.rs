//! `demarche bi`: what those who run the registry do for BI tools.

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
    /// Make a login that reads schema bi and nothing else, or set one anew, and print what tools connect by
    Grant(access::Grant),
    /// Take a login away: its sessions end, the role is dropped
    Revoke {
        /// A login that bi grant made
        name: String,
    },
    /// List the logins that bi grant made, with their limits
    List,
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
            BiCommand::Grant(grant) => grant.run(&target).await,
            BiCommand::Revoke { name } => access::revoke(&target, &name).await,
            BiCommand::List => access::list(&target).await,
            BiCommand::Refresh { full } => refresh::run(target, full).await,
        }
    }
}
