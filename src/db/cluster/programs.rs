//! Finding PostgreSQL's programs. Distributions keep `initdb` and `postgres` out of the PATH, side by side by
//! version, so the usual places are looked through and the newest fit ones win, unless a directory was named.

use std::fmt;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::user::{self, Account};
use super::{ClusterError, download};

pub(super) const OLDEST_MAJOR: u32 = 14;
/// For advice where a number is needed.
const NEWEST_MAJOR: u32 = 18;

/// Folder, how a name in it begins, what follows below that.
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

/// What would point PostgreSQL's programs somewhere else than we say.
const MISLEADING_VARIABLES: [&str; 7] = [
    "PGDATA",
    "PGPORT",
    "PGHOST",
    "PGDATESTYLE",
    "PGCLIENTENCODING",
    "PGTZ",
    "PGOPTIONS",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) major: u32,
    pub(super) minor: u32,
}

impl Version {
    /// Reads what `postgres --version` says: `postgres (PostgreSQL) 15.18 (Debian …)`, `… 18beta1`.
    fn parse(output: &str) -> Option<Version> {
        let number = output.split_once("(PostgreSQL)")?.1.split_whitespace().next()?;
        let digits = |text: &str| -> Option<u32> {
            let end = text
                .find(|character: char| !character.is_ascii_digit())
                .unwrap_or(text.len());
            text[..end].parse().ok()
        };
        let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
        Some(Version {
            major: digits(major)?,
            minor: digits(minor).unwrap_or(0),
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A directory with `initdb` and `postgres` that the cluster's user can run.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    pub(super) directory: PathBuf,
    pub(super) version: Version,
}

impl Programs {
    /// A command to run as the cluster's user, out of reach of the terminal's Ctrl-C.
    pub(super) fn command(&self, program: &str, account: Option<&Account>) -> Command {
        command(&self.directory.join(program), account)
    }

    fn inspect(directory: &Path, account: Option<&Account>) -> Result<Programs, String> {
        // By its real place: a link in /usr/local/bin has no initdb beside it.
        let Ok(postgres) = directory.join("postgres").canonicalize() else {
            return Err(format!("{} has no program `postgres`", directory.display()));
        };
        let directory = postgres.parent().unwrap_or(directory).to_owned();
        if !directory.join("initdb").exists() {
            return Err(format!("{} has no program `initdb`", directory.display()));
        }
        if let Some(account) = account
            && let Ok(Some(obstacle)) = user::obstacle(&directory, account)
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
            .map_err(|reason| format!("{} doesn't run: {reason}", postgres.display()))?;
        match Version::parse(&String::from_utf8_lossy(&output.stdout)) {
            Some(version) => Ok(Programs { directory, version }),
            None => Err(format!(
                "{} doesn't say its version: {}",
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
    user::drop_to(&mut command, account);
    command
}

/// What programs are asked for.
pub(super) struct Wanted<'a> {
    /// The directory to take them from, whatever else there is.
    pub(super) named: Option<&'a Path>,
    /// Where programs that were brought are unpacked.
    pub(super) brought: &'a Path,
    pub(super) allow_download: bool,
    /// The data directory of a cluster that exists, and its major version: it runs on no other.
    pub(super) cluster: Option<(&'a Path, u32)>,
    pub(super) account: Option<&'a Account>,
}

/// The programs to use, brought if there are none and that is allowed.
pub(super) async fn obtain(wanted: &Wanted<'_>) -> Result<Programs, ClusterError> {
    let major = wanted.cluster.map(|(_, major)| major);
    let found = match wanted.named {
        Some(directory) => {
            vec![Programs::inspect(directory, wanted.account).map_err(|reason| {
                ClusterError::UnfitPrograms {
                    directory: directory.to_owned(),
                    reason,
                }
            })?]
        }
        None => find(wanted.brought, wanted.account),
    };
    if let Some(programs) = choose(&found, major) {
        return Ok(programs.clone());
    }
    let can_bring = wanted.named.is_none() && download::PACKAGES.iter().any(|package| package.suits(major));
    if !can_bring || !wanted.allow_download {
        return Err(missing(&found, wanted.cluster, can_bring));
    }
    let mut failures = Vec::new();
    for package in download::PACKAGES.iter().filter(|package| package.suits(major)) {
        let brought = match download::bring(package, wanted.brought).await {
            Ok(directory) => Programs::inspect(&directory, wanted.account),
            // Not a matter of reaching the registry: somebody should look at it.
            Err(error @ ClusterError::Checksum { .. }) => return Err(error),
            Err(error) => Err(error.to_string()),
        };
        match brought {
            Ok(programs) => return Ok(programs),
            Err(failure) => failures.push(failure),
        }
    }
    Err(ClusterError::NotBrought {
        failures: failures.join("; "),
        advice: advice(major),
    })
}

fn choose(found: &[Programs], major: Option<u32>) -> Option<&Programs> {
    found.iter().find(|programs| match major {
        Some(major) => programs.version.major == major,
        None => programs.version.major >= OLDEST_MAJOR,
    })
}

fn missing(found: &[Programs], cluster: Option<(&Path, u32)>, can_bring: bool) -> ClusterError {
    let found: Vec<String> = found
        .iter()
        .map(|programs| format!("{} in {}", programs.version, programs.directory.display()))
        .collect();
    let found = if found.is_empty() {
        "none".to_owned()
    } else {
        found.join(", ")
    };
    let mut advice = advice(cluster.map(|(_, major)| major));
    if can_bring {
        advice.push_str(", leave out --no-download");
    }
    match cluster {
        Some((directory, major)) => ClusterError::OtherMajor {
            directory: directory.to_owned(),
            major,
            found,
            advice,
        },
        None => ClusterError::NoPrograms { found, advice },
    }
}

/// Everything there is, the newest first.
fn find(brought: &Path, account: Option<&Account>) -> Vec<Programs> {
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
    directories.extend(download::brought(brought));

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
            Err(reason) => tracing::debug!("passed over: {reason}"),
        }
    }
    found.sort_by_key(|programs| std::cmp::Reverse(programs.version));
    found
}

/// Whether a program is in the PATH.
pub(super) fn is_at_hand(name: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|directory| directory.join(name).is_file()))
}

/// What to type on this system to have PostgreSQL.
fn advice(major: Option<u32>) -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let words: Vec<&str> = release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|line| line.trim_matches('"').split_whitespace())
        .collect();
    let is = |names: &[&str]| names.iter().any(|name| words.contains(name));
    let number = major.map(|major| major.to_string()).unwrap_or_default();
    let dashed = major.map(|major| format!("-{major}")).unwrap_or_default();
    if is(&["debian", "ubuntu"]) {
        format!("run `apt-get install postgresql{dashed}`")
    } else if is(&["alpine"]) {
        let number = major.unwrap_or(NEWEST_MAJOR);
        format!("run `apk add postgresql{number} postgresql{number}-contrib`")
    } else if is(&["fedora", "rhel", "centos"]) {
        format!("run `dnf install postgresql{number}-server postgresql{number}-contrib`")
    } else if is(&["suse", "opensuse"]) {
        format!("run `zypper install postgresql{number}-server postgresql{number}-contrib`")
    } else if is(&["arch"]) {
        "run `pacman -S postgresql`".to_owned()
    } else if cfg!(target_os = "macos") {
        format!("run `brew install postgresql@{}`", major.unwrap_or(NEWEST_MAJOR))
    } else {
        let version = major.map_or_else(|| format!("{OLDEST_MAJOR} or later"), |major| major.to_string());
        format!("install PostgreSQL {version} with its contrib modules")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_every_distribution_writes_them() {
        let parse = |text| Version::parse(text).map(|version| version.to_string());

        assert_eq!(
            parse("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            Some("15.18".into())
        );
        assert_eq!(parse("postgres (PostgreSQL) 18beta1"), Some("18.0".into()));
        assert_eq!(parse("postgres (PostgreSQL) 14.2"), Some("14.2".into()));
        assert_eq!(parse("something else"), None);
    }

    #[test]
    fn a_cluster_takes_its_own_major_and_a_new_one_the_newest() {
        let programs = |major| Programs {
            directory: PathBuf::from("/p"),
            version: Version { major, minor: 1 },
        };
        let found = [programs(18), programs(15), programs(13)];
        let chosen = |major| choose(&found, major).map(|programs| programs.version.major);

        assert_eq!(chosen(None), Some(18));
        assert_eq!(chosen(Some(15)), Some(15));
        assert_eq!(chosen(Some(16)), None);
        assert!(
            choose(&found[2..], None).is_none(),
            "13 is too old for a new cluster"
        );
    }

    #[test]
    fn where_there_is_nothing_the_message_says_what_to_install() {
        let message = missing(&[], None, true).to_string();

        assert!(message.contains("no PostgreSQL programs"), "{message}");
        assert!(
            message.contains("install") || message.contains("add"),
            "{message}"
        );
        assert!(message.contains("PG_BIN"), "{message}");
        assert!(message.contains("--no-download"), "{message}");
    }
}
