//! What a cluster's home records: its port and its superuser's password, and which version made it.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::account::Account;
use crate::error::ClusterError;
use crate::files::{hexadecimal, read_kept, replace};
use crate::home::Home;

const PORT: &str = "postgres-port";
const PASSWORD: &str = "superuser-password";
const PASSWORD_FOR_INITDB: &str = "initdb-password";
/// A number follows, so that an initdb that outlived its owner can't write into its successor's directory.
const UNFINISHED: &str = "postgresql.unfinished-";

/// Returns the PostgreSQL major version that made the cluster; `None` if there is no cluster yet.
pub(crate) fn major(home: &Home) -> Result<Option<u32>, ClusterError> {
    let data = home.data();
    if fs::symlink_metadata(&data).is_err() {
        return Ok(None);
    }
    let version = data.join("PG_VERSION");
    let text = read_kept(&version)?;
    match text.trim().parse() {
        Ok(major) => Ok(Some(major)),
        Err(_) => Err(ClusterError::Damaged { path: version }),
    }
}

/// A directory for initdb, to be renamed when the cluster is whole.
pub(crate) fn unfinished(home: &Home) -> PathBuf {
    let moment = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_micros();
    home.path()
        .join(format!("{UNFINISHED}{}-{moment}", std::process::id()))
}

/// Removes what an initialisation that was cut short left behind.
pub(crate) fn sweep(home: &Home) {
    let _ = fs::remove_file(home.path().join(PASSWORD_FOR_INITDB));
    let Ok(entries) = fs::read_dir(home.path()) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().as_bytes().starts_with(UNFINISHED.as_bytes()) {
            // This fails while initdb still writes; the next start then removes it.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Returns the port of the last start; `None` if there was none.
pub(crate) fn port(home: &Home) -> Result<Option<u16>, ClusterError> {
    let path = home.path().join(PORT);
    match fs::read_to_string(&path) {
        Ok(text) => match text.trim().parse() {
            Ok(port) => Ok(Some(port)),
            Err(_) => Err(ClusterError::Damaged { path }),
        },
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(ClusterError::io("read", &path)(reason)),
    }
}

pub(crate) fn record_port(home: &Home, port: u16) -> Result<(), ClusterError> {
    replace(home.path(), PORT, format!("{port}\n").as_bytes(), 0o644, None)
        .map_err(ClusterError::io("write", &home.path().join(PORT)))
}

/// Returns the superuser's password.
pub(crate) fn password(home: &Home) -> Result<String, ClusterError> {
    let path = home.path().join(PASSWORD);
    let text = read_kept(&path)?;
    match text.trim() {
        "" => Err(ClusterError::Damaged { path }),
        password => Ok(password.to_owned()),
    }
}

/// Records a random password for a cluster that is about to be made, and writes it once more where initdb, as the
/// cluster's user, can read it.
pub(crate) fn make_password(
    home: &Home,
    account: Option<&Account>,
) -> Result<PasswordForInitdb, ClusterError> {
    let line = format!("{}\n", hexadecimal(&rand::random::<[u8; 24]>()));
    for (name, owner) in [(PASSWORD, None), (PASSWORD_FOR_INITDB, account)] {
        replace(home.path(), name, line.as_bytes(), 0o600, owner)
            .map_err(ClusterError::io("write", &home.path().join(name)))?;
    }
    Ok(PasswordForInitdb(home.path().join(PASSWORD_FOR_INITDB)))
}

/// A file with the password, removed on drop.
pub(crate) struct PasswordForInitdb(PathBuf);

impl PasswordForInitdb {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for PasswordForInitdb {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
