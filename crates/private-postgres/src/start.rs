//! A start, step by step: adopt a server that runs, else find programs, make the cluster once, choose a port, launch
//! the server and wait for it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::account::Account;
use crate::application::Settings;
use crate::endpoint::{Endpoint, Readiness};
use crate::error::ClusterError;
use crate::home::Home;
use crate::initialise::initialise;
use crate::obtain::{self, Wanted};
use crate::postmaster::{self, POLL, Server};
use crate::programs::Programs;
use crate::{configuration, files, kept, log, ports, sockets};

const READY: Duration = Duration::from_secs(60);
/// Another program may take a free port before the server binds to it.
const PORTS_TO_TRY: u32 = 5;

/// A start under way, while this process holds the lock.
pub(crate) struct Start<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) home: &'a Home,
    pub(crate) account: Option<Account>,
}

/// How a launch ended.
enum Outcome {
    Ready,
    /// The server is gone; the end of its log.
    Ended(String),
}

impl Start<'_> {
    pub(crate) async fn run(&self) -> Result<(Server, Endpoint), ClusterError> {
        let deadline = Instant::now() + READY;
        if let Some(adopted) = self.adopt(deadline).await? {
            return Ok(adopted);
        }
        let programs = self.programs().await?;
        if kept::major(self.home)?.is_none() {
            initialise(self.home, &programs, self.account.as_ref(), self.settings.durable).await?;
        }
        let deadline = Instant::now() + READY;
        let mut ports_tried = 0;
        loop {
            let port = self.choose_port()?;
            ports_tried += 1;
            let (mut server, endpoint, log_before) = self.launch(&programs, port)?;
            let tail = match self.wait(&mut server, &endpoint, deadline, log_before).await? {
                Outcome::Ready => {
                    self.check_extensions(&programs, &endpoint).await?;
                    kept::record_port(self.home, port)?;
                    return Ok((server, endpoint));
                }
                Outcome::Ended(tail) => tail,
            };
            let port_was_lost =
                tail.contains("could not bind") && ports_tried < PORTS_TO_TRY && self.picks_port()?;
            // Of a server that was killed.
            let orphans_are_left = tail.contains("pre-existing shared memory block");
            // Its owner was killed before the server had written postmaster.pid, so it was not adopted above.
            let was_running = tail.contains("postmaster.pid\" already exists");
            let may_pass = (orphans_are_left || was_running) && Instant::now() < deadline;
            if !port_was_lost && !may_pass {
                return Err(ClusterError::Ended {
                    log: log::path(self.home),
                    tail,
                });
            }
            if orphans_are_left && postmaster::running(&self.home.data())?.is_none() {
                postmaster::end_orphans(&self.home.data());
            }
            sleep(POLL * 2).await;
            if let Some(adopted) = self.adopt(deadline).await? {
                return Ok(adopted);
            }
        }
    }

    /// Adopts the server that runs if it has the port and durability of the settings; otherwise stops it.
    async fn adopt(&self, deadline: Instant) -> Result<Option<(Server, Endpoint)>, ClusterError> {
        let data = self.home.data();
        while let Some(running) = postmaster::running(&data)? {
            let mut reason = "it is stopping or does not listen yet".to_owned();
            if let Some((socket_dir, port)) = running.address.clone().filter(|_| !running.stopping) {
                let endpoint = Endpoint::new(socket_dir, port, kept::password(self.home)?);
                match endpoint.ask().await {
                    Readiness::Ready { durable } => {
                        let mut server = Server::adopted(&running, data.clone());
                        let port_suits = self
                            .settings
                            .port
                            .is_none_or(|wished| wished == 0 || wished == port);
                        if port_suits && durable == self.settings.durable {
                            tracing::info!(
                                pid = running.pid.as_raw(),
                                "adopted the cluster that was still running"
                            );
                            kept::record_port(self.home, port)?;
                            return Ok(Some((server, endpoint)));
                        }
                        server.stop().await?;
                        return Ok(None);
                    }
                    Readiness::Refused(reason) => {
                        return Err(ClusterError::Refused {
                            directory: data,
                            reason,
                        });
                    }
                    Readiness::NotYet(why) => reason = why,
                }
            }
            if Instant::now() > deadline {
                return Err(log::silent(self.home, reason, READY, 0));
            }
            sleep(POLL).await;
        }
        Ok(None)
    }

    async fn programs(&self) -> Result<Programs, ClusterError> {
        let data = self.home.data();
        let wanted = Wanted {
            named: self.settings.programs.as_deref(),
            downloads: &self.home.programs(),
            allow_download: self.settings.allow_download,
            cluster: kept::major(self.home)?.map(|major| (data.as_path(), major)),
            account: self.account.as_ref(),
            notify: self.settings.application.notify,
        };
        obtain::obtain(&wanted).await
    }

    fn picks_port(&self) -> Result<bool, ClusterError> {
        match self.settings.port {
            Some(wished) => Ok(wished == 0),
            None => Ok(kept::port(self.home)?.is_none()),
        }
    }

    fn choose_port(&self) -> Result<u16, ClusterError> {
        let wished = match self.settings.port {
            Some(0) => None,
            Some(port) => Some(port),
            None => kept::port(self.home)?,
        };
        match wished {
            Some(port) if ports::is_free(port)? => Ok(port),
            Some(port) => Err(ClusterError::PortTaken { port }),
            None => ports::free(),
        }
    }

    /// Starts the server. Returns also the length of its log before.
    fn launch(&self, programs: &Programs, port: u16) -> Result<(Server, Endpoint, u64), ClusterError> {
        let account = self.account.as_ref();
        let application = self.home.application();
        let data = self.home.data();
        let socket_dir = sockets::directory(self.home, account)?;
        sockets::clear(&socket_dir).map_err(ClusterError::io("clear", &socket_dir))?;
        postmaster::disown(&data, account)?;
        let name = application.configuration();
        let text = configuration::settings(
            application,
            programs.version,
            &socket_dir,
            port,
            self.settings.durable,
        );
        files::replace(&data, &name, text.as_bytes(), 0o600, account)
            .map_err(ClusterError::io("write", &data.join(&name)))?;
        let log_path = log::path(self.home);
        let (log, log_before) = log::open(&log_path).map_err(ClusterError::io("open", &log_path))?;
        let for_output = log.try_clone().map_err(ClusterError::io("open", &log_path))?;

        let mut command = programs.command("postgres", account);
        command.arg("-D").arg(&data).current_dir(&data);
        command.stdout(Stdio::from(for_output)).stderr(Stdio::from(log));
        let endpoint = Endpoint::new(socket_dir, port, kept::password(self.home)?);
        let server = tokio::process::Command::from(command)
            .spawn()
            .and_then(|child| Server::launched(child, data))
            .map_err(ClusterError::io("run", &programs.directory.join("postgres")))?;
        Ok((server, endpoint, log_before))
    }

    async fn wait(
        &self,
        server: &mut Server,
        endpoint: &Endpoint,
        deadline: Instant,
        log_before: u64,
    ) -> Result<Outcome, ClusterError> {
        loop {
            let reason = match endpoint.ask().await {
                Readiness::Ready { .. } => return Ok(Outcome::Ready),
                Readiness::Refused(reason) => {
                    return Err(ClusterError::Refused {
                        directory: self.home.data(),
                        reason,
                    });
                }
                Readiness::NotYet(reason) => reason,
            };
            if server.has_ended() {
                return Ok(Outcome::Ended(log::since(self.home, log_before)));
            }
            if Instant::now() > deadline {
                return Err(log::silent(self.home, reason, READY, log_before));
            }
            sleep(POLL).await;
        }
    }

    async fn check_extensions(&self, programs: &Programs, endpoint: &Endpoint) -> Result<(), ClusterError> {
        match endpoint.lacks(self.settings.application.extensions).await {
            Ok(None) => Ok(()),
            Ok(Some(extension)) => Err(ClusterError::NoExtension {
                programs: programs.directory.clone(),
                extension: extension.to_owned(),
            }),
            Err(error) => Err(log::silent(self.home, error.to_string(), READY, 0)),
        }
    }
}
