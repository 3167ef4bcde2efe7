//! Strict JSON: bytes to a value, and a value to a request type, with faults that point to their place.

use std::fmt;

use serde::Deserializer;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::text::escape_pointer;
use crate::validation::explain;

/// Parses a JSON text. Refuses an object with two fields of the same name: parsers differ in which of them counts.
///
/// # Errors
/// Malformed request, with a pointer to a repeated field.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::malformed("", "the body is empty; send a JSON object"));
    }
    let mut position = Position::default();
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let read = Strict(&mut position)
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    read.map_err(|error| {
        if position.is_repeated {
            Error::malformed(position.pointer, "appears twice in its object")
        } else {
            Error::malformed("", format!("the body is not JSON: {error}"))
        }
    })
}

/// The position in a JSON text that is being parsed.
#[derive(Default)]
struct Position {
    pointer: String,
    /// Whether the object already has a field with the name at this position.
    is_repeated: bool,
}

/// Deserializes any JSON value and refuses repeated names.
struct Strict<'p>(&'p mut Position);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Value, D::Error> {
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
            self.0.pointer.push_str(&format!("/{}", elements.len()));
            let Some(element) = sequence.next_element_seed(Strict(self.0))? else {
                self.0.pointer.truncate(length);
                return Ok(Value::Array(elements));
            };
            elements.push(element);
            self.0.pointer.truncate(length);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Value, A::Error> {
        let length = self.0.pointer.len();
        let mut fields = serde_json::Map::new();
        while let Some(name) = map.next_key::<String>()? {
            self.0.pointer.push('/');
            self.0.pointer.push_str(&escape_pointer(&name));
            if fields.contains_key(&name) {
                self.0.is_repeated = true;
                return Err(serde::de::Error::custom("a name is repeated"));
            }
            let value = map.next_value_seed(Strict(self.0))?;
            fields.insert(name, value);
            self.0.pointer.truncate(length);
        }
        Ok(Value::Object(fields))
    }
}

/// Deserializes a value in the terms of JSON: a struct only from an object and a variant only from a string, where serde also
/// takes an array of the fields in their order, and an object `{"variant": null}`.
struct JsonTerms(Value);

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

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
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
