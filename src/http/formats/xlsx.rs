//! A list as a workbook of one sheet. The rows go through a temporary file, so that memory does not grow with the list.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use diesel_async::RunQueryDsl;
use futures_util::StreamExt;
use rust_xlsxwriter::{ColNum, Format as CellFormat, RowNum, Workbook, Worksheet, XlsxError};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::csv::TableOptions;
use super::rows::{RecordRow, Rows};
use crate::admission::Place;
use crate::db::{Db, Statement};
use crate::error::{Error, Problem, Result};
use crate::http::formats::Format;
use crate::http::response::vary;
use crate::query::table_row::Cell;

/// The most records that a sheet of Excel holds below its header ("Excel specifications and limits").
const MOST_RECORDS: RowNum = 1_048_575;
/// The longest text that a cell of Excel holds, in UTF-16 units.
const LONGEST_TEXT: usize = 32_767;
const ROWS_AHEAD: usize = 256;
/// How long the records of a workbook may take: nothing of it is sent before all are read.
const LONGEST_READ: Duration = Duration::from_secs(120);
const PIECE: usize = 64 * 1024;

/// Returns the response with the workbook.
///
/// # Errors
/// Invalid if the list has more records than a sheet holds; those of the statement.
pub async fn workbook(
    db: &Db,
    statement: Statement,
    rows: Rows,
    options: TableOptions,
    name: &str,
) -> Result<HttpResponse> {
    let (sender, receiver) = mpsc::channel(ROWS_AHEAD);
    let sheet = name.to_owned();
    let writing = tokio::task::spawn_blocking(move || written(receiver, rows, options, &sheet));
    let sent = read(db, statement, sender).await;
    let (place, file) = match (sent, writing.await.map_err(Error::internal)?) {
        (Ok(place), written) => (place, written?),
        // The writer's own failure says more.
        (Err(error), Err(failed)) if error.problem() == Problem::Internal => return Err(failed),
        (Err(error), _) => return Err(error),
    };
    let size = file.metadata().map_err(Error::internal)?.len();
    let file = tokio::fs::File::from_std(file);
    let reading = Reading { file, _place: place };
    let pieces = futures_util::stream::try_unfold(reading, Reading::next);
    let mut response = HttpResponse::Ok();
    vary(&mut response);
    response.insert_header((
        header::CONTENT_DISPOSITION,
        format!("attachment; filename=\"{name}.xlsx\""),
    ));
    Ok(response
        .content_type(Format::Xlsx.media_type())
        .body(SizedStream::new(size, pieces)))
}

/// A workbook that is being sent. It keeps the place of the export: its file takes room until the client has read it.
struct Reading {
    file: tokio::fs::File,
    _place: Option<Place>,
}

impl Reading {
    /// Returns the next piece, `None` at the end of the file.
    async fn next(mut self) -> std::io::Result<Option<(web::Bytes, Self)>> {
        let mut piece = web::BytesMut::with_capacity(PIECE);
        if self.file.read_buf(&mut piece).await? == 0 {
            return Ok(None);
        }
        Ok(Some((piece.freeze(), self)))
    }
}

/// Reads the records of the statement and sends each to the writer. Returns the place of the export.
async fn read(db: &Db, statement: Statement, sender: mpsc::Sender<RecordRow>) -> Result<Option<Place>> {
    let mut streaming = db.streaming().await?;
    let ends = Instant::now() + LONGEST_READ;
    let sent = async {
        let connection = streaming.connection()?;
        let mut records: RowNum = 0;
        let begun = statement.load_stream::<RecordRow>(connection);
        let mut next_row_by = db.first_row_by();
        let mut rows = timeout_at(next_row_by, begun)
            .await
            .map_err(|_| db.stream_too_slow())??;
        loop {
            let Ok(row) = timeout_at(next_row_by, rows.next()).await else {
                return Err(if records == 0 {
                    db.stream_too_slow()
                } else {
                    Error::new(
                        Problem::TooSlow,
                        format!(
                            "the records of the workbook did not come within {} seconds; add filters or a limit, or ask for \
                             format=csv",
                            LONGEST_READ.as_secs()
                        ),
                    )
                });
            };
            let Some(row) = row else { break };
            next_row_by = ends;
            let record = row?;
            records += 1;
            if records > MOST_RECORDS {
                return Err(Error::invalid(
                    "?format",
                    "the list has more than 1,048,575 records, which is what a sheet of a workbook holds; \
                     add filters or a limit, or ask for format=csv",
                ));
            }
            if sender.send(record).await.is_err() {
                // The writer has failed, and its error is the response. The statement still runs.
                return Err(Error::internal("a workbook could not be written"));
            }
        }
        Ok(())
    }
    .await;
    // After a failure the statement may still run: dropping the connection cancels it.
    sent.map(|()| streaming.close())
}

/// Writes the records that arrive, and returns the file of the workbook, at its beginning.
fn written(
    mut records: mpsc::Receiver<RecordRow>,
    rows: Rows,
    options: TableOptions,
    name: &str,
) -> Result<File> {
    let mut workbook = Workbook::new();
    let worksheet = workbook
        .add_worksheet_with_constant_memory()
        .map_err(Error::internal)?;
    let mut sheet = Sheet::new(worksheet, name, &rows.header()).map_err(Error::internal)?;
    while let Some(record) = records.blocking_recv() {
        sheet.add(rows.cells(record)?, options).map_err(Error::internal)?;
    }
    sheet.end().map_err(Error::internal)?;
    let mut file = tempfile::tempfile().map_err(Error::internal)?;
    workbook.save_to_writer(&mut file).map_err(Error::internal)?;
    file.seek(SeekFrom::Start(0)).map_err(Error::internal)?;
    Ok(file)
}

/// The sheet that is being written: a header that stays in view, then a row for each record.
struct Sheet<'w> {
    worksheet: &'w mut Worksheet,
    columns: ColNum,
    row: RowNum,
    day: CellFormat,
    time: CellFormat,
}

impl<'w> Sheet<'w> {
    fn new(
        worksheet: &'w mut Worksheet,
        name: &str,
        header: &[String],
    ) -> std::result::Result<Self, XlsxError> {
        worksheet.set_name(name)?;
        worksheet.set_freeze_panes(1, 0)?;
        let bold = CellFormat::new().set_bold();
        let mut columns: ColNum = 0;
        for name in header {
            let width = if name.ends_with("_at") { 20.0 } else { 16.0 };
            worksheet.set_column_width(columns, width)?;
            worksheet.write_string_with_format(0, columns, name, &bold)?;
            columns += 1;
        }
        Ok(Self {
            worksheet,
            columns,
            row: 0,
            day: CellFormat::new().set_num_format("yyyy-mm-dd"),
            time: CellFormat::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        })
    }

    fn add(&mut self, cells: Vec<Cell>, options: TableOptions) -> std::result::Result<(), XlsxError> {
        self.row += 1;
        for (column, cell) in (0..).zip(cells) {
            self.write(column, cell, options)?;
        }
        Ok(())
    }

    fn write(
        &mut self,
        column: ColNum,
        cell: Cell,
        options: TableOptions,
    ) -> std::result::Result<(), XlsxError> {
        let row = self.row;
        match cell {
            Cell::Empty => return Ok(()),
            Cell::Boolean(truth) => self.worksheet.write_boolean(row, column, truth)?,
            Cell::Day(day) if is_day_of_excel(day) => self
                .worksheet
                .write_datetime_with_format(row, column, day, &self.day)?,
            Cell::Time(time) if is_day_of_excel(time.date_naive()) => self
                .worksheet
                .write_datetime_with_format(row, column, whole_seconds(time), &self.time)?,
            Cell::Number(number) => match number.parse::<f64>() {
                Ok(parsed) => self.worksheet.write_number(row, column, parsed)?,
                Err(_) => self.worksheet.write_string(row, column, number)?,
            },
            other @ (Cell::Text(_) | Cell::List(_) | Cell::Pairs(_) | Cell::Day(_) | Cell::Time(_)) => {
                let text = fitting(other.into_text(options.lists));
                if text.is_empty() {
                    return Ok(());
                }
                self.worksheet.write_string(row, column, text)?
            }
        };
        Ok(())
    }

    /// Adds what needs to know the last row: buttons that filter and sort.
    fn end(self) -> std::result::Result<(), XlsxError> {
        if let Some(last) = self.columns.checked_sub(1) {
            self.worksheet.autofilter(0, 0, self.row, last)?;
        }
        Ok(())
    }
}

/// Returns whether Excel can count the day: it begins with 1900.
fn is_day_of_excel(day: NaiveDate) -> bool {
    (1900..=9999).contains(&day.year())
}

fn whole_seconds(time: DateTime<Utc>) -> chrono::NaiveDateTime {
    DateTime::from_timestamp(time.timestamp(), 0)
        .unwrap_or(time)
        .naive_utc()
}

/// Returns a text that fits into a cell. What is too long is cut and ends with `…`.
fn fitting(text: String) -> String {
    if text.len() <= LONGEST_TEXT || text.encode_utf16().count() <= LONGEST_TEXT {
        return text;
    }
    let mut units = 0;
    let kept = text
        .chars()
        .take_while(|letter| {
            units += letter.len_utf16();
            units < LONGEST_TEXT
        })
        .collect::<String>();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_for_a_cell_is_cut() {
        for letter in ["a", "ж", "\u{10348}"] {
            let whole = letter.repeat(LONGEST_TEXT / letter.chars().map(char::len_utf16).sum::<usize>());
            assert_eq!(fitting(whole.clone()), whole);

            let cut = fitting(format!("{whole}{letter}{letter}"));
            assert!(cut.ends_with('…'));
            assert!(cut.encode_utf16().count() <= LONGEST_TEXT);
            assert!(cut.encode_utf16().count() >= LONGEST_TEXT - 1);
        }
    }
}
