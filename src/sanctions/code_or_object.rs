//! A code, or an object that holds it: both are read, and a fault names its place in either.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, de};
use utoipa::PartialSchema;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

/// An element of a list, as a plain code or as an object with more about it.
#[derive(Debug)]
pub enum CodeOrObject<Fields> {
    Code(String),
    Fields(Fields),
}

impl<'de, Fields: Deserialize<'de>> Deserialize<'de> for CodeOrObject<Fields> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Visitor<Fields>(PhantomData<Fields>);

        impl<'de, Fields: Deserialize<'de>> de::Visitor<'de> for Visitor<Fields> {
            type Value = CodeOrObject<Fields>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a code, or an object with one")
            }

            fn visit_str<E: de::Error>(self, code: &str) -> std::result::Result<Self::Value, E> {
                Ok(CodeOrObject::Code(code.to_owned()))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> std::result::Result<Self::Value, A::Error> {
                Fields::deserialize(MapAccessDeserializer::new(map)).map(CodeOrObject::Fields)
            }
        }

        deserializer.deserialize_any(Visitor(PhantomData))
    }
}

/// The two forms, for the OpenAPI document.
pub fn schema<Fields: PartialSchema>(vocabulary: &str) -> RefOr<Schema> {
    let code = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .description(Some(format!("A code of the vocabulary {vocabulary}")));
    Schema::OneOf(OneOfBuilder::new().item(code).item(Fields::schema()).build()).into()
}
