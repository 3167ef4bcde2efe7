//! Where a running cluster is reached, and whether it answers there.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

pub(super) const SUPERUSER: &str = "postgres";
/// The database that initdb makes.
const FIRST_DATABASE: &str = "postgres";
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a running cluster is reached, and as whom.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub socket_dir: PathBuf,
    pub port: u16,
    pub superuser: String,
    pub password: String,
}

/// Without the password: this ends up in logs.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("socket_dir", &self.socket_dir)
            .field("port", &self.port)
            .field("superuser", &self.superuser)
            .finish_non_exhaustive()
    }
}

pub(super) enum Answer {
    Ready { durable: bool },
    NotYet(String),
    Refused(String),
}

impl Endpoint {
    pub(super) fn new(socket_dir: PathBuf, port: u16, password: String) -> Endpoint {
        Endpoint {
            socket_dir,
            port,
            superuser: SUPERUSER.to_owned(),
            password,
        }
    }

    /// A connection as superuser, over the socket.
    pub fn connection(&self, database: &str) -> tokio_postgres::Config {
        let mut config = tokio_postgres::Config::new();
        config
            .host_path(&self.socket_dir)
            .port(self.port)
            .dbname(database);
        config.user(&self.superuser).password(&self.password);
        config
    }

    async fn client(&self) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
        let (client, connection) = self.connection(FIRST_DATABASE).connect(NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    pub(super) async fn ask(&self) -> Answer {
        let question = async {
            let row = self
                .client()
                .await?
                .query_one("select current_setting('fsync') = 'on'", &[])
                .await?;
            row.try_get(0)
        };
        match timeout(PATIENCE, question).await {
            Ok(Ok(durable)) => Answer::Ready { durable },
            Ok(Err(error)) => {
                let message = error
                    .as_db_error()
                    .map_or_else(|| error.to_string(), |error| error.message().to_owned());
                match error.code() {
                    Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
                        Answer::Refused(message)
                    }
                    _ => Answer::NotYet(message),
                }
            }
            Err(_) => Answer::NotYet(format!("no answer in {} seconds", PATIENCE.as_secs())),
        }
    }

    /// The first of some extensions that the server could not create.
    pub(super) async fn lacks<'a>(
        &self,
        extensions: &[&'a str],
    ) -> Result<Option<&'a str>, tokio_postgres::Error> {
        let rows = self
            .client()
            .await?
            .query("select name::text from pg_available_extensions", &[])
            .await?;
        let available = rows
            .iter()
            .map(|row| row.try_get(0))
            .collect::<Result<Vec<String>, _>>()?;
        Ok(extensions
            .iter()
            .copied()
            .find(|extension| !available.iter().any(|name| name == extension)))
    }
}
