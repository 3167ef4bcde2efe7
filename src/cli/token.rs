//! `demarche token`: tokens and the roles of their users. A token is printed once, to stdout; only its hash is kept.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::output::{print, tell};
use super::{CommandResult, registry};
use crate::config;
use crate::db::{Capacity, Db};
use crate::text::timestamp;
use crate::users::model::{self, User, new_token};
use crate::vocabulary::UserRole;

#[derive(Debug, Args)]
pub struct Token {
    #[command(flatten)]
    database: config::Database,
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Create a token for a user, and the user if no user has that name
    Create {
        /// Name of the user, recorded with every write
        user: String,
        /// Role of the user: a reader reads, an analyst also writes records, an admin also writes vocabularies
        #[arg(long, default_value = "analyst")]
        role: UserRole,
        /// What the token is for
        #[arg(long)]
        note: Option<String>,
        /// When the token expires, such as 2027-01-01T00:00:00Z
        #[arg(long)]
        expires: Option<DateTime<Utc>>,
    },
    /// List tokens: id, user, role, creation, state and note, separated by tabs; the tokens themselves are not kept
    List,
    /// Revoke a token by its id, as list shows it
    Revoke {
        #[arg(value_parser = token_id)]
        id: Uuid,
    },
    /// Change the role of a user, for all the user's tokens
    Role {
        /// Name of the user, as list shows it
        user: String,
        /// reader, analyst or admin
        role: UserRole,
    },
}

fn token_id(text: &str) -> Result<Uuid, String> {
    Uuid::parse_str(text)
        .map_err(|_| format!("{text:?} is not the id of a token; demarche token list shows the ids"))
}

impl Token {
    pub async fn run(self) -> CommandResult {
        let target = registry::reachable(&self.database).await?;
        let db = Db::new(
            target,
            Capacity {
                shared: 1,
                pool: 1,
                ..Capacity::default()
            },
        );
        match self.command {
            TokenCommand::Create {
                user,
                role,
                note,
                expires,
            } => {
                let is_name = user.len() <= 100
                    && user.starts_with(|first: char| first.is_ascii_alphanumeric())
                    && user
                        .chars()
                        .all(|letter| letter.is_ascii_alphanumeric() || "._@-".contains(letter));
                if !is_name {
                    return Err(
                        "a user's name consists of up to 100 letters, digits and . _ @ -, and begins with a letter or digit"
                            .into(),
                    );
                }
                let token = new_token();
                let made = token.clone();
                db.write("demarche token", move |write| {
                    Box::pin(async move {
                        let user = User::ensure(write, &user, role).await?;
                        user.add_token(write, &made, note, expires).await
                    })
                })
                .await?;
                print(format_args!("{token}\n"))?;
                tell(format_args!(
                    "the token is shown only once; send it as Authorization: Bearer {}…",
                    &token[..8]
                ));
            }
            TokenCommand::List => {
                for token in model::tokens(&db).await? {
                    let state = match (token.revoked_at, token.expires_at) {
                        (Some(at), _) => format!("revoked {}", timestamp(at)),
                        (None, Some(at)) if at <= Utc::now() => format!("expired {}", timestamp(at)),
                        (None, Some(at)) => format!("valid until {}", timestamp(at)),
                        (None, None) => "valid".to_owned(),
                    };
                    print(format_args!(
                        "{}\t{}\t{}\t{}\t{}\t{}\n",
                        token.id,
                        token.user,
                        token.role,
                        timestamp(token.created_at),
                        state,
                        token.note.unwrap_or_default()
                    ))?;
                }
            }
            TokenCommand::Revoke { id } => {
                let revoked = db
                    .write("demarche token", move |write| {
                        Box::pin(async move { model::revoke(write, id).await })
                    })
                    .await?;
                if !revoked {
                    return Err(format!(
                        "there is no valid token {id}: demarche token list shows all tokens"
                    )
                    .into());
                }
                tell(format_args!("revoked {id}"));
            }
            TokenCommand::Role { user, role } => {
                let name = user.clone();
                let changed = db
                    .write("demarche token", move |write| {
                        Box::pin(async move { model::change_role(write, &name, role).await })
                    })
                    .await?;
                if !changed {
                    return Err(format!(
                        "there is no user {user}: demarche token list shows all users with tokens"
                    )
                    .into());
                }
                tell(format_args!("{user} now has the role {role}"));
            }
        }
        Ok(())
    }
}
