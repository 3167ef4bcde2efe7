//! What can go wrong with a cluster, said so that a person knows what to do next.

use std::io;
use std::path::{Path, PathBuf};

use super::{home, programs};

#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// Everything the system refuses. The reason is told in the message, so it is no `source`.
    #[error("could not {action} {}: {reason}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        reason: io::Error,
    },
    #[error(
        "the data directory {} is held by {holder}: stop that one, or name another directory with \
         --data-dir",
        directory.display()
    )]
    Held { directory: PathBuf, holder: String },
    #[error("{} is not a directory: name another with --data-dir", path.display())]
    NotADirectory { path: PathBuf },
    #[error(
        "{} is not empty and was not made by demarche: name another data directory with --data-dir",
        directory.display()
    )]
    NotOurs { directory: PathBuf },
    #[error(
        "{} was not made by demarche (it lacks the file {}) and is not removed: remove it yourself, \
         or name another with --data-dir",
        directory.display(), home::MARKER
    )]
    NotRemoved { directory: PathBuf },
    #[error(
        "{} belongs to the user {owner}: run demarche as that user, or name another directory with \
         --data-dir",
        directory.display()
    )]
    OwnedByAnother { directory: PathBuf, owner: String },
    #[error(
        "PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as: \
         add one with `useradd --system postgres`, or run demarche as another user"
    )]
    NoAccount,
    #[error(
        "the user {account}, as whom PostgreSQL has to run, can't reach {}: open {} to it with `chmod \
         o+x`",
        directory.display(), obstacle.display()
    )]
    Unreachable {
        directory: PathBuf,
        obstacle: PathBuf,
        account: String,
    },
    #[error("{} is missing or damaged: restore it, or begin anew with --fresh", path.display())]
    Damaged { path: PathBuf },
    #[error(
        "no PostgreSQL programs of version {} or later were found (found: {found}): {advice}, or name \
         their directory in PG_BIN",
        programs::OLDEST_MAJOR
    )]
    NoPrograms { found: String, advice: String },
    #[error(
        "the cluster in {} was made by PostgreSQL {major}, whose programs were not found (found: \
         {found}): {advice}, name their directory in PG_BIN, or begin anew with --fresh",
        directory.display()
    )]
    OtherMajor {
        directory: PathBuf,
        major: u32,
        found: String,
        advice: String,
    },
    #[error("the PostgreSQL programs in {} are of no use: {reason}", directory.display())]
    UnfitPrograms { directory: PathBuf, reason: String },
    #[error(
        "the PostgreSQL programs in {} come without the extension {extension}: install PostgreSQL's \
         contrib modules, then start again",
        programs.display()
    )]
    NoExtension { programs: PathBuf, extension: String },
    #[error(
        "could not bring PostgreSQL ({failures}): {advice}, or name the directory of its programs in PG_BIN"
    )]
    NotBrought { failures: String, advice: String },
    #[error("{client} is not installed")]
    NoClient { client: String },
    #[error("`{command}` failed: {reason}")]
    Client { command: String, reason: String },
    #[error(
        "{archive} was brought with the SHA-256 {found}, where {expected} is expected, and is not \
         used: the registry or the way to it is not to be trusted, install PostgreSQL yourself"
    )]
    Checksum {
        archive: String,
        expected: String,
        found: String,
    },
    #[error(
        "port {port} of 127.0.0.1 is taken by another program: stop that one, or name another with \
         --pg-port (0 picks a free one)"
    )]
    PortTaken { port: u16 },
    #[error("no free port was found on 127.0.0.1: name one with --pg-port")]
    NoFreePort,
    #[error("`{}` failed: {said}", program.display())]
    Initialisation { program: PathBuf, said: String },
    #[error("PostgreSQL ended while it started; its log {} says:\n{tail}", log.display())]
    Ended { log: PathBuf, tail: String },
    #[error(
        "PostgreSQL did not answer within {seconds} seconds ({reason}); its log {} says:\n{tail}",
        log.display()
    )]
    Silent {
        reason: String,
        seconds: u64,
        log: PathBuf,
        tail: String,
    },
    #[error(
        "PostgreSQL in {} refuses the recorded password ({reason}): restore the file \
         superuser-password beside it, or begin anew with --fresh",
        directory.display()
    )]
    Refused { directory: PathBuf, reason: String },
    #[error(
        "PostgreSQL (process {pid}) in {} does not stop: end it with `kill -QUIT {pid}`",
        directory.display()
    )]
    DoesNotStop { directory: PathBuf, pid: i32 },
    #[error("no cluster runs in {}: start one with `demarche demo`", directory.display())]
    NotRunning { directory: PathBuf },
    #[error("the tests' shared cluster in {} is not to be had: {reason}", directory.display())]
    Shared { directory: PathBuf, reason: String },
}

impl ClusterError {
    /// For `map_err`: what could not be done, to what.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ClusterError + use<> {
        let path = path.to_owned();
        move |reason| ClusterError::Io { action, path, reason }
    }
}
