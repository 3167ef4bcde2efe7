//! The share that the subject of a relationship owns: a percentage, or an interval of two.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A share in percent: exact, or somewhere between two percentages. JSON has a number if both ends are equal, else
/// `{"min": 25, "max": 50}`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The least share, from 0 to 100.
    pub min: f64,
    /// The most, not less than `min`.
    pub max: f64,
}

impl Share {
    /// Returns the share if it is known exactly.
    pub fn exact(self) -> Option<f64> {
        (self.min == self.max).then_some(self.min)
    }
}

/// The interval as JSON has it. An end that a request leaves out is that of all shares.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Interval {
    min: Option<f64>,
    max: Option<f64>,
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self.exact() {
            Some(share) => serializer.serialize_f64(share),
            None => Interval {
                min: Some(self.min),
                max: Some(self.max),
            }
            .serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Visitor;

        impl Visitor {
            fn exact(share: f64) -> Share {
                Share {
                    min: share,
                    max: share,
                }
            }
        }

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Share;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number, or an object such as {\"min\": 25, \"max\": 50}")
            }

            fn visit_f64<E: de::Error>(self, share: f64) -> std::result::Result<Share, E> {
                Ok(Self::exact(share))
            }

            fn visit_u64<E: de::Error>(self, share: u64) -> std::result::Result<Share, E> {
                // A number that a float can't hold exactly is no percentage.
                Ok(Self::exact(share as f64))
            }

            fn visit_i64<E: de::Error>(self, share: i64) -> std::result::Result<Share, E> {
                Ok(Self::exact(share as f64))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> std::result::Result<Share, A::Error> {
                let Interval { min, max } = Interval::deserialize(MapAccessDeserializer::new(map))?;
                if min.is_none() && max.is_none() {
                    return Err(de::Error::custom(
                        "has neither min nor max; write one of them, or both",
                    ));
                }
                Ok(Share {
                    min: min.unwrap_or(0.0),
                    max: max.unwrap_or(100.0),
                })
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl PartialSchema for Share {
    fn schema() -> RefOr<Schema> {
        let percent = || {
            ObjectBuilder::new()
                .schema_type(Type::Number)
                .minimum(Some(0))
                .maximum(Some(100))
        };
        let interval = ObjectBuilder::new()
            .schema_type(Type::Object)
            .property("min", percent())
            .property("max", percent())
            .additional_properties(Some(AdditionalProperties::FreeForm(false)))
            .description(Some(
                "An interval, ends included; an end that is absent is 0 or 100",
            ));
        Schema::OneOf(
            OneOfBuilder::new()
                .item(percent().description(Some("The exact share")))
                .item(interval)
                .build(),
        )
        .into()
    }
}

impl ToSchema for Share {}
