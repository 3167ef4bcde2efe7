//! A private PostgreSQL cluster in a data directory, made and run by whoever needs one, root included. The
//! server outlives an owner that was killed, so a start first looks for one that still runs and takes it
//! over.

pub mod download;
mod endpoint;
mod error;
mod home;
mod lock;
mod postmaster;
mod programs;
mod shared;
mod start;
mod user;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use self::endpoint::Answer;
use self::home::Home;
use self::lock::Lock;
use self::postmaster::{POLL, Server};
use self::start::Start;

pub use self::endpoint::Endpoint;
pub use self::error::ClusterError;
pub use self::shared::{SharedCluster, guard};

/// How long a command waits for a cluster that is about to be ready; its owner waits longer.
const ATTACH: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
pub struct Settings {
    pub data_dir: PathBuf,
    /// `None` keeps the recorded port, or picks a free one; 0 picks a free one now.
    pub port: Option<u16>,
    /// Where `initdb` and `postgres` are; otherwise they are looked for.
    pub pg_bin: Option<PathBuf>,
    pub allow_download: bool,
    /// False only for tests: nothing is forced to the disk.
    pub durable: bool,
}

/// A running cluster and the hold on its data directory. Dropped without `stop`, it asks the server to stop
/// and does not wait.
pub struct Cluster {
    home: Home,
    endpoint: Endpoint,
    server: Server,
    _lock: Lock,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("home", &self.home)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// Makes the cluster if there is none, takes it over if it runs, starts it otherwise; ends when it
    /// answers.
    pub async fn start(settings: &Settings) -> Result<Cluster, ClusterError> {
        let (home, account) = Home::prepare(&settings.data_dir)?;
        let lock = Lock::take(home.path())?;
        home.sweep();
        let (server, endpoint) = Start {
            settings,
            home: &home,
            account,
        }
        .run()
        .await?;
        Ok(Cluster {
            home,
            endpoint,
            server,
            _lock: lock,
        })
    }

    /// Where the running cluster of a data directory is, for those who use it without holding it.
    pub async fn attach(data_dir: &Path) -> Result<Endpoint, ClusterError> {
        let home = Home::find(data_dir)?;
        let deadline = Instant::now() + ATTACH;
        loop {
            let running = postmaster::running(&home.data())?;
            let Some(running) = running.filter(|running| !running.stopping) else {
                return Err(ClusterError::NotRunning {
                    directory: data_dir.to_owned(),
                });
            };
            let mut reason = "it does not listen yet".to_owned();
            if let Some((socket_dir, port)) = running.address {
                let endpoint = Endpoint::new(socket_dir, port, home.password()?);
                match endpoint.ask().await {
                    Answer::Ready { .. } => return Ok(endpoint),
                    Answer::Refused(reason) => {
                        return Err(ClusterError::Refused {
                            directory: home.data(),
                            reason,
                        });
                    }
                    Answer::NotYet(why) => reason = why,
                }
            }
            if Instant::now() > deadline {
                return Err(home.silent(reason, ATTACH, 0));
            }
            sleep(POLL).await;
        }
    }

    /// The directory that keeps what belongs to the cluster of a data directory: the data directory itself,
    /// unless the cluster's user can't reach that. What else has to live as long as the cluster is kept there
    /// too.
    pub fn directory_for(data_dir: &Path) -> Result<PathBuf, ClusterError> {
        Ok(Home::find(data_dir)?.path().to_owned())
    }

    /// The same, of a cluster that runs.
    pub fn directory(&self) -> &Path {
        self.home.path()
    }

    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Stops the server: clients are cut off, everything is written; ends when it is gone.
    pub async fn stop(mut self) -> Result<(), ClusterError> {
        self.server.stop().await?;
        self.home.leave_socket_directory(&self.endpoint.socket_dir);
        Ok(())
    }

    /// Lets the server run on and lets go of the data directory.
    fn leave_running(self) {
        self.server.leave();
    }

    /// Removes a cluster with everything in its directory, programs that were brought excepted. Only a
    /// directory that demarche made is ever removed, and only while no process holds it.
    pub async fn destroy(data_dir: &Path) -> Result<(), ClusterError> {
        let home = Home::find(data_dir)?;
        if home.is_absent()? {
            return Ok(());
        }
        let _lock = Lock::take(home.path())?;
        if let Some(running) = postmaster::running(&home.data())? {
            Server::adopted(&running, home.data()).stop_immediately().await?;
            if let Some((socket_dir, _)) = running.address {
                home.leave_socket_directory(&socket_dir);
            }
        }
        home.remove()
    }
}

/// A word to the person at the terminal; logging may be off or be read by a machine.
#[allow(clippy::print_stderr, reason = "people are spoken to on stderr")]
fn say(message: &str) {
    eprintln!("{message}");
}
