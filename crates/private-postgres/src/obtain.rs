//! The programs that a start uses: those of a named directory, else the newest fit ones of this machine, else a
//! download.

use std::fs;
use std::path::Path;

use crate::account::Account;
use crate::download::download;
use crate::error::ClusterError;
use crate::packages::{self, PACKAGES};
use crate::programs::{self, Programs};
use crate::version::{NEWEST_MAJOR, OLDEST_MAJOR};

/// What a start needs.
pub(crate) struct Wanted<'a> {
    /// The only directory to look at.
    pub(crate) named: Option<&'a Path>,
    /// Where downloaded programs are unpacked.
    pub(crate) downloads: &'a Path,
    pub(crate) allow_download: bool,
    /// The data directory of a cluster that exists, and its major version: no other can run it.
    pub(crate) cluster: Option<(&'a Path, u32)>,
    pub(crate) account: Option<&'a Account>,
    pub(crate) notify: fn(&str),
}

/// Returns the programs to use; downloads them if there are none and that is allowed.
pub(crate) async fn obtain(wanted: &Wanted<'_>) -> Result<Programs, ClusterError> {
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
        None => programs::find(packages::directories(wanted.downloads), wanted.account),
    };
    if let Some(programs) = choose(&found, major) {
        return Ok(programs.clone());
    }
    let downloadable = wanted.named.is_none() && PACKAGES.iter().any(|package| package.suits(major));
    if !downloadable || !wanted.allow_download {
        return Err(missing(&found, wanted.cluster, downloadable));
    }
    let mut failures = Vec::new();
    for package in PACKAGES.iter().filter(|package| package.suits(major)) {
        let downloaded = match download(package, wanted.downloads, wanted.notify).await {
            Ok(directory) => Programs::inspect(&directory, wanted.account),
            // The registry was reached, but can't be trusted: no other package is tried.
            Err(error @ ClusterError::Checksum { .. }) => return Err(error),
            Err(error) => Err(error.to_string()),
        };
        match downloaded {
            Ok(programs) => return Ok(programs),
            Err(failure) => failures.push(failure),
        }
    }
    Err(ClusterError::NotDownloaded {
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

fn missing(found: &[Programs], cluster: Option<(&Path, u32)>, downloadable: bool) -> ClusterError {
    let found: Vec<String> = found
        .iter()
        .map(|programs| format!("{} in {}", programs.version, programs.directory.display()))
        .collect();
    let found = if found.is_empty() {
        "none".to_owned()
    } else {
        found.join(", ")
    };
    let advice = advice(cluster.map(|(_, major)| major));
    match cluster {
        Some((directory, major)) => ClusterError::OtherMajor {
            directory: directory.to_owned(),
            major,
            found,
            advice,
            downloadable,
        },
        None => ClusterError::NoPrograms {
            found,
            advice,
            downloadable,
        },
    }
}

/// What to run on this system to install PostgreSQL.
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
    use std::path::PathBuf;

    use super::*;
    use crate::version::Version;

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
    fn without_programs_the_message_says_what_to_install() {
        let error = missing(&[], None, true);

        let message = error.to_string();
        assert!(message.contains("no PostgreSQL programs"), "{message}");
        assert!(
            message.contains("install") || message.contains("add"),
            "{message}"
        );
        assert!(matches!(
            error,
            ClusterError::NoPrograms {
                downloadable: true,
                ..
            }
        ));
    }
}
