//! The commands, one a file. Output for machines goes to stdout, messages for people to stderr.

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
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

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
    /// Create, list and revoke tokens, and change the roles of users
    Token(token::Token),
    /// Grant and revoke logins for BI tools, and refresh what schema bi reads
    Bi(bi::Bi),
    /// Verify that the recorded history is unchanged, and print the head of its chain
    Verify(verify::Verify),
    #[cfg(feature = "demo")]
    #[command(hide = true)]
    ClusterGuard(cluster_guard::ClusterGuard),
}

/// Exit code of a command that printed SQL for the database's administrator.
const FOR_ADMINISTRATOR: u8 = 4;

/// The user of the database lacks the rights for a command. The command printed SQL to stdout that the database's
/// administrator can run.
#[derive(Debug, thiserror::Error)]
#[error("{0}: nothing is done yet; the database's administrator can run the SQL on stdout")]
pub struct ForAdministrator(pub String);

/// Runs a command to its end. Returns its exit code: 0 done, 1 failed, 2 wrong usage, 4 left to the database's
/// administrator.
pub fn run(command_line: CommandLine) -> ExitCode {
    log_to_stderr(&command_line.logging);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tell(format_args!(
                "demarche: the threads to run on could not be started: {error}"
            ));
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

/// The result of a command; the error is a message for people.
pub type CommandResult = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// actix logs every request that is not HTTP as an error, although the client is at fault and receives a response. Streams
/// of our own that are interrupted are logged elsewhere. LOG may name this target to see the messages.
const NOISY_TARGET: &str = "actix_http::h1";

/// actix logs how it starts and stops its workers. The commands log their own start and end.
const SERVER_TARGET: &str = "actix_server";

/// The crates whose messages below `info` LOG may ask for. tokio-postgres logs there the parameters of every statement, such as the
/// hashes of tokens and the texts of records; of no other crate is it known what it will log in its next version.
const VERBOSE_TARGETS: [&str; 5] = [
    "demarche",
    "private_postgres",
    "actix_http",
    "actix_server",
    "actix_web",
];

fn log_to_stderr(logging: &Logging) {
    let filter: Targets = format!("{NOISY_TARGET}=off,{SERVER_TARGET}=warn,{}", logging.log).parse().unwrap_or_else(|error| {
        tell(format_args!(
            "demarche: LOG is not understood ({error}): write a level such as info, or directives such as \
             info,demarche=debug; logging at info"
        ));
        Targets::new()
            .with_target(NOISY_TARGET, LevelFilter::OFF)
            .with_target(SERVER_TARGET, LevelFilter::WARN)
            .with_default(LevelFilter::INFO)
    });
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let most = Targets::new()
        .with_default(LevelFilter::INFO)
        .with_targets(VERBOSE_TARGETS.map(|target| (target, LevelFilter::TRACE)));
    let registry = tracing_subscriber::registry().with(filter).with(most);
    match logging.log_format {
        LogFormat::Text => {
            let is_terminal = std::io::stderr().is_terminal();
            registry
                .with(layer.with_target(false).with_ansi(is_terminal).compact())
                .init();
        }
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).init(),
    }
}
