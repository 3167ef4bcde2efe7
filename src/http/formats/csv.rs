//! Lines of CSV, and the parameters that say how they are written.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::http::formats::Format;
use crate::query::parameters::truth;
use crate::query::table_row::{Cell, Lists};
use crate::text::shorten;

/// The parameter that says how a list within a cell is written.
pub const LIST: &str = "list";
/// The parameter that begins CSV with a byte order mark.
pub const BOM: &str = "bom";
/// The parameter that keeps a spreadsheet from taking a text for a formula.
pub const FORMULAS: &str = "formulas";

/// How the cells of a table are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableOptions {
    /// How a list within a cell is written.
    pub lists: Lists,
    /// Whether a text that a spreadsheet would take for a formula has a `'` before it.
    pub escapes_formulas: bool,
    /// Whether CSV begins with a byte order mark.
    pub has_bom: bool,
}

impl TableOptions {
    /// Reads the parameters `list`, `formulas` and `bom` for a list in `format`.
    ///
    /// # Errors
    /// Malformed request if a value is not allowed, or a parameter has no meaning in the format.
    pub fn read(
        format: Format,
        list: Option<&str>,
        formulas: Option<&str>,
        bom: Option<&str>,
    ) -> Result<Self> {
        for (name, is_given, formats) in [
            (LIST, list.is_some(), &[Format::Csv, Format::Xlsx] as &[Format]),
            (FORMULAS, formulas.is_some(), &[Format::Csv]),
            (BOM, bom.is_some(), &[Format::Csv]),
        ] {
            if is_given && !formats.contains(&format) {
                let names: Vec<_> = formats.iter().map(|format| format.name()).collect();
                return Err(Error::malformed(
                    format!("?{name}"),
                    format!(
                        "{name} is for {}, and this response is {}; leave {name} out",
                        names.join(" and "),
                        format.name()
                    ),
                ));
            }
        }
        Ok(Self {
            lists: match list {
                None | Some("joined") => Lists::Joined,
                Some("json") => Lists::Json,
                Some(other) => return Err(not_one_of(LIST, "joined, json", other)),
            },
            escapes_formulas: match formulas {
                None | Some("keep") => false,
                Some("escape") => true,
                Some(other) => return Err(not_one_of(FORMULAS, "keep, escape", other)),
            },
            has_bom: bom.map_or(Ok(false), |bom| truth(BOM, bom))?,
        })
    }
}

fn not_one_of(name: &str, allowed: &str, sent: &str) -> Error {
    Error::malformed(
        format!("?{name}"),
        format!("{name} must be one of {allowed}, not \"{}\"", shorten(sent)),
    )
}

/// Returns the line with the names of the columns.
pub fn header(names: &[String], options: TableOptions) -> Result<Vec<u8>> {
    let mut text = if options.has_bom {
        "\u{feff}".as_bytes().to_vec()
    } else {
        Vec::new()
    };
    text.extend(line(names.iter().map(|name| Cow::Borrowed(name.as_str())))?);
    Ok(text)
}

/// Returns the line of a record.
pub fn row(cells: Vec<Cell>, options: TableOptions) -> Result<Vec<u8>> {
    line(cells.into_iter().map(|cell| {
        let cell = if options.escapes_formulas {
            cell.map_texts(without_formula)
        } else {
            cell
        };
        Cow::Owned(cell.into_text(options.lists))
    }))
}

/// Returns a text with a `'` before it if a spreadsheet would take it for a formula. The elements of lists are changed one by one,
/// because a spreadsheet may split a line at `;`.
fn without_formula(text: String) -> String {
    const BEGINNINGS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    if text.starts_with(BEGINNINGS) {
        format!("'{text}")
    } else {
        text
    }
}

fn line<'a>(cells: impl Iterator<Item = Cow<'a, str>>) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for cell in cells {
        writer.write_field(cell.as_bytes()).map_err(Error::internal)?;
    }
    writer.write_record(None::<&[u8]>).map_err(Error::internal)?;
    writer.into_inner().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::table_row::{number, text};

    #[test]
    fn formulas_are_escaped_in_texts_and_in_the_elements_of_lists() {
        let cells = || {
            vec![
                text("=1+1"),
                text("a=1"),
                number("-5.0"),
                Cell::List(vec![Some("a".to_owned()), Some("@b".to_owned()), None]),
                Cell::Pairs(vec![("c".to_owned(), "+d".to_owned())]),
            ]
        };
        let escape = TableOptions {
            escapes_formulas: true,
            ..TableOptions::default()
        };

        assert_eq!(
            row(cells(), escape).expect("a line"),
            b"'=1+1,a=1,-5.0,a;'@b;,c='+d\r\n"
        );
        assert_eq!(
            row(cells(), TableOptions::default()).expect("a line"),
            b"=1+1,a=1,-5.0,a;@b;,c=+d\r\n"
        );
    }

    #[test]
    fn a_single_empty_cell_is_a_line() {
        assert_eq!(
            row(vec![Cell::Empty], TableOptions::default()).expect("a line"),
            b"\"\"\r\n"
        );
    }
}
