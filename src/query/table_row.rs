//! A record as a row of a table: CSV or a sheet of a workbook.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use crate::partial_date::PartialDate;
use crate::text;

/// A column of a table: its header, and the function that returns its cell.
pub type Column<R> = (&'static str, fn(&R) -> Cell);

/// A record that can be written as a row of a table.
pub trait TableRow: Sized + 'static {
    /// The columns in their order, in groups so that several kinds of records can share one.
    const COLUMNS: &'static [&'static [Column<Self>]];

    /// Returns the names of the columns.
    fn header() -> Vec<&'static str> {
        let columns = Self::COLUMNS.iter().flat_map(|group| group.iter());
        columns.map(|(header, _)| *header).collect()
    }

    /// Returns the cells, as many as the header has and in its order.
    fn cells(&self) -> Vec<Cell> {
        let columns = Self::COLUMNS.iter().flat_map(|group| group.iter());
        columns.map(|(_, cell)| cell(self)).collect()
    }
}

/// The value of one cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Empty,
    /// A text, such as a name, a code or a date that is only partly known.
    Text(String),
    /// A number as it is written in JSON.
    Number(String),
    /// Yes or no.
    Boolean(bool),
    /// A day that is known exactly.
    Day(NaiveDate),
    /// A moment.
    Time(DateTime<Utc>),
    /// A list of texts; an element without a value is `None`.
    List(Vec<Option<String>>),
    /// Names with a text each; a name may be there several times.
    Pairs(Vec<(String, String)>),
}

/// How lists within a cell are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lists {
    /// The elements with `;` between them: `a;b`. A `;` or `\` within an element has a `\` before it. Pairs are `name=value`, and
    /// a `=` within a name has a `\` before it.
    #[default]
    Joined,
    /// A JSON array of texts and nulls; pairs are an object of arrays.
    Json,
}

impl Cell {
    /// Returns the text of the cell in a table that has nothing but texts.
    pub fn into_text(self, lists: Lists) -> String {
        match (self, lists) {
            (Self::Empty, _) => String::new(),
            (Self::Text(text) | Self::Number(text), _) => text,
            (Self::Boolean(truth), _) => truth.to_string(),
            (Self::Day(day), _) => day.to_string(),
            (Self::Time(time), _) => text::timestamp(time),
            (Self::List(elements), Lists::Joined) => {
                let escaped = elements
                    .iter()
                    .map(|element| escape(element.as_deref().unwrap_or_default(), ';'));
                escaped.collect::<Vec<_>>().join(";")
            }
            (Self::List(elements), Lists::Json) => json!(elements).to_string(),
            (Self::Pairs(pairs), Lists::Joined) => {
                let escaped = pairs.iter().map(|(name, value)| {
                    format!("{}={}", escape(&escape(name, ';'), '='), escape(value, ';'))
                });
                escaped.collect::<Vec<_>>().join(";")
            }
            (Self::Pairs(pairs), Lists::Json) => {
                let mut object = serde_json::Map::new();
                for (name, value) in pairs {
                    if let Value::Array(values) = object.entry(name).or_insert_with(|| json!([])) {
                        values.push(Value::from(value));
                    }
                }
                Value::from(object).to_string()
            }
        }
    }

    /// Returns the cell with `change` made to each text in it. Numbers, days, moments and truths stay.
    pub fn map_texts(self, change: impl Fn(String) -> String) -> Self {
        match self {
            Self::Text(text) => Self::Text(change(text)),
            Self::List(elements) => {
                Self::List(elements.into_iter().map(|element| element.map(&change)).collect())
            }
            Self::Pairs(pairs) => Self::Pairs(
                pairs
                    .into_iter()
                    .map(|(name, value)| (change(name), change(value)))
                    .collect(),
            ),
            other @ (Self::Empty | Self::Number(_) | Self::Boolean(_) | Self::Day(_) | Self::Time(_)) => {
                other
            }
        }
    }
}

/// Returns a text with `\` before each `separator`. A `\` is doubled with the separator `;`, which is escaped first.
fn escape(text: &str, separator: char) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter == separator || (letter == '\\' && separator == ';') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// Returns the cell of a text.
pub fn text(value: impl ToString) -> Cell {
    Cell::Text(value.to_string())
}

/// Returns the cell of an optional text: an empty one for `None`.
pub fn cell<T: ToString>(value: Option<&T>) -> Cell {
    value.map_or(Cell::Empty, |value| text(value.to_string()))
}

/// Returns the cell of a number.
pub fn number(value: impl ToString) -> Cell {
    Cell::Number(value.to_string())
}

/// Returns the cell of an optional number: an empty one for `None`.
pub fn number_cell<T: ToString>(value: Option<&T>) -> Cell {
    value.map_or(Cell::Empty, |value| number(value.to_string()))
}

/// Returns the cell of a date: a day if it is exact, otherwise the text as it was written.
pub fn date(value: Option<&PartialDate>) -> Cell {
    match value {
        None => Cell::Empty,
        Some(date) => match date.earliest().filter(|_| date.is_exact()) {
            Some(day) => Cell::Day(day),
            None => text(date),
        },
    }
}

/// Returns the cell of a moment.
pub fn time(value: Option<DateTime<Utc>>) -> Cell {
    value.map_or(Cell::Empty, Cell::Time)
}

/// Returns the cell of a list.
pub fn joined<T>(list: &[T], element: impl Fn(&T) -> String) -> Cell {
    Cell::List(list.iter().map(|one| Some(element(one))).collect())
}

/// Returns the cell of a list whose elements may have no value.
pub fn joined_optional<T>(list: &[T], element: impl Fn(&T) -> Option<String>) -> Cell {
    Cell::List(list.iter().map(element).collect())
}

/// Returns the cell of free properties: one pair for each value of a name.
pub fn properties_cell(properties: &Value) -> Cell {
    let mut pairs = Vec::new();
    for (name, values) in properties.as_object().into_iter().flatten() {
        for value in values.as_array().into_iter().flatten() {
            pairs.push((name.clone(), value.as_str().unwrap_or_default().to_owned()));
        }
    }
    Cell::Pairs(pairs)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Splits at each separator that has no `\` before it, and takes each `\` before another character away.
    fn split(text: &str, separator: char) -> Vec<String> {
        let mut parts = vec![String::new()];
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            match (letter, parts.last_mut()) {
                ('\\', Some(part)) => part.extend(letters.next()),
                (letter, _) if letter == separator => parts.push(String::new()),
                (letter, Some(part)) => part.push(letter),
                (_, None) => {}
            }
        }
        parts
    }

    proptest! {
        #[test]
        fn a_joined_list_is_read_back(elements in prop::collection::vec("[a;=\\\\\", é]{0,6}", 1..5)) {
            let joined = joined(&elements, Clone::clone).into_text(Lists::Joined);

            prop_assert_eq!(split(&joined, ';'), elements);
        }
    }

    #[test]
    fn pairs_are_names_and_values() {
        let cell = properties_cell(&json!({"a=b": ["x;y", "z=\\"], "c": [""]}));

        assert_eq!(cell.clone().into_text(Lists::Joined), r"a\=b=x\;y;a\=b=z=\\;c=");
        assert_eq!(cell.into_text(Lists::Json), r#"{"a=b":["x;y","z=\\"],"c":[""]}"#);
    }

    #[test]
    fn an_element_without_a_value_is_empty_or_null() {
        let cell = Cell::List(vec![Some("B2".to_owned()), None]);

        assert_eq!(cell.clone().into_text(Lists::Joined), "B2;");
        assert_eq!(cell.into_text(Lists::Json), r#"["B2",null]"#);
    }

    #[test]
    fn a_date_that_is_not_exact_is_a_text() {
        let date = |text: &str| date(text.parse().ok().as_ref());

        assert_eq!(
            date("2025-09-23"),
            Cell::Day(NaiveDate::from_ymd_opt(2025, 9, 23).expect("a day"))
        );
        assert_eq!(date("2025-09"), text("2025-09"));
        assert_eq!(date("2025-09-23~"), text("2025-09-23~"));
    }
}
