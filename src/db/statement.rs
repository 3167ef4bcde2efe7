//! SQL text with bound values. Unlike `diesel::sql_query` it can stay prepared: a point read is then one round trip, and it is
//! planned once per connection.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::discriminant;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types;
use uuid::Uuid;

/// A value bound to a parameter of a statement. The variants are the types of PostgreSQL that statements use.
#[derive(Debug, Clone, PartialEq)]
pub enum Bind {
    /// `boolean`
    Boolean(bool),
    /// `bigint`
    Integer(i64),
    /// `bigint`, null if `None`
    OptionalInteger(Option<i64>),
    /// `text`
    Text(String),
    /// `text`, null if `None`
    OptionalText(Option<String>),
    /// `text[]`
    Texts(Vec<String>),
    /// `text[]` whose elements may be null
    OptionalTexts(Vec<Option<String>>),
    /// `uuid`
    Uuid(Uuid),
    /// `uuid`, null if `None`
    OptionalUuid(Option<Uuid>),
    /// `uuid[]` whose elements may be null
    OptionalUuids(Vec<Option<Uuid>>),
    /// `uuid[]`
    Uuids(Vec<Uuid>),
    /// `integer[]`
    Integers(Vec<i32>),
    /// `bigint[]`
    BigIntegers(Vec<i64>),
    /// `date`
    Date(NaiveDate),
    /// `timestamptz`
    Timestamp(DateTime<Utc>),
    /// `bytea`
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

/// A statement under construction: pieces of SQL and bound values, in order.
///
/// ```
/// use demarche::db::Statement;
///
/// let statement = Statement::new("select name from users where id = ").bind(7_i64).keep_prepared();
/// ```
#[derive(Debug, Clone, Default)]
pub struct Statement {
    parts: Vec<Part>,
    kept_prepared: bool,
}

impl Statement {
    /// Returns a statement that begins with `sql`.
    pub fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self {
            parts: vec![Part::Sql(sql.into())],
            kept_prepared: false,
        }
    }

    /// Keeps the statement prepared on its connection. Only for texts that don't vary: each takes memory of the server for as long
    /// as the connection lives.
    #[must_use]
    pub fn keep_prepared(mut self) -> Self {
        self.kept_prepared = true;
        self
    }

    /// Returns whether the statement stays prepared on its connection.
    pub(super) fn is_kept_prepared(&self) -> bool {
        self.kept_prepared
    }

    /// Returns a number of the text with the types of its values: that of every statement with the same text.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for part in &self.parts {
            match part {
                Part::Sql(sql) => hasher.write(sql.as_bytes()),
                Part::Bind(bind) => discriminant(bind).hash(&mut hasher),
            }
        }
        hasher.finish()
    }

    /// Returns whether the statement has neither SQL nor values.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Adds SQL.
    #[must_use]
    pub fn sql(mut self, sql: impl Into<Cow<'static, str>>) -> Self {
        self.parts.push(Part::Sql(sql.into()));
        self
    }

    /// Adds a bound value.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Bind>) -> Self {
        self.parts.push(Part::Bind(value.into()));
        self
    }

    /// Adds the SQL and values of another statement, or of a piece of one.
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
