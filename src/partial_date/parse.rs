//! How a partial date is parsed, and what is wrong with a text that is not one.

use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate};

use super::PartialDate;

/// The forms of a date, for messages.
pub(super) const FORMS: &str = "write 2025, 2025-09 or 2025-09-23 without blanks, each optionally followed by ~ for \"about\" \
     (2025-09~), 1960/1962-05 for some time between, or ../2025-11-12 for not later than";

impl FromStr for PartialDate {
    type Err = PartialDateError;

    fn from_str(text: &str) -> Result<PartialDate, PartialDateError> {
        let (earliest, latest) = days_of(text)?;
        Ok(PartialDate {
            text: text.to_owned(),
            earliest,
            latest,
        })
    }
}

impl TryFrom<String> for PartialDate {
    type Error = PartialDateError;

    fn try_from(text: String) -> Result<PartialDate, PartialDateError> {
        let (earliest, latest) = days_of(&text)?;
        Ok(PartialDate {
            text,
            earliest,
            latest,
        })
    }
}

/// Why a text is not a date, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartialDateError {
    /// The text has none of the forms of a date.
    #[error("{given} is not a date: {FORMS}")]
    Form {
        /// The first 40 characters of the text, quoted and escaped
        given: String,
    },
    /// The year is 0000.
    #[error("{plain} has the year 0000: years run from 0001 to 9999")]
    Year {
        /// The year, month or day at fault
        plain: String,
    },
    /// The month is over 12.
    #[error("{plain} has a month that does not exist: months run from 01 to 12")]
    Month {
        /// The month or day at fault
        plain: String,
    },
    /// The month does not have the day.
    #[error("{plain} has a day that does not exist: {month} has {days} days")]
    Day {
        /// The day at fault
        plain: String,
        /// The month's name and year, `February 2025`
        month: String,
        /// How many days the month has
        days: u8,
    },
    /// The month or the day is 00.
    #[error("{plain} has 00 for an unknown part: leave that part out and write {instead}")]
    Zero {
        /// The month or day at fault
        plain: String,
        /// The same date without the unknown part
        instead: String,
    },
    /// The interval ends before it begins.
    #[error("{given} ends before it begins: write the earlier date before the slash")]
    Order {
        /// The interval
        given: String,
    },
}

/// Returns the first day (`None` if the beginning is open) and the last day that the text covers.
fn days_of(text: &str) -> Result<(Option<NaiveDate>, NaiveDate), PartialDateError> {
    let malformed = || PartialDateError::Form { given: excerpt(text) };
    let Some((from, until)) = text.split_once('/') else {
        let plain = Plain::read(text.strip_suffix('~').unwrap_or(text)).ok_or_else(malformed)?;
        let (first, last) = plain.days()?;
        return Ok((Some(first), last));
    };
    let until = Plain::read(until).ok_or_else(malformed)?;
    if from == ".." {
        let (_, latest) = until.days()?;
        return Ok((None, latest));
    }
    let from = Plain::read(from).ok_or_else(malformed)?;
    let (earliest, _) = from.days()?;
    let (_, latest) = until.days()?;
    if latest < earliest {
        return Err(PartialDateError::Order {
            given: text.to_owned(),
        });
    }
    Ok((Some(earliest), latest))
}

/// Returns the beginning of a text, quoted: the text may be of any length and hold any character.
fn excerpt(text: &str) -> String {
    const MOST: usize = 40;
    let beginning: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    let ellipsis = if text.chars().nth(MOST).is_some() {
        "…"
    } else {
        ""
    };
    format!("\"{beginning}{ellipsis}\"")
}

/// A year, a month or a day with its digits in the right places, whether or not the calendar has it.
struct Plain<'text> {
    text: &'text str,
    year: i32,
    month: Option<u32>,
    day: Option<u32>,
}

impl<'text> Plain<'text> {
    fn read(text: &'text str) -> Option<Plain<'text>> {
        let has_the_form = matches!(text.len(), 4 | 7 | 10)
            && text.bytes().enumerate().all(|(index, byte)| match index {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !has_the_form {
            return None;
        }
        let mut parts = text.split('-');
        Some(Plain {
            text,
            year: parts.next()?.parse().ok()?,
            month: parts.next().and_then(|digits| digits.parse().ok()),
            day: parts.next().and_then(|digits| digits.parse().ok()),
        })
    }

    /// Returns the first and the last day that it covers.
    fn days(&self) -> Result<(NaiveDate, NaiveDate), PartialDateError> {
        let plain = || self.text.to_owned();
        let known = |length| self.text.chars().take(length).collect();
        if self.year == 0 {
            return Err(PartialDateError::Year { plain: plain() });
        }
        if self.month == Some(0) {
            return Err(PartialDateError::Zero {
                plain: plain(),
                instead: known("2025".len()),
            });
        }
        let first_of = |month| NaiveDate::from_ymd_opt(self.year, month, 1);
        let months = (
            first_of(self.month.unwrap_or(1)),
            first_of(self.month.unwrap_or(12)),
        );
        let (Some(first_month), Some(last_month)) = months else {
            return Err(PartialDateError::Month { plain: plain() });
        };
        let days = last_month.num_days_in_month();
        match self.day {
            None => Ok((first_month, last_month + Days::new(u64::from(days) - 1))),
            Some(0) => Err(PartialDateError::Zero {
                plain: plain(),
                instead: known("2025-09".len()),
            }),
            Some(day) if day <= u32::from(days) => {
                let day = first_month + Days::new(u64::from(day) - 1);
                Ok((day, day))
            }
            Some(_) => Err(PartialDateError::Day {
                plain: plain(),
                month: first_month.format("%B %Y").to_string(),
                days,
            }),
        }
    }
}
