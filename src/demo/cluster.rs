//! The private cluster of the demo and of the tests: what it is called, and how its failures read.

use std::io::Write;

use private_postgres::{Application, ClusterError};

/// The names of Demarche's clusters, and the extensions that its schema needs.
pub const APPLICATION: Application = Application {
    extensions: &["pg_trgm", "btree_gist"],
    notify: print_notice,
    ..Application::named("demarche")
};

/// Prints to stderr, because logging may be off or be read by a machine.
fn print_notice(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A failure of the private cluster, with advice in terms of demarche's flags and settings.
#[derive(Debug, thiserror::Error)]
#[error("{0}{advice}", advice = advice(.0))]
pub struct ClusterFailure(#[from] pub ClusterError);

/// Returns the end of the message: what to do next. Empty where the error says it itself.
fn advice(error: &ClusterError) -> String {
    let fixed = match error {
        ClusterError::Held { .. } => ": stop that process, or name another directory with --data-dir",
        ClusterError::NotADirectory { .. } | ClusterError::Foreign { .. } => {
            ": name another data directory with --data-dir"
        }
        ClusterError::NotRemoved { .. } => {
            ": remove it yourself, or name another data directory with --data-dir"
        }
        ClusterError::OwnedByAnother { .. } => {
            ": run demarche as that user, or name another data directory with --data-dir"
        }
        ClusterError::Damaged { .. } => ": restore it, or begin anew with --fresh",
        ClusterError::NoPrograms { downloadable, .. } => {
            return format!("{}, or name their directory in PG_BIN", download(*downloadable));
        }
        ClusterError::OtherMajor { downloadable, .. } => {
            return format!(
                "{}, name their directory in PG_BIN, or begin anew with --fresh",
                download(*downloadable)
            );
        }
        ClusterError::NotDownloaded { .. } => ", or name the directory of its programs in PG_BIN",
        ClusterError::PortTaken { .. } => {
            ": stop that one, or name another port with --pg-port (0 picks a free one)"
        }
        ClusterError::NoFreePort => ": name a port with --pg-port",
        ClusterError::Refused { .. } => {
            ": restore the file superuser-password beside it, or begin anew with --fresh"
        }
        ClusterError::NotRunning { .. } => ": start one with `demarche demo`, or set DATABASE_URL",
        ClusterError::Io { .. }
        | ClusterError::NoAccount { .. }
        | ClusterError::Unreachable { .. }
        | ClusterError::UnfitPrograms { .. }
        | ClusterError::NoExtension { .. }
        | ClusterError::NoClient { .. }
        | ClusterError::Client { .. }
        | ClusterError::Checksum { .. }
        | ClusterError::Initialisation { .. }
        | ClusterError::Ended { .. }
        | ClusterError::Silent { .. }
        | ClusterError::DoesNotStop { .. }
        | ClusterError::Shared { .. } => "",
    };
    fixed.to_owned()
}

fn download(downloadable: bool) -> &'static str {
    if downloadable {
        ", leave out --no-download"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use private_postgres::ClusterError;

    use super::ClusterFailure;

    #[test]
    fn a_failure_says_what_to_do_in_terms_of_demarches_flags() {
        let message = |error: ClusterError| ClusterFailure(error).to_string();

        assert_eq!(
            message(ClusterError::NotRunning {
                directory: PathBuf::from(".demarche")
            }),
            "no cluster runs in .demarche: start one with `demarche demo`, or set DATABASE_URL"
        );
        assert_eq!(
            message(ClusterError::NoPrograms {
                found: "none".to_owned(),
                advice: "run `apt-get install postgresql`".to_owned(),
                downloadable: true,
            }),
            "no PostgreSQL programs of version 14 or later were found (found: none): run `apt-get install postgresql`, \
             leave out --no-download, or name their directory in PG_BIN"
        );
    }
}
