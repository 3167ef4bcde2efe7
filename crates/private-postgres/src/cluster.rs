//! A running cluster and the hold on its data directory.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::account::Account;
use crate::application::{Application, Settings};
use crate::endpoint::{Endpoint, Readiness};
use crate::error::ClusterError;
use crate::home::Home;
use crate::lock::Lock;
use crate::postmaster::{self, POLL, Server};
use crate::start::Start;
use crate::{kept, log, sockets};

/// How long [`Cluster::attach`] waits for a cluster that is about to be ready.
const ATTACH: Duration = Duration::from_secs(10);

/// A running cluster, held by this process: no other process can start or remove it meanwhile. On drop without
/// [`Cluster::stop`], the server is asked to stop, without waiting for it.
pub struct Cluster {
    pub(crate) home: Home,
    pub(crate) endpoint: Endpoint,
    pub(crate) server: Server,
    pub(crate) settings: Settings,
    pub(crate) account: Option<Account>,
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
    /// Starts the cluster of a data directory, and makes it first if there is none. A server that still runs, because
    /// its owner was killed, is adopted if its port and durability are those of the settings, and restarted otherwise.
    /// Returns when the server accepts connections; it waits for at most a minute, downloads not included.
    ///
    /// # Errors
    /// [`ClusterError::Held`] if another process holds the data directory, [`ClusterError::Foreign`] if it has other
    /// content, [`ClusterError::NoPrograms`] if no programs are found, [`ClusterError::PortTaken`], and others: each
    /// message says what is wrong and where.
    pub async fn start(settings: &Settings) -> Result<Cluster, ClusterError> {
        let (home, account) = Home::prepare(settings.application, &settings.data_dir)?;
        let lock = Lock::take(home.path())?;
        tracing::info!(data_dir = %settings.data_dir.display(), "starting the private PostgreSQL");
        kept::sweep(&home);
        let (server, endpoint) = Start {
            settings,
            home: &home,
            account: account.clone(),
        }
        .run()
        .await?;
        Ok(Cluster {
            home,
            endpoint,
            server,
            settings: settings.clone(),
            account,
            _lock: lock,
        })
    }

    /// Returns the endpoint of a cluster that another process runs. Waits up to ten seconds for one that is starting.
    ///
    /// # Errors
    /// [`ClusterError::NotRunning`] if no server runs, [`ClusterError::Silent`] if it does not accept connections,
    /// [`ClusterError::Refused`] if its password is not the recorded one.
    pub async fn attach(application: Application, data_dir: &Path) -> Result<Endpoint, ClusterError> {
        let home = Home::find(application, data_dir)?;
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
                let endpoint = Endpoint::new(socket_dir, port, kept::password(&home)?);
                match endpoint.ask().await {
                    Readiness::Ready { .. } => return Ok(endpoint),
                    Readiness::Refused(reason) => {
                        return Err(ClusterError::Refused {
                            directory: home.data(),
                            reason,
                        });
                    }
                    Readiness::NotYet(why) => reason = why,
                }
            }
            if Instant::now() > deadline {
                return Err(log::silent(&home, reason, ATTACH, 0));
            }
            sleep(POLL).await;
        }
    }

    /// Returns the directory of everything that belongs to the cluster of a data directory: the data directory itself,
    /// or the directory under `/var/lib` if the cluster's user can't reach it. A program keeps there what has to live as
    /// long as the cluster.
    ///
    /// # Errors
    /// [`ClusterError::Io`] if the data directory can't be looked at.
    pub fn directory_for(application: Application, data_dir: &Path) -> Result<PathBuf, ClusterError> {
        Ok(Home::find(application, data_dir)?.path().to_owned())
    }

    /// Returns the same directory for this cluster.
    pub fn directory(&self) -> &Path {
        self.home.path()
    }

    /// Returns where the cluster accepts connections.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Stops the server: disconnects clients and writes everything. Returns when it is gone.
    ///
    /// # Errors
    /// [`ClusterError::DoesNotStop`] if the server is still there after 70 seconds.
    pub async fn stop(mut self) -> Result<(), ClusterError> {
        self.server.stop().await?;
        // One that was being started again when that was given up.
        if let Some(running) = postmaster::running(&self.home.data())? {
            Server::adopted(&running, self.home.data()).stop().await?;
        }
        sockets::leave(&self.home, &self.endpoint.socket_dir);
        Ok(())
    }

    /// Leaves the server running and releases the data directory.
    pub(crate) fn leave_running(self) {
        self.server.leave();
    }

    /// Removes a cluster with everything in its directory except downloaded programs; does nothing if there is none.
    /// A server that still runs is stopped first.
    ///
    /// # Errors
    /// [`ClusterError::NotRemoved`] if the directory was not made by this application, [`ClusterError::Held`] if a
    /// process holds it.
    pub async fn destroy(application: Application, data_dir: &Path) -> Result<(), ClusterError> {
        let home = Home::find(application, data_dir)?;
        if home.is_absent()? {
            return Ok(());
        }
        let _lock = Lock::take(home.path())?;
        if let Some(running) = postmaster::running(&home.data())? {
            Server::adopted(&running, home.data()).stop_immediately().await?;
            if let Some((socket_dir, _)) = running.address {
                sockets::leave(&home, &socket_dir);
            }
        }
        home.remove()
    }
}
