//! The running server of a data directory: whether there is one, and how to stop it. `postmaster.pid` outlives a
//! crash, and its process number may belong to another program by now, so the number alone proves nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::time::sleep;

use crate::account::Account;
use crate::error::ClusterError;
use crate::files;

pub(crate) const POLL: Duration = Duration::from_millis(20);
const PID_FILE: &str = "postmaster.pid";
const FAST_SHUTDOWN: Duration = Duration::from_secs(60);
const IMMEDIATE_SHUTDOWN: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) pid: Pid,
    /// Socket directory and port; `None` until it listens.
    pub(crate) address: Option<(PathBuf, u16)>,
    pub(crate) stopping: bool,
}

/// Returns the server that runs on a data directory of PostgreSQL; `None` if there is none.
pub(crate) fn running(data: &Path) -> Result<Option<Running>, ClusterError> {
    let Some(text) = read(data)? else {
        return Ok(None);
    };
    let lines: Vec<&str> = text.lines().collect();
    let Some(pid) = lines
        .first()
        .and_then(|line| line.trim().parse().ok())
        .map(Pid::from_raw)
    else {
        return Ok(None);
    };
    if !serves(pid, data) {
        return Ok(None);
    }
    let port = lines.get(3).and_then(|line| line.trim().parse().ok());
    let directory = lines
        .get(4)
        .map(|line| line.trim())
        .filter(|line| !line.is_empty());
    Ok(Some(Running {
        pid,
        address: directory
            .zip(port)
            .map(|(directory, port)| (PathBuf::from(directory), port)),
        stopping: lines.get(7).is_some_and(|line| line.trim() == "stopping"),
    }))
}

fn read(data: &Path) -> Result<Option<String>, ClusterError> {
    let path = data.join(PID_FILE);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(ClusterError::io("read", &path)(reason)),
    }
}

/// Ends the processes of a server that was killed: one that is busy notices only later, and no new server starts beside it.
/// What they do is lost with their server anyway. Does nothing on systems without /proc.
pub(crate) fn end_orphans(data: &Path) {
    let Ok(processes) = fs::read_dir("/proc") else {
        return;
    };
    for process in processes.flatten() {
        let pid = process.file_name().to_str().and_then(|name| name.parse().ok());
        let Some(pid) = pid.map(Pid::from_raw).filter(|pid| serves(*pid, data)) else {
            continue;
        };
        // A shell or a client may have that directory too.
        let program = fs::read_link(process.path().join("exe")).unwrap_or_default();
        let is_postgres = program
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("postgres"));
        if is_postgres {
            let _ = kill(pid, Signal::SIGKILL);
        }
    }
}

/// Whether a process is the server of a data directory: its working directory is that one. A zombie has none.
#[cfg(target_os = "linux")]
fn serves(pid: Pid, data: &Path) -> bool {
    let of = |link: &str| fs::read_link(format!("/proc/{pid}/{link}")).ok();
    pid.as_raw() > 0 && of("cwd").is_some_and(|directory| directory == data)
}

/// The same on systems without /proc: the server was started with the directory as an argument.
#[cfg(not(target_os = "linux"))]
fn serves(pid: Pid, data: &Path) -> bool {
    let output = std::process::Command::new("ps")
        .args(["-o", "command=", "-p", &pid.to_string()])
        .output();
    pid.as_raw() > 0
        && output
            .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(&*data.to_string_lossy()))
}

/// Replaces the process number in `postmaster.pid` of a server that is gone, where another process has that number
/// now: PostgreSQL would refuse to start. The file itself must stay, because PostgreSQL finds orphaned backends by the
/// shared memory that it names, and a second server beside them would destroy the data.
pub(crate) fn disown(data: &Path, account: Option<&Account>) -> Result<(), ClusterError> {
    let Some(text) = read(data)? else {
        return Ok(());
    };
    let Some((pid, rest)) = text.split_once('\n') else {
        return Ok(());
    };
    let alive = match pid.trim().parse() {
        Ok(pid) if pid > 0 => kill(Pid::from_raw(pid), None) != Err(Errno::ESRCH),
        _ => false,
    };
    if alive {
        // No process has this number: the kernel's limit is 2^22.
        let text = format!("{}\n{rest}", i32::MAX);
        files::replace(data, PID_FILE, text.as_bytes(), 0o600, account)
            .map_err(ClusterError::io("write", &data.join(PID_FILE)))?;
    }
    Ok(())
}

/// A server that this process owns. On drop it is asked to stop, without waiting, unless it was left running.
pub(crate) struct Server {
    data: PathBuf,
    pid: Pid,
    /// The child to reap; `None` for an adopted server.
    child: Option<Child>,
    is_left: bool,
}

impl Server {
    pub(crate) fn launched(child: Child, data: PathBuf) -> io::Result<Server> {
        let pid = child
            .id()
            .and_then(|pid| i32::try_from(pid).ok())
            .ok_or(io::ErrorKind::NotFound)?;
        Ok(Server {
            data,
            pid: Pid::from_raw(pid),
            child: Some(child),
            is_left: false,
        })
    }

    pub(crate) fn adopted(running: &Running, data: PathBuf) -> Server {
        Server {
            data,
            pid: running.pid,
            child: None,
            is_left: false,
        }
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        match &mut self.child {
            Some(child) => !matches!(child.try_wait(), Ok(None)),
            None => !serves(self.pid, &self.data),
        }
    }

    /// Waits until it has ended. Returns how it ended, in words.
    pub(crate) async fn ended(&mut self) -> String {
        if let Some(child) = &mut self.child {
            return match child.wait().await {
                Ok(status) => status.to_string(),
                Err(reason) => reason.to_string(),
            };
        }
        while !self.has_ended() {
            sleep(POLL * 10).await;
        }
        "its exit status is unknown".to_owned()
    }

    /// Leaves it running on drop.
    pub(crate) fn leave(mut self) {
        self.is_left = true;
    }

    /// Stops it: disconnects clients and writes everything; returns when it is gone.
    pub(crate) async fn stop(&mut self) -> Result<(), ClusterError> {
        self.signal(Signal::SIGINT);
        if self.ends_within(FAST_SHUTDOWN).await {
            return Ok(());
        }
        self.stop_immediately().await
    }

    /// Stops it without writing everything; the next start recovers from the write-ahead log.
    pub(crate) async fn stop_immediately(&mut self) -> Result<(), ClusterError> {
        self.signal(Signal::SIGQUIT);
        if self.ends_within(IMMEDIATE_SHUTDOWN).await {
            return Ok(());
        }
        Err(ClusterError::DoesNotStop {
            directory: self.data.clone(),
            pid: self.pid.as_raw(),
        })
    }

    fn signal(&mut self, signal: Signal) {
        if !self.has_ended() {
            let _ = kill(self.pid, signal);
        }
    }

    async fn ends_within(&mut self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        while !self.has_ended() {
            if Instant::now() > deadline {
                return false;
            }
            sleep(POLL).await;
        }
        true
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !self.is_left {
            self.signal(Signal::SIGINT);
        }
    }
}
