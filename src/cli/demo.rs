//! `demarche demo`: a registry with data on a new machine, with one command.

use std::io::Write;
use std::net::{IpAddr, Ipv6Addr, TcpListener};

use clap::Args;
use private_postgres::{Cluster, Endpoint, Settings};
use tokio::task::JoinHandle;

use super::registry::AnyError;
use super::{CommandResult, bi, serve};
use crate::bi::addresses::ServerAddress;
use crate::config;
use crate::db::{Db, Target};
use crate::demo::cluster::{APPLICATION, ClusterFailure};
use crate::demo::credentials::{Credentials, DATABASE};
use crate::demo::synthetic::{self, Filled};
use crate::demo::{load, setup};
use crate::migrating::migrate;
use crate::server;
use crate::users::model::User;
use crate::vocabulary::UserRole;

/// Starts a private PostgreSQL, fills it with recorded cases and serves them. Prints what to try to stdout.
///
/// With DATABASE_URL it fills a new database there instead.
#[derive(Debug, Args)]
pub struct Demo {
    #[command(flatten)]
    database: config::Database,
    #[command(flatten)]
    server: config::Server,
    #[command(flatten)]
    bi: config::Bi,
    /// Port of the private PostgreSQL, kept for later starts; 0 picks a free one
    #[arg(long, env = "DEMARCHE_PG_PORT")]
    pg_port: Option<u16>,
    /// Remove the cluster of the data directory and start again; with --synthetic, remove only the synthetic database
    #[arg(long)]
    fresh: bool,
    /// Serve a second database with this number of invented sanctions, and five times as many diplomatic actions
    #[arg(long, value_name = "SANCTIONS", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    synthetic: Option<u64>,
}

/// What the registry is filled with.
enum Content {
    /// The recorded cases.
    Cases,
    /// Invented data.
    Synthetic { endpoint: Endpoint, sanctions: u64 },
}

/// How a BI tool connects to the demo's database.
struct Login {
    address: ServerAddress,
    /// Name of the login; `None` if the database's user may not create roles.
    reader: Option<String>,
}

impl Demo {
    /// Serves until SIGTERM or Ctrl-C, then stops the private cluster.
    ///
    /// # Errors
    /// If the settings contradict each other, the cluster can't be started, the port is taken, or content the database fails.
    pub async fn run(mut self) -> CommandResult {
        // Everybody may read the demo without a token.
        self.server.limits.public_read = true;
        let stop = tokio::spawn(serve::stop_signal());
        server::raise_limit();
        if let Some(url) = &self.database.database_url {
            if self.synthetic.is_some() {
                return Err(
                    "demo --synthetic fills a database of the private cluster: unset DATABASE_URL".into(),
                );
            }
            if self.fresh {
                return Err(
                    "demo --fresh never touches a database of DATABASE_URL: unset it, or drop --fresh".into(),
                );
            }
            let target = Target::parse(url)
                .map_err(|error| format!("DATABASE_URL is not a connection URL: {error}"))?;
            return self.run_on_url(target, stop).await;
        }
        self.run_on_cluster(stop).await
    }

    async fn run_on_cluster(&self, stop: JoinHandle<()>) -> CommandResult {
        let data_dir = &self.database.cluster.data_dir;
        if self.fresh && self.synthetic.is_none() {
            Cluster::destroy(APPLICATION, data_dir)
                .await
                .map_err(ClusterFailure)?;
        }
        // Before the port is opened: if another demo runs, this names the process that holds the directory.
        let mut cluster = Cluster::start(&self.settings()).await.map_err(ClusterFailure)?;
        let directory = cluster.directory().to_owned();
        let endpoint = &cluster.endpoint().clone();
        let serving = async {
            let listener = serve::listen(&self.server)?;
            let credentials = Credentials::read_or_make(&directory)?;
            let (database, content) = match self.synthetic {
                None => (DATABASE, Content::Cases),
                Some(sanctions) => {
                    synthetic::forget(endpoint, self.fresh).await?;
                    let endpoint = endpoint.clone();
                    (synthetic::DATABASE, Content::Synthetic { endpoint, sanctions })
                }
            };
            setup::on_cluster(endpoint, &credentials, database).await?;
            let target = credentials.owner(endpoint, database);
            let login = Login {
                address: ServerAddress::of(&target),
                reader: Some(setup::reader_role(database)),
            };
            self.serve(target, credentials, login, content, listener, stop)
                .await
        };
        let served = tokio::select! {
            served = serving => served,
            never = cluster.keep_running() => match never {},
        };
        let stopped = cluster.stop().await;
        served?;
        stopped.map_err(ClusterFailure)?;
        tracing::info!("stopped");
        Ok(())
    }

    async fn run_on_url(&self, target: Target, stop: JoinHandle<()>) -> CommandResult {
        let listener = serve::listen(&self.server)?;
        setup::on_url(&target).await?;
        let credentials = Credentials::read_or_make_beside(&self.database.cluster.data_dir)?;
        let database = target.database().to_owned();
        let mut client = target.client().await?;
        let made = setup::reader(&mut client, &database, &credentials.reader_password).await?;
        let address = ServerAddress::of(&target);
        let login = Login {
            reader: made.then(|| setup::reader_role(&database)),
            address,
        };
        self.serve(target, credentials, login, Content::Cases, listener, stop)
            .await?;
        tracing::info!("stopped");
        Ok(())
    }

    fn settings(&self) -> Settings {
        Settings {
            application: APPLICATION,
            data_dir: self.database.cluster.data_dir.clone(),
            port: self.pg_port,
            programs: self.database.cluster.pg_bin.clone(),
            allow_download: !self.database.cluster.no_download,
            durable: true,
        }
    }

    async fn serve(
        &self,
        target: Target,
        credentials: Credentials,
        login: Login,
        content: Content,
        listener: TcpListener,
        mut stop: JoinHandle<()>,
    ) -> CommandResult {
        let prepare = async {
            migrate(&target).await?;
            let db = Db::new(target.clone(), serve::capacity(&self.server));
            ensure_token(&db, &credentials).await?;
            content.fill(&db).await?;
            bi::refresh::fill(&target).await?;
            Ok::<Db, AnyError>(db)
        };
        let db = tokio::select! {
            prepared = prepare => prepared?,
            _ = &mut stop => return Ok(()),
        };
        let port = listener.local_addr()?.port();
        let refreshing = bi::refresh::keep_fresh(&db, self.bi);
        let server = server::start(db, &self.server, listener)?;
        let handle = server.handle();
        let running = tokio::spawn(server);
        // In one write. A reader that closed the pipe is no reason to stop.
        let _ = writeln!(
            std::io::stdout(),
            "{}",
            self.what_to_try(port, &login, &credentials, &content)
        );
        // The task is never cancelled, so it ends with a signal.
        let _ = stop.await;
        tracing::info!("stopping: waiting for requests in progress");
        handle.stop(true).await;
        running.await??;
        if let Some(refreshing) = refreshing {
            refreshing.abort();
        }
        Ok(())
    }

    /// Returns what a person can copy and try.
    fn what_to_try(&self, port: u16, login: &Login, credentials: &Credentials, content: &Content) -> String {
        let host = match self.server.bind {
            IpAddr::V6(Ipv6Addr::LOCALHOST | Ipv6Addr::UNSPECIFIED) => "[::1]".to_owned(),
            address if address.is_unspecified() => "127.0.0.1".to_owned(),
            IpAddr::V6(address) => format!("[{address}]"),
            IpAddr::V4(address) => address.to_string(),
        };
        let api = format!("http://{host}:{port}");
        let psql = match &login.reader {
            Some(reader) => format!("psql {}", login.address.url(reader, &credentials.reader_password)),
            None => "psql: there is no login for BI tools, because the database's user may not create roles"
                .to_owned(),
        };
        format!(
            "
API={api}
TOKEN={token}
docs {api}/docs/
{psql}

The token belongs to an analyst. Record an actor:
  curl -s -X POST {api}/v1/actors -H 'Authorization: Bearer {token}' \\
    -H 'Content-Type: application/json' -d '{{\"kind\": \"person\", \"name\": \"Jane Doe\"}}'

{examples}",
            token = credentials.token,
            examples = content.examples(&api),
        )
    }
}

impl Content {
    async fn fill(&self, db: &Db) -> Result<(), AnyError> {
        match self {
            Self::Cases => {
                let loaded = load::load(db).await?;
                if loaded.made > 0 {
                    tracing::info!(records = loaded.made, "recorded the demo's cases");
                }
            }
            Self::Synthetic { endpoint, sanctions } => {
                let superuser = Target::new(endpoint.connection(synthetic::DATABASE));
                if synthetic::fill(&superuser.client().await?, *sanctions).await? == Filled::Now {
                    tracing::info!(
                        "computing the tables behind schema bi; this takes minutes for a million sanctions"
                    );
                }
            }
        }
        Ok(())
    }

    fn examples(&self, api: &str) -> String {
        match self {
            Self::Cases => format!(
                "Who sanctioned Petro, under which authority, why, and according to which sources:
  curl -s '{api}/v1/sanctions?target=demo:petro'
What the United States and Colombia did to each other, by day:
  curl -s '{api}/v1/dyads/iso3166:US/iso3166:CO/timeline'
Everything with the words Petro and cocaine, the best match first:
  curl -s '{api}/v1/search?q=petro+cocaine'
Which claims are not confirmed, and who makes them:
  curl -s '{api}/v1/claims?claim_status=unconfirmed'
"
            ),
            Self::Synthetic { sanctions, .. } => format!(
                "All of this is invented: {sanctions} sanctions and five times as many diplomatic actions.
Who sanctioned Russians, latest first:
  curl -s '{api}/v1/sanctions?target_country=RU&sort=-imposed_on'
What the United States and Russia did to each other, by day:
  curl -s '{api}/v1/dyads/iso3166:US/iso3166:RU/timeline'
Which claims are disputed:
  curl -s '{api}/v1/claims?claim_status=disputed'
"
            ),
        }
    }
}

async fn ensure_token(db: &Db, credentials: &Credentials) -> Result<(), AnyError> {
    let token = credentials.token.clone();
    db.write("demarche demo", move |write| {
        Box::pin(async move {
            let user = User::ensure(write, "demo", UserRole::Analyst).await?;
            user.add_token(write, &token, Some("printed by demarche demo".to_owned()), None)
                .await
        })
    })
    .await?;
    Ok(())
}
