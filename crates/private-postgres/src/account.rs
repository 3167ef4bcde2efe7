//! The user as whom the cluster's processes run. PostgreSQL refuses to run as root, so root hands them to another
//! user, who must be able to pass every folder above the data directory.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User};

use crate::error::ClusterError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// Returns the user to whom root hands the cluster; `None` if this process is not root and runs it itself. A cluster
/// that exists stays with its owner, even if an earlier candidate was added since.
///
/// # Errors
/// [`ClusterError::OwnedByAnother`] or [`ClusterError::NoAccount`].
pub(crate) fn for_cluster(candidates: &[&str], data: &Path) -> Result<Option<Account>, ClusterError> {
    let me = Uid::effective();
    let owner = match fs::symlink_metadata(data) {
        Ok(metadata) => Some((metadata.uid(), metadata.gid())),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => None,
        Err(reason) => return Err(ClusterError::io("look at", data)(reason)),
    };
    match owner {
        Some((uid, _)) if !me.is_root() && uid != me.as_raw() => Err(ClusterError::OwnedByAnother {
            directory: data.to_owned(),
            owner: name_of(uid),
        }),
        _ if !me.is_root() => Ok(None),
        Some((uid, gid)) if uid != 0 => Ok(Some(Account {
            name: name_of(uid),
            uid,
            gid,
        })),
        _ => first_that_exists(candidates).map(Some),
    }
}

fn first_that_exists(candidates: &[&str]) -> Result<Account, ClusterError> {
    for name in candidates {
        if let Ok(Some(user)) = User::from_name(name)
            && !user.uid.is_root()
        {
            return Ok(Account {
                name: user.name,
                uid: user.uid.as_raw(),
                gid: user.gid.as_raw(),
            });
        }
    }
    Err(ClusterError::NoAccount {
        candidates: candidates.join(", "),
    })
}

fn name_of(uid: u32) -> String {
    match User::from_uid(Uid::from_raw(uid)) {
        Ok(Some(user)) => user.name,
        _ => format!("with uid {uid}"),
    }
}

/// Returns the uppermost folder on the way to `directory` (itself included) that the user may not pass.
pub(crate) fn obstacle(directory: &Path, account: &Account) -> io::Result<Option<PathBuf>> {
    let directory = directory.canonicalize()?;
    let mut way: Vec<&Path> = directory.ancestors().collect();
    way.reverse();
    for folder in way {
        if !may_pass(&fs::metadata(folder)?, account) {
            return Ok(Some(folder.to_owned()));
        }
    }
    Ok(None)
}

fn may_pass(folder: &Metadata, account: &Account) -> bool {
    let bit = if folder.uid() == account.uid {
        0o100
    } else if folder.gid() == account.gid {
        0o010
    } else {
        0o001
    };
    folder.permissions().mode() & bit != 0
}

/// Gives an open file to the cluster's user. By handle, because a path could be swapped for a link in between.
pub(crate) fn give(file: &File, account: Option<&Account>) -> io::Result<()> {
    match account {
        Some(account) => std::os::unix::fs::fchown(file, Some(account.uid), Some(account.gid)),
        None => Ok(()),
    }
}

/// Returns the uid of the cluster's files.
pub(crate) fn owner(account: Option<&Account>) -> u32 {
    account.map_or_else(|| Uid::effective().as_raw(), |account| account.uid)
}

/// Makes a command run as the cluster's user. The standard library clears the supplementary groups.
pub(crate) fn drop_to(command: &mut std::process::Command, account: Option<&Account>) {
    use std::os::unix::process::CommandExt;
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
}

#[cfg(test)]
mod tests {
    use super::first_that_exists;

    #[test]
    fn root_is_never_a_candidate() {
        let error = first_that_exists(&["root", "no-such-user"]).expect_err("no user");

        assert!(error.to_string().contains("root, no-such-user"), "{error}");
    }
}
