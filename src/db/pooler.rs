//! Recognizes a connection pooler that gives each transaction another session.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::connect::Target;

/// How long the questions may take. A pooler without a free session lets a client wait.
const PATIENCE: Duration = Duration::from_secs(5);

/// Returns whether something between this program and PostgreSQL moves a client to another session after each transaction,
/// as PgBouncer does with `pool_mode = transaction`. Such a session has neither the prepared statements nor the settings that
/// the client made.
///
/// Two clients ask for the process of their session. Without a pooler, or with one that keeps sessions, a client has one process
/// and no two clients have the same.
///
/// # Errors
/// If the server can't be reached or does not respond.
pub async fn moves_sessions(target: &Target) -> Result<bool, tokio_postgres::Error> {
    let (one, other) = (target.client().await?, target.client().await?);
    match timeout(PATIENCE, ask(&one, &other)).await {
        Ok(answer) => answer,
        // A pooler that keeps sessions has one alone, which the first client has.
        Err(_) => Ok(false),
    }
}

async fn ask(one: &Client, other: &Client) -> Result<bool, tokio_postgres::Error> {
    let first = process(one).await?;
    // While its transaction is open, the session of the other client is taken.
    other.batch_execute("begin").await?;
    if process(other).await? == first {
        return Ok(true);
    }
    Ok(process(one).await? != first)
}

/// Returns the number of the process that serves a client. The simple protocol prepares nothing.
async fn process(client: &Client) -> Result<Option<String>, tokio_postgres::Error> {
    let messages = client.simple_query("select pg_backend_pid()").await?;
    Ok(messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}
