//! Logins that read schema `bi` and nothing else: made, listed and taken away again. A role that this did
//! not make is never touched; what the connection may not do becomes SQL for the database's administrator.

use std::time::Duration;

use postgres_protocol::password::scram_sha_256;
use tokio::time::{Instant, sleep};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::situation::{LONGEST_NAME, Role, Situation};
use crate::db::migrate::GRANTS;

/// How long sessions have to end that were told to.
const FAREWELL: Duration = Duration::from_secs(10);
/// What PostgreSQL lets everybody do that does harm: large objects are the one thing that anybody may write, and advisory
/// locks fill the table of locks that all sessions share, until nothing works for anybody.
const HARMFUL: &str = "do $$ declare harmful regprocedure; begin \
     for harmful in select oid from pg_catalog.pg_proc where pronamespace = 'pg_catalog'::regnamespace \
       and (proname ~ '^pg_(try_)?advisory_(xact_)?lock(_shared)?$' or proname in ('lo_creat', 'lo_create', 'lo_from_bytea', \
         'lo_import', 'lo_put', 'lowrite', 'pg_logical_emit_message')) \
     loop execute pg_catalog.format('revoke execute on function %s from public', harmful); end loop; end $$";
/// The first version in which a superuser may lend the right to set a parameter.
const LENT_PARAMETERS: i32 = 150_000;

#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error("the database refused: {}", told(.0))]
    Database(#[from] tokio_postgres::Error),
    #[error("{0}")]
    Refused(String),
}

/// A failure in the database's own words, which alone say what is in the way.
fn told(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(
        || error.to_string(),
        |database| match database.detail() {
            Some(detail) => format!("{}: {detail}", database.message()),
            None => database.message().to_owned(),
        },
    )
}

/// A login as it shall be.
#[derive(Debug, Clone)]
pub struct Login {
    pub name: String,
    /// None keeps what it has.
    pub password: Option<String>,
    pub connections: u16,
    pub statement_seconds: u32,
    pub idle_seconds: u32,
    pub lock_seconds: u32,
    pub temporary_megabytes: u32,
    /// Whether a member of the group that bears no mark is taken for one of ours.
    pub adopts: bool,
}

/// What became of a wish.
#[derive(Debug)]
pub enum Outcome {
    /// It is done; what a person should know beside it.
    Done { is_new: bool, notes: Vec<Note> },
    /// It is SQL for the database's administrator; and why.
    ForAdministrator { script: String, reason: String },
}

/// What may be better, and the statement by which an administrator makes it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub what: String,
    pub statement: String,
}

/// What `revoke` did.
#[derive(Debug)]
pub enum Revoked {
    Done { sessions: i64 },
    NotThere,
    ForAdministrator { script: String, reason: String },
}

/// A login as it is listed.
#[derive(Debug)]
pub struct Listed {
    pub name: String,
    pub can_login: bool,
    pub connections: i32,
    pub sessions: i64,
    pub settings: String,
}

/// Refuses names that need quoting everywhere or belong to PostgreSQL.
pub fn check_name(name: &str) -> Result<(), AccessError> {
    let is_word = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.@-".contains(&byte));
    if !is_word || name.len() > LONGEST_NAME {
        return Err(AccessError::Refused(format!(
            "{name:?} can be no login's name: it is of letters a-z, digits and _ . @ -, begins with a letter or _, and has \
             {LONGEST_NAME} characters at most"
        )));
    }
    if name.to_ascii_lowercase().starts_with("pg_") || name == "public" || name == "none" {
        return Err(AccessError::Refused(format!(
            "{name} is a name that PostgreSQL keeps for itself, choose another"
        )));
    }
    Ok(())
}

fn mark(database: &str) -> String {
    format!("BI login of database {database}, made by demarche bi grant")
}

fn group_mark(database: &str) -> String {
    format!("BI logins of database {database} are members, made by demarche")
}

/// Whether there is a role of this name, whosever it is.
pub async fn is_there(client: &Client, name: &str) -> Result<bool, AccessError> {
    Ok(Role::find(client, name).await?.is_some())
}

/// Makes a login, or makes the one that is there as it shall be.
pub async fn grant(client: &mut Client, login: &Login) -> Result<Outcome, AccessError> {
    check_name(&login.name)?;
    let situation = Situation::look(client).await?;
    refuse_group(&situation)?;
    let present = match find(client, &situation, &login.name, login.adopts).await? {
        Found::Nobody => None,
        Found::Ours(role) => Some(role),
        Found::Foreign(why) => {
            return Err(AccessError::Refused(format!(
                "the role {} {why}, and is left as it is: choose another name",
                login.name
            )));
        }
    };
    if let Some(role) = present.as_ref().filter(|role| !role.rights.is_empty()) {
        return Err(AccessError::Refused(format!(
            "the role {} has been given {} and is left as it is: take that away first, or choose another name",
            role.name, role.rights
        )));
    }
    if present.is_none() && login.password.is_none() {
        return Err(AccessError::Refused(format!(
            "the login {} is new and needs a password",
            login.name
        )));
    }
    let reason = situation
        .what_keeps_from_roles(&[situation.group.as_ref(), present.as_ref()])
        .or_else(|| situation.what_keeps_from_rights());
    if let Some(reason) = reason {
        let statements = statements_of_grant(&situation, true, login, present.as_ref());
        return Ok(Outcome::ForAdministrator {
            script: script(&situation, &statements),
            reason,
        });
    }
    let transaction = client.transaction().await?;
    // Who was a member before is no news.
    transaction
        .batch_execute("set local client_min_messages = warning")
        .await?;
    for statement in statements_of_grant(&situation, situation.is_superuser, login, present.as_ref()) {
        transaction.batch_execute(&statement).await?;
    }
    let mut notes = Vec::new();
    if !situation.is_superuser {
        if situation.everybody_may_do_harm {
            notes.push(Note {
                what: "everybody may write large objects, and take advisory locks until no session finds room for one".to_owned(),
                statement: format!("{HARMFUL};"),
            });
        }
        let limit = temporary_limit(login);
        if !may_limit_temporary_files(&transaction, &situation).await? {
            notes.push(Note {
                what: "a query of it may fill the disk with temporary files".to_owned(),
                statement: format!("{limit};"),
            });
        } else {
            transaction.batch_execute(&limit).await?;
        }
    }
    for row in transaction
        .query(include_str!("too_much.sql"), &[&login.name])
        .await?
    {
        notes.push(Note {
            statement: row.get(0),
            what: row.get(1),
        });
    }
    transaction.commit().await?;
    Ok(Outcome::Done {
        is_new: present.is_none(),
        notes,
    })
}

async fn may_limit_temporary_files(
    client: &impl tokio_postgres::GenericClient,
    situation: &Situation,
) -> Result<bool, tokio_postgres::Error> {
    if situation.version < LENT_PARAMETERS {
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

/// Roles of the group's name that are something else must not be given to anybody.
fn refuse_group(situation: &Situation) -> Result<(), AccessError> {
    let name = situation.group_name();
    if name.len() > LONGEST_NAME {
        return Err(AccessError::Refused(format!(
            "the group of the BI logins would be called {name}, which is too long for PostgreSQL: \
             rename the database to {} characters at most",
            LONGEST_NAME - "_bi".len()
        )));
    }
    match &situation.group {
        Some(group) if group.can_login || !group.rights.is_empty() => Err(AccessError::Refused(format!(
            "the role {name} is no group of BI logins, because it {}: rename it, since that name is needed",
            if group.can_login {
                "may log in".to_owned()
            } else {
                format!("has {}", group.rights)
            }
        ))),
        _ => Ok(()),
    }
}

/// Who has a name.
enum Found {
    Nobody,
    /// A login that `grant` made for this database, or adopts.
    Ours(Role),
    /// Somebody else; what tells, to stand after the name.
    Foreign(String),
}

async fn find(
    client: &Client,
    situation: &Situation,
    name: &str,
    adopts: bool,
) -> Result<Found, AccessError> {
    let foreign = |why: &str| Ok(Found::Foreign(why.to_owned()));
    if name == situation.group_name() {
        return foreign("is the group of the BI logins itself");
    }
    if name == situation.owner {
        return foreign("owns the database");
    }
    if name == situation.user {
        return foreign("is what this command connects as");
    }
    let Some(role) = Role::find(client, name).await? else {
        return Ok(Found::Nobody);
    };
    let is_member = role.member_of.contains(&situation.group_name());
    if role.comment == mark(&situation.database) || (adopts && is_member && role.comment.is_empty()) {
        return Ok(Found::Ours(role));
    }
    let other = role
        .comment
        .strip_prefix("BI login of database ")
        .and_then(|rest| rest.split_once(','));
    match other {
        Some((database, _)) => Ok(Found::Foreign(format!("is a BI login of database {database}"))),
        None => foreign("was not made by demarche bi grant"),
    }
}

fn statements_of_grant(
    situation: &Situation,
    as_superuser: bool,
    login: &Login,
    present: Option<&Role>,
) -> Vec<String> {
    let group = quoted(&situation.group_name());
    let (name, database) = (quoted(&login.name), quoted(&situation.database));
    let mut statements = Vec::new();
    if situation.group.is_none() {
        statements.push(format!(
            "create role {group} nologin nosuperuser nocreatedb nocreaterole noreplication nobypassrls"
        ));
    }
    if situation
        .group
        .as_ref()
        .is_none_or(|group| group.comment.is_empty())
    {
        let comment = literal(&group_mark(&situation.database));
        statements.push(format!("comment on role {group} is {comment}"));
    }
    // Hashed here, so that no log of the server ever has it.
    let password = login.password.as_ref().map_or_else(String::new, |password| {
        format!(" password '{}'", scram_sha_256(password.as_bytes()))
    });
    let limit = login.connections;
    statements.push(match present {
        None => format!(
            "create role {name} login inherit nosuperuser nocreatedb nocreaterole noreplication nobypassrls \
             connection limit {limit}{password}"
        ),
        // Rights that only some may speak of are not there: that was looked for before.
        Some(_) => format!("alter role {name} login inherit connection limit {limit}{password}"),
    });
    statements.push(format!(
        "comment on role {name} is {}",
        literal(&mark(&situation.database))
    ));
    if !present.is_some_and(|role| role.member_of.contains(&situation.group_name())) {
        statements.push(format!("grant {group} to {name}"));
    }
    // A login may change its own settings; so they are all set anew.
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
    statements.extend(statements_for_serve(situation, as_superuser, login));
    statements.push(format!("grant connect on database {database} to {group}"));
    if situation.everybody_makes_tables {
        statements.push(format!(
            "revoke create, temporary on database {database} from public"
        ));
    }
    if situation.everybody_creates_in_public {
        statements.push("revoke create on schema public from public".to_owned());
    }
    if as_superuser {
        statements.push(temporary_limit(login));
        if situation.everybody_may_do_harm {
            statements.push(HARMFUL.to_owned());
        }
    }
    statements.push(GRANTS.trim().to_owned());
    statements
}

fn temporary_limit(login: &Login) -> String {
    format!(
        "alter role {} set temp_file_limit = '{}MB'",
        quoted(&login.name),
        login.temporary_megabytes
    )
}

/// Only who has a login's rights may see and end its queries: that is what makes `serve` able to.
fn statements_for_serve(situation: &Situation, as_superuser: bool, login: &Login) -> Vec<String> {
    let (name, group) = (quoted(&login.name), quoted(&situation.group_name()));
    let owner = (!situation.owner_is_superuser).then_some(&situation.owner);
    let user = (!situation.is_superuser && situation.user != situation.owner).then_some(&situation.user);
    let mut statements = Vec::new();
    for server in owner.into_iter().chain(user) {
        // From version 16 on, to make roles is not enough to change those that others have made.
        let hands_over = as_superuser && situation.owner_may_make_roles && *server == situation.owner;
        let server = quoted(server);
        if !situation.has_administered_roles() {
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

/// Statements as an administrator runs them with psql, all or none.
fn script(situation: &Situation, statements: &[String]) -> String {
    let database = &situation.database;
    format!(
        "-- For a superuser of the database {database}: psql --dbname={database} --file=THIS\n\
         begin;\n\
         do $$ begin\n  \
           if current_database() <> {name} then\n    \
             raise exception 'this is for the database %, connect to that', {name};\n  \
           end if;\n\
         end $$;\n\
         {};\n\
         commit;\n",
        statements.join(";\n"),
        name = literal(database),
    )
}

/// Takes a login away: it can log in no more, its sessions end, and the role goes.
pub async fn revoke(client: &Client, name: &str) -> Result<Revoked, AccessError> {
    if check_name(name).is_err() {
        return Err(AccessError::Refused(format!(
            "{name:?} is no login that demarche bi grant made: demarche bi list shows those"
        )));
    }
    let situation = Situation::look(client).await?;
    let role = match find(client, &situation, name, false).await? {
        Found::Nobody => return Ok(Revoked::NotThere),
        Found::Ours(role) => role,
        Found::Foreign(why) => {
            return Err(AccessError::Refused(format!(
                "the role {name} {why}, and is left as it is: demarche bi list shows the logins of this database that bi grant \
                 made, no other is revoked"
            )));
        }
    };
    if !role.rights.is_empty() {
        return Err(AccessError::Refused(format!(
            "the role {name} has been given {} and is left as it is: take that away first, then revoke again",
            role.rights
        )));
    }
    let login = quoted(name);
    if let Some(reason) = situation.what_keeps_from_roles(&[Some(&role)]) {
        let statements = [
            format!("alter role {login} nologin"),
            // Before its sessions end, so that no other begins.
            "commit".to_owned(),
            format!(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = {}",
                literal(name)
            ),
            "begin".to_owned(),
            match owned(client, name).await?.as_slice() {
                [] => format!("drop owned by {login} restrict"),
                things => format!(
                    "-- It owns {}: in each of those databases first\n\
                     -- reassign owned by {login} to {} (or drop owned by {login}), for until then this fails\n\
                     select",
                    things.join(", "),
                    quoted(&situation.owner)
                ),
            },
            format!("drop role {login}"),
        ];
        return Ok(Revoked::ForAdministrator {
            script: script(&situation, &statements),
            reason,
        });
    }
    client
        .batch_execute(&format!("alter role {login} nologin"))
        .await?;
    take_rights_of(client, &situation, name).await?;
    let sessions = end_sessions(client, name).await?;
    let owned = owned(client, name).await?;
    if !owned.is_empty() {
        return Err(AccessError::Refused(format!(
            "{name} can log in no more and its {sessions} sessions are ended, but it owns {}: in each of those databases hand them \
             over (reassign owned by {login} to {}) or drop them (drop owned by {login}), then revoke again",
            owned.join(", "),
            quoted(&situation.owner),
        )));
    }
    // It owns nothing: this takes the rights away that somebody gave it.
    client
        .batch_execute(&format!("drop owned by {login} restrict"))
        .await?;
    match client.batch_execute(&format!("drop role {login}")).await {
        Ok(()) => Ok(Revoked::Done { sessions }),
        Err(error) if error.code() == Some(&SqlState::DEPENDENT_OBJECTS_STILL_EXIST) => {
            Err(AccessError::Refused(format!(
                "{name} can log in no more and its {sessions} sessions are ended, but something hangs on it ({}): in each of those \
                 databases run drop owned by {login}, then revoke again",
                told(&error)
            )))
        }
        Err(error) => Err(error.into()),
    }
}

/// What a login owns, which keeps it from being dropped; no more than twenty things are told.
async fn owned(client: &Client, name: &str) -> Result<Vec<String>, tokio_postgres::Error> {
    let rows = client.query(include_str!("owned.sql"), &[&name]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Who may end its sessions and drop its rights must have these rights.
async fn take_rights_of(client: &Client, situation: &Situation, name: &str) -> Result<(), AccessError> {
    if situation.is_superuser {
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
    let options = if situation.has_administered_roles() {
        " with inherit true, set false"
    } else {
        ""
    };
    let (login, user) = (quoted(name), quoted(&situation.user));
    client
        .batch_execute(&format!("grant {login} to {user}{options}"))
        .await?;
    Ok(())
}

/// Ends what a login has open and waits until it is gone; how many there were.
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
        if begun.elapsed() > FAREWELL {
            return Err(AccessError::Refused(format!(
                "{name} can log in no more, but {sessions} of its sessions do not end: run revoke again in a moment"
            )));
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// The logins that `grant` made for this database.
pub async fn list(client: &Client) -> Result<Vec<Listed>, AccessError> {
    let situation = Situation::look(client).await?;
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
            &[&mark(&situation.database)],
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

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL writes it, whatever standard_conforming_strings says.
fn literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if doubled.contains('\\') {
        format!("E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("'{doubled}'")
    }
}
