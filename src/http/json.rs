//! Strict JSON: bytes to a value, and a value to a request type, with faults that point to their place.

use std::fmt::{self, Write as _};

use serde::Deserializer;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::text::{escape_pointer, shorten};
use crate::validation::explain;

/// The byte order mark of UTF-8, with which some programs begin every text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The fault of a field that its object has already.
pub const REPEATED: &str = "appears twice in its object";
/// Most values in one body: elements, fields, and the body itself. A tree of the body takes some 64 bytes for each.
const MOST_VALUES: usize = 200_000;
/// Most objects in one body. A tree of the body takes some 600 bytes for each, however short it is written.
const MOST_OBJECTS: usize = 20_000;
/// Longest name of a field, in bytes: every fault below it repeats it.
const LONGEST_NAME: usize = 1_000;

/// Parses a JSON text in UTF-8, which may begin with a byte order mark (RFC 8259, section 8.1). Refuses an object with two
/// fields of the same name: parsers differ in which of them counts. Refuses more values than a record has use for, at the first
/// that is too many.
///
/// # Errors
/// Malformed request, with a pointer to a repeated field.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    parse_text(text_of(bytes)?, "the body is")
}

/// Parses the JSON text of a part of a body.
///
/// # Errors
/// As [`parse`].
pub fn parse_part(text: &[u8]) -> Result<Value> {
    parse_text(text, "is")
}

fn parse_text(text: &[u8], subject: &str) -> Result<Value> {
    let mut position = Position::default();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let read = Strict(&mut position)
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    read.map_err(|error| position.refusal(&error, subject))
}

/// Returns the JSON text of a body: without a byte order mark.
///
/// # Errors
/// Malformed request if the body is empty, or in another encoding than UTF-8.
pub fn text_of(bytes: &[u8]) -> Result<&[u8]> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if is_utf16_or_utf32(bytes) {
        return Err(Error::malformed(
            "",
            "the body is UTF-16 or UTF-32; send it as UTF-8",
        ));
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::malformed("", "the body is empty; send a JSON object"));
    }
    Ok(bytes)
}

/// Returns whether a text has the byte order mark of UTF-16 or UTF-32, or a zero byte among its first two: the first character
/// of a JSON text is ASCII, which UTF-16 and UTF-32 write with a zero byte before or after it.
fn is_utf16_or_utf32(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..]
    )
}

/// The position in a JSON text that is being parsed.
#[derive(Default)]
struct Position {
    pointer: String,
    values: usize,
    objects: usize,
    /// What is wrong at this position, where that is no matter of syntax.
    fault: Option<String>,
}

impl Position {
    /// Ends the parsing with a fault at this position.
    fn refuse<E: serde::de::Error>(&mut self, fault: impl Into<String>) -> E {
        self.fault = Some(fault.into());
        E::custom("refused")
    }

    /// Returns the failure that ended the parsing.
    fn refusal(self, error: &serde_json::Error, subject: &str) -> Error {
        match self.fault {
            Some(fault) => Error::malformed(self.pointer, fault),
            None => Error::malformed("", format!("{subject} not JSON: {error}")),
        }
    }

    /// Counts a value.
    fn count<E: serde::de::Error>(&mut self) -> std::result::Result<(), E> {
        self.values += 1;
        if self.values > MOST_VALUES {
            return Err(self.refuse(format!(
                "is one value too many; one record may have at most {MOST_VALUES} values, elements of arrays among them"
            )));
        }
        Ok(())
    }

    /// Counts an object.
    fn count_object<E: serde::de::Error>(&mut self) -> std::result::Result<(), E> {
        self.objects += 1;
        if self.objects > MOST_OBJECTS {
            return Err(self.refuse(format!(
                "is one object too many; one record may have at most {MOST_OBJECTS} objects"
            )));
        }
        Ok(())
    }

    /// Enters a field.
    fn enter<E: serde::de::Error>(&mut self, name: &str) -> std::result::Result<(), E> {
        if name.len() > LONGEST_NAME {
            // Its beginning is enough to find it.
            self.pointer.push('/');
            self.pointer.push_str(&escape_pointer(&shorten(name)));
            return Err(self.refuse(format!(
                "is a name of {} bytes, at most {LONGEST_NAME} are allowed",
                name.len()
            )));
        }
        self.pointer.push('/');
        self.pointer.push_str(&escape_pointer(name));
        Ok(())
    }
}

/// Deserializes any JSON value and refuses repeated names.
struct Strict<'p>(&'p mut Position);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Value, D::Error> {
        self.0.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> std::result::Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> std::result::Result<Value, A::Error> {
        let length = self.0.pointer.len();
        let mut elements = Vec::new();
        loop {
            // Writing to a String never fails.
            let _ = write!(self.0.pointer, "/{}", elements.len());
            let Some(element) = sequence.next_element_seed(Strict(self.0))? else {
                self.0.pointer.truncate(length);
                return Ok(Value::Array(elements));
            };
            elements.push(element);
            self.0.pointer.truncate(length);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Value, A::Error> {
        self.0.count_object()?;
        let length = self.0.pointer.len();
        let mut fields = serde_json::Map::new();
        while let Some(name) = map.next_key::<String>()? {
            self.0.enter(&name)?;
            if fields.contains_key(&name) {
                return Err(self.0.refuse(REPEATED));
            }
            let value = map.next_value_seed(Strict(self.0))?;
            fields.insert(name, value);
            self.0.pointer.truncate(length);
        }
        Ok(Value::Object(fields))
    }
}

/// Deserializes a value in the terms of JSON: a struct only from an object and a variant only from a string, where serde also
/// takes an array of the fields in their order, and an object `{"variant": null}`; an integer from any number that is whole,
/// where serde refuses `2.0`.
struct JsonTerms(Value);

impl JsonTerms {
    /// Returns a whole number as an integer, however it is written: `2.0` and `20e-1` are 2. Other values are unchanged.
    fn into_integer(self) -> std::result::Result<Value, serde_json::Error> {
        // 2^63, the first whole number that i64 does not hold.
        const BOUND: f64 = 9_223_372_036_854_775_808.0;
        let whole = match &self.0 {
            Value::Number(number) if number.is_f64() => number.as_f64().filter(|value| value.fract() == 0.0),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => None,
        };
        match whole {
            None => Ok(self.0),
            Some(value) if (-BOUND..BOUND).contains(&value) => Ok(Value::from(value as i64)),
            Some(_) => Err(serde_json::Error::custom(format_args!(
                "{} is out of range",
                self.0
            ))),
        }
    }
}

/// Writes the methods of [`JsonTerms`] that deserialize an integer.
macro_rules! deserialize_integers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Self::Error> {
            self.into_integer()?.$method(visitor)
        })*
    };
}

impl<'de> IntoDeserializer<'de, serde_json::Error> for JsonTerms {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for JsonTerms {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Self::Error> {
        match self.0 {
            Value::Array(elements) => {
                let mut elements = SeqDeserializer::new(elements.into_iter().map(JsonTerms));
                let value = visitor.visit_seq(&mut elements)?;
                elements.end().map(|()| value)
            }
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(name, field)| (name, JsonTerms(field)));
                let mut fields = MapDeserializer::new(fields);
                let value = visitor.visit_map(&mut fields)?;
                fields.end().map(|()| value)
            }
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                other.deserialize_any(visitor)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Self::Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> std::result::Result<V::Value, Self::Error> {
        match self.0 {
            Value::Array(_) => Err(Self::Error::invalid_type(Unexpected::Seq, &"a map")),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> std::result::Result<V::Value, Self::Error> {
        match self.0 {
            Value::Object(_) => Err(Self::Error::invalid_type(Unexpected::Map, &"a string")),
            other => other.deserialize_enum(name, variants, visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> std::result::Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    deserialize_integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    serde::forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

/// Deserializes a request type.
///
/// # Errors
/// Malformed request with a pointer to the first field that is unknown or has the wrong type.
pub fn structured<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(JsonTerms(value)).map_err(|error| {
        let mut pointer = String::new();
        for segment in error.path() {
            use serde_path_to_error::Segment;
            match segment {
                Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
                Segment::Map { key } => pointer.push_str(&format!("/{}", escape_pointer(key))),
                Segment::Enum { variant } => pointer.push_str(&format!("/{}", escape_pointer(variant))),
                Segment::Unknown => {}
            }
        }
        Error::malformed(pointer, explain(&error.into_inner().to_string()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole<T: DeserializeOwned>(text: &str) -> std::result::Result<T, String> {
        structured(serde_json::from_str(text).expect("JSON")).map_err(|error| error.detail().to_owned())
    }

    #[test]
    fn a_byte_order_mark_may_begin_a_text() {
        let parsed = |bytes: &[u8]| parse(bytes).map_err(|error| error.detail().to_owned());

        assert_eq!(parsed(b"\xef\xbb\xbf[1]"), Ok(serde_json::json!([1])));
        let within = "\"\u{feff}a\u{feff}\"";
        assert_eq!(parsed(within.as_bytes()), Ok(Value::from("\u{feff}a\u{feff}")));
        for text in ["\u{feff}\u{feff}1", "1\u{feff}", "[\u{feff}1]"] {
            assert!(parsed(text.as_bytes()).is_err(), "{text:?}");
        }
        assert_eq!(
            parsed(b"\xef\xbb\xbf "),
            Err("the body is empty; send a JSON object".to_owned())
        );
    }

    #[test]
    fn utf16_and_utf32_are_refused_by_name() {
        let utf16 =
            |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        for text in ["{}", "\u{feff}{}", "\"é\"", "\u{feff}"] {
            let utf32 =
                |bytes: fn(u32) -> [u8; 4]| text.chars().map(u32::from).flat_map(bytes).collect::<Vec<u8>>();
            for body in [
                utf16(text, u16::to_le_bytes),
                utf16(text, u16::to_be_bytes),
                utf32(u32::to_le_bytes),
                utf32(u32::to_be_bytes),
            ] {
                let detail = parse(&body).map_err(|error| error.detail().to_owned());
                assert_eq!(
                    detail,
                    Err("the body is UTF-16 or UTF-32; send it as UTF-8".to_owned()),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn an_integer_is_a_number_that_is_whole() {
        for text in ["2", "2.0", "2e0", "0.2e1", "20e-1"] {
            assert_eq!(whole::<i64>(text), Ok(2), "{text}");
            assert_eq!(whole::<Option<u8>>(text), Ok(Some(2)), "{text}");
        }
        assert_eq!(whole::<i32>("-0.0"), Ok(0));
        assert_eq!(whole::<i16>("-3.0"), Ok(-3));
        assert_eq!(whole::<i64>("-9223372036854775808.0"), Ok(i64::MIN));
        assert_eq!(whole::<Vec<u64>>("[1, 1.0, 1e3]"), Ok(vec![1, 1, 1000]));
    }

    #[test]
    fn a_number_that_is_not_whole_or_too_large_is_no_integer() {
        for (text, detail) in [
            ("2.5", "must be a whole number, not 2.5"),
            ("1e-9", "must be a whole number, not 1e-9"),
            ("1e300", "1e+300 is out of range"),
            ("9223372036854775808.0", "9.223372036854776e+18 is out of range"),
            ("70000.0", "70000 is out of range"),
            ("\"2.0\"", "must be a whole number, not \"2.0\""),
            ("[2.0]", "must be a whole number, not an array"),
            ("true", "must be a whole number, not true"),
        ] {
            assert_eq!(whole::<i16>(text), Err(detail.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_number_elsewhere_is_as_it_was_written() {
        assert_eq!(whole::<f64>("2.0"), Ok(2.0));
        assert_eq!(
            whole::<Value>("{\"a\": [2.0]}"),
            Ok(serde_json::json!({"a": [2.0]}))
        );
        assert_eq!(
            whole::<String>("2.0"),
            Err("must be a string, not 2.0".to_owned())
        );
    }
}
