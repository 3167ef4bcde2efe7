//! `demarche demo`: everything on a fresh machine with one command.

use clap::Args;

use super::registry::AnyError;
use super::{CommandResult, serve};
use crate::config;
use crate::db::Db;
use crate::db::cluster::{Cluster, Settings};
use crate::db::migrate::migrate;
use crate::demo::credentials::{Credentials, DATABASE, READER};
use crate::demo::{load, setup};
use crate::http::server;
use crate::users::model::User;
use crate::vocabulary::UserRole;

#[derive(Debug, Args)]
pub struct Demo {
    #[command(flatten)]
    database: config::Database,
    #[command(flatten)]
    server: config::Server,
    /// Port of the private PostgreSQL; kept from then on; 0 picks a free one
    #[arg(long, env = "DEMARCHE_PG_PORT")]
    pg_port: Option<u16>,
    /// Forget what the data directory holds and begin anew
    #[arg(long)]
    fresh: bool,
}

impl Demo {
    pub async fn run(mut self) -> CommandResult {
        if self.database.database_url.is_some() {
            return Err(if self.fresh {
                "demo --fresh never touches a database of DATABASE_URL: unset it, or drop --fresh".into()
            } else {
                AnyError::from(
                    "demo refuses the database of DATABASE_URL, which it did not make: unset it (or write DATABASE_URL= \
                     in front) to run the demo on a private cluster, or use demarche serve",
                )
            });
        }
        // The demo is there to be read.
        self.server.limits.public_read = true;
        let stop = tokio::spawn(serve::stop_signal());
        let data_dir = self.database.cluster.data_dir.clone();
        if self.fresh {
            Cluster::destroy(&data_dir).await?;
        }
        let listener = serve::listen(&self.server)?;
        let cluster = Cluster::start(&self.settings()).await?;
        let served = self.serve(&cluster, listener, stop).await;
        let stopped = cluster.stop().await;
        served?;
        stopped?;
        Ok(())
    }

    fn settings(&self) -> Settings {
        Settings {
            data_dir: self.database.cluster.data_dir.clone(),
            port: self.pg_port,
            pg_bin: self.database.cluster.pg_bin.clone(),
            allow_download: !self.database.cluster.no_download,
            durable: true,
        }
    }

    async fn serve(
        &self,
        cluster: &Cluster,
        listener: std::net::TcpListener,
        mut stop: tokio::task::JoinHandle<()>,
    ) -> CommandResult {
        let credentials = Credentials::read_or_make(cluster.directory())?;
        let prepare = async {
            setup::database_and_roles(cluster.endpoint(), &credentials).await?;
            let target = credentials.owner(cluster.endpoint());
            migrate(&target).await?;
            let db = Db::new(target, serve::sizes(&self.server));
            ensure_token(&db, &credentials).await?;
            load::load(&db).await?;
            Ok::<Db, AnyError>(db)
        };
        let db = tokio::select! {
            prepared = prepare => prepared?,
            _ = &mut stop => return Ok(()),
        };
        let port = listener.local_addr()?.port();
        let server = server::start(db, &self.server, listener)?;
        let handle = server.handle();
        let running = tokio::spawn(server);
        println!("{}", self.what_to_try(port, cluster, &credentials));
        let _ = stop.await;
        tracing::info!("stopping");
        handle.stop(true).await;
        running.await??;
        Ok(())
    }

    /// What a person copies from: one piece of text.
    fn what_to_try(&self, port: u16, cluster: &Cluster, credentials: &Credentials) -> String {
        let host = match self.server.bind {
            address if address.is_unspecified() => "127.0.0.1".to_owned(),
            std::net::IpAddr::V6(address) => format!("[{address}]"),
            std::net::IpAddr::V4(address) => address.to_string(),
        };
        let api = format!("http://{host}:{port}");
        format!(
            "
API {api}
docs {api}/docs/
psql postgresql://{READER}:{password}@127.0.0.1:{pg_port}/{DATABASE}

Who are you, as an analyst who may write:
  curl -s -H 'Authorization: Bearer {token}' {api}/

Who sanctioned Petro, under which authority, why, and who says so:
  curl -s '{api}/v1/actors/demo:petro/sanctions?direction=received'
What the United States and Colombia did to each other, in order:
  curl -s '{api}/v1/dyads/iso3166:US/iso3166:CO/timeline'
Which claims are not confirmed, and whose they are:
  curl -s '{api}/v1/claims?claim_status=unconfirmed'
",
            password = credentials.reader_password,
            pg_port = cluster.endpoint().port,
            token = credentials.token,
        )
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
