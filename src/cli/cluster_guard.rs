//! `demarche cluster-guard`: the guard process of the tests' shared cluster. Waits until the last test process has left
//! it, then removes it.

use std::path::PathBuf;

use clap::Args;

use super::CommandResult;
use crate::demo::cluster::{APPLICATION, ClusterFailure};

/// The directory of the shared cluster.
#[derive(Debug, Args)]
pub struct ClusterGuard {
    directory: PathBuf,
}

impl ClusterGuard {
    /// Returns when the cluster is removed.
    ///
    /// # Errors
    /// If the cluster can't be removed.
    pub async fn run(self) -> CommandResult {
        private_postgres::guard(APPLICATION, &self.directory)
            .await
            .map_err(ClusterFailure)?;
        Ok(())
    }
}
