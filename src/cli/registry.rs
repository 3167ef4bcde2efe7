//! Which database a command works on: that of DATABASE_URL, else the demo's in --data-dir.

use crate::config;
use crate::db::Target;
use crate::db::cluster::Cluster;
use crate::demo::credentials::{Credentials, DATABASE};

pub type AnyError = Box<dyn std::error::Error + Send + Sync>;

pub async fn target(database: &config::Database) -> Result<Target, AnyError> {
    if let Some(url) = &database.database_url {
        return Target::parse(url)
            .map_err(|error| format!("DATABASE_URL is no connection URL: {error}").into());
    }
    let endpoint = Cluster::attach(&database.cluster.data_dir).await?;
    let directory = Cluster::directory_for(&database.cluster.data_dir)?;
    let credentials = Credentials::read(&directory)?.ok_or_else(|| {
        format!(
            "{} holds no demo: start one with demarche demo",
            directory.display()
        )
    })?;
    Ok(credentials.owner(&endpoint, DATABASE))
}
