//! One cluster for all test processes of a run. Whoever comes first starts it, and a small guard process
//! stops it when the last is gone: a test process may die by any signal, but never without the kernel
//! releasing its file locks.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::postmaster::POLL;
use super::{Cluster, ClusterError, Endpoint, Settings, lock};

/// The first word of the guard's command line, before the directory.
const GUARD_COMMAND: &str = "cluster-guard";
/// Under nextest every test is a process of its own: between two of them nobody may be there for a moment.
const LINGER: Duration = Duration::from_secs(2);
/// Includes a download of PostgreSQL by whoever came first.
const START: Duration = Duration::from_secs(400);
const GUARD_START: Duration = Duration::from_secs(20);

/// The locks of the clusters that this process uses; they go with the process.
static MEMBERSHIPS: LazyLock<Mutex<HashMap<PathBuf, File>>> = LazyLock::new(Mutex::default);

/// The files of a shared cluster. `start` is held by whoever starts or stops it, `members` is shared by all
/// that use it, `guard` says that there is a guard.
struct Place {
    directory: PathBuf,
}

impl Place {
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

pub struct SharedCluster;

impl SharedCluster {
    /// Makes this process a user of the shared cluster in a directory, until it ends. The guard program is
    /// run as `<program> cluster-guard <directory>` and has to call `guard`.
    pub async fn join(
        directory: &Path,
        guard_program: &Path,
        pg_bin: Option<&Path>,
    ) -> Result<Endpoint, ClusterError> {
        fs::create_dir_all(directory).map_err(ClusterError::io("make", directory))?;
        let directory = directory
            .canonicalize()
            .map_err(ClusterError::io("look at", directory))?;
        let place = Place { directory };
        let start = place.start_lock()?;
        wait_for(&start, Instant::now() + START)
            .await
            .map_err(|reason| place.failed(reason))?;

        if !memberships().contains_key(&place.directory) {
            let members = place.members_lock()?;
            // Held exclusively for a moment only, by the guard that notices that nobody was there.
            let members = blocking(move || members.lock_shared().map(|()| members)).await;
            memberships().insert(
                place.directory.clone(),
                members.map_err(|reason| place.failed(reason))?,
            );
        }
        ensure_guard(&place, guard_program).await?;
        match Cluster::attach(&place.data_dir()).await {
            Err(ClusterError::NotRunning { .. }) => {}
            answer => return answer,
        }
        // What a crash of the machine or a kill of the guard left is of no use to anybody.
        Cluster::destroy(&place.data_dir()).await?;
        let cluster = Cluster::start(&Settings {
            data_dir: place.data_dir(),
            port: Some(0),
            pg_bin: pg_bin.map(Path::to_owned),
            allow_download: true,
            durable: false,
        })
        .await?;
        let endpoint = cluster.endpoint().clone();
        cluster.leave_running();
        Ok(endpoint)
    }
}

/// Waits until no process uses the shared cluster any more, then stops and removes it.
pub async fn guard(directory: &Path) -> Result<(), ClusterError> {
    let directory = directory
        .canonicalize()
        .map_err(ClusterError::io("look at", directory))?;
    let place = Place { directory };
    let post = place.guard_lock()?;
    // Not at once: whoever asks whether there is a guard holds it too, for a moment.
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
            // Whoever comes now waits for `start`, and must then find neither cluster nor guard.
            Ok(()) => {
                let done = Cluster::destroy(&place.data_dir()).await;
                drop(post);
                return done;
            }
            Err(TryLockError::WouldBlock) => start.unlock().map_err(|reason| place.failed(reason))?,
            Err(TryLockError::Error(reason)) => return Err(place.failed(reason)),
        }
    }
}

async fn ensure_guard(place: &Place, program: &Path) -> Result<(), ClusterError> {
    if is_guarded(place)? {
        return Ok(());
    }
    // A group of its own, and none of our streams: neither Ctrl-C nor nextest's wait for the streams concerns
    // it.
    let mut guard = Command::new(program)
        .arg(GUARD_COMMAND)
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
            let program = program.display();
            return Err(place.failed(format!("`{program} {GUARD_COMMAND}` does not guard it")));
        }
        sleep(POLL).await;
    }
    Ok(())
}

fn is_guarded(place: &Place) -> Result<bool, ClusterError> {
    // Shared, so that two who ask at once don't take each other for a guard.
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
