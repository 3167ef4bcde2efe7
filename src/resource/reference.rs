//! References to records, as requests and responses have them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use uuid::Uuid;

use crate::partial_date::PartialDate;
use crate::text::{is_longer_than, shorten};

/// The longest key, in letters with their ligatures taken apart. Longer ones are not looked up: no record has one, and to compare
/// them takes long.
const LONGEST_KEY: usize = 600;

/// A record as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// The id of the record.
    Id(Uuid),
    /// An external key, `scheme:value`.
    Key {
        /// The scheme of the key, such as `iso3166`.
        scheme: String,
        /// The value of the key, such as `CO`.
        value: String,
    },
    /// `@name`, the name that an earlier operation of the same batch gave its record; without the `@`.
    Handle(String),
    /// None of these; kept so that it is reported with the other faults.
    Unreadable(String),
}

impl Reference {
    /// Returns the reference that a text writes; `Unreadable` if it writes none.
    pub fn parse(text: &str) -> Self {
        if let Some(handle) = text.strip_prefix('@') {
            return Self::Handle(handle.to_owned());
        }
        if let Ok(id) = Uuid::try_parse(text) {
            return Self::Id(id);
        }
        match text.split_once(':') {
            Some((scheme, value))
                if !scheme.trim().is_empty()
                    && !value.trim().is_empty()
                    && !is_longer_than(text, LONGEST_KEY) =>
            {
                Self::Key {
                    scheme: scheme.trim().to_owned(),
                    value: value.trim().to_owned(),
                }
            }
            _ => Self::Unreadable(text.to_owned()),
        }
    }
}

impl Reference {
    /// A key in the capitals that it is mostly written in: a scheme has none, a value has all or none.
    pub(super) fn other_spellings(&self) -> Vec<Self> {
        let Self::Key { scheme, value } = self else {
            return Vec::new();
        };
        let mut spellings: Vec<Self> = Vec::new();
        for value in [value.clone(), value.to_uppercase(), value.to_lowercase()] {
            let spelling = Self::Key {
                scheme: scheme.to_lowercase(),
                value,
            };
            if spelling != *self && !spellings.contains(&spelling) {
                spellings.push(spelling);
            }
        }
        spellings
    }
}

impl FromStr for Reference {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Ok(Self::parse(text))
    }
}

impl From<Uuid> for Reference {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(formatter, "{id}"),
            Self::Key { scheme, value } => write!(formatter, "{}:{}", shorten(scheme), shorten(value)),
            Self::Handle(handle) => write!(formatter, "@{}", shorten(handle)),
            Self::Unreadable(text) => write!(formatter, "{}", shorten(text)),
        }
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Visitor;

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Answered {
            id: Uuid,
            #[serde(rename = "name")]
            _name: Option<String>,
            #[serde(rename = "kind")]
            _kind: Option<String>,
            #[serde(rename = "code")]
            _code: Option<String>,
            #[serde(rename = "title")]
            _title: Option<String>,
            #[serde(rename = "publisher")]
            _publisher: Option<String>,
            #[serde(rename = "published_on")]
            _published_on: Option<String>,
            #[serde(rename = "url")]
            _url: Option<String>,
        }

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Reference;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an id, a key scheme:value or an object with an id")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Reference, E> {
                Ok(Reference::parse(text))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> std::result::Result<Reference, A::Error> {
                let answered = Answered::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Reference::Id(answered.id))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl utoipa::PartialSchema for Reference {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .description(Some("An id, or an external key scheme:value such as iso3166:CO"));
        let string = || ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
        let or_null = || ObjectBuilder::new().schema_type(SchemaType::Array(vec![Type::String, Type::Null]));
        let object = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Object))
            .description(Some("The object that a response has; only its id is read"))
            .property(
                "id",
                string().format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                    utoipa::openapi::KnownFormat::Uuid,
                ))),
            )
            .required("id")
            .property("name", string())
            .property("kind", string())
            .property("code", string())
            .property("title", string())
            .property("publisher", or_null())
            .property("published_on", or_null())
            .property("url", or_null())
            .additional_properties(Some(AdditionalProperties::FreeForm(false)));
        Schema::OneOf(OneOfBuilder::new().item(text).item(object).build()).into()
    }
}

impl ToSchema for Reference {
    fn name() -> std::borrow::Cow<'static, str> {
        "Reference".into()
    }
}

/// An actor as responses name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActorReference {
    /// Id of the actor
    pub id: Uuid,
    /// Its main name
    pub name: String,
    /// A code of the vocabulary actor_kinds
    pub kind: String,
}

/// A programme as responses name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeReference {
    /// Id of the programme
    pub id: Uuid,
    /// The publisher's own tag
    pub code: String,
    /// Its name
    pub name: String,
}

/// A source as responses name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceReference {
    /// Id of the source
    pub id: Uuid,
    /// Its title
    pub title: String,
    /// Who published it; null if not recorded
    pub publisher: Option<String>,
    /// The day on which it was published; null if not recorded
    pub published_on: Option<PartialDate>,
    /// Its web address; null if not recorded
    pub url: Option<String>,
}

/// A diplomatic action as responses name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TitleReference {
    /// Id of the record
    pub id: Uuid,
    /// Its title
    pub title: String,
}
