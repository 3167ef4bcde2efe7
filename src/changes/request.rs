//! The query parameters of the feed.

use std::collections::BTreeSet;
use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, OneOfBuilder, SchemaFormat, Type};

use crate::error::{Error, Result};
use crate::http::listing::MOST_VALUES;
use crate::http::pretty::{self, PRETTY};
use crate::http::query_string;
use crate::query::parameters::{given_twice, whole_number};
use crate::query::unknown_parameter;
use crate::resource::Kind;
use crate::vocabulary::model::Vocabulary;

const DEFAULT_LIMIT: i64 = 100;
const LARGEST_LIMIT: i64 = 1000;
/// Proxies rarely keep a request open for longer.
const LONGEST_WAIT: u64 = 60;

/// Parameters of the feed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters, which are read by name")]
pub struct ChangeParameters {
    /// The last sequence number that you have; the page starts after it, or with the first change if absent
    #[param(minimum = 0, example = 1204)]
    after: Option<i64>,
    /// Only changes of this resource: actors, relationships, programmes, sanctions, diplomatic-actions, sources, vocabularies,
    /// or one vocabulary as in vocabularies/measures. Repeat it for several
    #[param(example = "sanctions")]
    resource: Vec<String>,
    /// Number of changes on a page, 100 if absent; for an event stream, how many are read at once
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// Seconds to wait for a change if there is none yet; an event stream ignores it and always waits
    #[param(minimum = 0, maximum = 60, example = 30)]
    wait: Option<u64>,
}

/// The header with which a client of the event stream connects again, for the OpenAPI document.
pub struct LastEventId;

impl IntoParams for LastEventId {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let sequence = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(0));
        let empty = ObjectBuilder::new().schema_type(Type::String).max_length(Some(0));
        let header = ParameterBuilder::new()
            .name("Last-Event-ID")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "For an event stream, the last id received; takes precedence over `after`. Empty counts as absent",
            ))
            .schema(Some(OneOfBuilder::new().item(sequence).item(empty)))
            .build();
        vec![header]
    }
}

const PARAMETERS: [&str; 5] = ["after", "resource", "limit", "wait", PRETTY];

/// A resource whose changes are in the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangedResource {
    /// The records of a kind.
    Records(Kind),
    /// The entries of a vocabulary.
    Entries(Vocabulary),
}

impl ChangedResource {
    fn all() -> impl Iterator<Item = Self> {
        let records = Kind::ALL.into_iter().map(Self::Records);
        records.chain(Vocabulary::ALL.into_iter().map(Self::Entries))
    }

    /// Returns the name of the table.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Records(resource) => resource.table(),
            Self::Entries(vocabulary) => vocabulary.name(),
        }
    }

    /// Returns the resource with a table; `None` if there is none.
    pub fn of_table(table: &str) -> Option<Self> {
        Self::all().find(|resource| resource.table() == table)
    }
}

impl std::fmt::Display for ChangedResource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Records(resource) => formatter.write_str(resource.path()),
            Self::Entries(vocabulary) => write!(formatter, "vocabularies/{}", vocabulary.name()),
        }
    }
}

impl Serialize for ChangedResource {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The parameters of the feed, read and checked.
#[derive(Debug, Clone)]
pub struct ChangeQuery {
    /// The page starts after this sequence number; 0 starts with the first change.
    pub after: i64,
    /// All resources if empty.
    pub resources: Vec<ChangedResource>,
    /// Largest number of changes on a page, 1 to 1000.
    pub limit: i64,
    /// How long to wait for a change if there is none yet; zero returns at once.
    pub wait: Duration,
}

impl FromRequest for ChangeQuery {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request))
    }
}

impl ChangeQuery {
    fn read(request: &HttpRequest) -> Result<Self> {
        let mut asked = Self {
            after: 0,
            resources: Vec::new(),
            limit: DEFAULT_LIMIT,
            wait: Duration::ZERO,
        };
        let mut given = BTreeSet::new();
        let mut repeated = 0;
        for (name, value) in query_string::pairs(request.query_string())? {
            let Some(known) = PARAMETERS.into_iter().find(|known| *known == name) else {
                return Err(unknown_parameter(&name, &PARAMETERS));
            };
            if known == "resource" {
                repeated += 1;
                if repeated > MOST_VALUES {
                    return Err(Error::malformed(
                        "?resource",
                        format!(
                            "resource is given more than {MOST_VALUES} times; split it into several requests"
                        ),
                    ));
                }
                for resource in resources(&value)? {
                    if !asked.resources.contains(&resource) {
                        asked.resources.push(resource);
                    }
                }
                continue;
            }
            if !given.insert(known) {
                return Err(given_twice(known));
            }
            match known {
                "after" => asked.after = whole_number("after", &value, 0, i64::MAX)?,
                PRETTY => pretty::read(request, &value)?,
                "limit" => asked.limit = whole_number("limit", &value, 1, LARGEST_LIMIT)?,
                _ => asked.wait = Duration::from_secs(whole_number("wait", &value, 0, LONGEST_WAIT)?),
            }
        }
        Ok(asked)
    }
}

/// Returns the resources that a filter names: one, or all vocabularies.
fn resources(text: &str) -> Result<Vec<ChangedResource>> {
    let found: Vec<ChangedResource> = ChangedResource::all()
        .filter(|resource| match resource {
            ChangedResource::Entries(_) if text == "vocabularies" => true,
            resource => resource.to_string() == text,
        })
        .collect();
    if found.is_empty() {
        let known: Vec<String> = ChangedResource::all().map(|known| known.to_string()).collect();
        return Err(Error::malformed(
            "?resource",
            format!("resource must be one of {}, vocabularies", known.join(", ")),
        ));
    }
    Ok(found)
}

/// Returns the sequence number in Last-Event-ID, after which an event stream continues; `None` if the header is absent or
/// empty.
///
/// # Errors
/// Malformed request if it is not a sequence number.
pub fn last_event_id(request: &HttpRequest) -> Result<Option<i64>> {
    let Some(sent) = request.headers().get("last-event-id") else {
        return Ok(None);
    };
    let text = sent.to_str().unwrap_or("?").trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .ok()
        .filter(|sequence| *sequence >= 0 && !text.starts_with('+'))
        .map(Some)
        .ok_or_else(|| {
            Error::malformed(
                "",
                "the header Last-Event-ID is not a sequence number; send the last id received",
            )
        })
}
