//! Names of logins and of their group, and whose a name is. A comment on a role marks it as a BI login of a database.

use tokio_postgres::Client;

use super::error::AccessError;
use crate::bi::privileges::{LONGEST_NAME, Privileges, Role};

/// Checks that a name works in every tool and is not reserved by PostgreSQL. PostgreSQL folds a name without quotes to lower case.
///
/// # Errors
///
/// [`AccessError::Refused`] with the rule that the name violates.
pub fn check_name(name: &str) -> Result<(), AccessError> {
    let is_word = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.@-".contains(&byte));
    if !is_word || name.len() > LONGEST_NAME {
        return Err(AccessError::Refused(format!(
            "{name:?} is not a valid name for a login: use the lower-case letters a-z, digits and _ . @ -, begin with a letter or _, and write \
             at most {LONGEST_NAME} characters"
        )));
    }
    if name.starts_with("pg_") || name == "public" || name == "none" {
        return Err(AccessError::Refused(format!(
            "{name} is a name that PostgreSQL reserves; choose another"
        )));
    }
    Ok(())
}

/// Returns the comment that marks a role as a BI login of the database.
pub(super) fn login_comment(database: &str) -> String {
    format!("BI login of database {database}, made by demarche bi grant")
}

/// Returns the comment that marks the group of the BI logins of the database.
pub(super) fn group_comment(database: &str) -> String {
    format!("BI logins of database {database} are members, made by demarche")
}

/// Checks that the group's name is short enough, and that a role of that name is a plain group: one with more privileges must
/// not be granted to anybody.
pub(super) fn check_group(privileges: &Privileges) -> Result<(), AccessError> {
    let name = privileges.group_name();
    if name.len() > LONGEST_NAME {
        return Err(AccessError::Refused(format!(
            "the group of the BI logins would be named {name}, which is too long for PostgreSQL: rename the database to at most \
             {} characters",
            LONGEST_NAME - "_bi".len()
        )));
    }
    let wrong = privileges.group.as_ref().and_then(|group| {
        if group.can_login {
            Some("may log in".to_owned())
        } else {
            (!group.attributes.is_empty()).then(|| format!("has {}", group.attributes))
        }
    });
    match wrong {
        Some(wrong) => Err(AccessError::Refused(format!(
            "the role {name} {wrong}, so it can't be the group of the BI logins; rename the role, because the group needs its \
             name"
        ))),
        None => Ok(()),
    }
}

/// Whose a name is.
pub(super) enum Holder {
    /// No role has the name.
    Nobody,
    /// A login that `grant` created for this database or that it adopts.
    Login(Role),
    /// A role that must not be changed; the text says why and continues "the role NAME …".
    Other(String),
}

/// Returns whose a name is. `adopts` makes a member of the group that has no comment a login of this database.
pub(super) async fn holder(
    client: &Client,
    privileges: &Privileges,
    name: &str,
    adopts: bool,
) -> Result<Holder, AccessError> {
    let other = |why: &str| Ok(Holder::Other(why.to_owned()));
    if name == privileges.group_name() {
        return other("is the group of the BI logins itself");
    }
    if name == privileges.owner {
        return other("owns the database");
    }
    if name == privileges.user {
        return other("is the role that this command connects as");
    }
    let Some(role) = Role::find(client, name).await? else {
        return Ok(Holder::Nobody);
    };
    let is_member = role.member_of.contains(&privileges.group_name());
    if role.comment == login_comment(&privileges.database) || (adopts && is_member && role.comment.is_empty())
    {
        return Ok(Holder::Login(role));
    }
    let database = role
        .comment
        .strip_prefix("BI login of database ")
        .and_then(|rest| rest.split_once(','));
    match database {
        Some((database, _)) => Ok(Holder::Other(format!("is a BI login of database {database}"))),
        None => other("was not created by demarche bi grant"),
    }
}
