//! The SQL that creates and limits a login.

use postgres_protocol::password::scram_sha_256;

use super::login::Login;
use super::names::{group_comment, login_comment};
use crate::bi::privileges::{Privileges, Role};
use crate::db::migrate::GRANTS;

/// Revokes from PUBLIC what PostgreSQL lets every login do to the harm of others: large objects are the only thing that a
/// reader can write, and advisory locks fill the lock table that all sessions share.
pub(super) const REVOKE_HARMFUL: &str = "do $$ declare harmful regprocedure; begin \
     for harmful in select oid from pg_catalog.pg_proc where pronamespace = 'pg_catalog'::regnamespace \
       and (proname ~ '^pg_(try_)?advisory_(xact_)?lock(_shared)?$' or proname in ('lo_creat', 'lo_create', 'lo_from_bytea', \
         'lo_import', 'lo_put', 'lowrite', 'pg_logical_emit_message')) \
     loop execute pg_catalog.format('revoke execute on function %s from public', harmful); end loop; end $$";

/// Returns the statements that create the login, or set `present` to it. `as_superuser` includes those that only a superuser
/// may run.
pub(super) fn for_grant(
    privileges: &Privileges,
    as_superuser: bool,
    login: &Login,
    present: Option<&Role>,
) -> Vec<String> {
    let group = quoted(&privileges.group_name());
    let (name, database) = (quoted(&login.name), quoted(&privileges.database));
    let mut statements = Vec::new();
    if privileges.group.is_none() {
        statements.push(format!(
            "create role {group} nologin nosuperuser nocreatedb nocreaterole noreplication nobypassrls"
        ));
    }
    if privileges
        .group
        .as_ref()
        .is_none_or(|group| group.comment.is_empty())
    {
        let comment = literal(&group_comment(&privileges.database));
        statements.push(format!("comment on role {group} is {comment}"));
    }
    // Hashed here, so that the password is in no log of the server.
    let password = login.password.as_ref().map_or_else(String::new, |password| {
        format!(" password '{}'", scram_sha_256(password.as_bytes()))
    });
    let limit = login.connections;
    statements.push(match present {
        None => format!(
            "create role {name} login inherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls \
             connection limit {limit}{password}"
        ),
        // Does not name attributes such as SUPERUSER: only some users may, and the role was checked to have none.
        Some(_) => format!("alter role {name} login inherit connection limit {limit}{password}"),
    });
    statements.push(format!(
        "comment on role {name} is {}",
        literal(&login_comment(&privileges.database))
    ));
    if !present.is_some_and(|role| role.member_of.contains(&privileges.group_name())) {
        statements.push(format!("grant {group} to {name}"));
    }
    // A login may change its own settings, so each grant sets all of them.
    statements.push(format!("alter role {name} reset all"));
    statements.push(format!("alter role {name} in database {database} reset all"));
    for setting in [
        "default_transaction_read_only = on".to_owned(),
        "search_path = bi".to_owned(),
        format!("statement_timeout = '{}s'", login.statement_seconds),
        format!("idle_in_transaction_session_timeout = '{}s'", login.idle_seconds),
        format!("lock_timeout = '{}s'", login.lock_seconds),
    ] {
        statements.push(format!("alter role {name} set {setting}"));
    }
    statements.extend(for_server(privileges, as_superuser, login));
    statements.push(format!("grant connect on database {database} to {group}"));
    if privileges.public_creates_in_database {
        statements.push(format!(
            "revoke create, temporary on database {database} from public"
        ));
    }
    if privileges.public_creates_in_schema {
        statements.push("revoke create on schema public from public".to_owned());
    }
    if as_superuser {
        statements.push(temporary_file_limit(login));
        if privileges.public_may_do_harm {
            statements.push(REVOKE_HARMFUL.to_owned());
        }
    }
    statements.push(GRANTS.trim().to_owned());
    statements
}

/// Returns the statement that limits the temporary files of one session of the login.
pub(super) fn temporary_file_limit(login: &Login) -> String {
    format!(
        "alter role {} set temp_file_limit = '{}MB'",
        quoted(&login.name),
        login.temporary_megabytes
    )
}

/// Returns the grants that let `serve` see and end the login's queries: PostgreSQL allows that to members of the login.
fn for_server(privileges: &Privileges, as_superuser: bool, login: &Login) -> Vec<String> {
    let (name, group) = (quoted(&login.name), quoted(&privileges.group_name()));
    let owner = (!privileges.owner_is_superuser).then_some(&privileges.owner);
    let user = (!privileges.is_superuser && privileges.user != privileges.owner).then_some(&privileges.user);
    let mut statements = Vec::new();
    for server in owner.into_iter().chain(user) {
        // In PostgreSQL 16 and later the owner needs the admin option to change a login that a superuser created.
        let hands_over = as_superuser && privileges.owner_may_create_roles && *server == privileges.owner;
        let server = quoted(server);
        if !privileges.roles_need_admin_option() {
            statements.push(format!("grant {name} to {server}"));
        } else if hands_over {
            statements.push(format!(
                "grant {name} to {server} with admin true, inherit true, set false"
            ));
            statements.push(format!(
                "grant {group} to {server} with admin true, inherit false, set false"
            ));
        } else {
            statements.push(format!("grant {name} to {server} with inherit true, set false"));
        }
    }
    statements
}

/// Returns the statements as a script for psql that runs all of them or none, and only in this database.
pub(super) fn script(privileges: &Privileges, statements: &[String]) -> String {
    let database = &privileges.database;
    format!(
        "-- For a superuser of the database {database}: psql --dbname={database} --file=THIS\n\
         begin;\n\
         do $$ begin\n  \
           if current_database() <> {name} then\n    \
             raise exception 'this script is for the database %; connect to that', {name};\n  \
           end if;\n\
         end $$;\n\
         {};\n\
         commit;\n",
        statements.join(";\n"),
        name = literal(database),
    )
}

/// Returns a name as a quoted identifier of SQL.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Returns a text as a literal of SQL that means the same under any setting of standard_conforming_strings.
pub(super) fn literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}
