//! `demarche verify`: whether anybody changed what was recorded.

use std::io::IsTerminal;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::output::{print, tell};
use super::registry;
use crate::cli::CommandResult;
use crate::config;
use crate::db::connect::{self, Use};
use crate::history::verify::{self, Head};

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
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::no_length()
                .with_style(ProgressStyle::with_template("{pos} of {len} changes [{bar:40}]")?)
        } else {
            ProgressBar::hidden()
        };
        let verified = verify::verify(&mut connection, self.witness.as_ref(), |done, of| {
            bar.set_length(u64::try_from(of).unwrap_or_default());
            bar.set_position(u64::try_from(done).unwrap_or_default());
        })
        .await?;
        bar.finish_and_clear();
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
