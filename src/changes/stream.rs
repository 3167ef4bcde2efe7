//! The feed as Server-Sent Events. A task reads a page, and the next one once the client has read it: a slow client delays
//! no other and holds no connection to the database.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use futures_util::stream::unfold;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::time::{Instant, sleep, sleep_until};

use crate::changes::followers::{Followers, How, Slot};
use crate::changes::model::{Change, Changes};
use crate::changes::request::{ChangeQuery, ChangedResource};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::users::model::Session;

/// Shorter than the time after which proxies close an idle connection.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a stream lasts, so that clients spread over the servers again. They reconnect by themselves.
const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// Tells clients to reconnect after this many milliseconds.
const RETRY: &str = "retry: 1000\n\n";
/// Events are sent together up to about this many bytes.
const CHUNK_BYTES: usize = 32 * 1024;

/// Why a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// The client disconnected or may no longer read, the server stops, or the time is over.
    Orderly,
    /// The client reads nothing.
    Stalled,
}

/// Returns the response that streams the changes after `query.after`.
///
/// # Errors
/// Failures before the first page; a later one ends the stream.
pub async fn respond(
    db: &Db,
    followers: &Followers,
    query: ChangeQuery,
    session: Option<Session>,
    is_head: bool,
) -> Result<HttpResponse> {
    let slot = followers.slot(How::Stream, session)?;
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((
            header::VARY,
            HeaderValue::from_static("Accept, Authorization, Last-Event-ID"),
        ))
        // Otherwise nginx buffers the response.
        .insert_header(("x-accel-buffering", "no"));
    if is_head {
        return Ok(response.finish());
    }
    let page = followers.page(query.after, &query.resources, query.limit).await?;
    // One chunk ahead: while it is sent, the next is prepared.
    let (sender, receiver) = mpsc::channel(1);
    let stream = Stream {
        followers: followers.clone(),
        resources: query.resources,
        limit: query.limit,
        sender,
        slot,
    };
    db.runtime().spawn(stream.run(page));
    let chunks = unfold(receiver, |mut receiver: mpsc::Receiver<Bytes>| async move {
        let chunk = receiver.recv().await?;
        Some((Ok::<Bytes, Error>(chunk), receiver))
    });
    Ok(response.streaming(chunks))
}

struct Stream {
    followers: Followers,
    resources: Vec<ChangedResource>,
    limit: i64,
    sender: mpsc::Sender<Bytes>,
    slot: Slot,
}

impl Stream {
    async fn run(self, page: Arc<Changes>) {
        let sending = self.send(page);
        let ended = tokio::select! {
            ended = sending => ended,
            () = self.followers.stopping() => Ok(Ended::Orderly),
            // The client reconnects, and the response says why.
            () = self.slot.ended() => Ok(Ended::Orderly),
            () = sleep(LIFETIME) => Ok(Ended::Orderly),
            () = self.sender.closed() => Ok(Ended::Orderly),
        };
        match ended {
            Ok(Ended::Orderly) => {}
            Ok(Ended::Stalled) => {
                tracing::info!("an event stream ended because its client does not read");
                self.followers.count_stalled();
            }
            // The client reconnects and gets the failure as its response.
            Err(error) => tracing::warn!(%error, "an event stream was interrupted"),
        }
    }

    async fn send(&self, mut page: Arc<Changes>) -> Result<Ended> {
        let mut chunk = String::from(RETRY);
        loop {
            let mut waiting = 0;
            let next = page.next;
            let is_empty = page.items.is_empty();
            for change in &page.items {
                write_event(&mut chunk, change)?;
                waiting += 1;
                if chunk.len() >= CHUNK_BYTES && !self.pass(&mut chunk, &mut waiting).await {
                    return Ok(Ended::Stalled);
                }
            }
            if !chunk.is_empty() && !self.pass(&mut chunk, &mut waiting).await {
                return Ok(Ended::Stalled);
            }
            if is_empty && !self.wait(next).await {
                return Ok(Ended::Stalled);
            }
            page = self.followers.page(next, &self.resources, self.limit).await?;
        }
    }

    /// Waits for a change after a sequence number and sends heartbeats meanwhile; returns false if the client reads nothing.
    async fn wait(&self, sequence: i64) -> bool {
        let changed = self.followers.changed_after(sequence);
        tokio::pin!(changed);
        let mut next = Instant::now() + HEARTBEAT;
        loop {
            tokio::select! {
                () = &mut changed => return true,
                () = sleep_until(next) => {}
            }
            next += HEARTBEAT;
            // An id without data is not an event; it moves the client's position past changes that the filter left out.
            let mut heartbeat = format!(": nothing new\nid: {sequence}\n\n");
            if !self.pass(&mut heartbeat, &mut 0).await {
                return false;
            }
        }
    }

    /// Sends a chunk once the client has room for it; returns false if it has none for too long.
    fn pass(&self, chunk: &mut String, changes: &mut usize) -> impl Future<Output = bool> {
        let bytes = Bytes::from(std::mem::take(chunk));
        let changes = std::mem::take(changes);
        async move {
            match self
                .sender
                .send_timeout(bytes, self.followers.stall_timeout())
                .await
            {
                Ok(()) => {
                    self.followers.count_sent(changes);
                    true
                }
                Err(SendTimeoutError::Timeout(_)) => false,
                // `run` ends the stream.
                Err(SendTimeoutError::Closed(_)) => std::future::pending().await,
            }
        }
    }
}

fn write_event(chunk: &mut String, change: &Change) -> Result<()> {
    // serde_json writes no line breaks.
    let data = serde_json::to_string(change).map_err(Error::internal)?;
    chunk.push_str("id: ");
    chunk.push_str(&change.sequence.to_string());
    chunk.push_str("\nevent: change\ndata: ");
    chunk.push_str(&data);
    chunk.push_str("\n\n");
    Ok(())
}
