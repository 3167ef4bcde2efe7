//! A PostgreSQL cluster of one test, to be stopped, frozen and killed.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use demarche::config::Limits;
use demarche::demo::cluster::APPLICATION;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use private_postgres::{Cluster, Settings};

use super::{TestApp, TestDatabase, in_memory_or};

/// A cluster of one test, removed at the end.
pub struct Private {
    place: PathBuf,
    cluster: Option<Cluster>,
    durable: bool,
}

impl Private {
    /// Starts one without fsync.
    pub async fn start(name: &str) -> Self {
        Self::of(name, false).await
    }

    /// Starts one with fsync, as in production: what it has acknowledged is on the disk.
    pub async fn durable(name: &str) -> Self {
        Self::of(name, true).await
    }

    async fn of(name: &str, durable: bool) -> Self {
        let root = in_memory_or(std::env::temp_dir())
            .canonicalize()
            .expect("a directory");
        let place = root.join(format!("demarche-it-{}-{name}", std::process::id()));
        fs::create_dir(&place).expect("a directory");
        // The cluster's user must be able to pass.
        fs::set_permissions(&place, Permissions::from_mode(0o711)).expect("permissions");
        let mut private = Self {
            place,
            cluster: None,
            durable,
        };
        private.resume().await;
        private
    }

    pub async fn resume(&mut self) {
        let settings = Settings {
            application: APPLICATION,
            data_dir: self.place.join("data"),
            port: None,
            programs: std::env::var_os("PG_BIN").map(PathBuf::from),
            allow_download: true,
            durable: self.durable,
        };
        self.cluster = Some(Cluster::start(&settings).await.expect("a cluster"));
    }

    pub async fn stop(&mut self) {
        if let Some(cluster) = self.cluster.take() {
            cluster.stop().await.expect("stopped");
        }
    }

    pub async fn app(&self) -> TestApp {
        self.app_with_workers(1).await
    }

    /// Starts a server with this number of threads that respond.
    pub async fn app_with_workers(&self, workers: u16) -> TestApp {
        let database = TestDatabase::of_cluster(self.cluster()).await;
        let limits = Limits {
            public_read: true,
            // Not the patience of other tests: these make the database silent, and wait for the end of that time.
            read_seconds: 11,
            ..Limits::default()
        };
        TestApp::with_workers(database, limits, workers).await
    }

    /// Kills all processes of the server, as a power failure does.
    pub fn kill(&mut self) {
        for pid in self.processes() {
            // Children that notice the death of the first process exit by themselves.
            let _ = kill(pid, Signal::SIGKILL);
        }
        drop(self.cluster.take());
    }

    /// Returns the directory of this cluster alone; `data` in it has PostgreSQL's files.
    pub fn place(&self) -> &Path {
        &self.place
    }

    pub fn cluster(&self) -> &Cluster {
        self.cluster.as_ref().expect("a cluster that runs")
    }

    /// Returns the server's processes, the postmaster first.
    pub fn processes(&self) -> Vec<Pid> {
        let file = self.place.join("data/postgresql/postmaster.pid");
        let text = fs::read_to_string(file).expect("postmaster.pid");
        let first: i32 = text
            .lines()
            .next()
            .and_then(|line| line.parse().ok())
            .expect("a number");
        let children = fs::read_dir("/proc")
            .expect("processes")
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
            .filter(|pid| parent(*pid) == Some(first));
        std::iter::once(first)
            .chain(children)
            .map(Pid::from_raw)
            .collect()
    }
}

fn parent(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

impl Drop for Private {
    fn drop(&mut self) {
        if self.cluster.is_some() {
            for pid in self.processes() {
                let _ = kill(pid, Signal::SIGCONT);
                let _ = kill(pid, Signal::SIGQUIT);
            }
        }
        let _ = fs::remove_dir_all(&self.place);
    }
}
