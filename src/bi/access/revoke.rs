//! Removes a login.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::error::{AccessError, database_message};
use super::names::{Holder, check_name, holder};
use super::statements::{literal, quoted, script};
use crate::bi::privileges::Privileges;

/// How long terminated sessions have to end.
const SESSION_END_TIMEOUT: Duration = Duration::from_secs(10);

/// What [`revoke`] did.
#[derive(Debug)]
pub enum Revoked {
    /// The login is removed.
    Done {
        /// How many of its sessions were ended
        sessions: i64,
    },
    /// No role has the name.
    NotFound,
    /// Nothing is done, because the connection's user may not.
    ForAdministrator {
        /// SQL that an administrator runs with psql
        script: String,
        /// Why the user may not
        reason: String,
    },
}

/// Removes a login: it can no longer log in, its sessions end, and the role is dropped.
///
/// The steps are not one transaction. If the role can't be dropped, the login stays without LOGIN, and the error says what to
/// do before `revoke` is run again.
///
/// # Errors
///
/// [`AccessError::Refused`] if `grant` did not create the role, if it has attributes such as CREATEDB, if it owns objects, or if
/// its sessions do not end; [`AccessError::Database`] if a statement fails.
pub async fn revoke(client: &Client, name: &str) -> Result<Revoked, AccessError> {
    // A role with capitals can be marked as a login too, so only `grant` refuses them.
    if check_name(&name.to_ascii_lowercase()).is_err() {
        return Err(AccessError::Refused(format!(
            "{name:?} is not a login that demarche bi grant created: demarche bi list shows those"
        )));
    }
    let privileges = Privileges::read(client).await?;
    let role = match holder(client, &privileges, name, false).await? {
        Holder::Nobody => return Ok(Revoked::NotFound),
        Holder::Login(role) => role,
        Holder::Other(why) => {
            return Err(AccessError::Refused(format!(
                "the role {name} {why} and is left unchanged: only logins of this database that bi grant created can be revoked; \
                 demarche bi list shows them"
            )));
        }
    };
    if !role.attributes.is_empty() {
        return Err(AccessError::Refused(format!(
            "the role {name} has been given {} and is left unchanged: remove that first, then revoke again",
            role.attributes
        )));
    }
    let login = quoted(name);
    if let Some(reason) = privileges.obstacle_to_roles(&[Some(&role)]) {
        let statements = statements(client, &privileges, name).await?;
        return Ok(Revoked::ForAdministrator {
            script: script(&privileges, &statements),
            reason,
        });
    }
    client
        .batch_execute(&format!("alter role {login} nologin"))
        .await?;
    inherit_privileges(client, &privileges, name).await?;
    let sessions = end_sessions(client, name).await?;
    let owned = owned(client, name).await?;
    if !owned.is_empty() {
        return Err(AccessError::Refused(format!(
            "{name} can no longer log in and its {sessions} sessions are ended, but it owns {}: in each of those databases hand them \
             over (reassign owned by {login} to {}) or drop them (drop owned by {login}), then revoke again",
            owned.join(", "),
            quoted(&privileges.owner),
        )));
    }
    // The role owns nothing, so this only revokes the privileges that it was given.
    client
        .batch_execute(&format!("drop owned by {login} restrict"))
        .await?;
    match client.batch_execute(&format!("drop role {login}")).await {
        Ok(()) => Ok(Revoked::Done { sessions }),
        Err(error) if error.code() == Some(&SqlState::DEPENDENT_OBJECTS_STILL_EXIST) => {
            Err(AccessError::Refused(format!(
                "{name} can no longer log in and its {sessions} sessions are ended, but objects depend on it ({}): in each of those \
                 databases run drop owned by {login}, then revoke again",
                database_message(&error)
            )))
        }
        Err(error) => Err(error.into()),
    }
}

/// Returns the statements by which an administrator removes the login.
async fn statements(
    client: &Client,
    privileges: &Privileges,
    name: &str,
) -> Result<[String; 6], tokio_postgres::Error> {
    let login = quoted(name);
    let owned = owned(client, name).await?;
    let drop_owned = if owned.is_empty() {
        format!("drop owned by {login} restrict")
    } else {
        format!(
            "-- It owns {}. Before this script, run in each of those databases\n\
             -- reassign owned by {login} to {} (or drop owned by {login}); until then this script fails\n\
             select",
            owned.join(", "),
            quoted(&privileges.owner)
        )
    };
    Ok([
        format!("alter role {login} nologin"),
        // Committed before the sessions end, so that no other begins.
        "commit".to_owned(),
        format!(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = {}",
            literal(name)
        ),
        "begin".to_owned(),
        drop_owned,
        format!("drop role {login}"),
    ])
}

/// Returns what a login owns, at most twenty objects: PostgreSQL drops no role that owns something.
async fn owned(client: &Client, name: &str) -> Result<Vec<String>, tokio_postgres::Error> {
    let rows = client.query(include_str!("owned.sql"), &[&name]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Gives the connection's user the login's privileges, which it takes to end its sessions and to drop what it was given.
async fn inherit_privileges(client: &Client, privileges: &Privileges, name: &str) -> Result<(), AccessError> {
    if privileges.is_superuser {
        return Ok(());
    }
    let has = client
        .query_one(
            "select pg_has_role(current_user, $1::text::name, 'usage')",
            &[&name],
        )
        .await?
        .get::<_, bool>(0);
    if has {
        return Ok(());
    }
    let options = if privileges.roles_need_admin_option() {
        " with inherit true, set false"
    } else {
        ""
    };
    let (login, user) = (quoted(name), quoted(&privileges.user));
    client
        .batch_execute(&format!("grant {login} to {user}{options}"))
        .await?;
    Ok(())
}

/// Ends the sessions of a login, waits until they are gone, and returns how many there were.
async fn end_sessions(client: &Client, name: &str) -> Result<i64, AccessError> {
    let begun = Instant::now();
    let mut ended = None;
    loop {
        let sessions = client
            .query_one(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                 where usename = $1 and backend_type = 'client backend'",
                &[&name],
            )
            .await?
            .get::<_, i64>(0);
        let first = *ended.get_or_insert(sessions);
        if sessions == 0 {
            return Ok(first);
        }
        if begun.elapsed() > SESSION_END_TIMEOUT {
            return Err(AccessError::Refused(format!(
                "{name} can no longer log in, but {sessions} of its sessions do not end: run revoke again in a moment"
            )));
        }
        sleep(Duration::from_millis(50)).await;
    }
}
