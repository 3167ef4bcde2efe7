//! Values of query parameters: whole numbers, days, periods and times.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, SubsecRound, TimeDelta, Utc};

use crate::error::{Error, Result};
use crate::partial_date::PartialDate;
use crate::text::shorten;

/// The parameter of an as-of read.
pub const KNOWN_AT: &str = "known_at";

/// Returns the value of the parameter `name`: a whole number between `least` and `most`, written as digits alone.
///
/// # Errors
/// Malformed request at the parameter if the text is no such number.
pub fn whole_number<N>(name: &str, text: &str, least: N, most: N) -> Result<N>
where
    N: FromStr + PartialOrd + Display,
{
    text.parse()
        .ok()
        .filter(|number| *number >= least && *number <= most && !text.starts_with('+'))
        .ok_or_else(|| {
            Error::malformed(
                format!("?{name}"),
                format!(
                    "{name} must be a whole number from {least} to {most}, not \"{}\"",
                    shorten(text)
                ),
            )
        })
}

/// Returns the value of the parameter `name`: `true` or `false`.
///
/// # Errors
/// Malformed request at the parameter for any other text.
pub fn truth(name: &str, text: &str) -> Result<bool> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(Error::malformed(
            format!("?{name}"),
            format!("{name} must be true or false, not \"{}\"", shorten(other)),
        )),
    }
}

/// Returns today's date in UTC.
pub fn today() -> NaiveDate {
    Utc::now().date_naive()
}

/// Reads a whole day, `2025-11-01`; `None` for anything else, dates of less precision included.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    if !has_shape_of_day(text) {
        return None;
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|day| day.year() >= 1)
}

fn has_shape_of_day(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| {
            if index == 4 || index == 7 {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        })
}

/// Returns the fault of a parameter whose value `text` is not a day.
pub fn not_a_day(parameter: &str, text: &str) -> Error {
    let detail = if has_shape_of_day(text) {
        format!("{parameter} is not a day of the calendar: {text}")
    } else {
        format!(
            "{parameter} must be a day such as 2025-11-01, not \"{}\"",
            shorten(text)
        )
    };
    Error::malformed(format!("?{parameter}"), detail)
}

/// Returns the fault of a parameter that can be sent only once.
pub fn given_twice(parameter: &str) -> Error {
    Error::malformed(format!("?{parameter}"), twice(parameter))
}

/// Returns the fault of a parameter that is sent without a value.
pub fn empty(parameter: &str) -> Error {
    Error::malformed(format!("?{parameter}"), without_value(parameter))
}

/// Returns the detail of [`empty`].
pub fn without_value(parameter: &str) -> String {
    format!("{parameter} is empty; write a value, or leave {parameter} out")
}

/// Returns the detail of [`given_twice`].
pub fn twice(parameter: &str) -> String {
    format!("{parameter} is given twice; send it once")
}

/// Returns what the two parameters that bound a field begin with: `lifted` of `lifted_from` and `lifted_to` for `lifted_on`.
pub fn stem_of_bounds(field: &str) -> &str {
    field
        .strip_suffix("_on")
        .or_else(|| field.strip_suffix("_at"))
        .unwrap_or(field)
}

/// The first and the last of what a period or range has; `None` where it is open.
pub type Bounds<B> = (Option<B>, Option<B>);

/// Returns the first and the last day of a period that two parameters give: names, and values if they are there. A month or a
/// year means its first day where the period begins, and its last where it ends.
///
/// # Errors
/// Malformed request if a value is not a date or has no such day; invalid if the period ends before it begins.
pub fn period(first: (&str, Option<&str>), last: (&str, Option<&str>)) -> Result<Bounds<NaiveDate>> {
    let bound = |(name, text): (&str, Option<&str>), day: fn(&PartialDate) -> Option<NaiveDate>| {
        text.map(|text| {
            let date: Option<PartialDate> = text.parse().ok();
            date.as_ref().and_then(day).ok_or_else(|| not_a_bound(name, text))
        })
        .transpose()
    };
    in_order(
        (first.0, bound(first, PartialDate::earliest)?),
        (last.0, bound(last, PartialDate::latest)?),
    )
}

/// Returns the first and the last moment of a period that two parameters give, as [`period`] does for days. A bound is a time
/// with its offset from UTC, or a day, a month or a year in UTC.
///
/// # Errors
/// Malformed request if a value is none of these; invalid if the period ends before it begins.
pub fn times(first: (&str, Option<&str>), last: (&str, Option<&str>)) -> Result<Bounds<DateTime<Utc>>> {
    let bound = |(name, text): (&str, Option<&str>), of_date: fn(&PartialDate) -> Option<DateTime<Utc>>| {
        text.map(|text| {
            parse_time(text)
                .or_else(|| of_date(&text.parse().ok()?))
                .ok_or_else(|| {
                    Error::malformed(
                        format!("?{name}"),
                        format!(
                            "{name} must be a time with an offset from UTC such as 2025-11-01T00:00:00Z, or a day, a month or a \
                             year such as 2025-11-01, 2025-11 or 2025, not \"{}\"",
                            shorten(text)
                        ),
                    )
                })
        })
        .transpose()
    };
    let from = bound(first, |date| {
        Some(date.earliest()?.and_time(NaiveTime::MIN).and_utc())
    })?;
    let to = bound(last, |date| {
        let next = date.latest()?.succ_opt()?.and_time(NaiveTime::MIN).and_utc();
        Some(next - TimeDelta::microseconds(1))
    })?;
    in_order((first.0, from), (last.0, to))
}

/// Returns the least and the most number that two parameters give, as they were written.
///
/// # Errors
/// Malformed request if a value is not a decimal number; invalid if the most is below the least.
pub fn numbers(first: (&str, Option<&str>), last: (&str, Option<&str>)) -> Result<Bounds<String>> {
    let bound = |(name, text): (&str, Option<&str>)| {
        text.map(|text| {
            decimal(text).ok_or_else(|| {
                Error::malformed(
                    format!("?{name}"),
                    format!(
                        "{name} must be a number such as 10 or -2.5, with at most 12 digits before the point and 6 after it, \
                         not \"{}\"",
                        shorten(text)
                    ),
                )
            })
        })
        .transpose()
    };
    let (from, to) = in_order((first.0, bound(first)?), (last.0, bound(last)?))?;
    Ok((
        from.map(|_| first.1.unwrap_or_default().to_owned()),
        to.map(|_| last.1.unwrap_or_default().to_owned()),
    ))
}

/// Reads a decimal number of at most 12 digits before the point and 6 after it; `None` for anything else.
fn decimal(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_short = |part: &str, most: usize| {
        (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if is_short(whole, 12) && is_short(fraction, 6) {
        text.parse().ok()
    } else {
        None
    }
}

/// Returns two bounds, given with the names of their parameters.
///
/// # Errors
/// Invalid if the last is before the first: no record could match.
fn in_order<B: PartialOrd + Display>(
    (first, from): (&str, Option<B>),
    (last, to): (&str, Option<B>),
) -> Result<Bounds<B>> {
    match (from, to) {
        (Some(from), Some(to)) if to < from => Err(Error::invalid(
            format!("?{last}"),
            format!("{to} is before {first} {from}"),
        )),
        bounds => Ok(bounds),
    }
}

fn not_a_bound(parameter: &str, text: &str) -> Error {
    if has_shape_of_day(text) {
        return not_a_day(parameter, text);
    }
    Error::malformed(
        format!("?{parameter}"),
        format!(
            "{parameter} must be a day, a month or a year such as 2025-11-01, 2025-11 or 2025, not \"{}\"",
            shorten(text)
        ),
    )
}

/// Reads a time with its offset from UTC (RFC 3339), cut to the microseconds that PostgreSQL keeps; `None` for anything
/// else.
pub fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    // chrono also accepts a blank before the time, and signs and digits of other scripts.
    if !text.is_ascii() {
        return None;
    }
    if text
        .as_bytes()
        .get(10)
        .is_none_or(|byte| !byte.eq_ignore_ascii_case(&b'T'))
    {
        return None;
    }
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.to_utc().trunc_subsecs(6))
        .filter(|time| time.year() >= 1)
}

/// Returns the fault of a parameter that is not a time.
pub fn not_a_time(parameter: &str) -> Error {
    Error::malformed(
        format!("?{parameter}"),
        format!(
            "{parameter} is not a time with an offset from UTC; write it as 2025-11-01T00:00:00Z or \
             2025-11-01T00:00:00-05:00, and a + as %2B"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_is_refused_is_quoted() {
        for (text, detail) in [
            ("2025-02-30", "on is not a day of the calendar: 2025-02-30"),
            ("0000-01-01", "on is not a day of the calendar: 0000-01-01"),
            ("2025", "on must be a day such as 2025-11-01, not \"2025\""),
            (
                "2025/11/01",
                "on must be a day such as 2025-11-01, not \"2025/11/01\"",
            ),
            (
                "20-2511-01",
                "on must be a day such as 2025-11-01, not \"20-2511-01\"",
            ),
        ] {
            assert_eq!(parse_day(text), None, "{text}");
            assert_eq!(not_a_day("on", text).detail(), detail);
        }
    }

    #[test]
    fn a_time_has_an_offset() {
        let time = |text: &str| parse_time(text).map(|time| time.to_rfc3339());

        assert_eq!(
            time("2025-11-01T00:00:00-05:00").as_deref(),
            Some("2025-11-01T05:00:00+00:00")
        );
        assert_eq!(
            time("2025-11-01t00:00:00.1234567z").as_deref(),
            Some("2025-11-01T00:00:00.123456+00:00")
        );
        for text in [
            "",
            "2025-11-01",
            "2025-11-01T00:00:00",
            "2025-11-01 00:00:00Z",
            "2025-11-01T00:00:00 05:00",
            "2025-13-01T00:00:00Z",
            "now",
            "0000-01-01T00:00:00Z",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
