//! `demarche bi grant|revoke|list`: the logins that may read schema `bi`. URLs and connection strings go to stdout.

use std::io::Read;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;

use crate::bi::access::{self, Granted, Login, Revoked};
use crate::bi::addresses::ServerAddress;
use crate::bi::privileges::Privileges;
use crate::cli::output::{print, tell};
use crate::cli::{CommandResult, ForAdministrator, registry};
use crate::db::Target;

/// Shortest password, in characters.
const SHORTEST_PASSWORD: usize = 12;
/// Longest password, in characters.
const LONGEST_PASSWORD: usize = 200;

/// Every run sets all limits: those without a flag get their default.
///
/// If the database's user may not create roles, stdout gets the SQL for the database's administrator instead, and the exit
/// code is 4.
#[derive(Debug, Args)]
pub struct Grant {
    /// Name of the login: lower-case letters, digits and _ . @ -
    name: String,
    /// Most connections at once
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    connections: u16,
    /// Seconds after which a query is cancelled; the login can change this for itself, but not BI_STATEMENT_SECONDS of serve
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    statement_seconds: u32,
    /// Seconds after which a session that idles in a transaction is ended
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    idle_seconds: u32,
    /// Seconds that a query waits for a lock
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    lock_seconds: u32,
    /// Megabytes of temporary files that one session may write
    #[arg(long, default_value_t = 1024, value_name = "MEGABYTES", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    temporary_megabytes: u32,
    /// File with the password in its first line, - for stdin; without it a new login gets a generated password
    #[arg(long, value_name = "FILE", conflicts_with = "new_password")]
    password_file: Option<PathBuf>,
    /// Generate a new password for an existing login; without it the password is kept
    #[arg(long)]
    new_password: bool,
    /// Host to print, if tools reach the database by another host than this command
    #[arg(long)]
    host: Option<String>,
    /// Port to print, if tools reach the database by another port than this command
    #[arg(long)]
    port: Option<u16>,
}

impl Grant {
    pub async fn run(self, target: &Target) -> CommandResult {
        access::check_name(&self.name)?;
        let mut client = target.client().await?;
        if !Privileges::read(&client).await?.has_schema_bi {
            return Err(format!(
                "the database {} has no schema bi yet: run demarche migrate first",
                target.database()
            )
            .into());
        }
        let password = match &self.password_file {
            Some(file) => Some(read_password(file)?),
            None if self.new_password || !access::role_exists(&client, &self.name).await? => {
                Some(new_password())
            }
            None => None,
        };
        let login = Login {
            name: self.name,
            password,
            connections: self.connections,
            statement_seconds: self.statement_seconds,
            idle_seconds: self.idle_seconds,
            lock_seconds: self.lock_seconds,
            temporary_megabytes: self.temporary_megabytes,
            adopts: false,
        };
        let mut address = ServerAddress::of(target);
        address.host = self.host.unwrap_or(address.host);
        address.port = self.port.unwrap_or(address.port);
        let lines = address.lines(&login.name, login.password.as_deref());
        match access::grant(&mut client, &login).await? {
            Granted::Done { is_new, notes } => {
                print(&lines)?;
                tell(format_args!(
                    "{} {}: reads schema bi, at most {} connections, queries of at most {} s",
                    if is_new { "created" } else { "changed" },
                    login.name,
                    login.connections,
                    login.statement_seconds
                ));
                if login.password.is_none() {
                    tell("its password is kept; --new-password generates a new one");
                }
                for note in notes {
                    tell(format_args!(
                        "note: {}; an administrator may run: {}",
                        note.what, note.statement
                    ));
                }
                Ok(())
            }
            Granted::ForAdministrator { script, reason } => {
                print(&script)?;
                tell(format_args!(
                    "once the SQL has run, tools connect with:\n{}",
                    lines.trim_end()
                ));
                Err(ForAdministrator(reason).into())
            }
        }
    }
}

pub async fn revoke(target: &Target, name: &str) -> CommandResult {
    let client = target.client().await?;
    match access::revoke(&client, name).await? {
        Revoked::Done { sessions } => {
            tell(format_args!(
                "revoked {name}: {sessions} sessions ended, the role is dropped"
            ));
            Ok(())
        }
        Revoked::NotFound => Err(format!("there is no BI login {name}; demarche bi list shows all").into()),
        Revoked::ForAdministrator { script, reason } => {
            print(&script)?;
            Err(ForAdministrator(reason).into())
        }
    }
}

pub async fn list(target: &Target) -> CommandResult {
    let client = target.client().await?;
    for login in access::list(&client).await? {
        print(format_args!(
            "{}\t{}\t{} of {} connections\t{}\n",
            login.name,
            if login.can_login {
                "can log in"
            } else {
                "can't log in"
            },
            login.sessions,
            login.connections,
            login.settings
        ))?;
    }
    Ok(())
}

fn new_password() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 24]>())
}

/// Returns the password in the first line of a file, or of stdin if the file is `-`.
fn read_password(file: &std::path::Path) -> Result<String, registry::AnyError> {
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|mut open| open.read_to_string(&mut text))
    };
    read.map_err(|error| format!("the password can't be read from {}: {error}", file.display()))?;
    let password = text.lines().next().unwrap_or_default();
    let length = password.chars().count();
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&length) || password.chars().any(char::is_control) {
        return Err(format!(
            "the password in {} is not valid: the first line must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters and no \
             control character",
            file.display()
        )
        .into());
    }
    Ok(password.to_owned())
}
