//! `demarche verify`: whether anybody changed what was recorded.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use clap::Args;

use super::output::{print, tell};
use super::registry;
use crate::cli::CommandResult;
use crate::config;
use crate::db::connect::{self, Use};
use crate::history::verify::{self, Head};

/// How often a person at the terminal is told how far it is.
const PROGRESS: Duration = Duration::from_secs(5);

/// Prints the end of the chain on stdout; exits with 1 where a link is broken, and names the first.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    database: config::Database,
    /// A head that was printed before: the chain must lead through it
    #[arg(long, value_name = "SEQUENCE:SHA256")]
    witness: Option<Head>,
}

impl Verify {
    pub async fn run(self) -> CommandResult {
        let target = registry::target(&self.database).await?;
        let runtime = tokio::runtime::Handle::current();
        let mut connection = connect::on(&runtime, target, Use::Exclusive).await?;
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
                "waiting for a place in the chain, which a server gives them: {} revisions",
                verified.waiting
            ));
        }
        for fault in &verified.faults {
            tell(fault);
        }
        if !verified.faults.is_empty() {
            return Err("history is not as it was written".into());
        }
        tell(format_args!(
            "{} changes fit{}; keep the head elsewhere, and give it to a later demarche verify --witness",
            verified.head.sequence,
            if self.witness.is_some() {
                ", and lead through the witness"
            } else {
                ""
            }
        ));
        print(format_args!("{}\n", verified.head))
    }
}
