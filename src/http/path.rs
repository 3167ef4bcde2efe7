//! What an address holds: a reference to a record, and the query parameters of a read of one record.

use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::NaiveDate;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use crate::error::{Error, Result};
use crate::http::pretty::{self, PRETTY};
use crate::http::query_string;
use crate::http::shape::{Asked, FIELDS, INCLUDE, naming_references};
use crate::query::parameters::{KNOWN_AT, given_twice, not_a_day, parse_day, today};
use crate::query::unknown_parameter;
use crate::resource::{Listed, Reference};
use crate::text::clean;

/// `{ref}` of a path. Any text is accepted here; `resource::find` finds the record that it names.
#[derive(Debug, Clone)]
pub struct PathReference(pub Reference);

impl FromRequest for PathReference {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(segment(request, "ref").map(|text| Self(Reference::parse(&text))))
    }
}

/// Returns the segment of the path that matches `{name}`, decoded and cleaned as the texts of bodies are.
///
/// # Errors
/// Not found if the path is not percent-encoded UTF-8 without NUL, or the segment has a character that a line may not have: no
/// record has such a key.
pub fn segment(request: &HttpRequest, name: &str) -> Result<String> {
    let not_text = || Error::not_found("the path is not percent-encoded UTF-8 text without NUL");
    // actix has already decoded the path, except %2F, %25 and %2B, and ignored invalid UTF-8.
    query_string::decode(request.uri().path(), false).ok_or_else(not_text)?;
    let matched = request.match_info().get(name).unwrap_or_default();
    let text = query_string::decode(matched, false).ok_or_else(not_text)?;
    match clean::line(&text) {
        Ok(text) => Ok(text.into_owned()),
        Err(refused) => Err(Error::not_found(format!("the path {refused}"))),
    }
}

/// The query parameters of a read of a single record.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters, which are read by name")]
pub struct RecordParameters {
    /// The day that statuses are computed for; today (UTC) if absent
    #[param(value_type = Option<String>, format = Date, example = "2025-11-01")]
    on: Option<String>,
    /// As-of read: returns the registry as it was recorded at this time. Later changes are not visible, records deleted
    /// since are present, and keys and names are those of that time. The present if absent
    #[param(value_type = Option<String>, format = DateTime, example = "2025-11-01T00:00:00Z")]
    known_at: Option<String>,
}

/// What a read of one record has beside [`RecordParameters`].
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters, which are read by name")]
struct ShapeParameters {
    /// The fields of each record that the response has, in this order, separated by commas; a field of a field follows a point. All
    /// if absent. CSV and XLSX take their columns too
    #[param(max_length = 8000, example = "id")]
    fields: Option<String>,
    /// Records that are returned whole where a record refers to them, separated by commas; by their names alone if absent
    #[param(max_length = 1000)]
    include: Option<String>,
}

/// `fields` and `include` of a record of type `T`, with what `include` can name; without it if that is nothing.
#[derive(Debug)]
pub struct ShapeOf<T>(PhantomData<T>);

impl<T: Listed> IntoParams for ShapeOf<T> {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        naming_references::<T>(ShapeParameters::into_params(parameter_in))
    }
}

/// The day of a read: `on`, or today. Reads `pretty` too, and refuses other parameters except `known_at`, which
/// `Registry` reads.
pub struct OnDay(pub NaiveDate);

impl FromRequest for OnDay {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parameters(request, &["on"]).map(|values| Self(values.day)))
    }
}

/// What a read of one record asks for: the day, as [`OnDay`], and `fields` and `include`.
pub struct OfRecord {
    /// The day that statuses are computed for
    pub day: NaiveDate,
    /// What the response has of the record
    pub asked: Asked,
}

impl FromRequest for OfRecord {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parameters(request, &["on", FIELDS, INCLUDE]))
    }
}

fn parameters(request: &HttpRequest, known: &[&'static str]) -> Result<OfRecord> {
    let mut values: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in query_string::pairs(request.query_string())? {
        match name.as_str() {
            KNOWN_AT => {}
            PRETTY => pretty::read(request, &value)?,
            _ => {
                let Some(name) = known.iter().find(|known| **known == name) else {
                    return Err(unknown_parameter(&name, &[known, &[KNOWN_AT, PRETTY]].concat()));
                };
                if values.insert(name, value).is_some() {
                    return Err(given_twice(name));
                }
            }
        }
    }
    let day = values
        .get("on")
        .map(|day| parse_day(day).ok_or_else(|| not_a_day("on", day)))
        .transpose()?;
    Ok(OfRecord {
        day: day.unwrap_or_else(today),
        asked: Asked {
            fields: values.remove(FIELDS),
            include: values.remove(INCLUDE),
        },
    })
}

/// Reads `pretty` and refuses every other query parameter.
pub struct PrettyAlone;

impl FromRequest for PrettyAlone {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(pretty_alone(request).map(|()| Self))
    }
}

fn pretty_alone(request: &HttpRequest) -> Result<()> {
    for (name, value) in query_string::pairs(request.query_string())? {
        if name != PRETTY {
            return Err(Error::malformed(
                format!("?{name}"),
                format!("{name} is not a parameter of this path; known is {PRETTY}"),
            ));
        }
        pretty::read(request, &value)?;
    }
    Ok(())
}

/// Refuses every query parameter.
pub struct NoParameters;

impl FromRequest for NoParameters {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            query_string::pairs(request.query_string()).and_then(|parameters| match parameters.first() {
                None => Ok(Self),
                Some((name, _)) => Err(Error::malformed(
                    format!("?{name}"),
                    format!("{name} is not a parameter of this path; it has none"),
                )),
            }),
        )
    }
}
