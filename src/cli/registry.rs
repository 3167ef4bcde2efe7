//! The database that a command works on: that of DATABASE_URL, else the demo's in --data-dir.

use crate::config;
use crate::db::Target;
use crate::db::connect::connection_failure;
use crate::db::pooler;

/// Any error, with its text for people.
pub type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// Returns how to connect to the registry's database.
///
/// # Errors
/// If DATABASE_URL is not a connection URL, or is not set and no demo runs.
pub async fn target(database: &config::Database) -> Result<Target, AnyError> {
    match &database.database_url {
        Some(url) => Target::parse(url)
            .map_err(|error| format!("DATABASE_URL is not a connection URL: {error}").into()),
        None => target_of_demo(database).await,
    }
}

/// Returns how to connect to the registry's database, after a connection to it was made.
///
/// # Errors
/// As [`target`], and with PostgreSQL's reason if the database of DATABASE_URL can't be connected to.
pub async fn reachable(database: &config::Database) -> Result<Target, AnyError> {
    let target = target(database).await?;
    if database.database_url.is_some() {
        target.client().await.map_err(|error| {
            format!(
                "could not connect to the database: {}; check DATABASE_URL",
                connection_failure(&error)
            )
        })?;
        refuse_moved_sessions(&target).await?;
    }
    Ok(target)
}

/// Refuses a database that is reached through a pooler which gives each transaction another session. A database that can't be
/// reached is not refused.
///
/// # Errors
/// With what to set instead.
pub async fn refuse_moved_sessions(target: &Target) -> Result<(), AnyError> {
    match pooler::moves_sessions(target).await {
        Ok(true) => Err(
            "DATABASE_URL leads through a pooler that gives each transaction another session, such as PgBouncer with \
             pool_mode = transaction: set pool_mode = session for this database, or connect to PostgreSQL itself, because \
             demarche keeps prepared statements and settings in its sessions"
                .into(),
        ),
        Ok(false) | Err(_) => Ok(()),
    }
}

#[cfg(feature = "demo")]
async fn target_of_demo(database: &config::Database) -> Result<Target, AnyError> {
    use private_postgres::Cluster;

    use crate::demo::cluster::{APPLICATION, ClusterFailure};
    use crate::demo::credentials::{Credentials, DATABASE};

    let data_dir = &database.cluster.data_dir;
    let endpoint = Cluster::attach(APPLICATION, data_dir)
        .await
        .map_err(ClusterFailure)?;
    let directory = Cluster::directory_for(APPLICATION, data_dir).map_err(ClusterFailure)?;
    let credentials = Credentials::read(&directory)?.ok_or_else(|| {
        format!(
            "{} holds no demo: start one with `demarche demo`",
            directory.display()
        )
    })?;
    Ok(credentials.owner(&endpoint, DATABASE))
}

#[cfg(not(feature = "demo"))]
async fn target_of_demo(_: &config::Database) -> Result<Target, AnyError> {
    Err("DATABASE_URL is not set: set it to the connection URL of the registry's database".into())
}
