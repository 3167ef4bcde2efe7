//! `demarche serve`: serves the API in production. The schema must be up to date; `--migrate` migrates first.

use std::net::TcpListener;
use std::time::Duration;

use clap::Args;

use super::{CommandResult, bi, registry};
use crate::config;
use crate::db::migrate::{is_current, refuse_older};
use crate::db::{Capacity, Db};
use crate::migrating::{is_contract_kept, migrate_with};
use crate::server;

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    database: config::Database,
    #[command(flatten)]
    server: config::Server,
    #[command(flatten)]
    bi: config::Bi,
    /// Bring the schema up to date before serving
    #[arg(long, env = "MIGRATE_ON_START", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0..=1, default_value = "false", default_missing_value = "true", require_equals = true)]
    migrate: bool,
    #[command(flatten)]
    migrating: config::Migrating,
}

impl Serve {
    /// Serves until SIGTERM or Ctrl-C.
    ///
    /// # Errors
    /// If the settings are wrong, the port is taken or migrating fails. A database that can't be reached is no error: the
    /// server starts, and responds with 503 until it can.
    pub async fn run(self) -> CommandResult {
        let target = registry::target(&self.database).await?;
        registry::refuse_moved_sessions(&target).await?;
        if self.migrate {
            migrate_with(&target, self.migrating.patience()).await?;
            bi::refresh::fill(&target).await?;
        }
        let db = Db::new(target, capacity(&self.server));
        refuse_older(&db).await?;
        match is_current(&db).await {
            Ok(true) => match is_contract_kept(&db).await {
                Ok(true) => {}
                Ok(false) => tracing::warn!(
                    "views or functions of schema bi differ from those of this program: run demarche migrate, or serve --migrate"
                ),
                Err(error) => {
                    tracing::warn!(%error, "could not compare schema bi with this program")
                }
            },
            Ok(false) => {
                tracing::warn!(
                    "the database's schema is out of date: run demarche migrate, or serve --migrate"
                )
            }
            Err(error) => {
                let reason = error.cause().unwrap_or_else(|| error.detail());
                tracing::warn!(reason, "the database can't be reached yet; check DATABASE_URL")
            }
        }
        server::raise_limit();
        let listener = listen(&self.server)?;
        let address = listener.local_addr()?;
        tracing::info!(%address, "serving");
        let refreshing = bi::refresh::keep_fresh(&db, self.bi);
        let server = server::start(db, &self.server, listener)?;
        let handle = server.handle();
        let stopping = tokio::spawn(async move {
            stop_signal().await;
            tracing::info!("stopping: waiting for requests in progress");
            handle.stop(true).await;
        });
        server.await?;
        stopping.abort();
        if let Some(refreshing) = refreshing {
            refreshing.abort();
        }
        tracing::info!("stopped");
        Ok(())
    }
}

/// Returns how much the server takes on.
pub fn capacity(server: &config::Server) -> Capacity {
    Capacity {
        shared: usize::from(server.shared_connections),
        pool: usize::from(server.pool_size),
        read_time: Duration::from_secs(server.limits.read_seconds),
        write_time: Duration::from_secs(server.limits.write_seconds),
    }
}

/// Opens the port.
///
/// # Errors
/// If another program listens on it.
pub fn listen(server: &config::Server) -> Result<TcpListener, registry::AnyError> {
    TcpListener::bind((server.bind, server.port)).map_err(|error| {
        format!(
            "could not listen on {}:{}: {error}; choose another port with --port",
            server.bind, server.port
        )
        .into()
    })
}

/// Returns on Ctrl-C or SIGTERM.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};

    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
