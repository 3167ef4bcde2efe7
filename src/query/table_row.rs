//! A record as a row of a CSV table.

use serde_json::Value;

/// A column of a table: its header, and the function that returns its cell.
pub type Column<R> = (&'static str, fn(&R) -> String);

/// A record that can be written as a row of a table. Lists within it are joined by `;`.
pub trait TableRow: Sized + 'static {
    /// The columns in their order, in groups so that several kinds of records can share one.
    const COLUMNS: &'static [&'static [Column<Self>]];

    /// Returns the names of the columns.
    fn header() -> Vec<&'static str> {
        let columns = Self::COLUMNS.iter().flat_map(|group| group.iter());
        columns.map(|(header, _)| *header).collect()
    }

    /// Returns the cells, as many as the header has and in its order.
    fn cells(&self) -> Vec<String> {
        let columns = Self::COLUMNS.iter().flat_map(|group| group.iter());
        columns.map(|(_, cell)| cell(self)).collect()
    }
}

/// Returns the cell of an optional value: an empty one for `None`.
pub fn cell<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// Returns the cell of a list, its elements joined by `;`.
pub fn joined<T>(list: &[T], text: impl Fn(&T) -> String) -> String {
    list.iter().map(text).collect::<Vec<_>>().join(";")
}

/// Returns the cell of free properties: `name=value;name=value`, one pair for each value of a name.
pub fn properties_cell(properties: &Value) -> String {
    let Value::Object(fields) = properties else {
        return String::new();
    };
    let mut pairs = Vec::new();
    for (name, values) in fields {
        for value in values.as_array().into_iter().flatten() {
            pairs.push(format!("{name}={}", value.as_str().unwrap_or_default()));
        }
    }
    pairs.join(";")
}
