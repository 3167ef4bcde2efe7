//! Where a running cluster accepts connections, and whether it does.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

pub(crate) const SUPERUSER: &str = "postgres";
/// The database that initdb makes.
const FIRST_DATABASE: &str = "postgres";
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a running cluster accepts connections, and as whom.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The directory of the Unix socket, open to the cluster's user and root only.
    pub socket_dir: PathBuf,
    /// The port: of the socket, and of 127.0.0.1.
    pub port: u16,
    /// Name of the superuser.
    pub superuser: String,
    /// The superuser's password. Every connection needs it, those over the socket too.
    pub password: String,
}

/// Without the password, because this is logged.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("socket_dir", &self.socket_dir)
            .field("port", &self.port)
            .field("superuser", &self.superuser)
            .finish_non_exhaustive()
    }
}

/// What a server said when it was asked whether it is ready.
pub(crate) enum Readiness {
    Ready { durable: bool },
    NotYet(String),
    Refused(String),
}

impl Endpoint {
    pub(crate) fn new(socket_dir: PathBuf, port: u16, password: String) -> Endpoint {
        Endpoint {
            socket_dir,
            port,
            superuser: SUPERUSER.to_owned(),
            password,
        }
    }

    /// Returns the configuration of a connection to a database as superuser, over the socket.
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

    /// Connects and asks whether the server is ready.
    pub(crate) async fn ask(&self) -> Readiness {
        let question = async {
            let row = self
                .client()
                .await?
                .query_one("select current_setting('fsync') = 'on'", &[])
                .await?;
            row.try_get(0)
        };
        match timeout(PATIENCE, question).await {
            Ok(Ok(durable)) => Readiness::Ready { durable },
            Ok(Err(error)) => {
                let message = error
                    .as_db_error()
                    .map_or_else(|| error.to_string(), |error| error.message().to_owned());
                match error.code() {
                    Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
                        Readiness::Refused(message)
                    }
                    _ => Readiness::NotYet(message),
                }
            }
            Err(_) => Readiness::NotYet(format!("no response in {} seconds", PATIENCE.as_secs())),
        }
    }

    /// Returns the first of some extensions that the server can't create; `None` if it has all.
    pub(crate) async fn lacks<'a>(
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
