//! How a partial date is parsed, and what is wrong with a text that is not one.

use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate};

use super::PartialDate;

/// The forms of a date, for messages.
pub(super) const FORMS: &str = "write 2025, 2025-09 or 2025-09-23 without blanks, each optionally followed by ~ for \"about\" \
     (2025-09~), 1960/1962-05 for some time between, ../2025-11-12 for not later than, 2023-06-21/.. for not before, \
     [1999,2003] for one of several, or 198X for some year of the 1980s";

/// How many dates a set such as `[1999,2003]` may have.
pub(super) const MOST_MEMBERS: usize = 20;

impl FromStr for PartialDate {
    type Err = PartialDateError;

    fn from_str(text: &str) -> Result<PartialDate, PartialDateError> {
        if let Some(members) = text.strip_prefix('[') {
            return one_of(members, text);
        }
        let span = match text.split_once('/') {
            None => {
                let (from, until) = End::pair(text, text)?;
                Span::between(Some(from), Some(until), text)?.alone()
            }
            Some((from, until)) => {
                let from = End::pair_unless("..", from, text)?;
                let until = End::pair_unless("..", until, text)?;
                Span::between(from.map(|(first, _)| first), until.map(|(_, last)| last), text)?
            }
        };
        span.into_date(text)
    }
}

impl TryFrom<String> for PartialDate {
    type Error = PartialDateError;

    fn try_from(text: String) -> Result<PartialDate, PartialDateError> {
        text.parse()
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
    /// A digit follows an unspecified one, as in `198X-05`.
    #[error("{plain} has a digit after X: X stands for the last digits, as in 198X, 19XX or 2023-XX")]
    DigitAfterUnspecified {
        /// The year, month or day at fault
        plain: String,
    },
    /// No digit is specified.
    #[error("{plain} says nothing: give at least the first digit of the year, or leave the date out")]
    Unspecified {
        /// The year, month or day at fault
        plain: String,
    },
    /// The interval ends before it begins.
    #[error("{given} ends before it begins: write the earlier date first")]
    Order {
        /// The interval
        given: String,
    },
    /// The set has too many dates.
    #[error("a set has at most {MOST_MEMBERS} dates: write an interval such as 1999/2003 instead")]
    Members,
    /// The set is open at both ends, as `[..1999,2003..]` is.
    #[error("{given} is open at both ends: leave one of the two out")]
    Unbounded {
        /// The first 40 characters of the set, quoted and escaped
        given: String,
    },
}

/// Returns the date that a set means: one of its members. The text of the date has the members in order. A member that lies
/// within another adds nothing and is left out; one that is left alone is written as if it stood without brackets.
fn one_of(members: &str, whole: &str) -> Result<PartialDate, PartialDateError> {
    let malformed = || PartialDateError::Form {
        given: excerpt(whole),
    };
    let members = members.strip_suffix(']').ok_or_else(malformed)?;
    if members.contains('~') {
        return Err(malformed());
    }
    let mut spans = Vec::new();
    for (index, member) in members.split(',').enumerate() {
        if index == MOST_MEMBERS {
            return Err(PartialDateError::Members);
        }
        // EDTF writes a blank after some commas.
        let member = match index {
            0 => member,
            _ => member.strip_prefix(' ').unwrap_or(member),
        };
        let (from, until) = match member.split_once("..") {
            None => {
                let (from, until) = End::pair(member, whole)?;
                (Some(from), Some(until))
            }
            Some((from, until)) => (
                End::pair_unless("", from, whole)?.map(|(first, _)| first),
                End::pair_unless("", until, whole)?.map(|(_, last)| last),
            ),
        };
        spans.push(Span::between(from, until, member)?.alone());
    }

    // The earliest first; of two that begin together, the one that ends last, and then the shorter text.
    spans.sort_by_key(|span| {
        (
            span.earliest(),
            std::cmp::Reverse(span.latest().unwrap_or(NaiveDate::MAX)),
            span.text("..", "").len(),
        )
    });
    let mut kept: Vec<Span> = Vec::new();
    for span in spans {
        let lies_within = kept.last().is_some_and(|before| {
            before
                .latest()
                .is_none_or(|last| span.latest().is_some_and(|latest| latest <= last))
        });
        if !lies_within {
            kept.push(span);
        }
    }

    if kept.len() == 1
        && let Some(only) = kept.pop()
    {
        return only.into_date(whole);
    }
    let earliest = kept.first().and_then(Span::earliest);
    let latest = kept.last().and_then(Span::latest);
    if earliest.is_none() && latest.is_none() {
        return Err(PartialDateError::Unbounded {
            given: excerpt(whole),
        });
    }
    let members: Vec<String> = kept.iter().map(|span| span.text("..", "")).collect();
    Ok(PartialDate {
        text: format!("[{}]", members.join(",")),
        earliest,
        latest,
    })
}

/// One date, or the days between two dates, of which one may be open.
struct Span {
    from: Option<End>,
    until: Option<End>,
    /// Whether `from` is the whole date.
    is_alone: bool,
}

impl Span {
    /// `given` is the text for the message.
    fn between(from: Option<End>, until: Option<End>, given: &str) -> Result<Span, PartialDateError> {
        let span = Span {
            from,
            until,
            is_alone: false,
        };
        if let (Some(earliest), Some(latest)) = (span.earliest(), span.latest())
            && latest < earliest
        {
            return Err(PartialDateError::Order {
                given: given.to_owned(),
            });
        }
        Ok(span)
    }

    /// Writes the span as one date if both ends are that date.
    fn alone(self) -> Span {
        Span {
            is_alone: self.from == self.until,
            ..self
        }
    }

    fn earliest(&self) -> Option<NaiveDate> {
        self.from.as_ref().map(|end| end.first)
    }

    fn latest(&self) -> Option<NaiveDate> {
        self.until.as_ref().map(|end| end.last)
    }

    fn text(&self, separator: &str, open: &str) -> String {
        let text = |end: &Option<End>| {
            end.as_ref()
                .map_or_else(|| open.to_owned(), |end| end.text.clone())
        };
        if self.is_alone {
            return text(&self.from);
        }
        format!("{}{separator}{}", text(&self.from), text(&self.until))
    }

    /// `whole` is the text for the message.
    fn into_date(self, whole: &str) -> Result<PartialDate, PartialDateError> {
        if self.from.is_none() && self.until.is_none() {
            return Err(PartialDateError::Form {
                given: excerpt(whole),
            });
        }
        Ok(PartialDate {
            text: self.text("/", ".."),
            earliest: self.earliest(),
            latest: self.latest(),
        })
    }
}

/// A year, a month or a day, each with or without `~`, as it is stored.
#[derive(Clone, PartialEq, Eq)]
struct End {
    text: String,
    first: NaiveDate,
    last: NaiveDate,
}

impl End {
    /// Returns the first and the last date that a text means: twice the same, unless digits are unspecified. `whole` is the
    /// text for the message.
    fn pair(text: &str, whole: &str) -> Result<(End, End), PartialDateError> {
        let malformed = || PartialDateError::Form {
            given: excerpt(whole),
        };
        let (plain, mark) = match text.strip_suffix('~') {
            Some(plain) => (plain, "~"),
            None => (text, ""),
        };
        if !has_the_form(plain) {
            return Err(malformed());
        }
        let (from, until) = specified(plain)?;
        let end = |plain: String| -> Result<End, PartialDateError> {
            let (first, last) = Plain::read(&plain).ok_or_else(malformed)?.days()?;
            Ok(End {
                text: plain + mark,
                first,
                last,
            })
        };
        Ok((end(from)?, end(until)?))
    }

    /// Returns what [`pair`](Self::pair) returns, or `None` if the text is `open`.
    fn pair_unless(open: &str, text: &str, whole: &str) -> Result<Option<(End, End)>, PartialDateError> {
        if text == open {
            return Ok(None);
        }
        End::pair(text, whole).map(Some)
    }
}

/// Returns whether a text has digits, or `X`, and hyphens in the right places for a year, a month or a day.
fn has_the_form(text: &str) -> bool {
    matches!(text.len(), 4 | 7 | 10)
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit() || byte == b'X',
        })
}

/// Returns the first and the last date that a date with unspecified digits (`X`) means; twice the date if it has none.
fn specified(plain: &str) -> Result<(String, String), PartialDateError> {
    let Some((known, rest)) = plain.find('X').map(|index| plain.split_at(index)) else {
        return Ok((plain.to_owned(), plain.to_owned()));
    };
    if rest.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err(PartialDateError::DigitAfterUnspecified {
            plain: plain.to_owned(),
        });
    }
    let both = |first: &str, last: &str| Ok((format!("{known}{first}"), format!("{known}{last}")));
    match (known.len(), known.chars().last()) {
        (0, _) => Err(PartialDateError::Unspecified {
            plain: plain.to_owned(),
        }),
        // There is no year 0000.
        (1..=3, _) if known.bytes().all(|digit| digit == b'0') => {
            both(&"0001"[known.len()..], &"9999"[known.len()..])
        }
        (1..=3, _) => both(&"0000"[known.len()..], &"9999"[known.len()..]),
        (5 | 8, _) => {
            let whole = known.trim_end_matches('-').to_owned();
            Ok((whole.clone(), whole))
        }
        (_, Some('0')) => both("1", "9"),
        (6, Some('1')) => both("0", "2"),
        (9, Some('1')) => both("0", "9"),
        (9, Some('2' | '3')) => {
            let month = &known[.."2025-09".len()];
            let (_, last) = Plain::read(month)
                .ok_or_else(|| PartialDateError::Form {
                    given: excerpt(plain),
                })?
                .days()?;
            let last = last.day().min(if known.ends_with('2') { 29 } else { 31 });
            // Where the month has no such day, the first one is refused later.
            both("0", &(last % 10).to_string())
        }
        // No month and no day begins with these digits: the calendar refuses them.
        _ => both("0", "0"),
    }
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
        if !has_the_form(text) {
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
