//! How a request is validated: every violated rule becomes a fault with a JSON pointer, and all faults are reported
//! together. Structure (JSON, names and types of fields) is checked before, by serde.

mod given;
mod structure;
mod texts;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use serde_json::Value;

use crate::error::{Error, Fault, Result};
use crate::partial_date::PartialDate;
use crate::text::escape_pointer;
pub use given::{Given, Moment};
pub use structure::explain;
pub use texts::clean_texts;

/// Longest name, title or publisher, in characters. PostgreSQL can index a text of this length even if every character
/// takes four bytes.
pub const NAME_LENGTH: usize = 500;
/// Longest code of a list or value of a key, in characters.
pub const KEY_LENGTH: usize = 500;
/// Longest language tag, in characters: the length that RFC 5646 (section 4.4.1) recommends to support.
pub const LANGUAGE_LENGTH: usize = 35;
/// What a record's `properties` must be, for messages.
pub const PROPERTIES_SHAPE: &str = r#"must be an object of lists of texts, such as {"colour": ["red"]}"#;
/// Most elements of one list in a record.
pub const LIST_LENGTH: usize = 10_000;

/// The faults found so far in one request.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault. `pointer` is a JSON pointer into the body (`/names/0`), or `?name` for a query parameter.
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(Fault::new(pointer, detail));
    }

    /// Returns whether no fault was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ends the validation.
    ///
    /// # Errors
    ///
    /// One error with every fault (422), if there are any.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::faults(self.0))
        }
    }

    /// Returns the value of a required field; `None` with a fault if the request lacks it.
    pub fn required<T>(&mut self, pointer: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.add(pointer, "is required");
        }
        value
    }

    /// Returns the parsed value of a field; `None` if it is absent, or with a fault if it can't be parsed.
    pub fn given<T>(&mut self, pointer: &str, value: Option<Given<T>>) -> Option<T> {
        match value? {
            Given::Valid(value) => Some(value),
            Given::Faulty(detail) => {
                self.add(pointer, detail);
                None
            }
        }
    }

    /// Returns the parsed value of a required field; `None` with a fault if it is absent or can't be parsed.
    pub fn required_given<T>(&mut self, pointer: &str, value: Option<Given<T>>) -> Option<T> {
        let value = self.required(pointer, value);
        self.given(pointer, value)
    }

    /// Returns a required text of at most `longest` characters; `None` with a fault if it is absent, blank or longer.
    pub fn required_text(&mut self, pointer: &str, value: Option<String>, longest: usize) -> Option<String> {
        let value = self.required(pointer, value)?;
        self.short_text(pointer, Some(value), longest)
    }

    /// Returns an optional text of at most `longest` characters; `None` if it is absent, or with a fault if it is blank or
    /// longer.
    pub fn short_text(&mut self, pointer: &str, value: Option<String>, longest: usize) -> Option<String> {
        let value = value?;
        if value.trim().is_empty() {
            self.add(pointer, "is empty; write a text");
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

    /// Returns an absolute URL of the schemes http and https, in the capitals in which it was given (RFC 3986: those of the scheme
    /// have no meaning); `None` if it is absent, or with a fault if it is something else.
    pub fn url(&mut self, pointer: &str, value: Option<String>) -> Option<String> {
        let value = value?;
        let is_web = value.split_once("://").is_some_and(|(scheme, _)| {
            scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
        });
        if !is_web
            || value.chars().any(char::is_whitespace)
            || !url::Url::parse(&value).is_ok_and(|url| url.has_host())
        {
            self.add(
                pointer,
                "is not a web address: write one that begins with http:// or https:// and names a host",
            );
            return None;
        }
        Some(value)
    }

    /// Returns a language tag such as `es` or `zh-Hant`; `None` if it is absent, or with a fault if it has not that form.
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
            self.add(
                pointer,
                "is not a language tag: write one such as es, en or zh-Hant (BCP 47)",
            );
            return None;
        }
        Some(value)
    }

    /// Adds a fault if the date of `later` is certainly before that of `earlier`. Each has a pointer and a date; a date that is
    /// absent is in any order.
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

    /// Returns the dates `from` and `until` of an element of a list; an end that is certainly before its beginning is a fault.
    pub fn period(
        &mut self,
        pointer: &str,
        from: Option<Given<PartialDate>>,
        until: Option<Given<PartialDate>>,
    ) -> (Option<PartialDate>, Option<PartialDate>) {
        let until_pointer = format!("{pointer}/until");
        let from = self.given(&format!("{pointer}/from"), from);
        let until = self.given(&until_pointer, until);
        self.in_order(("/from", from.as_ref()), (&until_pointer, until.as_ref()));
        (from, until)
    }

    /// Adds a fault if a list is too long, otherwise one for each element whose key an earlier element has.
    pub fn list<T, K: Eq + Hash>(&mut self, pointer: &str, list: &[T], key: impl Fn(&T) -> K) {
        if self.short_list(pointer, list.len()) {
            self.once(pointer, list.iter().map(key).enumerate());
        }
    }

    /// Adds a fault if a list has more than [`LIST_LENGTH`] elements, and returns whether it has not.
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

    /// Adds a fault for each element whose key an earlier element has. Each key comes with the index of its element in the
    /// request, because elements that are already at fault may be left out.
    pub fn once<K: Eq + Hash>(&mut self, pointer: &str, keys: impl IntoIterator<Item = (usize, K)>) {
        let mut first = HashMap::new();
        for (index, key) in keys {
            match first.entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert(index);
                }
                Entry::Occupied(entry) => self.add(
                    format!("{pointer}/{index}"),
                    format!("is given twice, first as element {} of this list", entry.get()),
                ),
            }
        }
    }

    /// Returns `properties`, an object of lists of texts, with a fault for each part of another shape; an empty object if it is
    /// absent.
    pub fn properties(&mut self, value: Option<Value>) -> Value {
        let Some(value) = value else {
            return Value::Object(serde_json::Map::new());
        };
        let Value::Object(properties) = &value else {
            self.add("/properties", PROPERTIES_SHAPE);
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
                    self.add(pointer, r#"must be a list of texts, such as ["red"]"#);
                }
            }
        }
        value
    }
}
