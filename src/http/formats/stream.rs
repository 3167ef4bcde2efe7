//! Lists as lines that are sent while they are read. A stream that is interrupted ends with an error, never as if it were
//! complete. A stream holds a connection to the database, so it has to go on: the first row has to come in time, and so has every
//! other. If the reader goes away, or is disconnected because it reads too slowly, the statement is cancelled.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use diesel_async::RunQueryDsl;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::csv::{self, TableOptions};
use super::rows::{RecordRow, Rows};
use crate::context;
use crate::db::{Db, Statement, Streaming};
use crate::error::{Error, Result};
use crate::http::formats::Format;
use crate::http::response::vary;

/// How long the database may take from one row to the next.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Lines are sent together up to about this many bytes.
const PIECE_BYTES: usize = 16 * 1024;
/// How many pieces are prepared while one is sent.
const PIECES_AHEAD: usize = 2;

/// What the reading task sends to the body. If the channel closes without `End`, the stream was interrupted.
enum Piece {
    Lines(web::Bytes),
    End,
}

/// What is sent, and how.
struct Lines {
    format: Format,
    rows: Rows,
    options: TableOptions,
}

/// Returns the response that streams the column `record` of a statement's rows.
///
/// # Errors
/// Failures before the first row; a later one interrupts the body.
pub async fn lines(
    db: &Db,
    statement: Statement,
    format: Format,
    rows: Rows,
    options: TableOptions,
) -> Result<HttpResponse> {
    let lines = Lines {
        format,
        rows,
        options,
    };
    let streaming = db.streaming().await?;
    let (sender, mut receiver) = mpsc::channel::<Result<Piece>>(PIECES_AHEAD);
    let sending = Sending {
        db: db.clone(),
        lines,
        sender: sender.clone(),
    };
    let task = async move {
        match sending.send(streaming, statement).await {
            Ok(Sent::Everything) => drop(sender.send(Ok(Piece::End)).await),
            Ok(Sent::ReaderGone) => {}
            // Before the first line this error is the response; after it, it interrupts the body.
            Err(error) => drop(sender.send(Err(error)).await),
        }
    };
    tokio::spawn(context::scope(context::request(), task));
    let first = receiver
        .recv()
        .await
        .unwrap_or_else(|| Err(Error::internal("a stream ended before it began")))?;
    let first = futures_util::stream::iter([Some(Ok(first))]);
    let rest = futures_util::stream::unfold(receiver, |mut receiver| async move {
        Some((receiver.recv().await, receiver))
    });
    let body = first
        .chain(rest)
        .map(|piece| piece.unwrap_or_else(|| Err(Error::internal("a stream was interrupted"))))
        .take_while(|piece| std::future::ready(!matches!(piece, Ok(Piece::End))))
        .filter_map(|piece| {
            std::future::ready(match piece {
                Ok(Piece::Lines(lines)) => Some(Ok(lines)),
                Ok(Piece::End) => None,
                Err(error) => {
                    tracing::warn!(%error, "a stream was interrupted");
                    Some(Err(error))
                }
            })
        });
    let mut response = HttpResponse::Ok();
    vary(&mut response);
    Ok(response.content_type(format.media_type()).streaming(body))
}

enum Sent {
    Everything,
    ReaderGone,
}

/// The task that reads rows and passes them on.
struct Sending {
    db: Db,
    lines: Lines,
    sender: mpsc::Sender<Result<Piece>>,
}

impl Sending {
    /// Reads and passes on all rows. If the reader goes away or the time is over, the statement is cancelled.
    async fn send(self, mut streaming: Streaming, statement: Statement) -> Result<Sent> {
        let sender = self.sender.clone();
        let sent = tokio::select! {
            sent = self.rows(&mut streaming, statement) => sent,
            () = sender.closed() => Ok(Sent::ReaderGone),
        };
        if matches!(sent, Ok(Sent::Everything)) {
            drop(streaming.close());
        }
        sent
    }

    async fn rows(&self, streaming: &mut Streaming, statement: Statement) -> Result<Sent> {
        let is_csv = self.lines.format == Format::Csv;
        let mut next_row_by = self.db.first_row_by();
        let connection = streaming.connection()?;
        let begun = statement.load_stream::<RecordRow>(connection);
        let mut rows = timeout_at(next_row_by, begun)
            .await
            .map_err(|_| self.db.stream_too_slow())??;
        let mut piece = web::BytesMut::new();
        if is_csv {
            let header = csv::header(&self.lines.rows.header(), self.lines.options)?;
            piece.extend_from_slice(header.as_ref());
        }
        let mut is_first = true;
        loop {
            let row = timeout_at(next_row_by, rows.next())
                .await
                .map_err(|_| self.db.stream_too_slow())?;
            let Some(row) = row else { break };
            let row = row?;
            let line = if is_csv {
                csv::row(self.lines.rows.cells(row)?, self.lines.options)?
            } else {
                self.lines.rows.json(row)?
            };
            piece.extend_from_slice(&line);
            // The first row goes at once: the response begins with it.
            if (is_first || piece.len() >= PIECE_BYTES)
                && let Some(ended) = self.pass(&mut piece).await
            {
                return Ok(ended);
            }
            is_first = false;
            next_row_by = Instant::now() + LONGEST_PAUSE;
        }
        Ok(self.pass(&mut piece).await.unwrap_or(Sent::Everything))
    }

    /// Passes a piece on once the reader has room for it; returns why the stream ends, if it does. The connection ends where the
    /// reader takes too long (`server::connections`).
    async fn pass(&self, piece: &mut web::BytesMut) -> Option<Sent> {
        if piece.is_empty() {
            return None;
        }
        let bytes = piece.split().freeze();
        let sent = self.sender.send(Ok(Piece::Lines(bytes))).await;
        sent.is_err().then_some(Sent::ReaderGone)
    }
}
