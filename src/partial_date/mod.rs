//! Dates that keep their precision: a year, a month, a day, "about" or a range. A date keeps its text as written and
//! compares as the interval of days that it covers.
//!
//! The same rules stand in SQL (`partial_date_is_valid` and its neighbours, with the domain `partial_date`); a test
//! compares the two.

mod formats;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt;

use chrono::NaiveDate;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

pub use parse::PartialDateError;

/// A date in a subset of EDTF (ISO 8601-2): `2025`, `2025-09`, `2025-09-23`, one of these with `~` (about),
/// `1960/1962-05` (some time between) or `../2025-11-12` (not later than).
///
/// Two dates are equal if their texts are equal; whether one comes before another is
/// [`is_certainly_before`](Self::is_certainly_before).
///
/// ```
/// use demarche::partial_date::PartialDate;
///
/// let date: PartialDate = "2025-09".parse()?;
/// assert_eq!(date.latest().to_string(), "2025-09-30");
/// assert!(!date.is_exact());
/// # Ok::<(), demarche::partial_date::PartialDateError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct PartialDate {
    text: String,
    earliest: Option<NaiveDate>,
    latest: NaiveDate,
}

impl PartialDate {
    /// Returns the date as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the first day that the date covers; `None` if the beginning is open (`../2025`).
    pub fn earliest(&self) -> Option<NaiveDate> {
        self.earliest
    }

    /// Returns the last day that the date covers.
    pub fn latest(&self) -> NaiveDate {
        self.latest
    }

    /// Returns the day by which lists and timelines sort: the earliest day, or the latest if the beginning is open.
    pub fn sort_day(&self) -> NaiveDate {
        self.earliest.unwrap_or(self.latest)
    }

    /// Returns whether the date is a full day without `~`. An interval is never exact, even one of a single day.
    pub fn is_exact(&self) -> bool {
        matches!(self.text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _])
    }

    /// Returns whether the date is written with `~` (about): the days that it covers are then a guide, not a limit.
    pub fn is_approximate(&self) -> bool {
        self.text.ends_with('~')
    }

    /// Returns whether every day of this date lies before every day of `other`. An end date may not be certainly before
    /// its beginning; dates that share a day are never certainly before each other.
    pub fn is_certainly_before(&self, other: &PartialDate) -> bool {
        other.earliest.is_some_and(|earliest| self.latest < earliest)
    }

    /// Returns whether `day` lies within the days that the date covers.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.earliest.is_none_or(|earliest| earliest <= day) && day <= self.latest
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}
