//! The server's log, and what a message quotes of it.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::ClusterError;
use crate::home::Home;

const NAME: &str = "postgresql.log";
/// A longer log is renamed before the server starts.
const LARGEST: u64 = 16 << 20;
const QUOTED_LINES: usize = 20;
const QUOTED_BYTES: u64 = 16 << 10;

pub(crate) fn path(home: &Home) -> PathBuf {
    home.path().join(NAME)
}

/// Opens a log to append to it. Returns also its length.
pub(crate) fn open(path: &Path) -> io::Result<(File, u64)> {
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.len() > LARGEST) {
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

/// Returns the last lines that were logged since the log had a length of so many bytes.
pub(crate) fn since(home: &Home, length: u64) -> String {
    let read = || -> io::Result<String> {
        let mut file = File::open(path(home))?;
        let all = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.max(all.saturating_sub(QUOTED_BYTES))))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_else(|reason| format!("(unreadable: {reason})"));
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(QUOTED_LINES)..].join("\n")
}

/// Returns the error for a server that does not accept connections, with the end of its log.
pub(crate) fn silent(home: &Home, reason: String, waited: Duration, log_before: u64) -> ClusterError {
    ClusterError::Silent {
        reason,
        seconds: waited.as_secs(),
        log: path(home),
        tail: since(home, log_before),
    }
}
