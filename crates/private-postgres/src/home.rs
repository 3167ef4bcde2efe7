//! Where a cluster is kept: in the data directory, or in a directory of the application under `/var/lib` where the
//! cluster's user can't reach the data directory. A pointer left in the data directory leads there.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::account::{self, Account};
use crate::application::Application;
use crate::error::ClusterError;
use crate::files::{digest_of, make_directory, remove_any, replace};
use crate::lock;

const POINTER: &str = "cluster-directory";
const DATA: &str = "postgresql";
const PROGRAMS: &str = "programs";

#[derive(Clone, Debug)]
pub(crate) struct Home {
    application: Application,
    /// The data directory that the caller named, absolute and with links resolved.
    asked: PathBuf,
    path: PathBuf,
}

impl Home {
    /// Returns where the cluster of a data directory is, or would be made.
    pub(crate) fn find(application: Application, data_dir: &Path) -> Result<Home, ClusterError> {
        let asked = resolve(data_dir).map_err(ClusterError::io("look at", data_dir))?;
        let mut candidates = Vec::new();
        if let Ok(pointer) = fs::read(asked.join(POINTER)) {
            candidates.push(PathBuf::from(OsString::from_vec(
                pointer.trim_ascii_end().to_owned(),
            )));
        }
        if !asked.join(application.marker()).exists() {
            candidates.push(elsewhere(&application, &asked));
        }
        // A copy of a data directory has its original's pointer: a home counts only if its marker names this data
        // directory.
        let path = candidates
            .into_iter()
            .find(|path| marker_names(&application, path, &asked))
            .unwrap_or_else(|| asked.clone());
        Ok(Home {
            application,
            asked,
            path,
        })
    }

    /// Makes and marks the home. Returns also the user to whom root hands the cluster; `None` if this process runs it
    /// itself.
    pub(crate) fn prepare(
        application: Application,
        data_dir: &Path,
    ) -> Result<(Home, Option<Account>), ClusterError> {
        let mut home = Home::find(application, data_dir)?;
        let account = account::for_cluster(application.users, &home.data())?;
        if home.path != home.asked {
            (application.notify)(&format!(
                "the cluster of {} is kept in {}",
                home.asked.display(),
                home.path.display()
            ));
        }
        let made = home.make(account.as_ref());
        if let Some(account) = &account {
            let obstacle = match made {
                Ok(()) => {
                    account::obstacle(&home.path, account).map_err(ClusterError::io("look at", &home.path))?
                }
                // Root may be refused too: by a network file system, or by one that is mounted read-only. A directory that
                // can't be made is an error: its name may be wrong.
                Err(ClusterError::Io { .. }) if home.path.exists() => Some(home.path.clone()),
                Err(error) => return Err(error),
            };
            if let Some(obstacle) = obstacle {
                if home.data().exists() {
                    return Err(ClusterError::Unreachable {
                        directory: home.data(),
                        obstacle,
                        account: account.name.clone(),
                    });
                }
                home.move_elsewhere(account, &obstacle)?;
            }
        } else {
            made?;
        }
        home.mark()?;
        Ok((home, account))
    }

    fn make(&self, account: Option<&Account>) -> Result<(), ClusterError> {
        match fs::symlink_metadata(&self.path) {
            Ok(metadata) if !metadata.is_dir() => Err(ClusterError::NotADirectory {
                path: self.path.clone(),
            }),
            Ok(_) if self.is_ours()? => Ok(()),
            Ok(_) => Err(ClusterError::Foreign {
                directory: self.path.clone(),
                application: self.application.name,
            }),
            Err(_) => {
                let mode = if account.is_some() { 0o711 } else { 0o700 };
                make_directory(&self.path, mode)
                    .map_err(ClusterError::io("make the data directory", &self.path))
            }
        }
    }

    fn move_elsewhere(&mut self, account: &Account, obstacle: &Path) -> Result<(), ClusterError> {
        let from = std::mem::replace(&mut self.path, elsewhere(&self.application, &self.asked));
        let parent = self.application.elsewhere();
        make_directory(&parent, 0o755).map_err(ClusterError::io("make", &parent))?;
        self.make(Some(account))?;
        let blocked =
            account::obstacle(&self.path, account).map_err(ClusterError::io("look at", &self.path))?;
        if let Some(obstacle) = blocked {
            return Err(ClusterError::Unreachable {
                directory: self.path.clone(),
                obstacle,
                account: account.name.clone(),
            });
        }
        (self.application.notify)(&format!(
            "{} is closed to the user {}, as whom PostgreSQL runs: the cluster of {} is kept in {}",
            obstacle.display(),
            account.name,
            from.display(),
            self.path.display()
        ));
        // Without the pointer the home is found by its name, as long as the rule for that name does not change.
        let mut pointer = self.path.as_os_str().as_bytes().to_owned();
        pointer.push(b'\n');
        let _ = replace(&self.asked, POINTER, &pointer, 0o644, None);
        Ok(())
    }

    fn mark(&self) -> Result<(), ClusterError> {
        if self.is_marked() {
            return Ok(());
        }
        let mut text = format!("{}\n", self.application.marker_title()).into_bytes();
        text.extend_from_slice(self.asked.as_os_str().as_bytes());
        text.push(b'\n');
        replace(&self.path, &self.application.marker(), &text, 0o644, None)
            .map_err(ClusterError::io("write into", &self.path))
    }

    fn is_marked(&self) -> bool {
        self.path.join(self.application.marker()).is_file()
    }

    /// Whether the directory is marked, or holds nothing but what an interrupted start or removal leaves.
    fn is_ours(&self) -> Result<bool, ClusterError> {
        if self.is_marked() {
            return Ok(true);
        }
        let marker = self.application.marker();
        for entry in fs::read_dir(&self.path).map_err(ClusterError::io("read", &self.path))? {
            let name = entry.map_err(ClusterError::io("read", &self.path))?.file_name();
            let ours =
                name == lock::NAME || name == POINTER || name.as_bytes().starts_with(marker.as_bytes());
            if !ours {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(crate) fn application(&self) -> &Application {
        &self.application
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// PostgreSQL's own data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.path.join(DATA)
    }

    /// Where downloaded programs are kept.
    pub(crate) fn programs(&self) -> PathBuf {
        self.path.join(PROGRAMS)
    }

    /// Removes the home, its lock file last, and the pointer to it. Downloaded programs stay, marked, to save another
    /// download.
    pub(crate) fn remove(&self) -> Result<(), ClusterError> {
        fn failed(path: &Path) -> impl FnOnce(io::Error) -> ClusterError + use<> {
            ClusterError::io("remove", path)
        }
        let marker = self.application.marker();
        let mut keeps_programs = false;
        for entry in fs::read_dir(&self.path).map_err(failed(&self.path))? {
            let entry = entry.map_err(failed(&self.path))?;
            let (name, path) = (entry.file_name(), entry.path());
            if name == PROGRAMS {
                keeps_programs = true;
            } else if name != *marker && name != lock::NAME {
                remove_any(&path).map_err(failed(&path))?;
            }
        }
        if keeps_programs {
            return Ok(());
        }
        for name in [marker.as_str(), lock::NAME] {
            match fs::remove_file(self.path.join(name)) {
                Err(reason) if reason.kind() != io::ErrorKind::NotFound => {
                    return Err(failed(&self.path)(reason));
                }
                _ => {}
            }
        }
        fs::remove_dir(&self.path).map_err(failed(&self.path))?;
        if self.path != self.asked {
            let _ = fs::remove_file(self.asked.join(POINTER));
            let _ = fs::remove_dir(&self.asked);
        }
        Ok(())
    }

    /// Whether there is nothing here that a removal could remove.
    ///
    /// # Errors
    /// [`ClusterError::NotRemoved`] if the content is somebody else's.
    pub(crate) fn is_absent(&self) -> Result<bool, ClusterError> {
        match fs::symlink_metadata(&self.path) {
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(reason) => Err(ClusterError::io("look at", &self.path)(reason)),
            Ok(metadata) if !metadata.is_dir() => Err(ClusterError::NotADirectory {
                path: self.path.clone(),
            }),
            Ok(_) if self.is_marked() => Ok(false),
            Ok(_) if self.is_ours()? => Ok(true),
            Ok(_) => Err(ClusterError::NotRemoved {
                directory: self.path.clone(),
                application: self.application.name,
                marker: self.application.marker(),
            }),
        }
    }
}

fn marker_names(application: &Application, home: &Path, asked: &Path) -> bool {
    let Ok(text) = fs::read(home.join(application.marker())) else {
        return false;
    };
    let mut lines = text.splitn(2, |byte| *byte == b'\n');
    lines.next() == Some(application.marker_title().as_bytes())
        && lines
            .next()
            .is_some_and(|path| path.strip_suffix(b"\n") == Some(asked.as_os_str().as_bytes()))
}

/// The home under `/var/lib` of a data directory: named after it, or after its parent where its own name is hidden.
fn elsewhere(application: &Application, asked: &Path) -> PathBuf {
    let hidden = |name: &&OsStr| !name.as_bytes().starts_with(b".");
    let named = asked
        .file_name()
        .filter(hidden)
        .or_else(|| asked.parent().and_then(Path::file_name));
    let mut name: String = named
        .map_or_else(|| "cluster".into(), OsStr::to_string_lossy)
        .into_owned();
    name.retain(|character| character.is_ascii_alphanumeric() || character == '_' || character == '-');
    name.truncate(32);
    application
        .elsewhere()
        .join(format!("{name}-{}", digest_of(asked)))
}

/// Returns an absolute path, with links resolved as far as the path exists.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    for ancestor in path.ancestors() {
        match ancestor.canonicalize() {
            Ok(real) => {
                let mut whole = real;
                whole.extend(path.strip_prefix(ancestor).unwrap_or(Path::new("")));
                return Ok(whole);
            }
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => {}
            Err(reason) => return Err(reason),
        }
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::elsewhere;
    use crate::application::Application;

    #[test]
    fn a_home_elsewhere_is_named_after_the_first_name_that_is_not_hidden() {
        let application = Application::named("notes");
        let name = |asked: &str| {
            let path = elsewhere(&application, Path::new(asked));
            path.to_string_lossy().into_owned()
        };

        assert!(name("/home/ann/diary/.notes").starts_with("/var/lib/notes/diary-"));
        assert!(name("/home/ann/my notes!").starts_with("/var/lib/notes/mynotes-"));
        assert_ne!(name("/home/ann/a/.notes"), name("/home/a/.notes"));
    }
}
