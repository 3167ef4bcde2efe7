//! A private PostgreSQL cluster in a data directory, made and run by whoever needs one, root included. The server
//! outlives an owner that was killed, so a start first looks for one that still runs and takes it over.

pub mod download;
mod home;
mod lock;
mod postmaster;
mod programs;
mod shared;
mod user;

use std::fmt;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::unistd::Pid;
use tokio::time::{sleep, timeout};
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

use self::home::Home;
use self::lock::Lock;
use self::postmaster::{POLL, Server};
use self::programs::Programs;
use self::user::Account;

pub use self::shared::{SharedCluster, guard};

const SUPERUSER: &str = "postgres";
/// The database that initdb makes.
const FIRST_DATABASE: &str = "postgres";
const REQUIRED_EXTENSIONS: [&str; 2] = ["pg_trgm", "unaccent"];
/// An include of our own, so that postgresql.conf stays the user's.
const CONFIGURATION: &str = "demarche.conf";
const READY: Duration = Duration::from_secs(60);
const ANSWER: Duration = Duration::from_secs(5);
const LARGEST_LOG: u64 = 16 << 20;
/// Above what services use, below where Linux takes the ports of outgoing connections: a recorded port from there
/// would now and then be taken at the next start.
const FREE_PORTS: std::ops::Range<u16> = 20_000..32_000;

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

/// Where a running cluster is reached, and as whom.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub socket_dir: PathBuf,
    pub port: u16,
    pub superuser: String,
    pub password: String,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("socket_dir", &self.socket_dir)
            .field("port", &self.port)
            .field("superuser", &self.superuser)
            .finish_non_exhaustive()
    }
}

impl Endpoint {
    /// A connection as superuser, over the socket.
    pub fn connection(&self, database: &str) -> tokio_postgres::Config {
        let mut config = tokio_postgres::Config::new();
        config
            .host_path(&self.socket_dir)
            .port(self.port)
            .dbname(database);
        config.user(&self.superuser).password(&self.password);
        config
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error("could not {action} {}: {reason}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        reason: io::Error,
    },
    #[error("the data directory {} is held by {holder}: stop that one, or name another directory with --data-dir", directory.display())]
    Held { directory: PathBuf, holder: String },
    #[error("{} is not a directory: name another with --data-dir", path.display())]
    NotADirectory { path: PathBuf },
    #[error("{} is not empty and was not made by demarche: name another data directory with --data-dir", directory.display())]
    NotOurs { directory: PathBuf },
    #[error("{} was not made by demarche (it lacks the file {}) and is not removed: remove it yourself, or name another with --data-dir", directory.display(), home::MARKER)]
    NotRemoved { directory: PathBuf },
    #[error("{} belongs to the user {owner}: run demarche as that user, or name another directory with --data-dir", directory.display())]
    OwnedByAnother { directory: PathBuf, owner: String },
    #[error(
        "PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as: add one with `useradd --system postgres`, or run demarche as another user"
    )]
    NoAccount,
    #[error("the user {account}, as whom PostgreSQL has to run, can't reach {}: open {} to it with `chmod o+x`", directory.display(), obstacle.display())]
    Unreachable {
        directory: PathBuf,
        obstacle: PathBuf,
        account: String,
    },
    #[error("{} is damaged: restore it, or begin anew with --fresh", path.display())]
    Damaged { path: PathBuf },
    #[error(
        "no PostgreSQL programs of version {} or later were found (found: {found}): install them with {advice}, or name their directory in PG_BIN",
        programs::OLDEST_MAJOR
    )]
    NoPrograms { found: String, advice: String },
    #[error("the cluster in {} was made by PostgreSQL {major}, whose programs were not found (found: {found}): install them with {advice}, name their directory in PG_BIN, or begin anew with --fresh", directory.display())]
    OtherMajor {
        directory: PathBuf,
        major: u32,
        found: String,
        advice: String,
    },
    #[error("the PostgreSQL programs in {} are of no use: {reason}", directory.display())]
    UnfitPrograms { directory: PathBuf, reason: String },
    #[error("the PostgreSQL programs in {} come without the extension {extension}: install PostgreSQL's contrib modules, then start again", programs.display())]
    NoExtension {
        programs: PathBuf,
        extension: &'static str,
    },
    #[error(
        "could not bring PostgreSQL ({failures}): install PostgreSQL {} or later, or name its programs' directory in PG_BIN",
        programs::OLDEST_MAJOR
    )]
    NotBrought { failures: String },
    #[error("{client} is not installed")]
    NoClient { client: String },
    #[error("`{command}` failed: {reason}")]
    Client { command: String, reason: String },
    #[error(
        "{archive} was brought with the SHA-256 {found}, where {expected} is expected, and is not used: the registry or the way to it is not to be trusted, install PostgreSQL yourself"
    )]
    Checksum {
        archive: String,
        expected: String,
        found: String,
    },
    #[error(
        "port {port} of 127.0.0.1 is taken by another program: stop that one, or name another with --pg-port (0 picks a free one)"
    )]
    PortTaken { port: u16 },
    #[error("no free port was found on 127.0.0.1: name one with --pg-port")]
    NoFreePort,
    #[error("`{program}` failed: {output}")]
    Initialisation { program: String, output: String },
    #[error("PostgreSQL ended while it started; its log {} says:\n{tail}", log.display())]
    Ended { log: PathBuf, tail: String },
    #[error("PostgreSQL did not answer within {} seconds ({reason}); its log {} says:\n{tail}", READY.as_secs(), log.display())]
    Silent {
        reason: String,
        log: PathBuf,
        tail: String,
    },
    #[error("PostgreSQL (process {pid}) runs in {} and refuses the recorded password: {reason}; stop it with `kill -INT {pid}`, then restore the password or begin anew with --fresh", directory.display())]
    Refused {
        directory: PathBuf,
        pid: i32,
        reason: String,
    },
    #[error("PostgreSQL (process {pid}) in {} does not stop: end it with `kill -QUIT {pid}`", directory.display())]
    DoesNotStop { directory: PathBuf, pid: i32 },
    #[error("no cluster runs in {}: start one with `demarche demo`", directory.display())]
    NotRunning { directory: PathBuf },
    #[error("the tests' shared cluster in {} is not to be had: {reason}", directory.display())]
    Shared { directory: PathBuf, reason: String },
}

impl ClusterError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ClusterError + use<> {
        let path = path.to_owned();
        move |reason| ClusterError::Io {
            action,
            path,
            reason,
        }
    }
}

/// A word to the person at the terminal; logging may be off or be read by a machine.
#[allow(clippy::print_stderr, reason = "people are spoken to on stderr")]
fn say(message: &str) {
    eprintln!("{message}");
}

/// A running cluster and the hold on its data directory. Dropped without `stop`, it asks the server to stop and does
/// not wait.
pub struct Cluster {
    home: Home,
    endpoint: Endpoint,
    server: Option<Server>,
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
    /// Makes the cluster if there is none, takes it over if it runs, starts it otherwise; ends when it answers.
    pub async fn start(settings: &Settings) -> Result<Cluster, ClusterError> {
        let (home, account) = Home::prepare(&settings.data_dir)?;
        let lock = Lock::take(home.path())?;
        home.sweep();
        let start = Start {
            settings,
            home,
            account,
        };
        let deadline = Instant::now() + READY;
        let mut programs = None;
        let mut lost_ports = 0;
        loop {
            if let Some((server, endpoint)) = start.adopt(deadline).await? {
                start.home.record_port(endpoint.port)?;
                return Ok(Cluster {
                    home: start.home,
                    endpoint,
                    server: Some(server),
                    _lock: lock,
                });
            }
            let (programs, is_new) = match &programs {
                Some(programs) => (programs, false),
                None => {
                    let is_new = start.home.major()?.is_none();
                    (
                        &*programs.insert(start.programs_for_cluster().await?),
                        is_new,
                    )
                }
            };
            let port = start.choose_port()?;
            let (mut server, endpoint, log_before) = start.launch(programs, port)?;
            match start
                .wait(&mut server, &endpoint, deadline, log_before)
                .await
            {
                Ok(()) => {
                    let cluster = Cluster {
                        home: start.home,
                        endpoint,
                        server: Some(server),
                        _lock: lock,
                    };
                    cluster.home.record_port(port)?;
                    if is_new {
                        cluster.check_extensions(programs).await?;
                    }
                    return Ok(cluster);
                }
                Err(ClusterError::Ended { tail, log }) => {
                    let port_lost = tail.contains("could not bind") && start.picks_port()?;
                    // Backends of a server that was killed go as soon as they notice.
                    let orphans = tail.contains("pre-existing shared memory block")
                        && Instant::now() < deadline;
                    // Its owner was killed before it had written postmaster.pid, so it was not seen above.
                    let raced = tail.contains("postmaster.pid\" already exists")
                        && Instant::now() < deadline;
                    lost_ports += u32::from(port_lost);
                    if !(orphans || raced || port_lost && lost_ports < 5) {
                        return Err(ClusterError::Ended { tail, log });
                    }
                    sleep(POLL * 10).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Where the running cluster of a data directory is, for those who use it without holding it.
    pub async fn attach(data_dir: &Path) -> Result<Endpoint, ClusterError> {
        let home = Home::find(data_dir)?;
        let not_running = || ClusterError::NotRunning {
            directory: data_dir.to_owned(),
        };
        let deadline = Instant::now() + ANSWER;
        loop {
            let running = postmaster::running(&home.data())?.ok_or_else(not_running)?;
            let reason = match running.address {
                _ if running.stopping => return Err(not_running()),
                Some((socket_dir, port)) => {
                    let endpoint = endpoint(socket_dir, port, home.password()?);
                    match ask(&endpoint).await {
                        Answer::Ready { .. } => return Ok(endpoint),
                        Answer::Refused(reason) => {
                            let pid = running.pid.as_raw();
                            return Err(ClusterError::Refused {
                                directory: home.data(),
                                pid,
                                reason,
                            });
                        }
                        Answer::NotYet(reason) => reason,
                    }
                }
                None => "it does not listen yet".to_owned(),
            };
            if Instant::now() > deadline {
                let log = home.log();
                return Err(ClusterError::Silent {
                    reason,
                    tail: tail(&log, 0),
                    log,
                });
            }
            sleep(POLL).await;
        }
    }

    /// The directory that keeps what belongs to the cluster of a data directory: the data directory itself, unless the
    /// cluster's user can't reach that. What else has to live as long as the cluster is kept there too.
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
        if let Some(mut server) = self.server.take() {
            server.stop(&self.home.data()).await?;
        }
        self.home.leave_socket_directory(&self.endpoint.socket_dir);
        Ok(())
    }

    /// Lets the server run on and lets go of the data directory.
    pub(super) fn leave_running(mut self) {
        self.server = None;
    }

    /// Removes a cluster with everything in its directory, programs that were brought excepted. Only a directory that
    /// demarche made is ever removed, and only while no process holds it.
    pub async fn destroy(data_dir: &Path) -> Result<(), ClusterError> {
        let home = Home::find(data_dir)?;
        if home.is_absent()? {
            return Ok(());
        }
        let _lock = Lock::take(home.path())?;
        if let Some(running) = postmaster::running(&home.data())? {
            Server::Adopted(running.pid)
                .stop_immediately(&home.data())
                .await?;
            if let Some((socket_dir, _)) = running.address {
                home.leave_socket_directory(&socket_dir);
            }
        }
        home.remove()
    }

    async fn check_extensions(&self, programs: &Programs) -> Result<(), ClusterError> {
        let available = async {
            let (client, connection) = self
                .endpoint
                .connection(FIRST_DATABASE)
                .connect(NoTls)
                .await?;
            tokio::spawn(connection);
            let rows = client
                .query("select name::text from pg_available_extensions", &[])
                .await?;
            rows.iter()
                .map(|row| row.try_get(0))
                .collect::<Result<Vec<String>, _>>()
        };
        let available = available.await.map_err(|error| {
            let log = self.home.log();
            ClusterError::Silent {
                reason: error.to_string(),
                tail: tail(&log, 0),
                log,
            }
        })?;
        for extension in REQUIRED_EXTENSIONS {
            if !available.iter().any(|name| name == extension) {
                return Err(ClusterError::NoExtension {
                    programs: programs.directory.clone(),
                    extension,
                });
            }
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.ask_to_stop(&self.home.data());
        }
    }
}

/// A start under way, the lock held.
struct Start<'a> {
    settings: &'a Settings,
    home: Home,
    account: Option<Account>,
}

impl Start<'_> {
    /// Takes over the server that runs, if it is as wished; one that isn't is stopped.
    async fn adopt(&self, deadline: Instant) -> Result<Option<(Server, Endpoint)>, ClusterError> {
        let data = self.home.data();
        while let Some(running) = postmaster::running(&data)? {
            let mut server = Server::Adopted(running.pid);
            let mut reason = "it is stopping".to_owned();
            if let Some((socket_dir, port)) = running.address.filter(|_| !running.stopping) {
                let endpoint = endpoint(socket_dir, port, self.home.password()?);
                match ask(&endpoint).await {
                    Answer::Ready { durable } => {
                        let as_wished = durable == self.settings.durable
                            && self
                                .settings
                                .port
                                .is_none_or(|wished| wished == 0 || wished == port);
                        if as_wished {
                            tracing::info!(
                                pid = running.pid.as_raw(),
                                "took over the cluster that was still running"
                            );
                            return Ok(Some((server, endpoint)));
                        }
                        server.stop(&data).await?;
                        return Ok(None);
                    }
                    Answer::Refused(reason) => {
                        return Err(ClusterError::Refused {
                            directory: data,
                            pid: running.pid.as_raw(),
                            reason,
                        });
                    }
                    Answer::NotYet(why) => reason = why,
                }
            }
            if Instant::now() > deadline {
                let log = self.home.log();
                return Err(ClusterError::Silent {
                    reason,
                    tail: tail(&log, 0),
                    log,
                });
            }
            sleep(POLL).await;
        }
        Ok(None)
    }

    /// The programs for the cluster, which is made first if there is none.
    async fn programs_for_cluster(&self) -> Result<Programs, ClusterError> {
        let account = self.account.as_ref();
        let (named, data) = (self.settings.pg_bin.as_deref(), self.home.data());
        let major = self.home.major()?;
        let cluster = major.map(|major| (data.as_path(), major));
        let brought = self.home.programs();
        let programs = programs::obtain(
            named,
            &brought,
            self.settings.allow_download,
            cluster,
            account,
        )
        .await?;
        if major.is_none() {
            self.initialise(&programs).await?;
        }
        Ok(programs)
    }

    /// Makes the cluster under another name and renames it when it is whole.
    async fn initialise(&self, programs: &Programs) -> Result<(), ClusterError> {
        let account = self.account.as_ref();
        let password = self
            .home
            .password_for_initdb(&self.home.new_password()?, account)?;
        // PostgreSQL's own order of characters everywhere, and where C.UTF-8 is unknown at least letters that are known
        // to be such, without which trigrams are made of Latin words only.
        let locales: [&[&str]; 3] = [
            &["--locale=C.UTF-8"],
            &["--locale=C", "--lc-ctype=en_US.UTF-8"],
            &["--locale=C"],
        ];
        let unfinished = self.home.unfinished();
        let mut said = String::new();
        for locale in locales {
            home::own_directory(&unfinished, account)
                .map_err(ClusterError::io("make", &unfinished))?;
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
            let program = programs::name_of(command.get_program());
            let output = tokio::process::Command::from(command)
                .kill_on_drop(true)
                .output()
                .await
                .map_err(ClusterError::io("run", &programs.directory.join("initdb")))?;
            said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            if output.status.success() {
                let data = self.home.data();
                self.configure_once(&unfinished)
                    .map_err(ClusterError::io("configure", &unfinished))?;
                fs::rename(&unfinished, &data).map_err(ClusterError::io("make", &data))?;
                return home::sync_directory(self.home.path())
                    .map_err(ClusterError::io("write", self.home.path()));
            }
            let _ = fs::remove_dir_all(&unfinished);
            if !said.contains("invalid locale") {
                return Err(ClusterError::Initialisation {
                    program,
                    output: said,
                });
            }
        }
        Err(ClusterError::Initialisation {
            program: "initdb".to_owned(),
            output: said,
        })
    }

    fn configure_once(&self, data: &Path) -> io::Result<()> {
        let account = self.account.as_ref();
        let mut text = fs::read_to_string(data.join("postgresql.conf"))?;
        text.push_str(
            "\n# What demarche sets; your own settings go below this line and win over it.\n",
        );
        text.push_str(&format!("include_if_exists = '{CONFIGURATION}'\n"));
        home::replace(data, "postgresql.conf", text.as_bytes(), 0o600, account)?;
        let access = "# type database user address method\n\
                      local all all scram-sha-256\n\
                      host all all 127.0.0.1/32 scram-sha-256\n";
        home::replace(data, "pg_hba.conf", access.as_bytes(), 0o600, account)
    }

    fn picks_port(&self) -> Result<bool, ClusterError> {
        Ok(match self.settings.port {
            Some(0) => true,
            Some(_) => false,
            None => self.home.recorded_port()?.is_none(),
        })
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

    /// Starts the server; answers also with how long the log was before.
    fn launch(
        &self,
        programs: &Programs,
        port: u16,
    ) -> Result<(Server, Endpoint, u64), ClusterError> {
        let account = self.account.as_ref();
        let data = self.home.data();
        let socket_dir = self.home.socket_directory(account)?;
        clear_sockets(&socket_dir).map_err(ClusterError::io("clear", &socket_dir))?;
        postmaster::disown(&data, account)?;
        let configuration = configuration(&socket_dir, port, self.settings.durable);
        home::replace(
            &data,
            CONFIGURATION,
            configuration.as_bytes(),
            0o600,
            account,
        )
        .map_err(ClusterError::io("write", &data.join(CONFIGURATION)))?;
        let log_path = self.home.log();
        let (log, log_before) = open_log(&log_path).map_err(ClusterError::io("open", &log_path))?;
        let for_output = log
            .try_clone()
            .map_err(ClusterError::io("open", &log_path))?;

        let mut command = programs.command("postgres", account);
        command.arg("-D").arg(&data).current_dir(&data);
        command
            .stdout(Stdio::from(for_output))
            .stderr(Stdio::from(log));
        let child = tokio::process::Command::from(command)
            .spawn()
            .map_err(ClusterError::io(
                "run",
                &programs.directory.join("postgres"),
            ))?;
        let Some(pid) = child
            .id()
            .and_then(|pid| i32::try_from(pid).ok())
            .map(Pid::from_raw)
        else {
            return Err(ClusterError::Ended {
                tail: tail(&log_path, log_before),
                log: log_path,
            });
        };
        Ok((
            Server::Child(child, pid),
            endpoint(socket_dir, port, self.home.password()?),
            log_before,
        ))
    }

    async fn wait(
        &self,
        server: &mut Server,
        endpoint: &Endpoint,
        deadline: Instant,
        log_before: u64,
    ) -> Result<(), ClusterError> {
        let data = self.home.data();
        let mut started = Started {
            server,
            data: &data,
            waiting: true,
        };
        loop {
            let reason = match ask(endpoint).await {
                Answer::Ready { .. } => {
                    started.waiting = false;
                    return Ok(());
                }
                Answer::Refused(reason) => {
                    return Err(ClusterError::Refused {
                        directory: data.clone(),
                        pid: started.server.pid().as_raw(),
                        reason,
                    });
                }
                Answer::NotYet(reason) => reason,
            };
            let log = self.home.log();
            if started.server.has_ended(&data) {
                return Err(ClusterError::Ended {
                    tail: tail(&log, log_before),
                    log,
                });
            }
            if Instant::now() > deadline {
                return Err(ClusterError::Silent {
                    reason,
                    tail: tail(&log, log_before),
                    log,
                });
            }
            sleep(POLL).await;
        }
    }
}

/// Stops a server whose start was given up, also by a caller who stopped waiting.
struct Started<'a> {
    server: &'a mut Server,
    data: &'a Path,
    waiting: bool,
}

impl Drop for Started<'_> {
    fn drop(&mut self) {
        if self.waiting {
            self.server.ask_to_stop(self.data);
        }
    }
}

fn endpoint(socket_dir: PathBuf, port: u16, password: String) -> Endpoint {
    Endpoint {
        socket_dir,
        port,
        superuser: SUPERUSER.to_owned(),
        password,
    }
}

enum Answer {
    Ready { durable: bool },
    NotYet(String),
    Refused(String),
}

async fn ask(endpoint: &Endpoint) -> Answer {
    let question = async {
        let (client, connection) = endpoint.connection(FIRST_DATABASE).connect(NoTls).await?;
        tokio::spawn(connection);
        let row = client
            .query_one("select current_setting('fsync') = 'on'", &[])
            .await?;
        row.try_get::<_, bool>(0)
    };
    match timeout(ANSWER, question).await {
        Ok(Ok(durable)) => Answer::Ready { durable },
        Ok(Err(error)) => {
            let refused = [
                SqlState::INVALID_PASSWORD,
                SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
            ];
            let message = error
                .as_db_error()
                .map_or_else(|| error.to_string(), |error| error.message().to_owned());
            match error.code() {
                Some(code) if refused.contains(code) => Answer::Refused(message),
                _ => Answer::NotYet(message),
            }
        }
        Err(_) => Answer::NotYet(format!("no answer in {} seconds", ANSWER.as_secs())),
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

/// A socket's lock file is as treacherous as postmaster.pid, but nothing hangs on it.
fn clear_sockets(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(".s.PGSQL.") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
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

/// The last lines of what was logged since.
fn tail(path: &Path, since: u64) -> String {
    const LINES: usize = 20;
    const BYTES: u64 = 16 << 10;
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(since.max(length.saturating_sub(BYTES))))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_else(|reason| format!("(unreadable: {reason})"));
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
