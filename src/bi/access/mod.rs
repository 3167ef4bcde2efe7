//! Logins that read schema `bi` and nothing else: how they are created, listed and removed. A role that `grant` did not
//! create is never changed. What the connection's user may not do becomes SQL for the database's administrator.

mod grant;
mod names;
mod revoke;
mod statements;

use tokio_postgres::Client;

use super::privileges::{Privileges, Role};
pub use grant::{Granted, Login, Note, grant};
pub use names::check_name;
pub use revoke::{Revoked, revoke};

/// Why a login could not be created, listed or removed.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// A statement failed.
    #[error("the database refused: {}", database_message(.0))]
    Database(#[from] tokio_postgres::Error),
    /// A rule of this module forbids it; the text says which, and what to do.
    #[error("{0}")]
    Refused(String),
}

/// Returns PostgreSQL's own message with its detail, which names what is in the way.
fn database_message(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(
        || error.to_string(),
        |database| match database.detail() {
            Some(detail) => format!("{}: {detail}", database.message()),
            None => database.message().to_owned(),
        },
    )
}

/// A login in a list.
#[derive(Debug)]
pub struct Listed {
    /// Name of the login
    pub name: String,
    /// Whether the role has LOGIN; false if a `revoke` was interrupted
    pub can_login: bool,
    /// Most connections at once; -1 if there is no limit
    pub connections: i32,
    /// Sessions that are open now
    pub sessions: i64,
    /// Settings of the role, `name=value`, separated by blanks
    pub settings: String,
}

/// Returns whether a role of this name exists, whether or not it is a BI login.
///
/// # Errors
///
/// If the statement fails.
pub async fn role_exists(client: &Client, name: &str) -> Result<bool, AccessError> {
    Ok(Role::find(client, name).await?.is_some())
}

/// Returns the logins that [`grant`] created for this database, by name.
///
/// # Errors
///
/// If a statement fails.
pub async fn list(client: &Client) -> Result<Vec<Listed>, AccessError> {
    let privileges = Privileges::read(client).await?;
    let rows = client
        .query(
            "select
               role.rolname::text,
               role.rolcanlogin,
               role.rolconnlimit,
               (select count(*) from pg_stat_activity as session where session.usesysid = role.oid),
               coalesce(array_to_string(role.rolconfig, ' '), '')
             from pg_roles as role
             where shobj_description(role.oid, 'pg_authid') = $1
             order by role.rolname",
            &[&names::login_comment(&privileges.database)],
        )
        .await?;
    Ok(rows
        .iter()
        .map(|row| Listed {
            name: row.get(0),
            can_login: row.get(1),
            connections: row.get(2),
            sessions: row.get(3),
            settings: row.get(4),
        })
        .collect())
}
