//! The demo's database and roles on its cluster: an owner that is no superuser, and a login that
//! reads schema `bi` and nothing else.

use tokio_postgres::Client;

use crate::db::Target;
use crate::db::cluster::Endpoint;
use crate::db::migrate::group_role;
use crate::demo::credentials::{Credentials, DATABASE, OWNER, READER};

/// Makes what is missing, and gives the roles the passwords that the data directory keeps.
pub async fn database_and_roles(
    endpoint: &Endpoint,
    credentials: &Credentials,
) -> Result<(), tokio_postgres::Error> {
    let first = Target::new(endpoint.connection("postgres")).client().await?;
    let group = group_role(DATABASE);
    for (role, options) in [
        (OWNER, "login createrole nosuperuser"),
        (group.as_str(), "nologin"),
        (
            READER,
            "login nosuperuser nocreatedb nocreaterole noinherit connection limit 20",
        ),
    ] {
        if !exists(&first, "select from pg_roles where rolname = $1", role).await? {
            first
                .batch_execute(&format!("create role {role} {options}"))
                .await?;
        }
    }
    for (role, password) in [
        (OWNER, &credentials.owner_password),
        (READER, &credentials.reader_password),
    ] {
        // Passwords are of letters, digits, - and _ alone.
        first
            .batch_execute(&format!("alter role {role} password '{password}'"))
            .await?;
    }
    if !exists(&first, "select from pg_database where datname = $1", DATABASE).await? {
        first
            .batch_execute(&format!("create database {DATABASE} owner {OWNER}"))
            .await?;
    }
    first
        .batch_execute(&format!(
            "grant {group} to {READER};
             alter role {READER} inherit;
             alter role {READER} set default_transaction_read_only = on;
             alter role {READER} set statement_timeout = '60s';
             alter role {READER} set search_path = bi;
             revoke connect, temporary on database {DATABASE} from public;
             grant connect on database {DATABASE} to {group};
             revoke connect on database postgres from public;
             revoke connect on database template1 from public;"
        ))
        .await?;
    let own = Target::new(endpoint.connection(DATABASE)).client().await?;
    own.batch_execute(&format!(
        "revoke all on schema public from public; grant all on schema public to {OWNER};"
    ))
    .await
}

async fn exists(client: &Client, query: &str, name: &str) -> Result<bool, tokio_postgres::Error> {
    Ok(client.query_opt(query, &[&name]).await?.is_some())
}
