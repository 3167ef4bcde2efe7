//! The parameter `include`: records that the records of a list refer to, whole instead of their names alone.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use utoipa::openapi::path::Parameter;

use super::kinds::Kinds;
use super::known::Known;
use super::members::{Node, write_all, write_name};
use crate::error::{Error, Result};
use crate::resource::{Included, Kind, Listed};
use crate::text::shorten;

/// The parameter.
pub const INCLUDE: &str = "include";

/// Adds to the description of the parameter what records of type `T` refer to, and leaves it out if that is nothing.
pub fn naming_references<T: Listed>(parameters: Vec<Parameter>) -> Vec<Parameter> {
    let names: Vec<&str> = T::REFERENCES.iter().map(|reference| reference.name).collect();
    parameters
        .into_iter()
        .filter(|parameter| parameter.name != INCLUDE || !names.is_empty())
        .map(|mut parameter| {
            if let Some(description) = parameter
                .description
                .as_mut()
                .filter(|_| parameter.name == INCLUDE)
            {
                description.push_str(&format!(". They are {}", names.join(", ")));
            }
            parameter
        })
        .collect()
}

/// A reference that is replaced by the record that it names.
#[derive(Debug, Clone)]
pub(super) struct Include {
    reference: &'static Included,
    known: Arc<Known>,
}

/// The records that a record includes, by their ids.
pub(super) type Records = HashMap<String, String>;

/// A record that the database returns beside one of a list.
#[derive(serde::Deserialize)]
struct Found<'a> {
    kind: Kind,
    id: String,
    #[serde(borrow)]
    record: &'a RawValue,
}

impl Include {
    /// Reads the value of the parameter.
    ///
    /// # Errors
    /// Malformed request if it names nothing, something twice or what these records don't refer to.
    pub fn read(value: &str, known: &'static [Included], kinds: Kinds) -> Result<Vec<Self>> {
        let refused = |detail: String| Error::malformed(format!("?{INCLUDE}"), detail);
        let names = || {
            let names: Vec<&str> = known.iter().map(|included| included.name).collect();
            names.join(", ")
        };
        if known.is_empty() {
            return Err(refused(format!(
                "what is read here refers to no other records; leave {INCLUDE} out"
            )));
        }
        let mut includes: Vec<Self> = Vec::new();
        for name in value.split(',').map(str::trim) {
            let reference = known
                .iter()
                .find(|included| included.name == name || included.path == name)
                .ok_or_else(|| {
                    refused(format!(
                        "{INCLUDE} can name {}, with commas between them, not \"{}\"",
                        names(),
                        shorten(name)
                    ))
                })?;
            if includes
                .iter()
                .any(|include| include.reference.path == reference.path)
            {
                return Err(refused(format!("{INCLUDE} names {} twice", reference.name)));
            }
            includes.push(Self {
                reference,
                known: kinds.of(reference.kind).known(),
            });
        }
        Ok(includes)
    }

    pub fn reference(&self) -> &'static Included {
        self.reference
    }

    /// Returns the fields of the included records.
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// Returns whether a field shows something of the included record: it is a part of it, or has it as a part.
    pub fn is_shown_by(&self, path: &[String]) -> bool {
        let names = self.reference.names();
        names.zip(path).all(|(name, other)| name == other)
    }

    /// Returns whether the reference is at a path of a record.
    pub fn is_at(&self, path: &[String]) -> bool {
        self.reference.names().eq(path.iter().map(String::as_str))
    }
}

/// Reads the records that the database returned beside one of a list, each as it is returned to clients.
///
/// # Errors
/// Internal if they are not JSON of their kind.
pub(super) fn records(found: &str, kinds: Kinds, is_as_of: bool) -> Result<Records> {
    let found: Vec<Found<'_>> = serde_json::from_str(found).map_err(Error::internal)?;
    found
        .into_iter()
        .map(|Found { kind, id, record }| {
            let record = kinds.of(kind).written(record.get().to_owned(), is_as_of)?;
            Ok((id, record))
        })
        .collect()
}

/// Replaces in a record the references at a path by the records that they name.
///
/// # Errors
/// Internal if the record is not JSON.
pub(super) fn replace(record: &str, names: &[&str], records: &Records) -> Result<String> {
    let mut text = String::with_capacity(record.len() * 2);
    write(&mut text, record, names, records)?;
    Ok(text)
}

fn write(text: &mut String, value: &str, names: &[&str], records: &Records) -> Result<()> {
    match (Node::of(value)?, names) {
        (Node::Scalar, _) => text.push_str(value),
        (Node::List(elements), _) => write_all(text, ['[', ']'], elements, |text, element| {
            write(text, element.get(), names, records)
        })?,
        (Node::Object(members), []) => {
            let id = members.0.iter().find(|(name, _)| name == "id");
            let id: Option<String> = id
                .map(|(_, id)| serde_json::from_str(id.get()))
                .transpose()
                .map_err(Error::internal)?;
            match id.and_then(|id| records.get(&id)) {
                Some(record) => text.push_str(record),
                None => text.push_str(value),
            }
        }
        (Node::Object(members), [wanted, rest @ ..]) => {
            write_all(text, ['{', '}'], members.0, |text, (name, value)| {
                write_name(text, &name)?;
                if name == *wanted {
                    write(text, value.get(), rest, records)
                } else {
                    text.push_str(value.get());
                    Ok(())
                }
            })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced_where_they_are_and_nothing_else_changes() {
        let records = Records::from([("1".to_owned(), r#"{"id":"1","whole":true}"#.to_owned())]);
        let record =
            r#"{"z":{"id":"1"},"a":[{"b":{"id":"1","x":1.0}},{"b":null},{"b":{"id":"2"}}],"c":"\u00e9"}"#;

        assert_eq!(
            replace(record, &["a", "b"], &records).expect("JSON"),
            r#"{"z":{"id":"1"},"a":[{"b":{"id":"1","whole":true}},{"b":null},{"b":{"id":"2"}}],"c":"\u00e9"}"#
        );
        assert_eq!(
            replace(record, &["z"], &records).expect("JSON"),
            record.replacen(r#"{"id":"1"}"#, r#"{"id":"1","whole":true}"#, 1)
        );
    }
}
