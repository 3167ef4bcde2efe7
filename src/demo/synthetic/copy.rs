//! Rows for COPY, in PostgreSQL's text format.

use std::fmt::{Display, Write};

use futures_util::SinkExt;
use tokio_postgres::Client;

/// Rows of one table.
pub struct Rows {
    table: &'static str,
    columns: &'static str,
    text: String,
}

impl Rows {
    pub fn of(table: &'static str, columns: &'static str) -> Self {
        Self {
            table,
            columns,
            text: String::new(),
        }
    }

    /// Begins a row: `value` adds each of its values, `end` closes it.
    pub fn row(&mut self) -> Row<'_> {
        Row {
            text: &mut self.text,
            is_first: true,
        }
    }

    /// Sends the rows, and keeps the allocated memory for the next ones.
    pub async fn send(&mut self, client: &Client) -> Result<(), tokio_postgres::Error> {
        if self.text.is_empty() {
            return Ok(());
        }
        let room = self.text.len();
        let text = std::mem::replace(&mut self.text, String::with_capacity(room));
        let sink = client
            .copy_in::<_, std::io::Cursor<Vec<u8>>>(&format!(
                "copy {} ({}) from stdin",
                self.table, self.columns
            ))
            .await?;
        let mut sink = std::pin::pin!(sink);
        sink.send(std::io::Cursor::new(text.into_bytes())).await?;
        sink.finish().await?;
        Ok(())
    }
}

/// A row under construction.
pub struct Row<'r> {
    text: &'r mut String,
    is_first: bool,
}

impl Row<'_> {
    pub fn value(mut self, value: impl Display) -> Self {
        self.separate();
        let from = self.text.len();
        // Writing to a string never fails.
        let _ = write!(self.text, "{value}");
        if self.text[from..].contains(['\\', '\t', '\n', '\r']) {
            let escaped = self.text[from..]
                .replace('\\', "\\\\")
                .replace('\t', "\\t")
                .replace('\n', "\\n")
                .replace('\r', "\\r");
            self.text.replace_range(from.., &escaped);
        }
        self
    }

    pub fn optional(mut self, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.value(value),
            None => {
                self.separate();
                self.text.push_str("\\N");
                self
            }
        }
    }

    pub fn end(self) {
        self.text.push('\n');
    }

    fn separate(&mut self) {
        if !self.is_first {
            self.text.push('\t');
        }
        self.is_first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;

    #[test]
    fn what_copy_would_misread_is_escaped() {
        let mut rows = Rows::of("actors", "id, name, description");

        rows.row()
            .value(1)
            .value("a\tb\\c\nd")
            .optional(None::<&str>)
            .end();
        rows.row().value(2).value("plain").optional(Some("x")).end();

        assert_eq!(rows.text, "1\ta\\tb\\\\c\\nd\t\\N\n2\tplain\tx\n");
    }
}
