//! The feed as Server-Sent Events. A task reads a page, and the next one when the reader has taken it: who reads slowly
//! holds up nobody else, and holds no connection to the database.

use std::future::Future;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use futures_util::stream::unfold;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::time::{Instant, sleep, sleep_until};

use crate::changes::followers::{Followers, How, Place};
use crate::changes::model::{Change, Changes};
use crate::changes::request::{ChangeQuery, ChangedResource};
use crate::db::Db;
use crate::error::{Error, Result};

/// Shorter than what proxies take for silence.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A stream ends after so long, so that a token that was revoked reads no further; clients connect anew by themselves.
const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// When to connect anew, in milliseconds.
const RETRY: &str = "retry: 1000\n\n";
/// Events are sent together up to about so many bytes.
const PIECE: usize = 32 * 1024;

/// Why a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// The reader hung up, the server stops, or the time is over.
    Orderly,
    /// The reader takes nothing.
    Stalled,
}

/// Answers with a stream of what comes after a sequence. Failures before its first page have an answer of their own.
pub async fn answer(
    db: &Db,
    followers: &Followers,
    query: ChangeQuery,
    is_head: bool,
) -> Result<HttpResponse> {
    let place = followers.place(How::Stream)?;
    let mut response = HttpResponse::Ok();
    response
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((
            header::VARY,
            HeaderValue::from_static("Accept, Authorization, Last-Event-ID"),
        ))
        // nginx keeps answers back otherwise.
        .insert_header(("x-accel-buffering", "no"));
    if is_head {
        return Ok(response.finish());
    }
    let page = followers.page(query.after, &query.resources, query.limit).await?;
    // One piece ahead: while it is sent, the next is made.
    let (sender, receiver) = mpsc::channel(1);
    let stream = Stream {
        followers: followers.clone(),
        resources: query.resources,
        limit: query.limit,
        sender,
        _place: place,
    };
    db.runtime().spawn(stream.run(page));
    let pieces = unfold(receiver, |mut receiver: mpsc::Receiver<Bytes>| async move {
        let piece = receiver.recv().await?;
        Some((Ok::<Bytes, Error>(piece), receiver))
    });
    Ok(response.streaming(pieces))
}

struct Stream {
    followers: Followers,
    resources: Vec<ChangedResource>,
    limit: i64,
    sender: mpsc::Sender<Bytes>,
    _place: Place,
}

impl Stream {
    async fn run(self, page: Changes) {
        let sending = self.send(page);
        let ended = tokio::select! {
            ended = sending => ended,
            () = self.followers.stopping() => Ok(Ended::Orderly),
            () = sleep(LIFETIME) => Ok(Ended::Orderly),
            () = self.sender.closed() => Ok(Ended::Orderly),
        };
        match ended {
            Ok(Ended::Orderly) => {}
            Ok(Ended::Stalled) => {
                tracing::info!("an event stream was ended because nobody reads it");
                self.followers.count_stalled();
            }
            // The client connects anew, and is told then.
            Err(error) => tracing::warn!(%error, "an event stream broke off"),
        }
    }

    async fn send(&self, mut page: Changes) -> Result<Ended> {
        let mut piece = String::from(RETRY);
        loop {
            let mut waiting = 0;
            let next = page.next;
            let is_empty = page.items.is_empty();
            for change in page.items {
                write_event(&mut piece, &change)?;
                waiting += 1;
                if piece.len() >= PIECE && !self.pass(&mut piece, &mut waiting).await {
                    return Ok(Ended::Stalled);
                }
            }
            if !piece.is_empty() && !self.pass(&mut piece, &mut waiting).await {
                return Ok(Ended::Stalled);
            }
            if is_empty && !self.wait(next).await {
                return Ok(Ended::Stalled);
            }
            page = self.followers.page(next, &self.resources, self.limit).await?;
        }
    }

    /// Waits for what comes after a sequence, telling now and then that the stream lives; false where nobody listens.
    async fn wait(&self, sequence: i64) -> bool {
        let beyond = self.followers.beyond(sequence);
        tokio::pin!(beyond);
        let mut next = Instant::now() + HEARTBEAT;
        loop {
            tokio::select! {
                () = &mut beyond => return true,
                () = sleep_until(next) => {}
            }
            next += HEARTBEAT;
            // An id without data is no event, but where to go on: what a filter left out is not looked through again.
            let mut heartbeat = format!(": nothing new\nid: {sequence}\n\n");
            if !self.pass(&mut heartbeat, &mut 0).await {
                return false;
            }
        }
    }

    /// Hands a piece over as soon as the reader has room; false where they have none for too long.
    fn pass(&self, piece: &mut String, changes: &mut usize) -> impl Future<Output = bool> {
        let bytes = Bytes::from(std::mem::take(piece));
        let changes = std::mem::take(changes);
        async move {
            match self.sender.send_timeout(bytes, self.followers.patience()).await {
                Ok(()) => {
                    self.followers.count_sent(changes);
                    true
                }
                Err(SendTimeoutError::Timeout(_)) => false,
                // `run` sees to it.
                Err(SendTimeoutError::Closed(_)) => std::future::pending().await,
            }
        }
    }
}

fn write_event(piece: &mut String, change: &Change) -> Result<()> {
    // JSON as it is made here has no line breaks.
    let data = serde_json::to_string(change).map_err(Error::internal)?;
    piece.push_str("id: ");
    piece.push_str(&change.sequence.to_string());
    piece.push_str("\nevent: change\ndata: ");
    piece.push_str(&data);
    piece.push_str("\n\n");
    Ok(())
}
