//! The hold on a data directory. The lock is the kernel's (flock), so it ends with its holder however that process
//! dies; the text in the file only serves the message to the next one.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use crate::error::ClusterError;

pub(crate) const NAME: &str = "lock";

/// How often a lock is tried again that this process itself seems to hold.
const TRIES_OF_OWN: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a directory.
    ///
    /// # Errors
    /// [`ClusterError::Held`] names the process that has it.
    pub(crate) fn take(directory: &Path) -> Result<Lock, ClusterError> {
        let path = directory.join(NAME);
        let mut tries = TRIES_OF_OWN;
        loop {
            let mut file = open(&path).map_err(ClusterError::io("open", &path))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    // An unreadable text is no reason to hide the refusal.
                    if file.read_to_string(&mut holder).is_err() || holder.trim().is_empty() {
                        holder = "another process".to_owned();
                    }
                    // A child that another thread starts has a copy of the lock until it runs its program.
                    if tries > 0 && holder.starts_with(&format!("process {},", std::process::id())) {
                        tries -= 1;
                        std::thread::sleep(PAUSE);
                        continue;
                    }
                    return Err(ClusterError::Held {
                        directory: directory.to_owned(),
                        holder: holder.trim().to_owned(),
                    });
                }
                Err(TryLockError::Error(reason)) => {
                    return Err(ClusterError::io("lock", &path)(reason));
                }
            }
            // A process that removes the directory holds the lock meanwhile: a file that was opened before is then no
            // longer in the directory, and its lock protects nothing.
            if !is_still_at(&file, &path) {
                continue;
            }
            write_holder(&mut file).map_err(ClusterError::io("write", &path))?;
            return Ok(Lock { _file: file });
        }
    }
}

/// Opens a lock file, and makes it if it does not exist; its content stays.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

fn is_still_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(there)) => held.ino() == there.ino() && held.dev() == there.dev(),
        _ => false,
    }
}

fn write_holder(file: &mut File) -> io::Result<()> {
    let since = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ");
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "process {}, since {since}", std::process::id())
}
