//! The formats of lists. CSV and NDJSON stream the whole result from one snapshot. A stream that is interrupted ends with
//! an error, never as if it were complete.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use diesel::QueryableByName;
use diesel::sql_types;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use crate::db::{Db, Statement};
use crate::error::{Error, Problem, Result};
use crate::http::accept::{ALSO_JSON, Offer, preferred};
use crate::http::response::vary;
use crate::query::TableRow;
use crate::text::shorten;

/// The format of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A page as one JSON object.
    Json,
    /// All records as CSV with a header line (RFC 4180).
    Csv,
    /// All records as JSON, one object a line.
    Ndjson,
}

impl Format {
    /// Returns the value of Content-Type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    const OFFERS: [Offer<Self>; 3] = [
        Offer {
            format: Self::Json,
            media_type: "application/json",
            aliases: ALSO_JSON,
            exact: false,
        },
        Offer {
            format: Self::Csv,
            media_type: "text/csv",
            aliases: &[],
            exact: false,
        },
        Offer {
            format: Self::Ndjson,
            media_type: "application/x-ndjson",
            aliases: &["application/ndjson"],
            exact: false,
        },
    ];

    /// Returns the format of the parameter `format`; without one, the format that Accept prefers.
    ///
    /// # Errors
    /// Malformed request if the parameter is not a format; not acceptable if Accept excludes every format.
    pub fn of(request: &HttpRequest, parameter: Option<&str>) -> Result<Self> {
        match parameter {
            Some("json") => Ok(Self::Json),
            Some("csv") => Ok(Self::Csv),
            Some("ndjson") => Ok(Self::Ndjson),
            Some(other) => Err(Error::malformed(
                "?format",
                format!(
                    "format must be one of json, csv, ndjson, not \"{}\"",
                    shorten(other)
                ),
            )),
            None => preferred(request, &Self::OFFERS).ok_or_else(|| {
                Error::new(
                    Problem::NotAcceptable,
                    "a list is available as application/json, text/csv and application/x-ndjson",
                )
            }),
        }
    }
}

#[derive(QueryableByName)]
struct RecordRow {
    #[diesel(sql_type = sql_types::Text)]
    record: String,
}

/// What the reading task sends to the body. If the channel closes without `End`, the stream was interrupted.
enum Piece {
    Line(web::Bytes),
    End,
}

/// Returns the response that streams the column `record` of a statement's rows.
///
/// # Errors
/// Failures before the first row; a later one interrupts the body.
pub async fn stream<R>(db: &Db, statement: Statement, format: Format) -> Result<HttpResponse>
where
    R: DeserializeOwned + Serialize + TableRow,
{
    let lines = Lines {
        header: R::header,
        line: line::<R>,
    };
    stream_lines(db, statement, format, lines).await
}

/// How records of one kind become lines: functions, so that the stream is compiled once and not for every kind.
#[derive(Clone, Copy)]
struct Lines {
    header: fn() -> Vec<&'static str>,
    line: fn(&str, Format) -> Result<web::Bytes>,
}

/// Returns the line of a record that is stored as JSON.
fn line<R>(record: &str, format: Format) -> Result<web::Bytes>
where
    R: DeserializeOwned + Serialize + TableRow,
{
    let record: R = serde_json::from_str(record).map_err(Error::internal)?;
    match format {
        Format::Csv => table_line(record.cells().iter().map(String::as_str)),
        Format::Json | Format::Ndjson => {
            let mut line = serde_json::to_vec(&record).map_err(Error::internal)?;
            line.push(b'\n');
            Ok(web::Bytes::from(line))
        }
    }
}

async fn stream_lines(db: &Db, statement: Statement, format: Format, lines: Lines) -> Result<HttpResponse> {
    const ROWS_AHEAD: usize = 64;
    let mut streaming = db.streaming().await?;
    let (sender, mut receiver) = mpsc::channel::<Result<Piece>>(ROWS_AHEAD);
    tokio::spawn(async move {
        let sent = send_rows(&mut streaming.connection, statement, format, lines, &sender).await;
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
    format: Format,
    lines: Lines,
    sender: &mpsc::Sender<Result<Piece>>,
) -> Result<Sent> {
    // A reader that accepts nothing for this long is taken for gone, and its connection is released.
    const READER_TIMEOUT: Duration = Duration::from_secs(60);
    // How long the statement runs depends on the reader, so that the usual limit must not apply.
    connection.batch_execute("set statement_timeout = 0").await?;
    if format == Format::Csv {
        let header = table_line((lines.header)().into_iter())?;
        if sender.send(Ok(Piece::Line(header))).await.is_err() {
            return Ok(Sent::ReaderGone);
        }
    }
    let mut rows = statement.load_stream::<RecordRow>(connection).await?;
    while let Some(row) = rows.next().await {
        let line = (lines.line)(&row?.record, format)?;
        let sent = sender.send_timeout(Ok(Piece::Line(line)), READER_TIMEOUT).await;
        if sent.is_err() {
            return Ok(Sent::ReaderGone);
        }
    }
    Ok(Sent::Everything)
}

fn table_line<'a>(cells: impl Iterator<Item = &'a str>) -> Result<web::Bytes> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(cells).map_err(Error::internal)?;
    Ok(web::Bytes::from(writer.into_inner().map_err(Error::internal)?))
}
