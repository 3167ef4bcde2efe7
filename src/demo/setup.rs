//! The demo's database and roles: an owner that is no superuser, and a login that reads schema `bi`
//! and nothing else.

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::db::Target;
use crate::db::cluster::Endpoint;
use crate::db::migrate::group_role;
use crate::demo::credentials::{Credentials, DATABASE, OWNER};

/// What the demo writes on a database that it made, and looks for before it touches one.
const MARK: &str = "made by demarche demo";

#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("the database can't be reached: {0}")]
    Database(#[from] tokio_postgres::Error),
    #[error(
        "demo refuses the database {0}, which it did not make: name one in DATABASE_URL that does not exist yet, unset \
         DATABASE_URL to run on a private cluster, or use demarche serve"
    )]
    NotOurs(String),
}

/// Name of the login that BI tools use with a database.
pub fn reader_role(database: &str) -> String {
    format!("{database}_reader")
}

/// Makes what is missing on the private cluster, as its superuser.
pub async fn on_cluster(endpoint: &Endpoint, credentials: &Credentials) -> Result<(), SetupError> {
    let first = Target::new(endpoint.connection("postgres")).client().await?;
    if !exists(&first, "select from pg_roles where rolname = $1", OWNER).await? {
        first
            .batch_execute(&format!("create role {OWNER} login createrole nosuperuser"))
            .await?;
    }
    first
        .batch_execute(&format!(
            "alter role {OWNER} password '{}'",
            credentials.owner_password
        ))
        .await?;
    if !exists(&first, "select from pg_database where datname = $1", DATABASE).await? {
        first
            .batch_execute(&format!("create database {DATABASE} owner {OWNER}"))
            .await?;
    }
    first
        .batch_execute(
            "revoke connect on database postgres from public; revoke connect on database template1 from public",
        )
        .await?;
    let own = Target::new(endpoint.connection(DATABASE)).client().await?;
    // Large objects are the one thing that anybody may write.
    own.batch_execute(&format!(
        "grant all on schema public to {OWNER};
         revoke execute on function lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea), \
           lo_import(text), lo_import(text, oid), lo_put(oid, bigint, bytea), lowrite(integer, bytea) from public"
    ))
    .await?;
    reader(&own, DATABASE, &credentials.reader_password).await?;
    Ok(())
}

/// Makes the database of a URL, or finds that the demo made it before.
pub async fn on_url(target: &Target) -> Result<(), SetupError> {
    let name = target.database().to_owned();
    match target.client().await {
        Ok(client) => {
            let row = client
                .query_one(
                    "select coalesce(shobj_description(oid, 'pg_database'), '') from pg_database where datname = current_database()",
                    &[],
                )
                .await?;
            if row.get::<_, String>(0) == MARK {
                Ok(())
            } else {
                Err(SetupError::NotOurs(name))
            }
        }
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_DATABASE) => {
            let mut maintenance = target.configuration().clone();
            maintenance.dbname("postgres");
            let client = Target::new(maintenance).client().await?;
            let quoted = quote(&name);
            client.batch_execute(&format!("create database {quoted}")).await?;
            client
                .batch_execute(&format!("comment on database {quoted} is '{MARK}'"))
                .await?;
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes the login that reads schema `bi` alone; false where the connection may not make roles.
pub async fn reader(client: &Client, database: &str, password: &str) -> Result<bool, SetupError> {
    let may = client
        .query_one(
            "select rolsuper or rolcreaterole from pg_roles where rolname = current_user",
            &[],
        )
        .await?
        .get::<_, bool>(0);
    if !may {
        return Ok(false);
    }
    let (group, reader) = (group_role(database), reader_role(database));
    for (role, options) in [
        (&group, "nologin"),
        (
            &reader,
            "login nocreatedb nocreaterole inherit connection limit 20",
        ),
    ] {
        if !exists(client, "select from pg_roles where rolname = $1", role).await? {
            client
                .batch_execute(&format!("create role {} {options}", quote(role)))
                .await?;
        }
    }
    let (group, reader, database) = (quote(&group), quote(&reader), quote(database));
    // Passwords are of letters, digits, - and _ alone.
    client
        .batch_execute(&format!(
            "alter role {reader} password '{password}';
             alter role {reader} set default_transaction_read_only = on;
             alter role {reader} set statement_timeout = '60s';
             alter role {reader} set search_path = bi;
             grant {group} to {reader};
             revoke connect, temporary on database {database} from public;
             grant connect on database {database} to {group};
             revoke all on schema public from public;"
        ))
        .await?;
    Ok(true)
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn exists(client: &Client, query: &str, name: &str) -> Result<bool, tokio_postgres::Error> {
    Ok(client.query_opt(query, &[&name]).await?.is_some())
}
