//! Files and directories that survive a crash whole, and that root may write where another user has rights.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::account::{self, Account};
use crate::error::ClusterError;

/// Writes a file whole or not at all, and syncs it to disk. The new file is opened exclusively and only then given
/// away, so that root never follows a link planted by the cluster's user.
pub(crate) fn replace(
    directory: &Path,
    name: &str,
    bytes: &[u8],
    mode: u32,
    account: Option<&Account>,
) -> io::Result<()> {
    let temporary = directory.join(format!("{name}.{}", std::process::id()));
    match fs::remove_file(&temporary) {
        Err(reason) if reason.kind() != io::ErrorKind::NotFound => return Err(reason),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&temporary)?;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.write_all(bytes)?;
    account::give(&file, account)?;
    file.sync_all()?;
    fs::rename(&temporary, directory.join(name))?;
    sync_directory(directory)
}

pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Makes a directory of the cluster's user, closed to others; one that already is such a directory is kept.
pub(crate) fn own_directory(directory: &Path, account: Option<&Account>) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => account::give(&File::open(directory)?, account),
        Err(reason) if reason.kind() == io::ErrorKind::AlreadyExists => {
            let metadata = fs::symlink_metadata(directory)?;
            let private = metadata.permissions().mode() & 0o077 == 0;
            if metadata.is_dir() && private && metadata.uid() == account::owner(account) {
                Ok(())
            } else {
                Err(reason)
            }
        }
        Err(reason) => Err(reason),
    }
}

/// Makes a directory and those above it, with this mode whatever the umask is: the cluster's user has to pass.
pub(crate) fn make_directory(directory: &Path, mode: u32) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).create(directory)?;
    fs::set_permissions(directory, Permissions::from_mode(mode))
}

/// Reads a file that every cluster has.
///
/// # Errors
/// [`ClusterError::Damaged`] if it is missing.
pub(crate) fn read_kept(path: &Path) -> Result<String, ClusterError> {
    match fs::read_to_string(path) {
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Err(ClusterError::Damaged {
            path: path.to_owned(),
        }),
        text => text.map_err(ClusterError::io("read", path)),
    }
}

/// Removes a file, or a directory with everything in it.
pub(crate) fn remove_any(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    }
}

/// Eight hexadecimal digits that tell paths apart.
pub(crate) fn digest_of(path: &Path) -> String {
    hexadecimal(&Sha256::digest(path.as_os_str().as_bytes())[..4])
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String can't fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
