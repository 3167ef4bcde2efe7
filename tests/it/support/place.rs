//! Where the clusters of tests are kept.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;
use nix::unistd::geteuid;
use sha2::{Digest, Sha256};

/// Linux keeps it in memory.
const IN_MEMORY: &str = "/dev/shm";
/// What all tests at once need, with room to spare, in bytes.
const ROOM: u64 = 4 << 30;

/// Returns a directory in memory that belongs to this checkout; `other` where memory is short. In memory, because ext4 creates
/// files slowly for minutes after others were deleted, and each database has some 700.
pub fn in_memory_or(other: PathBuf) -> PathBuf {
    in_memory().unwrap_or(other)
}

/// Returns the directory, whose name comes from that of the target directory; `None` without room, or if another user made it.
fn in_memory() -> Option<PathBuf> {
    let room = statvfs(IN_MEMORY).ok()?;
    if room.blocks_available() * room.fragment_size() < ROOM {
        return None;
    }
    let digest = Sha256::digest(env!("CARGO_TARGET_TMPDIR"));
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let place = Path::new(IN_MEMORY).join(format!("demarche-tests-{name}"));
    drop(DirBuilder::new().mode(0o700).create(&place));
    let found = fs::symlink_metadata(&place).ok()?;
    if !found.is_dir() || found.uid() != geteuid().as_raw() {
        return None;
    }
    // The cluster's user must be able to pass, whatever the umask.
    fs::set_permissions(&place, Permissions::from_mode(0o711)).ok()?;
    Some(place)
}
