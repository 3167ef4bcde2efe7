//! Dates that keep their precision: a year, a month, a day, "about", a range, "not before" or one of several. A date keeps
//! its text and compares as the interval from its first to its last day.
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
/// `1960/1962-05` (some time between; each end may have a `~`), `../2025-11-12` (not later than), `2023-06-21/..` (not before)
/// or `[1999,2003]` (one of these).
///
/// Unspecified digits are read and stored as an interval: `198X` becomes `1980/1989`. The members of a set are stored in
/// order, and one that lies within another is left out.
///
/// Two dates are equal if their texts are equal; whether one comes before another is
/// [`is_certainly_before`](Self::is_certainly_before).
///
/// ```
/// use demarche::partial_date::PartialDate;
///
/// let date: PartialDate = "2025-09".parse()?;
/// assert_eq!(date.latest().map(|day| day.to_string()).as_deref(), Some("2025-09-30"));
/// assert!(!date.is_exact());
/// # Ok::<(), demarche::partial_date::PartialDateError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct PartialDate {
    text: String,
    earliest: Option<NaiveDate>,
    latest: Option<NaiveDate>,
}

impl PartialDate {
    /// Returns the date as it is stored.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the first day that the date covers; `None` if the beginning is open (`../2025`).
    pub fn earliest(&self) -> Option<NaiveDate> {
        self.earliest
    }

    /// Returns the last day that the date covers; `None` if the end is open (`2025/..`).
    pub fn latest(&self) -> Option<NaiveDate> {
        self.latest
    }

    /// Returns the day by which lists and timelines sort: the earliest day, or the latest if the beginning is open.
    pub fn sort_day(&self) -> NaiveDate {
        // No date is open at both ends.
        self.earliest.or(self.latest).unwrap_or(NaiveDate::MIN)
    }

    /// Returns whether the date is a full day without `~`. An interval is never exact, even one of a single day.
    pub fn is_exact(&self) -> bool {
        matches!(self.text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _])
    }

    /// Returns whether the date, or an end of it, is written with `~` (about): the days that it covers are then a guide, not a
    /// limit.
    pub fn is_approximate(&self) -> bool {
        self.text.contains('~')
    }

    /// Returns whether every day of this date lies before every day of `other`. An end date may not be certainly before
    /// its beginning; dates that share a day are never certainly before each other.
    pub fn is_certainly_before(&self, other: &PartialDate) -> bool {
        matches!((self.latest, other.earliest), (Some(latest), Some(earliest)) if latest < earliest)
    }

    /// Returns whether `day` lies between the first and the last day that the date covers. A set covers the days between its
    /// members too.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.earliest.is_none_or(|earliest| earliest <= day) && self.latest.is_none_or(|latest| day <= latest)
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}
