//! Where a cluster lives and what is kept there. The home is the data directory itself, or a directory under
//! `/var/lib/demarche` where the cluster's user can't reach the first; a pointer left in the data directory
//! leads there.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::user::{self, Account};
use super::{ClusterError, lock};

/// Says that a directory is ours to remove.
pub(super) const MARKER: &str = "demarche-cluster";
const MARKER_TITLE: &str = "a private cluster of demarche, for the data directory";
const POINTER: &str = "cluster-directory";
const DATA: &str = "postgresql";
/// Carries a number after it, so that an initdb that outlived us can't write into its successor's.
const UNFINISHED: &str = "postgresql.unfinished-";
const PASSWORD: &str = "superuser-password";
const PASSWORD_FOR_INITDB: &str = "initdb-password";
const PORT: &str = "postgres-port";
const LOG: &str = "postgresql.log";
const SOCKETS: &str = "run";
const PROGRAMS: &str = "programs";
const ELSEWHERE: &str = "/var/lib/demarche";

/// `sun_path` less its final zero.
const SOCKET_PATH_LIMIT: usize = if cfg!(target_os = "linux") { 107 } else { 103 };
const LONGEST_SOCKET_NAME: usize = "/.s.PGSQL.65535".len();

#[derive(Clone, Debug)]
pub(super) struct Home {
    /// What was asked for, absolute and free of links.
    asked: PathBuf,
    path: PathBuf,
}

impl Home {
    /// Where the cluster of a data directory is, or would be made.
    pub(super) fn find(data_dir: &Path) -> Result<Home, ClusterError> {
        let asked = resolve(data_dir).map_err(ClusterError::io("look at", data_dir))?;
        let mut places = Vec::new();
        if let Ok(pointer) = fs::read(asked.join(POINTER)) {
            places.push(PathBuf::from(OsString::from_vec(
                pointer.trim_ascii_end().to_owned(),
            )));
        }
        if !asked.join(MARKER).exists() {
            places.push(elsewhere(&asked));
        }
        // A data directory that was copied has its original's pointer: only the home that names it back is
        // its own.
        for path in places {
            if marker_names(&path, &asked) {
                return Ok(Home { asked, path });
            }
        }
        Ok(Home {
            path: asked.clone(),
            asked,
        })
    }

    /// The same, made and marked, and as whom its cluster runs.
    pub(super) fn prepare(data_dir: &Path) -> Result<(Home, Option<Account>), ClusterError> {
        let mut home = Home::find(data_dir)?;
        let account = user::for_cluster(&home.data())?;
        if home.path != home.asked {
            super::say(&format!(
                "the cluster of {} is kept in {}",
                home.asked.display(),
                home.path.display()
            ));
        }
        let made = home.make(account.as_ref());
        if let Some(account) = &account {
            let obstacle = match made {
                Ok(()) => {
                    user::obstacle(&home.path, account).map_err(ClusterError::io("look at", &home.path))?
                }
                // Root may be refused too: a folder of the network, one that is mounted read-only.
                Err(ClusterError::Io { .. }) => Some(home.path.clone()),
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
            Ok(_) => Err(ClusterError::NotOurs {
                directory: self.path.clone(),
            }),
            Err(_) => {
                let mode = if account.is_some() { 0o711 } else { 0o700 };
                make_directory(&self.path, mode)
                    .map_err(ClusterError::io("make the data directory", &self.path))
            }
        }
    }

    fn move_elsewhere(&mut self, account: &Account, obstacle: &Path) -> Result<(), ClusterError> {
        let from = std::mem::replace(&mut self.path, elsewhere(&self.asked));
        make_directory(Path::new(ELSEWHERE), 0o755)
            .map_err(ClusterError::io("make", Path::new(ELSEWHERE)))?;
        self.make(Some(account))?;
        let blocked = user::obstacle(&self.path, account).map_err(ClusterError::io("look at", &self.path))?;
        if let Some(obstacle) = blocked {
            return Err(ClusterError::Unreachable {
                directory: self.path.clone(),
                obstacle,
                account: account.name.clone(),
            });
        }
        super::say(&format!(
            "{} is closed to the user {}, as whom PostgreSQL has to run: the cluster of {} is kept in {}",
            obstacle.display(),
            account.name,
            from.display(),
            self.path.display()
        ));
        // Without it the home is found by its name, for as long as the rule for that name stays.
        let mut pointer = self.path.as_os_str().as_bytes().to_owned();
        pointer.push(b'\n');
        let _ = replace(&self.asked, POINTER, &pointer, 0o644, None);
        Ok(())
    }

    fn mark(&self) -> Result<(), ClusterError> {
        if self.is_marked() {
            return Ok(());
        }
        let mut text = format!("{MARKER_TITLE}\n").into_bytes();
        text.extend_from_slice(self.asked.as_os_str().as_bytes());
        text.push(b'\n');
        replace(&self.path, MARKER, &text, 0o644, None).map_err(ClusterError::io("write into", &self.path))
    }

    pub(super) fn is_marked(&self) -> bool {
        self.path.join(MARKER).is_file()
    }

    /// Marked, or with nothing in it but what a start or a removal that was cut short leaves.
    fn is_ours(&self) -> Result<bool, ClusterError> {
        if self.is_marked() {
            return Ok(true);
        }
        for entry in fs::read_dir(&self.path).map_err(ClusterError::io("read", &self.path))? {
            let name = entry.map_err(ClusterError::io("read", &self.path))?.file_name();
            let ours =
                name == lock::NAME || name == POINTER || name.as_bytes().starts_with(MARKER.as_bytes());
            if !ours {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn data(&self) -> PathBuf {
        self.path.join(DATA)
    }

    pub(super) fn log(&self) -> PathBuf {
        self.path.join(LOG)
    }

    pub(super) fn programs(&self) -> PathBuf {
        self.path.join(PROGRAMS)
    }

    pub(super) fn unfinished(&self) -> PathBuf {
        let moment = chrono::Utc::now().timestamp_micros();
        self.path
            .join(format!("{UNFINISHED}{}-{moment}", std::process::id()))
    }

    /// The PostgreSQL major version that made the cluster; `None` where there is none yet.
    pub(super) fn major(&self) -> Result<Option<u32>, ClusterError> {
        let data = self.data();
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

    /// Removes what an initialisation that was cut short left behind.
    pub(super) fn sweep(&self) {
        let _ = fs::remove_file(self.path.join(PASSWORD_FOR_INITDB));
        let Ok(entries) = fs::read_dir(&self.path) else {
            return;
        };
        for entry in entries.flatten() {
            if entry.file_name().as_bytes().starts_with(UNFINISHED.as_bytes()) {
                // Its initdb may still be writing, which makes this fail; then the next start gets it.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    pub(super) fn recorded_port(&self) -> Result<Option<u16>, ClusterError> {
        let path = self.path.join(PORT);
        match fs::read_to_string(&path) {
            Ok(text) => match text.trim().parse() {
                Ok(port) => Ok(Some(port)),
                Err(_) => Err(ClusterError::Damaged { path }),
            },
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(reason) => Err(ClusterError::io("read", &path)(reason)),
        }
    }

    pub(super) fn record_port(&self, port: u16) -> Result<(), ClusterError> {
        replace(&self.path, PORT, format!("{port}\n").as_bytes(), 0o644, None)
            .map_err(ClusterError::io("write", &self.path.join(PORT)))
    }

    pub(super) fn password(&self) -> Result<String, ClusterError> {
        let path = self.path.join(PASSWORD);
        let text = read_kept(&path)?;
        match text.trim() {
            "" => Err(ClusterError::Damaged { path }),
            password => Ok(password.to_owned()),
        }
    }

    /// A password for a cluster that is about to be made.
    pub(super) fn new_password(&self) -> Result<String, ClusterError> {
        let password = hexadecimal(&rand::random::<[u8; 24]>());
        replace(
            &self.path,
            PASSWORD,
            format!("{password}\n").as_bytes(),
            0o600,
            None,
        )
        .map_err(ClusterError::io("write", &self.path.join(PASSWORD)))?;
        Ok(password)
    }

    /// The password where initdb, as the cluster's user, can read it.
    pub(super) fn password_for_initdb(
        &self,
        password: &str,
        account: Option<&Account>,
    ) -> Result<PasswordForInitdb, ClusterError> {
        replace(
            &self.path,
            PASSWORD_FOR_INITDB,
            format!("{password}\n").as_bytes(),
            0o600,
            account,
        )
        .map_err(ClusterError::io("write", &self.path.join(PASSWORD_FOR_INITDB)))?;
        Ok(PasswordForInitdb(self.path.join(PASSWORD_FOR_INITDB)))
    }

    /// An empty directory for the sockets, of the cluster's user; a short one where the data directory's name
    /// leaves no room.
    pub(super) fn socket_directory(&self, account: Option<&Account>) -> Result<PathBuf, ClusterError> {
        let usual = self.path.join(SOCKETS);
        if is_fit_for_sockets(&usual) {
            own_directory(&usual, account).map_err(ClusterError::io("make", &usual))?;
            return Ok(usual);
        }
        // The name is guessable and /tmp is everybody's: what is there already and isn't ours is passed over.
        let mut reason = io::Error::from(io::ErrorKind::AlreadyExists);
        let digest = digest(&self.path);
        for number in 0..8 {
            let short = PathBuf::from(format!("/tmp/demarche-{digest}-{number}"));
            match own_directory(&short, account) {
                Ok(()) => {
                    super::say(&format!(
                        "{} does not suit a socket (too long a name, or odd characters): the socket is in {}",
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

    /// What went wrong with a server that doesn't answer, and the end of its log.
    pub(super) fn silent(&self, reason: String, patience: Duration, log_before: u64) -> ClusterError {
        let (seconds, tail) = (patience.as_secs(), self.log_since(log_before));
        ClusterError::Silent {
            reason,
            seconds,
            log: self.log(),
            tail,
        }
    }

    /// The last lines of what was logged since the log had a length.
    pub(super) fn log_since(&self, length: u64) -> String {
        const LINES: usize = 20;
        const BYTES: u64 = 16 << 10;
        let read = || -> io::Result<String> {
            let mut file = File::open(self.log())?;
            let all = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.max(all.saturating_sub(BYTES))))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = read().unwrap_or_else(|reason| format!("(unreadable: {reason})"));
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }

    /// Removes a socket directory that lies outside; the one inside is kept.
    pub(super) fn leave_socket_directory(&self, directory: &Path) {
        if !directory.starts_with(&self.path) {
            let _ = clear_sockets(directory);
            let _ = fs::remove_dir(directory);
        }
    }

    /// Removes the home, its lock file last, and the pointer to it. Programs that were brought stay, marked:
    /// they cost a download.
    pub(super) fn remove(&self) -> Result<(), ClusterError> {
        fn failed(path: &Path) -> impl FnOnce(io::Error) -> ClusterError + use<> {
            ClusterError::io("remove", path)
        }
        let mut keeps_programs = false;
        for entry in fs::read_dir(&self.path).map_err(failed(&self.path))? {
            let entry = entry.map_err(failed(&self.path))?;
            let (name, path) = (entry.file_name(), entry.path());
            if name == PROGRAMS {
                keeps_programs = true;
            } else if name != MARKER && name != lock::NAME {
                remove_any(&path).map_err(failed(&path))?;
            }
        }
        if keeps_programs {
            return Ok(());
        }
        for name in [MARKER, lock::NAME] {
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
    pub(super) fn is_absent(&self) -> Result<bool, ClusterError> {
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
            }),
        }
    }
}

/// The file goes when this does.
pub(super) struct PasswordForInitdb(PathBuf);

impl PasswordForInitdb {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for PasswordForInitdb {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Writes a file whole or not at all, and on the disk when it returns. The new file is opened exclusively and
/// only then given away, so that a link planted by the cluster's user is never followed by root.
pub(super) fn replace(
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
    user::give(&file, account)?;
    file.sync_all()?;
    fs::rename(&temporary, directory.join(name))?;
    sync_directory(directory)
}

pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// A new directory of the cluster's user, closed to others.
pub(super) fn own_directory(directory: &Path, account: Option<&Account>) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => user::give(&File::open(directory)?, account),
        Err(reason) if reason.kind() == io::ErrorKind::AlreadyExists => {
            let metadata = fs::symlink_metadata(directory)?;
            let private = metadata.permissions().mode() & 0o077 == 0;
            if metadata.is_dir() && private && metadata.uid() == user::owner(account) {
                Ok(())
            } else {
                Err(reason)
            }
        }
        Err(reason) => Err(reason),
    }
}

/// A socket's lock file is as treacherous as postmaster.pid, but nothing hangs on it.
pub(super) fn clear_sockets(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().as_bytes().starts_with(b".s.PGSQL.") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn make_directory(directory: &Path, mode: u32) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).create(directory)?;
    // Whatever the umask is: the cluster's user has to pass, others need not.
    fs::set_permissions(directory, Permissions::from_mode(mode))
}

/// Reads a file that every cluster has.
fn read_kept(path: &Path) -> Result<String, ClusterError> {
    match fs::read_to_string(path) {
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Err(ClusterError::Damaged {
            path: path.to_owned(),
        }),
        text => text.map_err(ClusterError::io("read", path)),
    }
}

fn remove_any(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    }
}

fn marker_names(home: &Path, asked: &Path) -> bool {
    let Ok(text) = fs::read(home.join(MARKER)) else {
        return false;
    };
    let mut lines = text.splitn(2, |byte| *byte == b'\n');
    lines.next() == Some(MARKER_TITLE.as_bytes())
        && lines
            .next()
            .is_some_and(|path| path.strip_suffix(b"\n") == Some(asked.as_os_str().as_bytes()))
}

fn elsewhere(asked: &Path) -> PathBuf {
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
    Path::new(ELSEWHERE).join(format!("{name}-{}", digest(asked)))
}

fn digest(path: &Path) -> String {
    hexadecimal(&Sha256::digest(path.as_os_str().as_bytes())[..4])
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String can't fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// PostgreSQL takes a comma for the end of a directory's name, and the name must be written into its
/// configuration.
fn is_fit_for_sockets(directory: &Path) -> bool {
    let length = directory.as_os_str().len() + LONGEST_SOCKET_NAME;
    let odd = |character: char| matches!(character, ',' | '"' | '\'' | '\\') || character.is_control();
    length <= SOCKET_PATH_LIMIT && directory.to_str().is_some_and(|name| !name.contains(odd))
}

/// Absolute, links followed as far as the path exists.
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
