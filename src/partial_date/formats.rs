//! A partial date in JSON, in PostgreSQL and in the OpenAPI document.

use std::fmt;

use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::PartialDate;

/// Pattern of a year, month or day without `~`: every day of the calendar and no other, leap years included. It has no
/// lookahead, because not every reader of OpenAPI documents supports that.
macro_rules! plain_pattern {
    () => {
        concat!(
            r"(?:(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])",
            r"(?:-(?:0[1-9]|1[0-2])",
            r"|-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])",
            r"|-(?:0[13-9]|1[0-2])-(?:29|30)",
            r"|-(?:0[13578]|1[02])-31)?",
            r"|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)-02-29)",
        )
    };
}

/// Pattern of a date with unspecified digits.
macro_rules! unspecified_pattern {
    () => {
        concat!(
            r"(?:(?:[0-9]{3}X|[0-9]{2}XX|[0-9]XXX)(?:-XX(?:-XX)?)?",
            r"|(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])",
            r"-(?:[01X]X(?:-XX)?|(?:0[1-9]|1[0-2])-[012X]X|(?:0[13-9]|1[0-2])-3X))",
        )
    };
}

/// Pattern of a year, month or day, some of whose digits may be unspecified.
macro_rules! end_pattern {
    () => {
        concat!("(?:", plain_pattern!(), "|", unspecified_pattern!(), ")")
    };
}

/// Pattern of a member of a set.
macro_rules! member_pattern {
    () => {
        concat!(
            r"(?:\.\.",
            end_pattern!(),
            "|",
            end_pattern!(),
            r"(?:\.\.",
            end_pattern!(),
            r"|\.\.)?)"
        )
    };
}

impl PartialDate {
    /// Regular expression that every date matches. The only other texts that match are intervals that end before they
    /// begin, and sets that are too long or open at both ends.
    pub const PATTERN: &str = concat!(
        "^(?:",
        end_pattern!(),
        r"~?(?:/(?:",
        end_pattern!(),
        r"~?|\.\.))?|\.\./",
        end_pattern!(),
        r"~?|\[",
        member_pattern!(),
        "(?:, ?",
        member_pattern!(),
        r")*\])$"
    );
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PartialDate, D::Error> {
        struct DateVisitor;

        impl de::Visitor<'_> for DateVisitor {
            type Value = PartialDate;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a date in quotation marks, such as \"2025\" or \"2025-09-23\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<PartialDate, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<PartialDate, E> {
                text.try_into().map_err(E::custom)
            }
        }

        deserializer.deserialize_string(DateVisitor)
    }
}

impl FromSql<Text, Pg> for PartialDate {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<PartialDate> {
        let text = <String as FromSql<Text, Pg>>::from_sql(value)?;
        Ok(text.try_into()?)
    }
}

impl ToSql<Text, Pg> for PartialDate {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <str as ToSql<Text, Pg>>::to_sql(&self.text, out)
    }
}

impl PartialSchema for PartialDate {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "A date with its precision, in a subset of EDTF (ISO 8601-2): a year, a month or a day; `~` after it means \
                 about; `1960/1962-05` means some time between the two, and may not end before it begins; \
                 `../2025-11-12` means not later than; `2023-06-21/..` means not before; `[1999,2003]` means one of these; \
                 `198X` has a digit that is not known, and is stored as `1980/1989`. The members of a set are stored in \
                 order and without doubles; anything else is kept as written. A date compares as the interval from the \
                 first to the last day that it covers.",
            ))
            .pattern(Some(PartialDate::PATTERN))
            .examples(["2025", "2025-09", "2025-09-23", "2025-11-11~", "1960/1962-05", "../2025-11-12", "2023-06-21/..", "[1999,2003]", "198X"])
            .into()
    }
}

impl ToSchema for PartialDate {}
