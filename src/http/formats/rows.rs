//! How records become rows: functions, so that the formats are compiled once and not for every kind.

use diesel::QueryableByName;
use diesel::sql_types;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::error::{Error, Result};
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
pub struct Rows(Stored);

#[derive(Clone)]
enum Stored {
    Records {
        shape: Shape,
        columns: Vec<&'static str>,
        cells: fn(&str) -> Result<Vec<Cell>>,
        /// Returns the JSON of a record as it is returned to clients
        json: fn(String) -> Result<String>,
    },
    /// Arrays of the values of these columns.
    Columns(Vec<String>),
}

impl Rows {
    /// Returns the rows of one kind of record. `is_response` says whether the stored JSON is the text of a response.
    pub fn of<R: Listed>(shape: Shape, is_response: bool) -> Self {
        Self(Stored::Records {
            shape,
            columns: R::header(),
            cells: |record| Ok(record::parse::<R>(record)?.cells()),
            json: if is_response {
                record::response::<R>
            } else {
                record::written::<R>
            },
        })
    }

    /// Returns the rows of which each is stored as an array of the values of these columns.
    pub fn of_columns(columns: Vec<String>) -> Self {
        Self(Stored::Columns(columns))
    }

    /// Returns the names of the columns.
    pub fn header(&self) -> Vec<String> {
        match &self.0 {
            Stored::Records { shape, columns, .. } => shape.header(columns),
            Stored::Columns(columns) => columns.clone(),
        }
    }

    /// Returns the cells of a record.
    ///
    /// # Errors
    /// Internal if the JSON does not fit the type.
    pub fn cells(&self, row: RecordRow) -> Result<Vec<Cell>> {
        match &self.0 {
            Stored::Records {
                shape,
                columns,
                cells,
                json,
            } => {
                let cells = cells(&row.record)?;
                if shape.is_whole() {
                    return Ok(cells);
                }
                let record = json(row.record)?;
                shape.cells(record, row.included.as_deref(), columns, cells)
            }
            Stored::Columns(_) => {
                let values: Vec<Value> = record::parse(&row.record)?;
                Ok(values.into_iter().map(cell_of).collect())
            }
        }
    }

    /// Returns the JSON of a record, with a newline.
    ///
    /// # Errors
    /// Internal if the JSON does not fit the type.
    pub fn json(&self, row: RecordRow) -> Result<Vec<u8>> {
        let mut line = match &self.0 {
            Stored::Records { shape, json, .. } => {
                let record = json(row.record)?;
                shape.of(record, row.included.as_deref())?.into_bytes()
            }
            Stored::Columns(names) => {
                let values = record::parse(&row.record)?;
                serde_json::to_vec(&Named { names, values }).map_err(Error::internal)?
            }
        };
        line.push(b'\n');
        Ok(line)
    }
}

/// Values that are written as an object with these names.
pub struct Named<'n> {
    /// The names.
    pub names: &'n [String],
    /// The values, as many as there are names.
    pub values: Vec<Value>,
}

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.names.iter().zip(&self.values))
    }
}

fn cell_of(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::Bool(truth) => Cell::Boolean(truth),
        Value::Number(number) => Cell::Number(number.to_string()),
        Value::String(text) => Cell::Text(text),
        other @ (Value::Array(_) | Value::Object(_)) => Cell::Text(other.to_string()),
    }
}
