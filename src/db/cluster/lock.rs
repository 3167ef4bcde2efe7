//! Who holds a data directory. The lock is the kernel's (flock), so it ends with its holder however that one
//! dies; the words inside the file only serve the message to whoever comes second.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use super::ClusterError;

pub(super) const NAME: &str = "lock";

#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a directory, or says who has it.
    pub(super) fn take(directory: &Path) -> Result<Lock, ClusterError> {
        let path = directory.join(NAME);
        loop {
            let mut file = open(&path).map_err(ClusterError::io("open", &path))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    // Unreadable words are no reason to hide the refusal.
                    if file.read_to_string(&mut holder).is_err() || holder.trim().is_empty() {
                        holder = "another process".to_owned();
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
            // Whoever removes the directory holds the lock while doing so: a file opened before that is one
            // that nobody else will ever see again.
            if !is_still_at(&file, &path) {
                continue;
            }
            write_holder(&mut file).map_err(ClusterError::io("write", &path))?;
            return Ok(Lock { _file: file });
        }
    }
}

/// Opens a file to be locked, made if need be, what it says left alone.
pub(super) fn open(path: &Path) -> io::Result<File> {
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
