//! Lists logins.

use tokio_postgres::Client;

use super::error::AccessError;
use super::names::login_comment;
use crate::bi::privileges::{Privileges, Role};

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

/// Returns the logins that [`grant`](super::grant) created for this database, by name.
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
            &[&login_comment(&privileges.database)],
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
