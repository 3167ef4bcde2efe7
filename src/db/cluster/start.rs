//! A start, step by step: take over what runs, else find programs, make the cluster once, choose a port,
//! launch, wait.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::endpoint::{Answer, Endpoint, SUPERUSER};
use super::home::{self, Home};
use super::postmaster::{self, POLL, Server};
use super::programs::{self, Programs};
use super::user::Account;
use super::{ClusterError, Settings};

const READY: Duration = Duration::from_secs(60);
const REQUIRED_EXTENSIONS: [&str; 2] = ["pg_trgm", "unaccent"];
/// An include of our own, so that postgresql.conf stays the user's.
const CONFIGURATION: &str = "demarche.conf";
const LARGEST_LOG: u64 = 16 << 20;
/// Above what services use, below where Linux takes the ports of outgoing connections: a recorded port from
/// there would now and then be taken at the next start.
const FREE_PORTS: std::ops::Range<u16> = 20_000..32_000;
/// Between a look and the bind somebody else may take a free port.
const PORTS_TO_TRY: u32 = 5;

/// A start under way, the lock held.
pub(super) struct Start<'a> {
    pub(super) settings: &'a Settings,
    pub(super) home: &'a Home,
    pub(super) account: Option<Account>,
}

/// What became of a launch that was waited for.
enum Outcome {
    Ready,
    /// The server is gone; the end of its log.
    Ended(String),
}

impl Start<'_> {
    pub(super) async fn run(&self) -> Result<(Server, Endpoint), ClusterError> {
        let deadline = Instant::now() + READY;
        if let Some(adopted) = self.adopt(deadline).await? {
            return Ok(adopted);
        }
        let programs = self.programs().await?;
        if self.home.major()?.is_none() {
            self.initialise(&programs).await?;
        }
        let deadline = Instant::now() + READY;
        let mut ports_tried = 0;
        loop {
            let port = self.choose_port()?;
            ports_tried += 1;
            let (mut server, endpoint, log_before) = self.launch(&programs, port)?;
            let said = match self.wait(&mut server, &endpoint, deadline, log_before).await? {
                Outcome::Ready => {
                    self.check_extensions(&programs, &endpoint).await?;
                    self.home.record_port(port)?;
                    return Ok((server, endpoint));
                }
                Outcome::Ended(said) => said,
            };
            let port_was_lost =
                said.contains("could not bind") && ports_tried < PORTS_TO_TRY && self.picks_port()?;
            // Backends of a server that was killed go as soon as they notice.
            let orphans_are_left = said.contains("pre-existing shared memory block");
            // Its owner was killed before it had written postmaster.pid, so it was not seen above.
            let was_running = said.contains("postmaster.pid\" already exists");
            let may_pass = (orphans_are_left || was_running) && Instant::now() < deadline;
            if !port_was_lost && !may_pass {
                return Err(ClusterError::Ended {
                    log: self.home.log(),
                    tail: said,
                });
            }
            sleep(POLL * 10).await;
            if let Some(adopted) = self.adopt(deadline).await? {
                return Ok(adopted);
            }
        }
    }

    /// Takes over the server that runs, if it is as wished; one that isn't is stopped.
    async fn adopt(&self, deadline: Instant) -> Result<Option<(Server, Endpoint)>, ClusterError> {
        let data = self.home.data();
        while let Some(running) = postmaster::running(&data)? {
            let mut reason = "it is stopping or does not listen yet".to_owned();
            if let Some((socket_dir, port)) = running.address.clone().filter(|_| !running.stopping) {
                let endpoint = Endpoint::new(socket_dir, port, self.home.password()?);
                match endpoint.ask().await {
                    Answer::Ready { durable } => {
                        let mut server = Server::adopted(&running, data.clone());
                        let port_suits = self
                            .settings
                            .port
                            .is_none_or(|wished| wished == 0 || wished == port);
                        if port_suits && durable == self.settings.durable {
                            tracing::info!(
                                pid = running.pid.as_raw(),
                                "took over the cluster that was still running"
                            );
                            self.home.record_port(port)?;
                            return Ok(Some((server, endpoint)));
                        }
                        server.stop().await?;
                        return Ok(None);
                    }
                    Answer::Refused(reason) => {
                        return Err(ClusterError::Refused {
                            directory: data,
                            reason,
                        });
                    }
                    Answer::NotYet(why) => reason = why,
                }
            }
            if Instant::now() > deadline {
                return Err(self.home.silent(reason, READY, 0));
            }
            sleep(POLL).await;
        }
        Ok(None)
    }

    async fn programs(&self) -> Result<Programs, ClusterError> {
        let data = self.home.data();
        let wanted = programs::Wanted {
            named: self.settings.pg_bin.as_deref(),
            brought: &self.home.programs(),
            allow_download: self.settings.allow_download,
            cluster: self.home.major()?.map(|major| (data.as_path(), major)),
            account: self.account.as_ref(),
        };
        programs::obtain(&wanted).await
    }

    /// Makes the cluster under another name and renames it when it is whole.
    async fn initialise(&self, programs: &Programs) -> Result<(), ClusterError> {
        let account = self.account.as_ref();
        let password = self
            .home
            .password_for_initdb(&self.home.new_password()?, account)?;
        // PostgreSQL's own order of characters everywhere; where C.UTF-8 is unknown, at least letters that
        // are known to be such, without which trigrams are made of Latin words only.
        let locales: [&[&str]; 3] = [
            &["--locale=C.UTF-8"],
            &["--locale=C", "--lc-ctype=en_US.UTF-8"],
            &["--locale=C"],
        ];
        let unfinished = self.home.unfinished();
        let mut said = String::new();
        for locale in locales {
            home::own_directory(&unfinished, account).map_err(ClusterError::io("make", &unfinished))?;
            let mut command = programs.command("initdb", account);
            command
                .arg("--pgdata")
                .arg(&unfinished)
                .arg("--pwfile")
                .arg(password.path());
            command.arg(format!("--username={SUPERUSER}"));
            command
                .args(["--encoding=UTF8", "--auth=scram-sha-256"])
                .args(locale);
            command.arg(if self.settings.durable {
                "--data-checksums"
            } else {
                "--no-sync"
            });
            let output = tokio::process::Command::from(command)
                .kill_on_drop(true)
                .output()
                .await
                .map_err(ClusterError::io("run", &programs.directory.join("initdb")))?;
            if output.status.success() {
                let data = self.home.data();
                self.configure_once(&unfinished)
                    .map_err(ClusterError::io("configure", &unfinished))?;
                fs::rename(&unfinished, &data).map_err(ClusterError::io("make", &data))?;
                return home::sync_directory(self.home.path())
                    .map_err(ClusterError::io("write", self.home.path()));
            }
            let _ = fs::remove_dir_all(&unfinished);
            said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            if !said.contains("invalid locale") {
                break;
            }
        }
        Err(ClusterError::Initialisation {
            program: programs.directory.join("initdb"),
            said,
        })
    }

    fn configure_once(&self, data: &Path) -> io::Result<()> {
        let account = self.account.as_ref();
        let mut text = fs::read_to_string(data.join("postgresql.conf"))?;
        text.push_str("\n# What demarche sets; your own settings go below this line and win over it.\n");
        text.push_str(&format!("include_if_exists = '{CONFIGURATION}'\n"));
        home::replace(data, "postgresql.conf", text.as_bytes(), 0o600, account)?;
        let access = "# type database user address method\n\
                      local all all scram-sha-256\n\
                      host all all 127.0.0.1/32 scram-sha-256\n";
        home::replace(data, "pg_hba.conf", access.as_bytes(), 0o600, account)
    }

    fn picks_port(&self) -> Result<bool, ClusterError> {
        match self.settings.port {
            Some(wished) => Ok(wished == 0),
            None => Ok(self.home.recorded_port()?.is_none()),
        }
    }

    fn choose_port(&self) -> Result<u16, ClusterError> {
        let wished = match self.settings.port {
            Some(0) => None,
            Some(port) => Some(port),
            None => self.home.recorded_port()?,
        };
        match wished {
            Some(port) if is_free(port)? => Ok(port),
            Some(port) => Err(ClusterError::PortTaken { port }),
            None => free_port(),
        }
    }

    /// Starts the server; answers also with how long its log was before.
    fn launch(&self, programs: &Programs, port: u16) -> Result<(Server, Endpoint, u64), ClusterError> {
        let account = self.account.as_ref();
        let data = self.home.data();
        let socket_dir = self.home.socket_directory(account)?;
        home::clear_sockets(&socket_dir).map_err(ClusterError::io("clear", &socket_dir))?;
        postmaster::disown(&data, account)?;
        let configuration = configuration(&socket_dir, port, self.settings.durable);
        home::replace(&data, CONFIGURATION, configuration.as_bytes(), 0o600, account)
            .map_err(ClusterError::io("write", &data.join(CONFIGURATION)))?;
        let log_path = self.home.log();
        let (log, log_before) = open_log(&log_path).map_err(ClusterError::io("open", &log_path))?;
        let for_output = log.try_clone().map_err(ClusterError::io("open", &log_path))?;

        let mut command = programs.command("postgres", account);
        command.arg("-D").arg(&data).current_dir(&data);
        command.stdout(Stdio::from(for_output)).stderr(Stdio::from(log));
        let endpoint = Endpoint::new(socket_dir, port, self.home.password()?);
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
                Answer::Ready { .. } => return Ok(Outcome::Ready),
                Answer::Refused(reason) => {
                    return Err(ClusterError::Refused {
                        directory: self.home.data(),
                        reason,
                    });
                }
                Answer::NotYet(reason) => reason,
            };
            if server.has_ended() {
                return Ok(Outcome::Ended(self.home.log_since(log_before)));
            }
            if Instant::now() > deadline {
                return Err(self.home.silent(reason, READY, log_before));
            }
            sleep(POLL).await;
        }
    }

    async fn check_extensions(&self, programs: &Programs, endpoint: &Endpoint) -> Result<(), ClusterError> {
        match endpoint.lacks(&REQUIRED_EXTENSIONS).await {
            Ok(None) => Ok(()),
            Ok(Some(extension)) => Err(ClusterError::NoExtension {
                programs: programs.directory.clone(),
                extension: extension.to_owned(),
            }),
            Err(error) => Err(self.home.silent(error.to_string(), READY, 0)),
        }
    }
}

fn is_free(port: u16) -> Result<bool, ClusterError> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(true),
        Err(reason) if reason.kind() == io::ErrorKind::AddrInUse => Ok(false),
        Err(reason) => Err(ClusterError::io(
            "listen on",
            Path::new(&format!("127.0.0.1:{port}")),
        )(reason)),
    }
}

fn free_port() -> Result<u16, ClusterError> {
    for _ in 0..64 {
        let port = rand::random_range(FREE_PORTS);
        if is_free(port)? {
            return Ok(port);
        }
    }
    Err(ClusterError::NoFreePort)
}

fn configuration(socket_dir: &Path, port: u16, durable: bool) -> String {
    let mut text = format!(
        "# Written anew at every start: your own settings go below the include in postgresql.conf.\n\
         cluster_name = 'demarche'\n\
         listen_addresses = '127.0.0.1'\n\
         port = {port}\n\
         unix_socket_directories = '{}'\n\
         unix_socket_permissions = 0700\n\
         password_encryption = 'scram-sha-256'\n\
         timezone = 'UTC'\n\
         log_timezone = 'UTC'\n\
         logging_collector = off\n\
         log_destination = 'stderr'\n\
         log_line_prefix = '%m [%p] %q%u@%d '\n\
         jit = off\n\
         work_mem = '16MB'\n\
         maintenance_work_mem = '128MB'\n",
        socket_dir.display()
    );
    text.push_str(if durable {
        "fsync = on\n\
         synchronous_commit = on\n\
         full_page_writes = on\n\
         max_connections = 100\n\
         shared_buffers = '256MB'\n"
    } else {
        "fsync = off\n\
         synchronous_commit = off\n\
         full_page_writes = off\n\
         wal_level = 'minimal'\n\
         max_wal_senders = 0\n\
         max_connections = 300\n\
         shared_buffers = '128MB'\n"
    });
    text
}

/// The log, to be written on at its end; a long one is put aside first.
fn open_log(path: &Path) -> io::Result<(File, u64)> {
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.len() > LARGEST_LOG) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    let length = file.metadata()?.len();
    Ok((file, length))
}
