//! How records of one kind become rows: functions, so that the formats are compiled once and not for every kind.

use diesel::QueryableByName;
use diesel::sql_types;

use crate::error::Result;
use crate::http::shape::Shape;
use crate::query::table_row::Cell;
use crate::resource::{Listed, record};

/// A row of the statement that a list runs.
#[derive(QueryableByName)]
pub struct RecordRow {
    #[diesel(sql_type = sql_types::Text)]
    pub record: String,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    pub included: Option<String>,
}

/// What a record, stored as JSON, looks like in each format.
#[derive(Clone)]
pub struct Rows {
    shape: Shape,
    columns: Vec<&'static str>,
    cells: fn(&str) -> Result<Vec<Cell>>,
    /// Returns the JSON of a record as it is returned to clients
    json: fn(String) -> Result<String>,
}

impl Rows {
    /// Returns the rows of one kind of record. `is_response` says whether the stored JSON is the text of a response.
    pub fn of<R: Listed>(shape: Shape, is_response: bool) -> Self {
        Self {
            shape,
            columns: R::header(),
            cells: |record| Ok(record::parse::<R>(record)?.cells()),
            json: if is_response {
                record::response::<R>
            } else {
                record::written::<R>
            },
        }
    }

    /// Returns the names of the columns.
    pub fn header(&self) -> Vec<String> {
        self.shape.header(&self.columns)
    }

    /// Returns the cells of a record.
    ///
    /// # Errors
    /// Internal if the JSON does not fit the type.
    pub fn cells(&self, row: RecordRow) -> Result<Vec<Cell>> {
        let cells = (self.cells)(&row.record)?;
        if self.shape.is_whole() {
            return Ok(cells);
        }
        let record = (self.json)(row.record)?;
        self.shape
            .cells(record, row.included.as_deref(), &self.columns, cells)
    }

    /// Returns the JSON of a record, with a newline.
    ///
    /// # Errors
    /// Internal if the JSON does not fit the type.
    pub fn json(&self, row: RecordRow) -> Result<Vec<u8>> {
        let record = (self.json)(row.record)?;
        let mut line = self.shape.of(record, row.included.as_deref())?.into_bytes();
        line.push(b'\n');
        Ok(line)
    }
}
