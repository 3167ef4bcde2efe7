//! Values that a request gives as text.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A text of a request that stands for a value of type `T`. A text that can't be parsed is not an error of deserializing, so
/// that its fault is reported together with the other faults of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given<T> {
    /// The parsed value
    Valid(T),
    /// What is wrong with the text
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

/// A point in time, parsed from RFC 3339: in UTC, cut to whole microseconds as PostgreSQL stores it, in the years 0001 to
/// 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub DateTime<Utc>);

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            // By way of the number, so that a leap second becomes the second after it, as in PostgreSQL.
            .and_then(|moment| DateTime::from_timestamp_micros(moment.timestamp_micros()))
            // An offset can move a time out of the years that RFC 3339 can write.
            .filter(|moment| (1..=9999).contains(&moment.year()))
            .map(Self)
            .ok_or("is not a time: write 2025-10-24T18:05:00Z, or with an offset such as -05:00 (RFC 3339)")
    }
}
