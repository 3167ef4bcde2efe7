//! What may be asked of every list: its parameters, read and checked.

use std::collections::BTreeMap;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::{IntoParams, ToSchema};

use crate::error::{Error, Result};
use crate::http::formats::Format;
use crate::http::path::{not_a_day, parse_day, today};
use crate::http::query;
use crate::http::registry::KNOWN_AT;

const LARGEST_LIMIT: i64 = 1000;

/// Parameters that every list knows.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters, which are read by name")]
pub struct PageParameters {
    /// The day that statuses are told for, today (UTC) when absent; of relationships, where it is given, the day on which
    /// those that are listed hold
    #[param(value_type = Option<String>, format = Date, example = "2025-11-01")]
    on: Option<String>,
    /// The moment as of which the registry is read, as it was recorded then: what came later is unknown, what was deleted
    /// since is there, and keys and names are of then. The present when absent
    #[param(value_type = Option<String>, format = DateTime, example = "2025-11-01T00:00:00Z")]
    known_at: Option<String>,
    /// Fields to sort by, separated by commas, `-` before a field for descending; nulls last; by id when absent
    #[param(max_length = 200)]
    sort: Option<String>,
    /// How many records a page holds; for CSV and NDJSON how many are streamed at most, all when absent
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// next_cursor of the page before; bound to sort and filters
    #[param(max_length = 8000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// `exact` adds total
    #[param(inline)]
    count: Option<Count>,
    /// json, csv or ndjson; goes before Accept
    #[param(inline)]
    format: Option<Format>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Count {
    Exact,
}

/// How often a filter may be repeated.
pub const MOST_VALUES: usize = 100;

const PAGE_PARAMETERS: [&str; 7] = ["on", KNOWN_AT, "sort", "limit", "cursor", "count", "format"];

/// A list's parameters: the page, and the filters of the resource.
#[derive(Debug)]
pub struct Listing<F> {
    pub filter: F,
    pub on: NaiveDate,
    /// The day, where the request names it.
    pub asked_on: Option<NaiveDate>,
    pub format: Format,
    pub(super) sort: String,
    pub(super) limit: Option<i64>,
    pub(super) cursor: Option<String>,
    pub(super) count: bool,
    pub(super) path: String,
    pub(super) pairs: Vec<(String, String)>,
}

impl<F> FromRequest for Listing<F>
where
    F: DeserializeOwned + IntoParams + 'static,
{
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request))
    }
}

impl<F: DeserializeOwned + IntoParams> Listing<F> {
    fn read(request: &HttpRequest) -> Result<Self> {
        let names: Vec<String> = F::into_params(|| None)
            .into_iter()
            .map(|parameter| parameter.name)
            .collect();
        let pairs = query::pairs(request.query_string())?;
        let mut repeated: BTreeMap<&str, usize> = BTreeMap::new();
        let mut page: BTreeMap<&'static str, String> = BTreeMap::new();
        let mut filters = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &pairs {
            if let Some(known) = PAGE_PARAMETERS.into_iter().find(|known| known == name) {
                if page.insert(known, value.clone()).is_some() {
                    return Err(Error::malformed(
                        format!("?{name}"),
                        format!("{name} is given twice"),
                    ));
                }
            } else if names.contains(name) {
                let times = repeated.entry(name).or_default();
                *times += 1;
                if *times > MOST_VALUES {
                    return Err(Error::malformed(
                        format!("?{name}"),
                        format!("{name} is given more than {MOST_VALUES} times; ask in several requests"),
                    ));
                }
                filters.append_pair(name, value);
            } else {
                let known = names
                    .iter()
                    .map(String::as_str)
                    .chain(PAGE_PARAMETERS)
                    .collect::<Vec<_>>()
                    .join(", ");
                return Err(Error::malformed(
                    format!("?{name}"),
                    format!("{name} is no parameter here; known are {known}"),
                ));
            }
        }
        let filters = filters.finish();
        let pairs_of_filter = url::form_urlencoded::parse(filters.as_bytes());
        let filter = serde_path_to_error::deserialize(serde_html_form::Deserializer::new(pairs_of_filter))
            .map_err(|error| {
                let name = error
                    .path()
                    .iter()
                    .next()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let detail = in_words(&name, &error.into_inner().to_string());
                Error::malformed(format!("?{name}"), detail)
            })?;
        let asked_on = page
            .get("on")
            .map(|day| parse_day(day).ok_or_else(|| not_a_day("on")))
            .transpose()?;
        Ok(Self {
            filter,
            on: asked_on.unwrap_or_else(today),
            asked_on,
            format: Format::of(request, page.get("format").map(String::as_str))?,
            sort: page.remove("sort").unwrap_or_default(),
            limit: page
                .get("limit")
                .map(|limit| query::whole_number("limit", limit, 1, LARGEST_LIMIT))
                .transpose()?,
            cursor: page.remove("cursor"),
            count: match page.get("count").map(String::as_str) {
                None => false,
                Some("exact") => true,
                Some(_) => return Err(Error::malformed("?count", "count can only be exact")),
            },
            path: request.path().to_owned(),
            pairs,
        })
    }
}

/// What serde finds wrong with a filter, told as every other fault is.
fn in_words(name: &str, found: &str) -> String {
    // What was sent stands in it too, and before the words that are allowed.
    if let Some((_, allowed)) = found.rsplit_once("`, expected ")
        && found.starts_with("unknown variant ")
    {
        let words: Vec<&str> = allowed.split('`').skip(1).step_by(2).collect();
        return format!("{name} is none of {}", words.join(", "));
    }
    match found {
        // A list, where one value is wanted.
        "unsupported value" => format!("{name} is given twice"),
        other => format!("{name} {other}"),
    }
}
