//! The commands, a file each. Output for machines goes to stdout, for people to stderr.

mod bi;
#[cfg(feature = "demo")]
mod cluster_guard;
#[cfg(feature = "demo")]
mod demo;
#[cfg(not(feature = "demo"))]
#[path = "no_demo.rs"]
mod demo;
mod migrate;
mod output;
pub mod registry;
mod serve;
mod token;
mod verify;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use self::output::tell;
use crate::config::{LogFormat, Logging};
use crate::error::with_causes;

/// A registry of international actors, sanctions and diplomatic actions on PostgreSQL
#[derive(Debug, Parser)]
#[command(name = "demarche", version, propagate_version = true)]
pub struct CommandLine {
    #[command(flatten)]
    logging: Logging,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[cfg_attr(
        feature = "demo",
        doc = "Run the demo: a private PostgreSQL with recorded cases, and the server"
    )]
    #[cfg_attr(not(feature = "demo"), doc = "Run the demo (not part of this build)")]
    Demo(demo::Demo),
    /// Serve the API on the database of DATABASE_URL
    Serve(serve::Serve),
    /// Bring the database's schema up to date
    Migrate(migrate::Migrate),
    /// Make, list and revoke tokens, and say what their users may do
    Token(token::Token),
    /// Give and take the logins with which BI tools read schema bi, and keep what they read up to date
    Bi(bi::Bi),
    /// Tell whether anybody changed what was recorded, and print the end of the chain
    Verify(verify::Verify),
    #[cfg(feature = "demo")]
    #[command(hide = true)]
    ClusterGuard(cluster_guard::ClusterGuard),
}

/// What a command that printed SQL for somebody with more rights exits with.
const FOR_ADMINISTRATOR: u8 = 4;

/// A command could not do its work, but stdout has the SQL by which a database's administrator can.
#[derive(Debug, thiserror::Error)]
#[error("{0}: the SQL on stdout is for the database's administrator, nothing is done yet")]
pub struct ForAdministrator(pub String);

/// Runs a command to its end: 0 done, 1 failed, 2 wrong usage, 4 left to the database's administrator.
pub fn run(command_line: CommandLine) -> ExitCode {
    log_to_stderr(&command_line.logging);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tell(format_args!("demarche: no threads to run on: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        match command_line.command {
            Command::Demo(command) => command.run().await,
            Command::Serve(command) => command.run().await,
            Command::Migrate(command) => command.run().await,
            Command::Token(command) => command.run().await,
            Command::Bi(command) => command.run().await,
            Command::Verify(command) => command.run().await,
            #[cfg(feature = "demo")]
            Command::ClusterGuard(command) => command.run().await,
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(format_args!("demarche: {}", with_causes(error.as_ref())));
            if error.is::<ForAdministrator>() {
                ExitCode::from(FOR_ADMINISTRATOR)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

/// What a command failed of, in words for people.
pub type CommandResult = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// What is no HTTP is the clients' fault, and answered; actix would log each such request as an error of ours. Our own
/// streams that break off are logged by us. LOG may name this target to have it all the same.
const NOISE: &str = "actix_http::h1=off";

fn log_to_stderr(logging: &Logging) {
    let filter = EnvFilter::try_new(format!("{NOISE},{}", logging.log)).unwrap_or_else(|error| {
        tell(format_args!(
            "demarche: LOG is not understood ({error}), logging at info"
        ));
        EnvFilter::new(format!("{NOISE},info"))
    });
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match logging.log_format {
        LogFormat::Text => {
            subscriber
                .with_target(false)
                .with_ansi(std::io::stderr().is_terminal())
                .compact()
                .init();
        }
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
}
