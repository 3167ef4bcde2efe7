//! The limit of open files: every connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config;

/// The most connections of a server unless it is configured, however many files may be open: each takes some 20 KiB.
const MOST_CONNECTIONS: u64 = 10_000;

/// Open files beside those of connections: the program's own, temporary files of workbooks, connections that linger. Those of the
/// database pools are added.
const RESERVE: u64 = 128;

/// Raises the limit of open files of this process as far as it is permitted. The usual limit of 1,024 dates from a system
/// call that this program does not use.
pub fn raise_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        tracing::info!(limit = shown(current), "limit of open files");
        return;
    }
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => tracing::info!(
            from = shown(current),
            limit = shown(maximum),
            "limit of open files raised"
        ),
        Err(error) => {
            tracing::warn!(%error, limit = shown(current), "the limit of open files could not be raised");
        }
    }
}

fn shown(limit: Option<u64>) -> String {
    limit.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string())
}

/// Returns how many connections a server with so many workers may have: what is configured, or what the limit of open files leaves.
pub fn most_connections(configuration: &config::Server, workers: usize) -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    let left = left(
        limit,
        u64::from(configuration.pool_size),
        // Each worker has one of its own for snapshots.
        u64::from(configuration.shared_connections) + workers as u64,
    );
    let most = match configuration.max_connections.map(u64::from) {
        Some(wanted) => {
            if left.is_some_and(|left| wanted > left) {
                tracing::warn!(
                    wanted,
                    left,
                    limit,
                    "MAX_CONNECTIONS is more than the limit of open files leaves; raise the limit (ulimit -n, LimitNOFILE)"
                );
            }
            left.map_or(wanted, |left| wanted.min(left))
        }
        None => left.unwrap_or(MOST_CONNECTIONS).min(MOST_CONNECTIONS),
    };
    usize::try_from(most).unwrap_or(usize::MAX)
}

/// Returns how many connections a limit of open files leaves, and at least a few; `None` if there is no limit.
fn left(limit: Option<u64>, pool: u64, shared: u64) -> Option<u64> {
    // A connection of the database that is cancelled takes a second one.
    let reserve = RESERVE + 2 * pool + 2 * shared;
    // Room for those that were told to close and have not yet.
    limit.map(|limit| (limit.saturating_sub(reserve) / 16 * 15).max(16))
}

/// Returns how many connections may be open at once, with those that were told to close and have not yet.
pub fn most_open(most: usize) -> usize {
    most + (most / 16).max(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_the_database_and_for_files() {
        assert_eq!(left(Some(1024), 16, 2), Some(795));
        assert_eq!(left(Some(64), 16, 2), Some(16));
        assert_eq!(left(None, 16, 2), None);
        let most = left(Some(1024), 16, 2).unwrap_or_default();
        assert!(most_open(usize::try_from(most).expect("few")) < 1024 - 128 - 36);
    }
}
