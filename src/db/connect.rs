//! Makes connections to PostgreSQL: over a Unix socket, plain TCP, or TLS if the URL's sslmode asks for it.

use std::sync::Arc;
use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use rustls::ClientConfig;
use tokio_postgres::CancelToken;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::with_causes;

/// The default of libpq: a target with this value has not set its own.
const DEFAULT_KEEPALIVE: Duration = Duration::from_secs(2 * 60 * 60);
/// How long a statement may take on a connection that others share.
pub const STATEMENT_TIME: Duration = Duration::from_secs(5);
/// How long a statement of a command may take.
pub const COMMAND_TIME: Duration = Duration::from_secs(60);
/// Makes the server notice during a statement that this program is gone, and end the statement; PostgreSQL has that from version
/// 14 on. And unless somebody has set what a random page costs: the default is that of a disk that turns, for which reading a small
/// table whole seems cheaper than looking up a row, for every row of a page.
const SETTINGS: &str = "select set_config(name, case name when 'random_page_cost' then '1.1' else '2s' end, false) \
     from pg_catalog.pg_settings where name = 'client_connection_check_interval' \
     or name = 'random_page_cost' and source = 'default'";
/// How long a connection may take to be made and set up: a server may accept it and then not respond.
const DEADLINE: Duration = Duration::from_secs(10);

/// The database to connect to: hosts, user, password, options.
#[derive(Clone)]
pub struct Target {
    configuration: tokio_postgres::Config,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Pipelined point reads of many requests: read-only, and no statement may hold up the others.
    Shared,
    /// One transaction, slow read or stream at a time, whose statements may take this long.
    Exclusive(Duration),
    /// As-of reads, one moment at a time, which may take this long; the caller sets the search path and the moment.
    AsOf(Duration),
}

impl Target {
    /// Parses a connection URL or libpq keywords.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, as a message. It never quotes the text, which may have a password.
    pub fn parse(url: &str) -> Result<Self, String> {
        const INSTEAD: &str = "write it as postgres://USER:PASSWORD@HOST/DATABASE, or leave it out";
        let configuration: tokio_postgres::Config = url
            .parse()
            .map_err(|error: tokio_postgres::Error| format!("{error}; {INSTEAD}"))?;
        if configuration.get_hosts().is_empty() {
            return Err(format!("it names no host; {INSTEAD}"));
        }
        Ok(Self::new(configuration))
    }

    /// Returns a target with defaults for what the configuration leaves open: the application name `demarche`, five seconds to
    /// connect, and TCP settings by which a lost server is noticed after 15 to 30 seconds.
    pub fn new(mut configuration: tokio_postgres::Config) -> Self {
        if configuration.get_application_name().is_none() {
            configuration.application_name("demarche");
        }
        if configuration.get_connect_timeout().is_none() {
            configuration.connect_timeout(Duration::from_secs(5));
        }
        // Without these, a connection to a machine that is gone stays open for hours. Unix sockets ignore them.
        if configuration.get_tcp_user_timeout().is_none() {
            configuration.tcp_user_timeout(Duration::from_secs(15));
        }
        if configuration.get_keepalives_idle() == DEFAULT_KEEPALIVE {
            configuration
                .keepalives_idle(Duration::from_secs(15))
                .keepalives_interval(Duration::from_secs(5))
                .keepalives_retries(3);
        }
        Self { configuration }
    }

    /// Returns the configuration, defaults included.
    pub fn configuration(&self) -> &tokio_postgres::Config {
        &self.configuration
    }

    /// Returns the name of the database; as in libpq, that is the user's name if none is given.
    pub fn database(&self) -> &str {
        self.configuration
            .get_dbname()
            .or_else(|| self.configuration.get_user())
            .unwrap_or("postgres")
    }

    /// Returns a client without session settings, for COPY and for commands. A task of the current runtime drives its connection.
    ///
    /// # Errors
    ///
    /// If the server can't be reached or refuses the connection.
    pub async fn client(&self) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
        self.client_until(|| {}).await
    }

    /// Like [`Self::client`]; calls `ended` once, at the end of the connection, whether the server ended it, the network or the caller.
    ///
    /// # Errors
    ///
    /// If the server can't be reached or refuses the connection.
    pub async fn client_until(
        &self,
        ended: impl FnOnce() + Send + 'static,
    ) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
        if self.is_plain() {
            let (client, connection) = self.configuration.connect(tokio_postgres::NoTls).await?;
            tokio::spawn(connection.map(|_| ended()));
            return Ok(client);
        }
        let (client, connection) = self.configuration.connect(tls()).await?;
        tokio::spawn(connection.map(|_| ended()));
        Ok(client)
    }

    /// Cancels the statement that runs on the connection of a token.
    ///
    /// # Errors
    ///
    /// If the server can't be reached.
    pub async fn cancel(&self, token: CancelToken) -> Result<(), tokio_postgres::Error> {
        if self.is_plain() {
            token.cancel_query(tokio_postgres::NoTls).await
        } else {
            token.cancel_query(tls()).await
        }
    }

    /// Returns whether connections are made without TLS.
    fn is_plain(&self) -> bool {
        self.configuration.get_ssl_mode() == SslMode::Disable || self.is_local()
    }

    /// Returns whether every host is a Unix socket, which has no TLS.
    fn is_local(&self) -> bool {
        self.configuration
            .get_hosts()
            .iter()
            .all(|host| matches!(host, tokio_postgres::config::Host::Unix(_)))
    }
}

/// Makes a connection for a purpose, with the session settings of that purpose.
///
/// The connection is driven by a task of `runtime`, not of the caller's: a worker's own runtime may be busy or gone while others
/// still read from the connection.
///
/// # Errors
///
/// If the server can't be reached, refuses the connection or takes longer than ten seconds.
pub async fn on(
    runtime: &tokio::runtime::Handle,
    target: Target,
    purpose: Use,
) -> ConnectionResult<AsyncPgConnection> {
    let made = runtime
        .spawn(async move {
            tokio::time::timeout(DEADLINE, establish(&target, purpose))
                .await
                .unwrap_or_else(|_| {
                    Err(ConnectionError::BadConnection(
                        "the connection was not set up within ten seconds".to_owned(),
                    ))
                })
        })
        .await;
    made.unwrap_or_else(|error| Err(ConnectionError::BadConnection(error.to_string())))
}

async fn establish(target: &Target, purpose: Use) -> ConnectionResult<AsyncPgConnection> {
    let bad = |error: tokio_postgres::Error| ConnectionError::BadConnection(connection_failure(&error));
    let configuration = &target.configuration;
    let mut connection = if target.is_plain() {
        let (client, connection) = configuration.connect(tokio_postgres::NoTls).await.map_err(bad)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await?
    } else {
        let (client, connection) = configuration.connect(tls()).await.map_err(bad)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await?
    };
    // Requests have limits of their own (`Capacity`), at which their statements are cancelled; these end what nobody cancels.
    let settings = match purpose {
        Use::Shared => format!(
            "set timezone = 'UTC'; set statement_timeout = '{}s'; set default_transaction_read_only = on; set jit = off",
            STATEMENT_TIME.as_secs()
        ),
        Use::Exclusive(time) => format!(
            "set timezone = 'UTC'; set statement_timeout = '{}s'; set lock_timeout = '10s'; \
             set idle_in_transaction_session_timeout = '60s'; set jit = off",
            time.as_secs()
        ),
        Use::AsOf(time) => format!(
            "set timezone = 'UTC'; set statement_timeout = '{}s'; set lock_timeout = '10s'; set jit = off",
            time.as_secs()
        ),
    };
    connection
        .batch_execute(&format!("{settings}; {SETTINGS}"))
        .await
        .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
    // Some failures are recognized by their message. Only superusers and roles with the privilege may set this; for other roles
    // messages have the language that the server is configured with.
    let _ = connection.batch_execute("set lc_messages = 'C'").await;
    Ok(connection)
}

/// Returns why a connection failed: PostgreSQL's message with its severity (`FATAL: …`), or that of the system.
pub fn connection_failure(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(database) => format!("{}: {}", database.severity(), database.message()),
        None => with_causes(error),
    }
}

fn tls() -> MakeRustlsConnect {
    let mut roots = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let configuration = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    MakeRustlsConnect::new(configuration)
}
