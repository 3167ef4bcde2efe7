//! The formats of lists. CSV and NDJSON stream the whole result from one snapshot; a stream that
//! breaks aborts the body and never ends it well, so that no half file passes for a whole one.

use std::time::Duration;

use actix_web::http::header::{self, HeaderValue};
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
use crate::http::response::vary;
use crate::query::TableRow;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Json,
    Csv,
    Ndjson,
}

impl Format {
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// `format` goes before `Accept`; of what is accepted, what weighs most and stands first is taken.
    pub fn of(request: &HttpRequest, parameter: Option<&str>) -> Result<Self> {
        match parameter {
            Some("json") => return Ok(Self::Json),
            Some("csv") => return Ok(Self::Csv),
            Some("ndjson") => return Ok(Self::Ndjson),
            Some(_) => return Err(Error::malformed("?format", "format is none of json, csv, ndjson")),
            None => {}
        }
        let accepted = accepted(request.headers().get_all(header::ACCEPT));
        if accepted.is_empty() {
            return Ok(Self::Json);
        }
        accepted
            .iter()
            .find_map(|media_type| match media_type.as_str() {
                "*/*" | "application/*" | "application/json" | "text/html" => Some(Self::Json),
                "text/csv" | "text/*" => Some(Self::Csv),
                "application/x-ndjson" | "application/ndjson" => Some(Self::Ndjson),
                _ => None,
            })
            .ok_or_else(|| {
                Error::new(
                    Problem::NotAcceptable,
                    "lists are application/json, text/csv and application/x-ndjson",
                )
            })
    }
}

/// The media types that are accepted, in lower case: what weighs most first, of equal weights as they stand.
pub fn accepted<'h>(sent: impl Iterator<Item = &'h HeaderValue>) -> Vec<String> {
    let mut accepted: Vec<(f32, String)> = Vec::new();
    let sent = sent.filter_map(|value| value.to_str().ok());
    for part in sent.flat_map(|value| value.split(',')) {
        let mut pieces = part.split(';').map(str::trim);
        let media_type = pieces.next().unwrap_or_default().to_ascii_lowercase();
        if media_type.is_empty() {
            continue;
        }
        let weight = pieces
            .find_map(|piece| piece.strip_prefix("q="))
            .and_then(|weight| weight.parse().ok())
            .unwrap_or(1.0);
        if weight > 0.0 {
            accepted.push((weight, media_type));
        }
    }
    // Stable: of equal weights the first stays first.
    accepted.sort_by(|left, right| right.0.total_cmp(&left.0));
    accepted.into_iter().map(|(_, media_type)| media_type).collect()
}

#[derive(QueryableByName)]
struct RecordRow {
    #[diesel(sql_type = sql_types::Text)]
    record: String,
}

/// What goes from the task that reads to the body. A channel that closes without `End` broke off.
enum Piece {
    Line(web::Bytes),
    End,
}

/// Streams what a statement selects as `record`.
pub async fn stream<R>(db: &Db, statement: Statement, format: Format) -> Result<HttpResponse>
where
    R: DeserializeOwned + Serialize + TableRow + Send + 'static,
{
    const ROWS_AHEAD: usize = 64;
    let mut streaming = db.streaming().await?;
    let (sender, mut receiver) = mpsc::channel::<Result<Piece>>(ROWS_AHEAD);
    tokio::spawn(async move {
        let sent = send_rows::<R>(&mut streaming.connection, statement, format, &sender).await;
        streaming.close();
        match sent {
            Ok(Sent::Everything) => drop(sender.send(Ok(Piece::End)).await),
            Ok(Sent::NobodyListens) => {}
            // Before the first line this is the answer; after it, it aborts the body.
            Err(error) => drop(sender.send(Err(error)).await),
        }
    });
    // Failures before the first line still get an answer of their own.
    let first = receiver
        .recv()
        .await
        .unwrap_or_else(|| Err(Error::internal("a stream ended before it began")))?;
    let first = futures_util::stream::iter([Some(Ok(first))]);
    let rest = futures_util::stream::unfold(receiver, |mut receiver| async move {
        Some((receiver.recv().await, receiver))
    });
    let lines = first
        .chain(rest)
        .map(|piece| piece.unwrap_or_else(|| Err(Error::internal("a stream broke off"))))
        .take_while(|piece| std::future::ready(!matches!(piece, Ok(Piece::End))))
        .filter_map(|piece| {
            std::future::ready(match piece {
                Ok(Piece::Line(line)) => Some(Ok(line)),
                Ok(Piece::End) => None,
                Err(error) => {
                    tracing::error!(%error, "a stream broke off");
                    Some(Err(error))
                }
            })
        });
    let mut response = HttpResponse::Ok();
    vary(&mut response);
    Ok(response.content_type(format.media_type()).streaming(lines))
}

enum Sent {
    Everything,
    NobodyListens,
}

async fn send_rows<R>(
    connection: &mut AsyncPgConnection,
    statement: Statement,
    format: Format,
    sender: &mpsc::Sender<Result<Piece>>,
) -> Result<Sent>
where
    R: DeserializeOwned + Serialize + TableRow,
{
    // A slow reader is no slow statement. One that takes nothing at all for so long is gone: the
    // connection is wanted elsewhere.
    const PATIENCE: Duration = Duration::from_secs(60);
    connection.batch_execute("set statement_timeout = 0").await?;
    if format == Format::Csv {
        let header = table_line(R::HEADER.iter().copied())?;
        if sender.send(Ok(Piece::Line(header))).await.is_err() {
            return Ok(Sent::NobodyListens);
        }
    }
    let mut rows = statement.load_stream::<RecordRow>(connection).await?;
    while let Some(row) = rows.next().await {
        let record: R = serde_json::from_str(&row?.record).map_err(Error::internal)?;
        let line = match format {
            Format::Csv => table_line(record.cells().iter().map(String::as_str))?,
            Format::Json | Format::Ndjson => {
                let mut line = serde_json::to_vec(&record).map_err(Error::internal)?;
                line.push(b'\n');
                web::Bytes::from(line)
            }
        };
        let sent = sender.send_timeout(Ok(Piece::Line(line)), PATIENCE).await;
        if sent.is_err() {
            return Ok(Sent::NobodyListens);
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
