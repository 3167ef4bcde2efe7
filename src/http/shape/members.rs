//! The members of a JSON object in their order, each as the text that it has.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, Result};

/// The members of an object in their order.
pub(super) struct Members<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    members.push((member.0.0, member.1));
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Reader).map(Self)
    }
}

/// The name of a member.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// What a JSON text is.
pub(super) enum Node<'a> {
    Object(Members<'a>),
    List(Vec<&'a RawValue>),
    /// Null, a text, a number or a truth
    Scalar,
}

impl<'a> Node<'a> {
    /// Reads a JSON text, down to the texts of its members or elements.
    ///
    /// # Errors
    /// Internal if the text is not JSON.
    pub fn of(text: &'a str) -> Result<Self> {
        match text.as_bytes().first() {
            Some(b'{') => serde_json::from_str(text).map(Self::Object),
            Some(b'[') => serde_json::from_str(text).map(Self::List),
            _ => Ok(Self::Scalar),
        }
        .map_err(Error::internal)
    }
}

/// Writes the members of an object, or the elements of a list, with commas between them.
pub(super) fn write_all<I>(
    text: &mut String,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = I>,
    mut write: impl FnMut(&mut String, I) -> Result<()>,
) -> Result<()> {
    text.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write(text, item)?;
    }
    text.push(close);
    Ok(())
}

/// Writes the name of a member.
///
/// # Errors
/// Internal if the name can't be written.
pub(super) fn write_name(text: &mut String, name: &str) -> Result<()> {
    text.push_str(&serde_json::to_string(name).map_err(Error::internal)?);
    text.push(':');
    Ok(())
}
