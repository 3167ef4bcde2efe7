//! The directory of the server's socket: inside the home, or a short one under /tmp where the home's path does not
//! suit a socket.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::error::ClusterError;
use crate::files::{digest_of, own_directory};
use crate::home::Home;

const DIRECTORY: &str = "run";
/// Length of `sun_path` without its final zero.
const PATH_LIMIT: usize = if cfg!(target_os = "linux") { 107 } else { 103 };
const LONGEST_NAME: usize = "/.s.PGSQL.65535".len();

/// Returns a directory for the sockets that belongs to the cluster's user.
pub(crate) fn directory(home: &Home, account: Option<&Account>) -> Result<PathBuf, ClusterError> {
    let usual = home.path().join(DIRECTORY);
    if is_fit(&usual) {
        own_directory(&usual, account).map_err(ClusterError::io("make", &usual))?;
        return Ok(usual);
    }
    // The name can be guessed and anybody may write to /tmp: a directory of somebody else is passed over.
    let mut reason = io::Error::from(io::ErrorKind::AlreadyExists);
    let application = home.application();
    let digest = digest_of(home.path());
    for number in 0..8 {
        let short = PathBuf::from(format!("/tmp/{}-{digest}-{number}", application.name));
        match own_directory(&short, account) {
            Ok(()) => {
                (application.notify)(&format!(
                    "{} does not suit a socket (the path is too long or has odd characters): the socket is in {}",
                    usual.display(),
                    short.display()
                ));
                return Ok(short);
            }
            Err(error) => reason = error,
        }
    }
    Err(ClusterError::io("make a socket directory in", Path::new("/tmp"))(
        reason,
    ))
}

/// Removes the sockets that a server left. Their lock files name processes as `postmaster.pid` does, but protect
/// nothing.
pub(crate) fn clear(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().as_bytes().starts_with(b".s.PGSQL.") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Removes a socket directory that lies outside of the home; the one inside is kept.
pub(crate) fn leave(home: &Home, directory: &Path) {
    if !directory.starts_with(home.path()) {
        let _ = clear(directory);
        let _ = fs::remove_dir(directory);
    }
}

/// Whether PostgreSQL can make a socket in a directory. A comma ends a directory's name in its configuration, where
/// the name must be written.
fn is_fit(directory: &Path) -> bool {
    let length = directory.as_os_str().len() + LONGEST_NAME;
    let odd = |character: char| matches!(character, ',' | '"' | '\'' | '\\') || character.is_control();
    length <= PATH_LIMIT && directory.to_str().is_some_and(|name| !name.contains(odd))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::is_fit;

    #[test]
    fn a_path_suits_a_socket_if_it_is_short_and_plain() {
        assert!(is_fit(Path::new("/srv/notes/run")));
        assert!(!is_fit(Path::new("/srv/one,two/run")));
        assert!(!is_fit(Path::new("/srv/it's/run")));
        assert!(!is_fit(&Path::new("/srv").join("n".repeat(100))));
    }
}
