//! What stands in an address: a reference to a record, and the day that its status is told for.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::{NaiveDate, Utc};
use utoipa::IntoParams;

use crate::error::{Error, Result};
use crate::http::query;
use crate::http::registry::KNOWN_AT;
use crate::references::Reference;

/// `{ref}` of a path; any text is accepted here, what it fits is found by `references::find`.
#[derive(Debug, Clone)]
pub struct PathReference(pub Reference);

impl FromRequest for PathReference {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(segment(request, "ref").map(|text| Self(Reference::parse(&text))))
    }
}

/// One decoded segment of the path.
pub fn segment(request: &HttpRequest, name: &str) -> Result<String> {
    let not_text = || Error::not_found("the path is not percent-encoded UTF-8 text without NUL");
    // actix has decoded the path already, all but %2F, %25 and %2B, and let pass what it could not read.
    query::decode(request.uri().path(), false).ok_or_else(not_text)?;
    let matched = request.match_info().get(name).unwrap_or_default();
    query::decode(matched, false).ok_or_else(not_text)
}

/// Today, as the registry counts days.
pub fn today() -> NaiveDate {
    Utc::now().date_naive()
}

/// The query parameters of a read of a single record.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters, which are read by name")]
pub struct RecordParameters {
    /// The day that a status is told for, today (UTC) when absent
    #[param(value_type = Option<String>, format = Date, example = "2025-11-01")]
    on: Option<String>,
    /// The moment as of which the registry is read, as it was recorded then: what came later is unknown, what was deleted
    /// since is there, and keys and names are of then. The present when absent
    #[param(value_type = Option<String>, format = DateTime, example = "2025-11-01T00:00:00Z")]
    known_at: Option<String>,
}

/// The day of a read of a single record; `known_at` is read by `Registry`.
pub struct OnDay(pub NaiveDate);

impl FromRequest for OnDay {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(on_day(request.query_string()).map(Self))
    }
}

fn on_day(query: &str) -> Result<NaiveDate> {
    let mut day = None;
    for (name, value) in query::pairs(query)? {
        match name.as_str() {
            "on" => {}
            // `Registry` reads it.
            KNOWN_AT => continue,
            _ => {
                return Err(Error::malformed(
                    format!("?{name}"),
                    format!("{name} is no parameter here; known are on, {KNOWN_AT}"),
                ));
            }
        }
        if day.is_some() {
            return Err(Error::malformed("?on", "on is given twice"));
        }
        day = Some(parse_day(&value).ok_or_else(|| not_a_day("on"))?);
    }
    Ok(day.unwrap_or_else(today))
}

/// A whole day, and nothing else: a status is told for one day.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if !shape {
        return None;
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|day| chrono::Datelike::year(day) >= 1)
}

pub fn not_a_day(parameter: &str) -> Error {
    Error::malformed(
        format!("?{parameter}"),
        format!("{parameter} is no day: write it as 2025-11-01"),
    )
}

/// Refuses a period whose last day lies before its first: it would find nothing, and nobody means that.
pub fn in_order(first: (&str, Option<NaiveDate>), last: (&str, Option<NaiveDate>)) -> Result<()> {
    if let (Some(from), Some(to)) = (first.1, last.1)
        && to < from
    {
        return Err(Error::invalid(
            format!("?{}", last.0),
            format!("{to} is before {} {from}", first.0),
        ));
    }
    Ok(())
}

/// Refuses every query parameter, where a path knows none.
pub struct NoParameters;

impl FromRequest for NoParameters {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            query::pairs(request.query_string()).and_then(|parameters| match parameters.first() {
                None => Ok(Self),
                Some((name, _)) => Err(Error::malformed(
                    format!("?{name}"),
                    format!("{name} is no parameter here, and there is none"),
                )),
            }),
        )
    }
}
