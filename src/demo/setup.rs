//! The demo's database and roles: an owner without superuser rights, and a login that reads schema `bi` and nothing else.

use private_postgres::Endpoint;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::bi::access::{self, AccessError, Granted, Login};
use crate::db::Target;
use crate::demo::credentials::{Credentials, OWNER};

/// The comment on a database that the demo created. It touches no database without it.
const MARK: &str = "made by demarche demo";

/// A failure to prepare the demo's database.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The database can't be reached, or refuses a statement.
    #[error("the database can't be reached: {0}")]
    Database(#[from] tokio_postgres::Error),
    /// The database exists, and the demo did not create it.
    #[error(
        "demo refuses the database {0}, which it did not create: name one in DATABASE_URL that does not exist yet, unset \
         DATABASE_URL to run on a private cluster, or use demarche serve"
    )]
    Foreign(String),
    /// The login for BI tools could not be created.
    #[error("the login for BI tools could not be created: {0}")]
    Access(#[from] AccessError),
}

/// Returns the name of a database's login for BI tools, in lower case as `demarche bi grant` requires.
pub fn reader_role(database: &str) -> String {
    format!("{}_reader", database.to_ascii_lowercase())
}

/// Creates the owner, the database and the login on the private cluster, as its superuser; what exists stays.
///
/// # Errors
/// If the cluster can't be reached.
pub async fn on_cluster(
    endpoint: &Endpoint,
    credentials: &Credentials,
    database: &str,
) -> Result<(), SetupError> {
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
    if !exists(&first, "select from pg_database where datname = $1", database).await? {
        first
            .batch_execute(&format!("create database {database} owner {OWNER}"))
            .await?;
    }
    first
        .batch_execute(
            "revoke connect on database postgres from public; revoke connect on database template1 from public",
        )
        .await?;
    let mut own = Target::new(endpoint.connection(database)).client().await?;
    own.batch_execute(&format!("grant all on schema public to {OWNER}"))
        .await?;
    reader(&mut own, database, &credentials.reader_password).await?;
    // The owner may create further logins, with a limit that only a superuser may set or grant.
    own.batch_execute(&format!(
        "do $$ begin
           if current_setting('server_version_num')::integer >= 150000 then
             execute 'grant set on parameter temp_file_limit to {OWNER}';
           end if;
         end $$"
    ))
    .await?;
    Ok(())
}

/// Creates the database of a URL, unless the demo created it before.
///
/// # Errors
/// [`SetupError::Foreign`] if the database exists and the demo did not create it.
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
                Err(SetupError::Foreign(name))
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

/// Creates the login that reads schema `bi` and nothing else; false if the connection may not create roles.
///
/// # Errors
/// If the database can't be reached.
pub async fn reader(client: &mut Client, database: &str, password: &str) -> Result<bool, SetupError> {
    let login = Login {
        name: reader_role(database),
        password: Some(password.to_owned()),
        connections: 20,
        statement_seconds: 60,
        idle_seconds: 60,
        lock_seconds: 10,
        temporary_megabytes: 1024,
        // A demo that an older program made has one without a mark.
        adopts: true,
    };
    match access::grant(client, &login).await? {
        Granted::Done { .. } => {
            // The demo's databases are the demo's alone.
            let database = quote(database);
            client
                .batch_execute(&format!(
                    "revoke connect on database {database} from public; revoke all on schema public from public"
                ))
                .await?;
            Ok(true)
        }
        Granted::ForAdministrator { reason, .. } => {
            tracing::warn!(reason, "there is no login for BI tools");
            Ok(false)
        }
    }
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

async fn exists(client: &Client, query: &str, name: &str) -> Result<bool, tokio_postgres::Error> {
    Ok(client.query_opt(query, &[&name]).await?.is_some())
}
