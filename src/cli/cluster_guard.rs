//! Waits until the last test process has left a shared cluster, then stops it.

use std::path::PathBuf;

use clap::Args;

use super::CommandResult;

#[derive(Debug, Args)]
pub struct ClusterGuard {
    directory: PathBuf,
}

impl ClusterGuard {
    pub async fn run(self) -> CommandResult {
        crate::db::cluster::guard(&self.directory).await?;
        Ok(())
    }
}
