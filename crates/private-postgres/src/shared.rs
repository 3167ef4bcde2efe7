//! One cluster for all test processes of a run. The first process starts it, and a small guard process removes it when
//! the last one is gone: a test process may die by any signal, but the kernel always releases its file locks.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::application::{Application, Settings};
use crate::cluster::Cluster;
use crate::endpoint::Endpoint;
use crate::error::ClusterError;
use crate::lock;
use crate::postmaster::POLL;

/// Some test runners start a process for every test: between two of them, no process may use the cluster for a moment.
const LINGER: Duration = Duration::from_secs(2);
/// Includes a download of PostgreSQL by the first process.
const START: Duration = Duration::from_secs(400);
const GUARD_START: Duration = Duration::from_secs(20);

/// The locks of the clusters that this process uses; the kernel releases them when it ends.
static MEMBERSHIPS: LazyLock<Mutex<HashMap<PathBuf, File>>> = LazyLock::new(Mutex::default);

/// The files of a shared cluster. The process that starts or stops it holds `start`, all that use it share `members`,
/// and its guard holds `guard`.
struct Place {
    directory: PathBuf,
}

impl Place {
    fn of(directory: &Path) -> Result<Place, ClusterError> {
        let directory = directory
            .canonicalize()
            .map_err(ClusterError::io("look at", directory))?;
        Ok(Place { directory })
    }

    fn data_dir(&self) -> PathBuf {
        self.directory.join("cluster")
    }

    fn open(&self, name: &str) -> Result<File, ClusterError> {
        let path = self.directory.join(name);
        lock::open(&path).map_err(ClusterError::io("open", &path))
    }

    fn start_lock(&self) -> Result<File, ClusterError> {
        self.open("start.lock")
    }

    fn members_lock(&self) -> Result<File, ClusterError> {
        self.open("members.lock")
    }

    fn guard_lock(&self) -> Result<File, ClusterError> {
        self.open("guard.lock")
    }

    fn failed(&self, reason: impl ToString) -> ClusterError {
        ClusterError::Shared {
            directory: self.directory.clone(),
            reason: reason.to_string(),
        }
    }
}

/// The program that guards a shared cluster: it is run as `<program> <arguments…> <directory>`, and has to call
/// [`guard()`] with that directory and the same application.
#[derive(Clone, Debug)]
pub struct Guard {
    /// Path of the program.
    pub program: PathBuf,
    /// Arguments before the directory.
    pub arguments: Vec<OsString>,
}

/// A cluster that the test processes of a run share. It is not durable, and removed when the last of them is gone.
#[derive(Clone, Debug)]
pub struct SharedCluster {
    /// The program to which the cluster belongs.
    pub application: Application,
    /// A directory for the cluster and its locks, made if it does not exist. It stays when the cluster is removed.
    pub directory: PathBuf,
    /// The program that removes the cluster.
    pub guard: Guard,
    /// The directory of `initdb` and `postgres`; see [`Settings::programs`].
    pub programs: Option<PathBuf>,
}

impl SharedCluster {
    /// Makes this process a user of the shared cluster until it ends, and starts the cluster and its guard if they do
    /// not run. PostgreSQL is downloaded if no programs are found.
    ///
    /// # Errors
    /// Those of [`Cluster::start`], and [`ClusterError::Shared`] if a lock or the guard fails.
    pub async fn join(&self) -> Result<Endpoint, ClusterError> {
        fs::create_dir_all(&self.directory).map_err(ClusterError::io("make", &self.directory))?;
        let place = Place::of(&self.directory)?;
        let start = place.start_lock()?;
        wait_for(&start, Instant::now() + START)
            .await
            .map_err(|reason| place.failed(reason))?;

        if !memberships().contains_key(&place.directory) {
            let members = place.members_lock()?;
            // The guard holds it exclusively for a moment only, when it notices that no process uses the cluster.
            let members = blocking(move || members.lock_shared().map(|()| members)).await;
            memberships().insert(
                place.directory.clone(),
                members.map_err(|reason| place.failed(reason))?,
            );
        }
        self.ensure_guard(&place).await?;
        match Cluster::attach(self.application, &place.data_dir()).await {
            Err(ClusterError::NotRunning { .. }) => {}
            found => return found,
        }
        // Left by a crash of the machine or a kill of the guard.
        Cluster::destroy(self.application, &place.data_dir()).await?;
        let cluster = Cluster::start(&Settings {
            application: self.application,
            data_dir: place.data_dir(),
            port: Some(0),
            programs: self.programs.clone(),
            allow_download: true,
            durable: false,
        })
        .await?;
        let endpoint = cluster.endpoint().clone();
        cluster.leave_running();
        Ok(endpoint)
    }

    async fn ensure_guard(&self, place: &Place) -> Result<(), ClusterError> {
        if is_guarded(place)? {
            return Ok(());
        }
        let Guard { program, arguments } = &self.guard;
        // A group of its own and none of this process's streams: Ctrl-C must not end it, and a test runner must not
        // wait for it.
        let mut guard = Command::new(program)
            .args(arguments)
            .arg(&place.directory)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(ClusterError::io("run", program))?;
        let deadline = Instant::now() + GUARD_START;
        while !is_guarded(place)? {
            let ended = guard.try_wait().map_err(|reason| place.failed(reason))?;
            if ended.is_some() || Instant::now() > deadline {
                return Err(place.failed(format!("the program {} does not guard it", program.display())));
            }
            sleep(POLL).await;
        }
        Ok(())
    }
}

/// Waits until no process uses the shared cluster of a directory, then stops and removes it. For guard programs; see
/// [`Guard`]. Returns at once if there is another guard.
///
/// # Errors
/// Those of [`Cluster::destroy`], and [`ClusterError::Shared`] if a lock fails.
pub async fn guard(application: Application, directory: &Path) -> Result<(), ClusterError> {
    let place = Place::of(directory)?;
    let post = place.guard_lock()?;
    // A process that asks whether there is a guard holds the lock too, for a moment.
    match wait_for(&post, Instant::now() + LINGER).await {
        Err(reason) if reason.kind() == io::ErrorKind::TimedOut => return Ok(()),
        taken => taken.map_err(|reason| place.failed(reason))?,
    }
    let start = place.start_lock()?;
    let mut members = place.members_lock()?;
    loop {
        let emptied =
            blocking(move || members.lock().and_then(|()| members.unlock()).map(|()| members)).await;
        members = emptied.map_err(|reason| place.failed(reason))?;
        sleep(LINGER).await;

        wait_for(&start, Instant::now() + START)
            .await
            .map_err(|reason| place.failed(reason))?;
        match members.try_lock() {
            // A process that joins now waits for `start`, and must then find neither a cluster nor a guard.
            Ok(()) => {
                let done = Cluster::destroy(application, &place.data_dir()).await;
                drop(post);
                return done;
            }
            Err(TryLockError::WouldBlock) => start.unlock().map_err(|reason| place.failed(reason))?,
            Err(TryLockError::Error(reason)) => return Err(place.failed(reason)),
        }
    }
}

fn is_guarded(place: &Place) -> Result<bool, ClusterError> {
    // Shared, so that two processes that ask at once don't take each other for a guard.
    match place.guard_lock()?.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(reason)) => Err(place.failed(reason)),
    }
}

fn memberships() -> std::sync::MutexGuard<'static, HashMap<PathBuf, File>> {
    MEMBERSHIPS.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn wait_for(file: &File, deadline: Instant) -> io::Result<()> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(POLL).await,
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::TimedOut.into()),
            Err(TryLockError::Error(reason)) => return Err(reason),
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}
