//! How a request is checked: every fault of rule is collected with a pointer to its place, and
//! all are told at once. Structure (JSON, field names, types) is checked before, by serde.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Display;
use std::hash::Hash;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::error::{Error, Fault, Result};
use crate::partial_date::PartialDate;
use crate::text::escape_pointer;

/// Longest name, title or publisher, in characters: what an index takes in four-byte letters.
pub const NAME_LENGTH: usize = 500;
/// Longest code of a list or value of a key, in characters.
pub const KEY_LENGTH: usize = 500;
/// Longest language tag: what RFC 5646 asks everybody to have room for.
pub const LANGUAGE_LENGTH: usize = 35;
/// Most elements of one list in a record.
pub const LIST_LENGTH: usize = 10_000;

/// A text that stands for a value of type `T`, parsed, or kept with what is wrong with it so that
/// it is told together with the request's other faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given<T> {
    Valid(T),
    Faulty(String),
}

impl<'de, T> Deserialize<'de> for Given<T>
where
    T: FromStr,
    T::Err: Display,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Ok(match text.parse() {
            Ok(value) => Self::Valid(value),
            Err(error) => Self::Faulty(error.to_string()),
        })
    }
}

impl<T: PartialSchema> PartialSchema for Given<T> {
    fn schema() -> RefOr<Schema> {
        T::schema()
    }
}

impl<T: ToSchema> ToSchema for Given<T> {
    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

/// A moment as RFC 3339 writes it, in UTC and to the microsecond, as PostgreSQL keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub DateTime<Utc>);

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            // By way of the number, so that a leap second is the next one, as in PostgreSQL.
            .and_then(|moment| DateTime::from_timestamp_micros(moment.timestamp_micros()))
            // An offset may carry a moment out of the years that JSON can tell.
            .filter(|moment| (1..=9999).contains(&moment.year()))
            .map(Self)
            .ok_or("is no time: write 2025-10-24T18:05:00Z, or with an offset such as -05:00 (RFC 3339)")
    }
}

/// The faults found so far.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(Fault::new(pointer, detail));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ends the check: an error that tells every fault, if there is one.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::faults(self.0))
        }
    }

    /// The value of a field that must be given.
    pub fn required<T>(&mut self, pointer: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.add(pointer, "is required");
        }
        value
    }

    /// The value behind a text, if it is one.
    pub fn given<T>(&mut self, pointer: &str, value: Option<Given<T>>) -> Option<T> {
        match value? {
            Given::Valid(value) => Some(value),
            Given::Faulty(detail) => {
                self.add(pointer, detail);
                None
            }
        }
    }

    pub fn required_given<T>(&mut self, pointer: &str, value: Option<Given<T>>) -> Option<T> {
        let value = self.required(pointer, value);
        self.given(pointer, value)
    }

    /// A text that must be there and say something, of at most `longest` characters.
    pub fn required_text(&mut self, pointer: &str, value: Option<String>, longest: usize) -> Option<String> {
        let value = self.required(pointer, value)?;
        self.short_text(pointer, Some(value), longest)
    }

    /// A text that may be absent, but says something where it is there.
    pub fn short_text(&mut self, pointer: &str, value: Option<String>, longest: usize) -> Option<String> {
        let value = value?;
        if value.trim().is_empty() {
            self.add(pointer, "is empty");
            return None;
        }
        let length = value.chars().count();
        if length > longest {
            self.add(
                pointer,
                format!("has {length} characters, at most {longest} are allowed"),
            );
            return None;
        }
        Some(value)
    }

    /// An http or https address.
    pub fn url(&mut self, pointer: &str, value: Option<String>) -> Option<String> {
        let value = value?;
        let is_web = |url: &url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        if value.chars().any(char::is_whitespace)
            || !(value.starts_with("http://") || value.starts_with("https://"))
            || !url::Url::parse(&value).is_ok_and(|url| is_web(&url))
        {
            self.add(
                pointer,
                "is no web address: it must begin with http:// or https:// and name a host",
            );
            return None;
        }
        Some(value)
    }

    /// A language tag such as `es` or `zh-Hant`.
    pub fn language(&mut self, pointer: &str, value: Option<String>) -> Option<String> {
        let value = value?;
        let mut parts = value.split('-');
        let primary = parts.next().unwrap_or_default();
        let is_tag = value.len() <= LANGUAGE_LENGTH
            && (2..=3).contains(&primary.len())
            && primary.bytes().all(|byte| byte.is_ascii_lowercase())
            && parts.all(|part| {
                (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
        if !is_tag {
            self.add(pointer, "is no language tag: write es, en or zh-Hant (BCP 47)");
            return None;
        }
        Some(value)
    }

    /// Two dates of which the second may not lie before the first.
    pub fn in_order(&mut self, earlier: (&str, Option<&PartialDate>), later: (&str, Option<&PartialDate>)) {
        if let (Some(first), Some(second)) = (earlier.1, later.1)
            && second.is_certainly_before(first)
        {
            self.add(
                later.0,
                format!("{second} is before {} {first}", earlier.0.trim_start_matches('/')),
            );
        }
    }

    /// Refuses lists that no record has, and says which element stands twice.
    pub fn list<T, K: Eq + Hash>(&mut self, pointer: &str, list: &[T], key: impl Fn(&T) -> K) {
        if self.short_list(pointer, list.len()) {
            self.once(pointer, list.iter().map(key).enumerate());
        }
    }

    /// Refuses a list that is longer than any record's; false where it is.
    pub fn short_list(&mut self, pointer: &str, length: usize) -> bool {
        let is_short = length <= LIST_LENGTH;
        if !is_short {
            self.add(
                pointer,
                format!("has {length} elements, at most {LIST_LENGTH} are allowed"),
            );
        }
        is_short
    }

    /// Refuses elements whose key an earlier one has. Each comes with its place in the request's list,
    /// where those that are at fault already may be left out.
    pub fn once<K: Eq + Hash>(&mut self, pointer: &str, keys: impl IntoIterator<Item = (usize, K)>) {
        let mut first = HashMap::new();
        for (place, key) in keys {
            match first.entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert(place);
                }
                Entry::Occupied(entry) => self.add(
                    format!("{pointer}/{place}"),
                    format!("is given twice, first as element {} of this list", entry.get()),
                ),
            }
        }
    }

    /// `properties`: an object of name to list of texts.
    pub fn properties(&mut self, value: Option<Value>) -> Value {
        let Some(value) = value else {
            return Value::Object(serde_json::Map::new());
        };
        let Value::Object(properties) = &value else {
            self.add("/properties", "is no object of name to list of texts");
            return value;
        };
        for (name, list) in properties {
            let pointer = format!("/properties/{}", escape_pointer(name));
            match list {
                Value::Array(elements) if elements.iter().all(Value::is_string) => {}
                Value::Array(_)
                | Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Object(_) => {
                    self.add(pointer, "is no list of texts");
                }
            }
        }
        value
    }
}

/// Finds every NUL in a body: JSON may carry one, PostgreSQL keeps none.
pub fn find_nul(value: &Value) -> Vec<Fault> {
    fn walk(value: &Value, pointer: &mut String, faults: &mut Vec<Fault>) {
        let place = pointer.len();
        match value {
            Value::String(text) => {
                if text.contains('\0') {
                    faults.push(Fault::new(
                        pointer.clone(),
                        "holds a NUL character, which no text may",
                    ));
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    pointer.push_str(&format!("/{index}"));
                    walk(element, pointer, faults);
                    pointer.truncate(place);
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    pointer.push('/');
                    pointer.push_str(&escape_pointer(name));
                    if name.contains('\0') {
                        faults.push(Fault::new(
                            pointer.clone(),
                            "has a NUL character in its name, which none may",
                        ));
                    }
                    walk(field, pointer, faults);
                    pointer.truncate(place);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut faults = Vec::new();
    walk(value, &mut String::new(), &mut faults);
    faults
}
