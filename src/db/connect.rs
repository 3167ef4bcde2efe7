//! How a connection to PostgreSQL is made: over a socket, plain TCP, or TLS as the URL's sslmode says.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use rustls::ClientConfig;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::db::as_of;
use crate::error::with_causes;

/// PostgreSQL's own default, by which what nobody has set is known.
const TWO_HOURS: Duration = Duration::from_secs(2 * 60 * 60);
/// A server that takes the connection and then says nothing is as far away as one that is not there.
const DEADLINE: Duration = Duration::from_secs(10);

/// The database that everything goes to.
#[derive(Clone)]
pub struct Target {
    configuration: tokio_postgres::Config,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Pipelined point reads of many requests: read-only, and no statement may hold up the others.
    Shared,
    /// One transaction or slow read at a time.
    Exclusive,
    /// As-of reads, one moment at a time.
    AsOf,
}

/// Makes every table name mean its as-of mirror, and refuses writes.
pub(super) const AS_OF: &str = "set search_path = as_of, public; set default_transaction_read_only = on";

impl Target {
    /// Reads a connection URL or libpq keywords; tells what is wrong with it, and never what it says, which may be a
    /// password.
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

    pub fn new(mut configuration: tokio_postgres::Config) -> Self {
        if configuration.get_application_name().is_none() {
            configuration.application_name("demarche");
        }
        if configuration.get_connect_timeout().is_none() {
            configuration.connect_timeout(Duration::from_secs(5));
        }
        // A server whose machine or network is gone says nothing: what was sent and is unanswered for so
        // long, or silent to as many probes, is lost. Neither concerns sockets of files.
        if configuration.get_tcp_user_timeout().is_none() {
            configuration.tcp_user_timeout(Duration::from_secs(15));
        }
        if configuration.get_keepalives_idle() == TWO_HOURS {
            configuration
                .keepalives_idle(Duration::from_secs(15))
                .keepalives_interval(Duration::from_secs(5))
                .keepalives_retries(3);
        }
        Self { configuration }
    }

    pub fn configuration(&self) -> &tokio_postgres::Config {
        &self.configuration
    }

    pub fn database(&self) -> &str {
        self.configuration
            .get_dbname()
            .or_else(|| self.configuration.get_user())
            .unwrap_or("postgres")
    }

    /// A bare client, for COPY and for commands; its connection is driven by a task of the current runtime.
    pub async fn client(&self) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
        if self.configuration.get_ssl_mode() == SslMode::Disable || self.is_local() {
            let (client, connection) = self.configuration.connect(tokio_postgres::NoTls).await?;
            tokio::spawn(connection);
            return Ok(client);
        }
        let (client, connection) = self.configuration.connect(tls()).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Sockets and the private cluster have no TLS.
    fn is_local(&self) -> bool {
        self.configuration
            .get_hosts()
            .iter()
            .all(|host| matches!(host, tokio_postgres::config::Host::Unix(_)))
    }
}

/// Makes a connection whose driver runs on `runtime`, whoever asks for it: a worker's own runtime
/// may be busy or gone while others still read from the connection.
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
                        "the server did not finish the greeting within ten seconds".to_owned(),
                    ))
                })
        })
        .await;
    made.unwrap_or_else(|error| Err(ConnectionError::BadConnection(error.to_string())))
}

async fn establish(target: &Target, purpose: Use) -> ConnectionResult<AsyncPgConnection> {
    let bad = |error: tokio_postgres::Error| ConnectionError::BadConnection(with_causes(&error));
    let configuration = &target.configuration;
    let mut connection = if configuration.get_ssl_mode() == SslMode::Disable || target.is_local() {
        let (client, connection) = configuration.connect(tokio_postgres::NoTls).await.map_err(bad)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await?
    } else {
        let (client, connection) = configuration.connect(tls()).await.map_err(bad)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await?
    };
    let settings = match purpose {
        Use::Shared => {
            "set timezone = 'UTC'; set statement_timeout = '5s'; set default_transaction_read_only = on; \
             set jit = off"
        }
        Use::Exclusive => {
            "set timezone = 'UTC'; set statement_timeout = '60s'; set lock_timeout = '10s'; \
             set idle_in_transaction_session_timeout = '60s'; set jit = off"
        }
        Use::AsOf => {
            "set timezone = 'UTC'; set statement_timeout = '60s'; set lock_timeout = '10s'; set jit = off"
        }
    };
    connection
        .batch_execute(settings)
        .await
        .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
    // Some failures are told apart by their words. Only a superuser may set this, or whom one lets; for
    // others the words are those that the server is configured with.
    let _ = connection.batch_execute("set lc_messages = 'C'").await;
    if purpose == Use::AsOf {
        let prepared = async {
            connection.batch_execute(AS_OF).await?;
            as_of::set_moment(DateTime::UNIX_EPOCH)
                .execute(&mut connection)
                .await
        };
        prepared
            .await
            .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
    }
    Ok(connection)
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
