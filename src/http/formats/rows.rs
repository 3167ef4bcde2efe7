//! How records of one kind become rows: functions, so that the formats are compiled once and not for every kind.

use diesel::QueryableByName;
use diesel::sql_types;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::query::TableRow;
use crate::query::table_row::Cell;
use crate::resource::record;

/// A row of the statement that a list runs.
#[derive(QueryableByName)]
pub struct RecordRow {
    #[diesel(sql_type = sql_types::Text)]
    pub record: String,
}

/// What a record, stored as JSON, looks like in each format.
#[derive(Clone, Copy)]
pub struct Rows {
    /// Returns the names of the columns.
    pub header: fn() -> Vec<&'static str>,
    /// Returns the cells of a record.
    pub cells: fn(&str) -> Result<Vec<Cell>>,
    /// Returns the JSON of a record, with a newline.
    pub json: fn(&str) -> Result<Vec<u8>>,
}

impl Rows {
    /// Returns the functions of one kind of record. `is_response` says whether the stored JSON is the text of a response.
    pub fn of<R>(is_response: bool) -> Self
    where
        R: DeserializeOwned + Serialize + TableRow,
    {
        Self {
            header: R::header,
            cells: |record| Ok(read::<R>(record)?.cells()),
            json: if is_response {
                |record| Ok(line(record::response::<R>(record.to_owned())?.into_bytes()))
            } else {
                |record| {
                    serde_json::to_vec(&read::<R>(record)?)
                        .map_err(Error::internal)
                        .map(line)
                }
            },
        }
    }
}

fn line(mut record: Vec<u8>) -> Vec<u8> {
    record.push(b'\n');
    record
}

fn read<R: DeserializeOwned>(record: &str) -> Result<R> {
    serde_json::from_str(record).map_err(Error::internal)
}
