//! As whom the cluster's processes run. PostgreSQL refuses to run as root, so root hands them to another
//! user, who must be able to pass every folder above the data directory.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User};

use super::ClusterError;

/// Debian's and most images' user for PostgreSQL, then the one that is everywhere.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// The user to whom root hands the cluster; `None` when whoever runs us runs it too. A cluster that exists
/// stays with its owner, even if a better candidate was installed since.
pub(super) fn for_cluster(data: &Path) -> Result<Option<Account>, ClusterError> {
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
        _ => {
            for name in CANDIDATES {
                if let Ok(Some(user)) = User::from_name(name)
                    && !user.uid.is_root()
                {
                    return Ok(Some(Account {
                        name: user.name,
                        uid: user.uid.as_raw(),
                        gid: user.gid.as_raw(),
                    }));
                }
            }
            Err(ClusterError::NoAccount)
        }
    }
}

fn name_of(uid: u32) -> String {
    match User::from_uid(Uid::from_raw(uid)) {
        Ok(Some(user)) => user.name,
        _ => format!("with uid {uid}"),
    }
}

/// The uppermost folder on the way to `directory` (itself included) that the user may not pass.
pub(super) fn obstacle(directory: &Path, account: &Account) -> io::Result<Option<PathBuf>> {
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

/// Gives an open file to the cluster's user. By handle: a name could be swapped for a link in between.
pub(super) fn give(file: &File, account: Option<&Account>) -> io::Result<()> {
    match account {
        Some(account) => std::os::unix::fs::fchown(file, Some(account.uid), Some(account.gid)),
        None => Ok(()),
    }
}

/// The uid that the cluster's files are to have.
pub(super) fn owner(account: Option<&Account>) -> u32 {
    account.map_or_else(|| Uid::effective().as_raw(), |account| account.uid)
}

/// The user as `std::process::Command` wants it; std clears the supplementary groups on the way.
pub(super) fn drop_to(command: &mut std::process::Command, account: Option<&Account>) {
    use std::os::unix::process::CommandExt;
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
}
