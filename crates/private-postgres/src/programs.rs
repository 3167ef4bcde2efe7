//! PostgreSQL's programs on this machine. Distributions keep `initdb` and `postgres` out of the PATH, side by side by
//! version, so the usual places are searched.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::account::{self, Account};
use crate::version::Version;

/// A folder, the beginning of a name in it, and a folder below that.
const USUAL_PLACES: [(&str, &str, &str); 13] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/usr/local", "pgsql", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ("/Library/PostgreSQL", "", "bin"),
    ("/opt/local/lib", "postgresql", "bin"),
    ("/opt", "postgresql", "bin"),
    ("/nix/var/nix/profiles/default", "bin", ""),
];

/// Environment variables that would override the settings of the programs.
const MISLEADING_VARIABLES: [&str; 7] = [
    "PGDATA",
    "PGPORT",
    "PGHOST",
    "PGDATESTYLE",
    "PGCLIENTENCODING",
    "PGTZ",
    "PGOPTIONS",
];

/// A directory with `initdb` and `postgres` that the cluster's user can run.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    pub(crate) directory: PathBuf,
    pub(crate) version: Version,
}

impl Programs {
    /// A command to run as the cluster's user, out of reach of the terminal's Ctrl-C.
    pub(crate) fn command(&self, program: &str, account: Option<&Account>) -> Command {
        command(&self.directory.join(program), account)
    }

    /// Returns the programs of a directory.
    ///
    /// # Errors
    /// The reason why they can't be used.
    pub(crate) fn inspect(directory: &Path, account: Option<&Account>) -> Result<Programs, String> {
        // Links are resolved: a link in /usr/local/bin has no initdb beside it.
        let Ok(postgres) = directory.join("postgres").canonicalize() else {
            return Err(format!("{} has no program `postgres`", directory.display()));
        };
        let directory = postgres.parent().unwrap_or(directory).to_owned();
        if !directory.join("initdb").exists() {
            return Err(format!("{} has no program `initdb`", directory.display()));
        }
        if let Some(account) = account
            && let Ok(Some(obstacle)) = account::obstacle(&directory, account)
        {
            return Err(format!(
                "{} can't be run by the user {}: {} is closed to it",
                directory.display(),
                account.name,
                obstacle.display()
            ));
        }
        let output = command(&postgres, account)
            .arg("--version")
            .output()
            .map_err(|reason| format!("{} can't be run: {reason}", postgres.display()))?;
        match Version::parse(&String::from_utf8_lossy(&output.stdout)) {
            Some(version) => Ok(Programs { directory, version }),
            None => Err(format!(
                "{} does not print its version: {}",
                postgres.display(),
                String::from_utf8_lossy(&output.stderr).trim()
            )),
        }
    }
}

fn command(program: &Path, account: Option<&Account>) -> Command {
    let mut command = Command::new(program);
    for variable in MISLEADING_VARIABLES {
        command.env_remove(variable);
    }
    command
        .env("LC_ALL", "C")
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::null());
    account::drop_to(&mut command, account);
    command
}

/// Returns all programs of this machine, the newest first: in `PATH`, where `pg_config` says, in the usual places and
/// in some other directories.
pub(crate) fn find(others: Vec<PathBuf>, account: Option<&Account>) -> Vec<Programs> {
    let mut directories: Vec<PathBuf> = Vec::new();
    let path: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    directories.extend(
        path.iter()
            .filter(|directory| directory.join("postgres").exists())
            .cloned(),
    );
    if path.iter().any(|directory| directory.join("pg_config").exists())
        && let Ok(output) = Command::new("pg_config").arg("--bindir").output()
    {
        directories.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    for (folder, beginning, rest) in USUAL_PLACES {
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(beginning) {
                directories.push(entry.path().join(rest));
            }
        }
    }
    directories.extend(others);

    let mut found: Vec<Programs> = Vec::new();
    for directory in directories {
        let Ok(postgres) = directory.join("postgres").canonicalize() else {
            continue;
        };
        if found
            .iter()
            .any(|programs| Some(programs.directory.as_path()) == postgres.parent())
        {
            continue;
        }
        match Programs::inspect(&directory, account) {
            Ok(programs) => found.push(programs),
            Err(reason) => tracing::debug!("programs are skipped: {reason}"),
        }
    }
    found.sort_by_key(|programs| std::cmp::Reverse(programs.version));
    found
}
