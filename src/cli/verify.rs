//! `demarche verify`: whether the recorded history is unchanged.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use clap::Args;

use super::output::{print, tell};
use super::registry;
use crate::cli::CommandResult;
use crate::config;
use crate::db::connect::{self, Use};
use crate::history::verify::{self, Head};

/// Interval between reports of progress on a terminal.
const PROGRESS: Duration = Duration::from_secs(5);

/// Prints the head of the chain to stdout. Exits with 1 if a link is broken, and names the first.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    database: config::Database,
    /// A head that an earlier verify printed: the chain must contain it
    #[arg(long, value_name = "SEQUENCE:SHA256")]
    witness: Option<Head>,
}

impl Verify {
    pub async fn run(self) -> CommandResult {
        let target = registry::reachable(&self.database).await?;
        let runtime = tokio::runtime::Handle::current();
        let mut connection = connect::on(&runtime, target, Use::Exclusive(connect::COMMAND_TIME)).await?;
        let mut reported = Instant::now();
        let verified = verify::verify(&mut connection, self.witness.as_ref(), |done, of| {
            if std::io::stderr().is_terminal() && reported.elapsed() >= PROGRESS {
                tell(format_args!("verified {done} of {of} changes"));
                reported = Instant::now();
            }
        })
        .await?;
        if verified.waiting > 0 {
            tell(format_args!(
                "{} revisions are not in the chain yet: a running server adds them",
                verified.waiting
            ));
        }
        for fault in &verified.faults {
            tell(fault);
        }
        if !verified.faults.is_empty() {
            return Err("the history was changed after it was written".into());
        }
        tell(format_args!(
            "{} changes verified{}; keep the head elsewhere, and pass it to a later demarche verify --witness",
            verified.head.sequence,
            if self.witness.is_some() {
                ", the witness is among them"
            } else {
                ""
            }
        ));
        print(format_args!("{}\n", verified.head))
    }
}
