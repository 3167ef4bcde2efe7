//! Lists as lines that are sent while they are read. A stream that is interrupted ends with an error, never as if it were
//! complete.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::csv::{self, TableOptions};
use super::rows::{RecordRow, Rows};
use crate::db::{Db, Statement};
use crate::error::{Error, Result};
use crate::http::formats::Format;
use crate::http::response::vary;

/// What the reading task sends to the body. If the channel closes without `End`, the stream was interrupted.
enum Piece {
    Line(web::Bytes),
    End,
}

/// What is sent, and how.
#[derive(Clone, Copy)]
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
    const ROWS_AHEAD: usize = 64;
    let lines = Lines {
        format,
        rows,
        options,
    };
    let mut streaming = db.streaming().await?;
    let (sender, mut receiver) = mpsc::channel::<Result<Piece>>(ROWS_AHEAD);
    tokio::spawn(async move {
        let sent = send_rows(&mut streaming.connection, statement, lines, &sender).await;
        streaming.close();
        match sent {
            Ok(Sent::Everything) => drop(sender.send(Ok(Piece::End)).await),
            Ok(Sent::ReaderGone) => {}
            // Before the first line this error is the response; after it, it interrupts the body.
            Err(error) => drop(sender.send(Err(error)).await),
        }
    });
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
                Ok(Piece::Line(line)) => Some(Ok(line)),
                Ok(Piece::End) => None,
                Err(error) => {
                    tracing::error!(%error, "a stream was interrupted");
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

async fn send_rows(
    connection: &mut AsyncPgConnection,
    statement: Statement,
    lines: Lines,
    sender: &mpsc::Sender<Result<Piece>>,
) -> Result<Sent> {
    // A reader that accepts nothing for this long is taken for gone, and its connection is released.
    const READER_TIMEOUT: Duration = Duration::from_secs(60);
    // How long the statement runs depends on the reader, so that the usual limit must not apply.
    connection.batch_execute("set statement_timeout = 0").await?;
    let is_csv = lines.format == Format::Csv;
    if is_csv {
        let header = csv::header(&(lines.rows.header)(), lines.options)?;
        if sender.send(Ok(Piece::Line(header.into()))).await.is_err() {
            return Ok(Sent::ReaderGone);
        }
    }
    let mut rows = statement.load_stream::<RecordRow>(connection).await?;
    while let Some(row) = rows.next().await {
        let record = row?.record;
        let line = if is_csv {
            csv::row((lines.rows.cells)(&record)?, lines.options)?
        } else {
            (lines.rows.json)(&record)?
        };
        let sent = sender
            .send_timeout(Ok(Piece::Line(line.into())), READER_TIMEOUT)
            .await;
        if sent.is_err() {
            return Ok(Sent::ReaderGone);
        }
    }
    Ok(Sent::Everything)
}
