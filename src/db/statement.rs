//! SQL text with bound values, as reads use it. Unlike `diesel::sql_query` it may be kept prepared:
//! a point read is then one round trip, and the planner's work is done once a connection.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types;
use uuid::Uuid;

/// A value bound to a place in a statement.
#[derive(Debug, Clone)]
pub enum Bind {
    Boolean(bool),
    Integer(i64),
    OptionalInteger(Option<i64>),
    Text(String),
    OptionalText(Option<String>),
    Texts(Vec<String>),
    OptionalTexts(Vec<Option<String>>),
    Uuid(Uuid),
    OptionalUuid(Option<Uuid>),
    OptionalUuids(Vec<Option<Uuid>>),
    Uuids(Vec<Uuid>),
    Integers(Vec<i32>),
    BigIntegers(Vec<i64>),
    Date(NaiveDate),
    Timestamp(DateTime<Utc>),
    Bytes(Vec<u8>),
}

macro_rules! bind_from {
    ($($kind:ty => $variant:ident),* $(,)?) => {
        $(impl From<$kind> for Bind {
            fn from(value: $kind) -> Self {
                Self::$variant(value)
            }
        })*
    };
}

bind_from! {
    bool => Boolean,
    i64 => Integer,
    Option<i64> => OptionalInteger,
    String => Text,
    Option<String> => OptionalText,
    Vec<String> => Texts,
    Vec<Option<String>> => OptionalTexts,
    Uuid => Uuid,
    Option<Uuid> => OptionalUuid,
    Vec<Option<Uuid>> => OptionalUuids,
    Vec<Uuid> => Uuids,
    Vec<i32> => Integers,
    Vec<i64> => BigIntegers,
    NaiveDate => Date,
    DateTime<Utc> => Timestamp,
    Vec<u8> => Bytes,
}

impl From<&str> for Bind {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

#[derive(Debug, Clone)]
enum Part {
    Sql(Cow<'static, str>),
    Bind(Bind),
}

/// A statement under construction: SQL and values in the order in which they stand.
#[derive(Debug, Clone, Default)]
pub struct Statement {
    parts: Vec<Part>,
    kept_prepared: bool,
}

impl Statement {
    pub fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self {
            parts: vec![Part::Sql(sql.into())],
            kept_prepared: false,
        }
    }

    /// Keeps the statement prepared on its connection. Only for texts of which there are few:
    /// every one takes memory of the server for as long as the connection lives.
    #[must_use]
    pub fn keep_prepared(mut self) -> Self {
        self.kept_prepared = true;
        self
    }

    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    #[must_use]
    pub fn sql(mut self, sql: impl Into<Cow<'static, str>>) -> Self {
        self.parts.push(Part::Sql(sql.into()));
        self
    }

    #[must_use]
    pub fn bind(mut self, value: impl Into<Bind>) -> Self {
        self.parts.push(Part::Bind(value.into()));
        self
    }

    /// Puts another statement, or a piece of one, at the end of this one.
    #[must_use]
    pub fn append(mut self, other: Statement) -> Self {
        self.parts.extend(other.parts);
        self
    }
}

impl QueryFragment<Pg> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.kept_prepared {
            out.unsafe_to_cache_prepared();
        }
        for part in &self.parts {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Bind(Bind::Boolean(value)) => {
                    out.push_bind_param::<sql_types::Bool, _>(value)?;
                }
                Part::Bind(Bind::Integer(value)) => {
                    out.push_bind_param::<sql_types::BigInt, _>(value)?;
                }
                Part::Bind(Bind::OptionalInteger(value)) => {
                    out.push_bind_param::<sql_types::Nullable<sql_types::BigInt>, _>(value)?;
                }
                Part::Bind(Bind::OptionalUuid(value)) => {
                    out.push_bind_param::<sql_types::Nullable<sql_types::Uuid>, _>(value)?;
                }
                Part::Bind(Bind::Text(value)) => {
                    out.push_bind_param::<sql_types::Text, _>(value)?;
                }
                Part::Bind(Bind::OptionalText(value)) => {
                    out.push_bind_param::<sql_types::Nullable<sql_types::Text>, _>(value)?;
                }
                Part::Bind(Bind::Texts(value)) => {
                    out.push_bind_param::<sql_types::Array<sql_types::Text>, _>(value)?;
                }
                Part::Bind(Bind::OptionalTexts(value)) => {
                    out.push_bind_param::<sql_types::Array<sql_types::Nullable<sql_types::Text>>, _>(value)?;
                }
                Part::Bind(Bind::Uuid(value)) => {
                    out.push_bind_param::<sql_types::Uuid, _>(value)?;
                }
                Part::Bind(Bind::OptionalUuids(value)) => {
                    out.push_bind_param::<sql_types::Array<sql_types::Nullable<sql_types::Uuid>>, _>(value)?;
                }
                Part::Bind(Bind::Uuids(value)) => {
                    out.push_bind_param::<sql_types::Array<sql_types::Uuid>, _>(value)?;
                }
                Part::Bind(Bind::Integers(value)) => {
                    out.push_bind_param::<sql_types::Array<sql_types::Integer>, _>(value)?;
                }
                Part::Bind(Bind::BigIntegers(value)) => {
                    out.push_bind_param::<sql_types::Array<sql_types::BigInt>, _>(value)?;
                }
                Part::Bind(Bind::Date(value)) => {
                    out.push_bind_param::<sql_types::Date, _>(value)?;
                }
                Part::Bind(Bind::Timestamp(value)) => {
                    out.push_bind_param::<sql_types::Timestamptz, _>(value)?;
                }
                Part::Bind(Bind::Bytes(value)) => {
                    out.push_bind_param::<sql_types::Binary, _>(value)?;
                }
            }
        }
        Ok(())
    }
}

impl QueryId for Statement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement {
    type SqlType = sql_types::Untyped;
}
