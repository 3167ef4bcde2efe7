//! Creates a login, or sets an existing one to what is asked.

use tokio_postgres::Client;

use super::error::AccessError;
use super::login::Login;
use super::names::{Holder, check_group, check_name, holder};
use super::statements::{REVOKE_HARMFUL, for_grant, script, temporary_file_limit};
use crate::bi::privileges::Privileges;

/// The first version of PostgreSQL in which a superuser can grant the privilege to set a parameter.
const PARAMETER_PRIVILEGES_VERSION: i32 = 150_000;

/// What [`grant`] did.
#[derive(Debug)]
pub enum Granted {
    /// The login is set.
    Done {
        /// Whether the login was created, not changed
        is_new: bool,
        /// What the login may do beyond reading schema `bi`
        notes: Vec<Note>,
    },
    /// Nothing is done, because the connection's user may not.
    ForAdministrator {
        /// SQL that an administrator runs with psql
        script: String,
        /// Why the user may not
        reason: String,
    },
}

/// A privilege that the login has beyond what it needs, and the statement by which an administrator revokes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The privilege, in words
    pub what: String,
    /// The statement
    pub statement: String,
}

/// Creates a login, or sets an existing login to `login`. Either all of it is done or nothing.
///
/// # Errors
///
/// [`AccessError::Refused`] if the name is not valid or belongs to a role that `grant` did not create, if the role has
/// attributes such as CREATEDB, or if a new login has no password; [`AccessError::Database`] if a statement fails.
pub async fn grant(client: &mut Client, login: &Login) -> Result<Granted, AccessError> {
    check_name(&login.name)?;
    let privileges = Privileges::read(client).await?;
    check_group(&privileges)?;
    let present = match holder(client, &privileges, &login.name, login.adopts).await? {
        Holder::Nobody => None,
        Holder::Login(role) => Some(role),
        Holder::Other(why) => {
            return Err(AccessError::Refused(format!(
                "the role {} {why} and is left unchanged: choose another name",
                login.name
            )));
        }
    };
    if let Some(role) = present.as_ref().filter(|role| !role.attributes.is_empty()) {
        return Err(AccessError::Refused(format!(
            "the role {} has been given {} and is left unchanged: remove that first, or choose another name",
            role.name, role.attributes
        )));
    }
    if present.is_none() && login.password.is_none() {
        return Err(AccessError::Refused(format!(
            "the login {} is new and needs a password",
            login.name
        )));
    }
    let obstacle = privileges
        .obstacle_to_roles(&[privileges.group.as_ref(), present.as_ref()])
        .or_else(|| privileges.obstacle_to_grants());
    if let Some(reason) = obstacle {
        let statements = for_grant(&privileges, true, login, present.as_ref());
        return Ok(Granted::ForAdministrator {
            script: script(&privileges, &statements),
            reason,
        });
    }
    let transaction = client.transaction().await?;
    // PostgreSQL notices each membership that exists already.
    transaction
        .batch_execute("set local client_min_messages = warning")
        .await?;
    for statement in for_grant(&privileges, privileges.is_superuser, login, present.as_ref()) {
        transaction.batch_execute(&statement).await?;
    }
    let mut notes = Vec::new();
    if !privileges.is_superuser {
        if privileges.public_may_do_harm {
            notes.push(Note {
                what: "every login may write large objects, and take advisory locks until the server has no room for locks"
                    .to_owned(),
                statement: format!("{REVOKE_HARMFUL};"),
            });
        }
        let limit = temporary_file_limit(login);
        if may_limit_temporary_files(&transaction, &privileges).await? {
            transaction.batch_execute(&limit).await?;
        } else {
            notes.push(Note {
                what: "its queries may fill the disk with temporary files".to_owned(),
                statement: format!("{limit};"),
            });
        }
    }
    for row in transaction
        .query(include_str!("excess_privileges.sql"), &[&login.name])
        .await?
    {
        notes.push(Note {
            statement: row.get(0),
            what: row.get(1),
        });
    }
    transaction.commit().await?;
    Ok(Granted::Done {
        is_new: present.is_none(),
        notes,
    })
}

async fn may_limit_temporary_files(
    client: &impl tokio_postgres::GenericClient,
    privileges: &Privileges,
) -> Result<bool, tokio_postgres::Error> {
    if privileges.version < PARAMETER_PRIVILEGES_VERSION {
        return Ok(false);
    }
    let row = client
        .query_one(
            "select has_parameter_privilege(current_user, 'temp_file_limit', 'set')",
            &[],
        )
        .await?;
    Ok(row.get(0))
}
