//! The parameter `fields`: which fields of each record a response has.

use serde_json::Value;

use super::include::{INCLUDE, Include};
use super::known::{Below, Known};
use super::members::{Node, write_all, write_name};
use crate::error::{Error, Result};
use crate::query::table_row::Cell;
use crate::text::near::did_you_mean;
use crate::text::shorten;

/// The parameter.
pub const FIELDS: &str = "fields";

/// What `include` must name for the reference at a path to have a field; `None` if that is of no use.
pub(super) type Including<'i> = &'i dyn Fn(&[String], &str) -> Option<&'static str>;

/// Most fields of one request.
const MOST: usize = 100;

/// Fields by their names, in the order in which they were given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tree(Vec<(String, Option<Tree>)>);

/// A field as it was given.
#[derive(Debug, Clone)]
pub(super) struct Path {
    /// Such as `countries.code`
    pub text: String,
    pub names: Vec<String>,
}

/// The fields of a request, in their order.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub paths: Vec<Path>,
    tree: Tree,
}

impl Fields {
    /// Reads the value of the parameter. `columns` are the names that a table has beside the fields of the records; none for JSON.
    /// `including` returns what `include` must name for a reference at a path to have a field.
    ///
    /// # Errors
    /// Malformed request with a fault for each field that the records don't have, that is given twice, or if there are none or too many.
    pub fn read(
        value: &str,
        known: &Known,
        includes: &[Include],
        columns: &[&str],
        including: Including<'_>,
    ) -> Result<Self> {
        let refused = |detail: String| Error::malformed(format!("?{FIELDS}"), detail);
        let texts: Vec<&str> = value.split(',').map(str::trim).collect();
        if texts.iter().all(|text| text.is_empty()) {
            return Err(refused(format!(
                "{FIELDS} names no field; write their names with commas between them, or leave it out for all"
            )));
        }
        if texts.len() > MOST {
            return Err(refused(format!("{FIELDS} names more than {MOST} fields")));
        }
        let mut paths = Vec::new();
        let mut tree = Tree::default();
        for text in texts {
            let mut names: Vec<String> = text.split('.').map(str::to_owned).collect();
            if !columns.contains(&text) {
                names = checked(text, names, known, includes, columns, including).map_err(&refused)?;
            }
            let is_repeated = if columns.is_empty() {
                !tree.add(&names)
            } else {
                paths.iter().any(|path: &Path| path.text == text)
            };
            if is_repeated {
                return Err(refused(format!(
                    "{FIELDS} names {} twice, or beside what it is a part of",
                    shorten(text)
                )));
            }
            paths.push(Path {
                text: text.to_owned(),
                names,
            });
        }
        Ok(Self { paths, tree })
    }

    /// Returns the fields of a record as its JSON.
    ///
    /// # Errors
    /// Internal if the record is not JSON.
    pub fn of(&self, record: &str) -> Result<String> {
        let mut text = String::with_capacity(record.len());
        self.tree.write(&mut text, record)?;
        Ok(text)
    }
}

/// Returns the names of a field from the outermost on, after a check that records have it.
fn checked(
    text: &str,
    names: Vec<String>,
    known: &Known,
    includes: &[Include],
    columns: &[&str],
    including: Including<'_>,
) -> std::result::Result<Vec<String>, String> {
    let mut owner = (known, known.root());
    for (depth, name) in names.iter().enumerate() {
        let (known, at) = owner;
        let parent = names[..depth].join(".");
        match known.below(at) {
            // A name there may have points.
            Below::AnyNames if !name.is_empty() => {
                let rest = names[depth..].join(".");
                return Ok([&names[..depth], &[rest]].concat());
            }
            Below::Fields(fields) if fields.contains_key(name.as_str()) => {
                let path = &names[..=depth];
                // An included record has all of its fields where the reference had a few.
                owner = match includes.iter().find(|include| include.is_at(path)) {
                    Some(include) => (include.known(), include.known().root()),
                    None => (known, fields[name.as_str()]),
                };
            }
            Below::Fields(fields) => {
                let mut allowed: Vec<&str> = fields.keys().copied().collect();
                if depth == 0 {
                    allowed.extend(columns.iter().filter(|column| !fields.contains_key(*column)));
                }
                let of_parent = if depth == 0 {
                    String::new()
                } else {
                    format!(" of {parent}")
                };
                if let Some(include) = including(&names[..depth], name) {
                    return Err(format!(
                        "{FIELDS} has \"{}\" only with {INCLUDE}={include}; without it the fields{of_parent} are {}",
                        shorten(text),
                        allowed.join(", ")
                    ));
                }
                return Err(format!(
                    "{FIELDS} has no \"{}\"; {}the fields{of_parent} are {}",
                    shorten(text),
                    did_you_mean(name, allowed.iter().copied()),
                    allowed.join(", ")
                ));
            }
            Below::Nothing | Below::AnyNames => {
                return Err(format!(
                    "{FIELDS} has no \"{}\"; {} has no fields",
                    shorten(text),
                    shorten(&parent)
                ));
            }
        }
    }
    Ok(names)
}

impl Tree {
    /// Adds a field; returns false if it, a part of it or what it is a part of is there.
    fn add(&mut self, names: &[String]) -> bool {
        let [name, rest @ ..] = names else {
            return false;
        };
        let place = self.0.iter_mut().find(|(known, _)| known == name);
        match (place, rest) {
            (None, []) => self.0.push((name.clone(), None)),
            (None, _) => {
                let mut below = Self::default();
                below.add(rest);
                self.0.push((name.clone(), Some(below)));
            }
            (Some((_, Some(below))), [_, ..]) => return below.add(rest),
            (Some(_), _) => return false,
        }
        true
    }

    fn write(&self, text: &mut String, value: &str) -> Result<()> {
        match Node::of(value)? {
            Node::Scalar => {
                text.push_str(value);
                Ok(())
            }
            Node::List(elements) => write_all(text, ['[', ']'], elements, |text, element| {
                self.write(text, element.get())
            }),
            Node::Object(members) => {
                let fields = self.0.iter().filter_map(|(name, below)| {
                    // A property that a record does not have is left out.
                    let (_, value) = members.0.iter().find(|(member, _)| member == name)?;
                    Some((name, below, value.get()))
                });
                write_all(text, ['{', '}'], fields, |text, (name, below, value)| {
                    write_name(text, name)?;
                    match below {
                        Some(below) => below.write(text, value)?,
                        None => text.push_str(value),
                    }
                    Ok(())
                })
            }
        }
    }
}

impl Path {
    /// Returns the cell of a table that has this field of a record: a list if the way to it leads through a list.
    pub fn cell(&self, record: &Value) -> Cell {
        let mut found = Vec::new();
        let is_list = collect(record, &self.names, &mut found);
        match (&found[..], is_list) {
            ([], false) | ([Value::Null], false) => Cell::Empty,
            ([Value::Bool(truth)], false) => Cell::Boolean(*truth),
            ([Value::Number(number)], false) => Cell::Number(number.to_string()),
            ([one], false) => Cell::Text(text_of(one)),
            (several, _) => Cell::List(
                several
                    .iter()
                    .map(|value| (!value.is_null()).then(|| text_of(value)))
                    .collect(),
            ),
        }
    }
}

/// Collects the values at a path; returns whether there is a list on the way.
fn collect<'v>(value: &'v Value, names: &[String], found: &mut Vec<&'v Value>) -> bool {
    match (value, names) {
        (Value::Array(elements), _) => {
            for element in elements {
                collect(element, names, found);
            }
            true
        }
        (_, []) => {
            found.push(value);
            false
        }
        (Value::Object(members), [name, rest @ ..]) => match members.get(name) {
            Some(member) => collect(member, rest, found),
            None => false,
        },
        _ => false,
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::citations::Citation;

    fn read(value: &str) -> Result<Fields> {
        Fields::read(value, &Known::of::<Citation>(), &[], &[], &|_, _| None)
    }

    #[test]
    fn fields_are_written_in_their_order_as_they_were() {
        let fields = read("stance,source.title,id,source.id").expect("fields");

        let text = fields
            .of(r#"{"id":"a","source":{"id":"b","title":"T \u00e9","url":null},"stance":"supports","quote":"x"}"#)
            .expect("JSON");

        assert_eq!(
            text,
            r#"{"stance":"supports","source":{"title":"T \u00e9","id":"b"},"id":"a"}"#
        );
        let null = fields.of(r#"{"id":"a","source":null}"#).expect("JSON");
        assert_eq!(null, r#"{"source":null,"id":"a"}"#);
    }

    #[test]
    fn a_field_that_is_not_there_is_named() {
        for (value, detail) in [
            (
                "",
                "fields names no field; write their names with commas between them, or leave it out for all",
            ),
            (
                " , ",
                "fields names no field; write their names with commas between them, or leave it out for all",
            ),
            (
                "id,",
                "fields has no \"\"; the fields are attributed_to, credibility, grade, id, locator, quote, source, stance",
            ),
            (
                "colour",
                "fields has no \"colour\"; the fields are attributed_to, credibility, grade, id, locator, quote, source, stance",
            ),
            (
                "source.colour",
                "fields has no \"source.colour\"; the fields of source are id, published_on, publisher, title, url",
            ),
            ("id.x", "fields has no \"id.x\"; id has no fields"),
            ("id,id", "fields names id twice, or beside what it is a part of"),
            (
                "source,source.id",
                "fields names source.id twice, or beside what it is a part of",
            ),
            (
                "source.id,source",
                "fields names source twice, or beside what it is a part of",
            ),
        ] {
            assert_eq!(read(value).expect_err(value).detail(), detail);
        }
        let of_table = |value| {
            Fields::read(
                value,
                &Known::of::<Citation>(),
                &[],
                &["source", "source_id"],
                &|_, _| None,
            )
        };
        assert!(of_table("source,source.id,source_id").is_ok());
        assert!(of_table("source,source").is_err());
        assert!(
            of_table("x")
                .expect_err("unknown")
                .detail()
                .ends_with("source, stance, source_id")
        );
        assert!(
            read(&"x,".repeat(1_000))
                .expect_err("many")
                .detail()
                .contains("100")
        );
    }

    #[test]
    fn a_cell_has_a_list_where_the_record_has_one() {
        let path = |text: &str| Path {
            text: text.to_owned(),
            names: text.split('.').map(str::to_owned).collect(),
        };
        let record = serde_json::json!({
            "a": [{"b": "1"}, {"b": null}], "c": {"d": 2}, "e": true, "f": null, "g": {"h": []}, "i": {"j": {"k": 1}},
        });

        let texts = |elements: &[Option<&str>]| {
            Cell::List(elements.iter().map(|text| text.map(str::to_owned)).collect())
        };
        assert_eq!(path("a.b").cell(&record), texts(&[Some("1"), None]));
        assert_eq!(path("c.d").cell(&record), Cell::Number("2".to_owned()));
        assert_eq!(path("e").cell(&record), Cell::Boolean(true));
        assert_eq!(path("f").cell(&record), Cell::Empty);
        assert_eq!(path("f.x").cell(&record), Cell::Empty);
        assert_eq!(path("g.h").cell(&record), texts(&[]));
        assert_eq!(path("i.j").cell(&record), Cell::Text(r#"{"k":1}"#.to_owned()));
    }
}
