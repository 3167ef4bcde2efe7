//! The formats of lists. CSV, NDJSON and XLSX hold the whole result, read from one snapshot.

mod csv;
mod rows;
mod stream;
mod xlsx;

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::csv::{BOM, FORMULAS, LIST, TableOptions};
pub use self::rows::{Named, Rows};
use crate::db::{Db, Statement};
use crate::error::{Error, Problem, Result};
use crate::http::accept::{ALSO_JSON, Offer, preferred};
use crate::http::shape::Shape;
use crate::resource::Listed;
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
    /// All records as a workbook of one sheet (Office Open XML).
    Xlsx,
}

impl Format {
    /// Returns the value of Content-Type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// Returns the name of the format in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Csv => "CSV",
            Self::Ndjson => "NDJSON",
            Self::Xlsx => "XLSX",
        }
    }

    const OFFERS: [Offer<Self>; 4] = [
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
        Offer {
            format: Self::Xlsx,
            media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            aliases: &[],
            exact: true,
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
            Some("xlsx") => Ok(Self::Xlsx),
            Some(other) => Err(Error::malformed(
                "?format",
                format!(
                    "format must be one of json, csv, ndjson, xlsx, not \"{}\"",
                    shorten(other)
                ),
            )),
            None => preferred(request, &Self::OFFERS).ok_or_else(|| {
                Error::new(
                    Problem::NotAcceptable,
                    "a list is available as application/json, text/csv, application/x-ndjson and \
                     application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                )
            }),
        }
    }
}

/// Returns the response that has the column `record` of all rows of a statement, in a format that is not a page. `is_response` says
/// whether the column is the text of a response byte for byte, `name` is the name of a file without its ending.
///
/// # Errors
/// Failures before the first byte of the body; a later one interrupts the body.
pub async fn whole<R>(
    db: &Db,
    statement: Statement,
    is_response: bool,
    shape: Shape,
    format: Format,
    options: TableOptions,
    name: &str,
) -> Result<HttpResponse>
where
    R: Listed,
{
    whole_of(
        db,
        statement,
        Rows::of::<R>(shape, is_response),
        format,
        options,
        name,
    )
    .await
}

/// Like [`whole`], for any rows.
///
/// # Errors
/// Those of [`whole`].
pub async fn whole_of(
    db: &Db,
    statement: Statement,
    rows: Rows,
    format: Format,
    options: TableOptions,
    name: &str,
) -> Result<HttpResponse> {
    match format {
        Format::Xlsx => xlsx::workbook(db, statement, rows, options, name).await,
        Format::Json | Format::Csv | Format::Ndjson => {
            stream::lines(db, statement, format, rows, options).await
        }
    }
}
