//! The template of a record: which fields it has, in which order, and from where. `record.template` in the folder of each kind is
//! such a text; [`record_sql`](super::record_sql) makes SQL of it.
//!
//! ```text
//! {
//!   id: plain(sanction.id),                                    a field, and the type of its value with the SQL that computes it
//!   imposer: actor(sanction.imposer_id),                       another record
//!   measures: [{                                               a list of the rows of a child table, here as objects
//!     measure: line(taken.measure),
//!     from: plain(taken."from"),
//!   } from sanction_measures as taken],
//!   response status: plain(sanction_status(sanction, given.day)),  a field that responses have and documents lack
//!   of sources as source where source.id = citation.source_id {    several fields that one row of another table has
//!     response grade: plain(source.reliability),
//!   },
//!   citations,                                                 a part that several kinds share
//! }
//! ```
//!
//! A list takes the rows that belong to the record, in the order of their column `position`; `where` and `order by` after the table
//! say otherwise. `when … then … end` chooses between values.

/// The types of values. All but `properties` and `boolean` may be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    /// A text without characters that JSON escapes: an id, a word of an enum, a date.
    Plain,
    /// One line of text, without control characters.
    Line,
    /// Any text.
    Text,
    /// An integer, or a `numeric` that is written with all its digits.
    Number,
    /// A number that a program reads as a float, and that is written as one: `25.0`.
    Float,
    /// True or false.
    Boolean,
    /// A moment.
    Time,
    /// An object of lists of texts.
    Properties,
}

/// The records that others refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Referenced {
    Actor,
    Source,
    Programme,
    Action,
}

/// What several kinds of records have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Citations,
    ExternalKeys,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Object(Vec<Entry>),
    List {
        item: Box<Value>,
        rows: Rows,
    },
    Scalar(Scalar, String),
    /// Another record by its id; `None` instead of an alias selects it, an alias names a row that is already there.
    Reference(Referenced, String, Option<String>),
    /// The value of the first condition that holds; null if none does.
    Cases(Vec<(String, Value)>),
    Part(Part),
}

/// The rows of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rows {
    /// The table with its alias.
    pub from: String,
    /// The condition; `None` for the rows of the record.
    pub condition: Option<String>,
    /// The order; `None` for that of the column `position`.
    pub order: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    Field {
        name: String,
        value: Value,
        is_only_in_responses: bool,
    },
    /// Fields that are computed from one row of another table, which exists.
    Group { from: String, fields: Vec<Entry> },
}

/// Why a template can't be read: what was expected, and the text that stands there instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at {rest:?}")]
pub(super) struct SyntaxError {
    expected: &'static str,
    rest: String,
}

/// Reads a template.
///
/// # Errors
/// If the text is not a template; the error says where.
pub(super) fn parse(text: &str) -> Result<Value, SyntaxError> {
    let mut reader = Reader { rest: text };
    let value = reader.value()?;
    reader.blank();
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(reader.expected("the end of the template"))
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn expected(&self, expected: &'static str) -> SyntaxError {
        SyntaxError {
            expected,
            rest: self.rest.chars().take(40).collect(),
        }
    }

    fn blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes a mark such as a bracket, or a word, if it stands here.
    fn takes(&mut self, mark: &str) -> bool {
        self.blank();
        let Some(rest) = self.rest.strip_prefix(mark) else {
            return false;
        };
        let is_whole = !mark.ends_with(is_of_word) || !rest.starts_with(is_of_word);
        if is_whole {
            self.rest = rest;
        }
        is_whole
    }

    fn take(&mut self, mark: &'static str) -> Result<(), SyntaxError> {
        if self.takes(mark) {
            Ok(())
        } else {
            Err(self.expected(mark))
        }
    }

    fn word(&mut self) -> Result<&'t str, SyntaxError> {
        self.blank();
        let end = self
            .rest
            .find(|letter| !is_of_word(letter))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return Err(self.expected("a word"));
        }
        self.rest = rest;
        Ok(word)
    }

    /// Takes SQL up to a mark outside of parentheses, and the mark.
    fn sql(&mut self, end: &'static str) -> Result<String, SyntaxError> {
        let mut depth = 0_usize;
        for (place, letter) in self.rest.char_indices() {
            if depth == 0 && self.rest[place..].starts_with(end) {
                let sql = self.rest[..place].trim();
                let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
                self.rest = &self.rest[place + end.len()..];
                return Ok(sql);
            }
            match letter {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        Err(self.expected(end))
    }

    fn value(&mut self) -> Result<Value, SyntaxError> {
        if self.takes("{") {
            return self.entries().map(Value::Object);
        }
        if self.takes("[") {
            let item = Box::new(self.value()?);
            self.take("from")?;
            let rows = rows(&self.sql("]")?);
            return Ok(Value::List { item, rows });
        }
        if self.takes("when") {
            return self.cases();
        }
        let start = self.rest;
        let scalar = match self.word()? {
            "plain" => Scalar::Plain,
            "line" => Scalar::Line,
            "text" => Scalar::Text,
            "number" => Scalar::Number,
            "float" => Scalar::Float,
            "boolean" => Scalar::Boolean,
            "time" => Scalar::Time,
            "properties" => Scalar::Properties,
            "actor" => return self.reference(Referenced::Actor),
            "source" => return self.reference(Referenced::Source),
            "programme" => return self.reference(Referenced::Programme),
            "action" => return self.reference(Referenced::Action),
            _ => {
                self.rest = start;
                return Err(self.expected("a type of value"));
            }
        };
        self.take("(")?;
        Ok(Value::Scalar(scalar, self.sql(")")?))
    }

    fn reference(&mut self, referenced: Referenced) -> Result<Value, SyntaxError> {
        self.take("(")?;
        let id = self.sql(")")?;
        let alias = if self.takes("as") {
            Some(self.word()?.to_owned())
        } else {
            None
        };
        Ok(Value::Reference(referenced, id, alias))
    }

    fn cases(&mut self) -> Result<Value, SyntaxError> {
        let mut cases = Vec::new();
        loop {
            let condition = self.sql(" then ")?;
            cases.push((condition, self.value()?));
            if self.takes("end") {
                return Ok(Value::Cases(cases));
            }
            self.take("when")?;
        }
    }

    /// The entries of an object, and its closing brace.
    fn entries(&mut self) -> Result<Vec<Entry>, SyntaxError> {
        let mut entries = Vec::new();
        while !self.takes("}") {
            entries.push(self.entry()?);
            if !self.takes(",") {
                self.take("}")?;
                break;
            }
        }
        Ok(entries)
    }

    fn entry(&mut self) -> Result<Entry, SyntaxError> {
        if self.takes("of") {
            let from = self.sql("{")?;
            let fields = self.entries()?;
            return Ok(Entry::Group { from, fields });
        }
        let is_only_in_responses = self.takes("response");
        let name = self.word()?.to_owned();
        let value = if self.takes(":") {
            self.value()?
        } else {
            match name.as_str() {
                "citations" => Value::Part(Part::Citations),
                "external_keys" => Value::Part(Part::ExternalKeys),
                _ => return Err(self.expected("a colon")),
            }
        };
        Ok(Entry::Field {
            name,
            value,
            is_only_in_responses,
        })
    }
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

fn rows(sql: &str) -> Rows {
    let (rest, order) = split(sql, " order by ");
    let (from, condition) = split(rest, " where ");
    Rows {
        from: from.to_owned(),
        condition: condition.map(str::to_owned),
        order: order.map(str::to_owned),
    }
}

fn split<'t>(sql: &'t str, at: &str) -> (&'t str, Option<&'t str>) {
    match sql.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (sql, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_read() {
        let read = parse(
            "{id: plain(treaty.id), response day: number(extract(day from treaty.day)),
              parties: [actor(party.actor_id) from treaty_parties as party order by party.name],}",
        );

        assert_eq!(
            read,
            Ok(Value::Object(vec![
                Entry::Field {
                    name: "id".to_owned(),
                    value: Value::Scalar(Scalar::Plain, "treaty.id".to_owned()),
                    is_only_in_responses: false,
                },
                Entry::Field {
                    name: "day".to_owned(),
                    value: Value::Scalar(Scalar::Number, "extract(day from treaty.day)".to_owned()),
                    is_only_in_responses: true,
                },
                Entry::Field {
                    name: "parties".to_owned(),
                    value: Value::List {
                        item: Box::new(Value::Reference(
                            Referenced::Actor,
                            "party.actor_id".to_owned(),
                            None
                        )),
                        rows: Rows {
                            from: "treaty_parties as party".to_owned(),
                            condition: None,
                            order: Some("party.name".to_owned()),
                        },
                    },
                    is_only_in_responses: false,
                },
            ]))
        );
    }

    #[test]
    fn a_wrong_template_is_an_error_that_says_where() {
        for (text, expected) in [
            ("{id: uuid(x)}", "a type of value"),
            ("{id plain(x)}", "a colon"),
            ("{id: plain(x}", ")"),
            ("{id: plain(x)", "}"),
            ("[plain(x) as x]", "from"),
            ("{} {", "the end of the template"),
        ] {
            assert_eq!(
                parse(text).map_err(|error| error.expected),
                Err(expected),
                "{text}"
            );
        }
    }
}
