//! A date as it is known: a year, a month, a day, about then, between two, not later than. The one thing to know: the
//! text is kept as it was written, and a date compares as the interval of days that it covers.
//!
//! The same rules stand in SQL (`partial_date_is_valid` and its neighbours, with the domain `partial_date`); a test holds
//! the two against each other.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema, openapi::RefOr};

/// A year, month or day without `~`, for `PATTERN`: every real day and no other, leap years included. It has no
/// lookahead, which not every engine that reads OpenAPI documents knows.
macro_rules! plain_pattern {
    () => {
        concat!(
            r"(?:(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])",
            r"(?:-(?:0[1-9]|1[0-2])",
            r"|-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])",
            r"|-(?:0[13-9]|1[0-2])-(?:29|30)",
            r"|-(?:0[13578]|1[02])-31)?",
            r"|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)-02-29)",
        )
    };
}

const FORMS: &str = "write 2025, 2025-09 or 2025-09-23 without blanks, any of them with ~ behind it for about then \
                     (2025-09~), 1960/1962-05 for some time between, or ../2025-11-12 for not later than";

/// A date in a subset of EDTF: `2025`, `2025-09`, `2025-09-23`, one of these with `~` (about), `1960/1962-05` (some time
/// between) or `../2025-11-12` (not later than). Two are equal when they are written alike.
#[derive(Clone, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct PartialDate {
    text: String,
    earliest: Option<NaiveDate>,
    latest: NaiveDate,
}

impl PartialDate {
    /// Every date matches; whatever else matches is an interval whose second part ends before the first begins.
    pub const PATTERN: &str = concat!(
        "^(?:",
        plain_pattern!(),
        r"~?|(?:",
        plain_pattern!(),
        r"|\.\.)/",
        plain_pattern!(),
        ")$"
    );

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first day that it covers; none where the beginning is open (`../2025`).
    pub fn earliest(&self) -> Option<NaiveDate> {
        self.earliest
    }

    pub fn latest(&self) -> NaiveDate {
        self.latest
    }

    /// What a list or a timeline sorts by: the earliest day, or the latest where the beginning is open.
    pub fn sort_day(&self) -> NaiveDate {
        self.earliest.unwrap_or(self.latest)
    }

    /// Whether it is a full day and nothing else; an interval is never exact, be it of one day.
    pub fn is_exact(&self) -> bool {
        matches!(self.text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _])
    }

    /// Whether it is written with `~`: about then, so that its days are only a guide.
    pub fn is_approximate(&self) -> bool {
        self.text.ends_with('~')
    }

    /// Whether it is over before `other` can begin: what an end may not be to its beginning.
    pub fn is_certainly_before(&self, other: &PartialDate) -> bool {
        other.earliest.is_some_and(|earliest| self.latest < earliest)
    }

    pub fn covers(&self, day: NaiveDate) -> bool {
        self.earliest.is_none_or(|earliest| earliest <= day) && day <= self.latest
    }
}

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

impl fmt::Display for PartialDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}

/// What is wrong with a date, in words for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartialDateError {
    /// `given` is quoted and cut: the text may be of any length and hold anything.
    #[error("{given} is no date: {FORMS}")]
    Form { given: String },
    #[error("{plain} lies in no year of the calendar: years run from 0001 to 9999")]
    Year { plain: String },
    #[error("{plain} lies in no month of the calendar: months run from 01 to 12")]
    Month { plain: String },
    #[error("{plain} is no day of the calendar: {month} has {days} days")]
    Day { plain: String, month: String, days: u8 },
    #[error("{plain} has 00 for what is not known: leave it out and write {instead}")]
    Zero { plain: String, instead: String },
    #[error("{given} begins after it ends: write the earlier date before the slash")]
    Order { given: String },
}

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

fn excerpt(text: &str) -> String {
    const MOST: usize = 40;
    let begun: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    let cut = if text.chars().nth(MOST).is_some() {
        "…"
    } else {
        ""
    };
    format!("\"{begun}{cut}\"")
}

/// A year, a month or a day whose digits stand in the right places, be it in the calendar or not.
struct Plain<'text> {
    text: &'text str,
    year: i32,
    month: Option<u32>,
    day: Option<u32>,
}

impl<'text> Plain<'text> {
    fn read(text: &'text str) -> Option<Plain<'text>> {
        let formed = matches!(text.len(), 4 | 7 | 10)
            && text.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !formed {
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

    /// The first and the last day that it covers.
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

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PartialDate, D::Error> {
        struct Written;

        impl de::Visitor<'_> for Written {
            type Value = PartialDate;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a date in quotation marks, such as \"2025\" or \"2025-09-23\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<PartialDate, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<PartialDate, E> {
                text.try_into().map_err(E::custom)
            }
        }

        deserializer.deserialize_string(Written)
    }
}

impl FromSql<Text, Pg> for PartialDate {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<PartialDate> {
        let text = <String as FromSql<Text, Pg>>::from_sql(value)?;
        Ok(text.try_into()?)
    }
}

impl ToSql<Text, Pg> for PartialDate {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <str as ToSql<Text, Pg>>::to_sql(&self.text, out)
    }
}

impl PartialSchema for PartialDate {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "A date as it is known, in a subset of EDTF: a year, a month or a day; `~` behind it for about then; \
                 `1960/1962-05` for some time between the two, of which the second may not end before the first begins; \
                 `../2025-11-12` for not later than. It is kept as written and compares as the interval of days that it \
                 covers.",
            ))
            .pattern(Some(PartialDate::PATTERN))
            .examples(["2025", "2025-09", "2025-09-23", "2025-11-11~", "1960/1962-05", "../2025-11-12"])
            .into()
    }
}

impl ToSchema for PartialDate {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;
    use proptest::string::string_regex;

    use super::*;

    fn date(text: &str) -> PartialDate {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn refusal(text: &str) -> String {
        text.parse::<PartialDate>().unwrap_err().to_string()
    }

    fn plain() -> impl Strategy<Value = String> {
        let days = (1..=3_652_059).prop_map(|day| NaiveDate::from_num_days_from_ce_opt(day).unwrap());
        let near = (2024..=2026, 0..366u64)
            .prop_map(|(year, day)| NaiveDate::from_ymd_opt(year, 1, 1).unwrap() + Days::new(day));
        let months = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        let days = prop_oneof![days, near, Just(months)];
        (days, select(vec![4, 7, 10]))
            .prop_map(|(day, length)| day.to_string().chars().take(length).collect())
    }

    fn written() -> impl Strategy<Value = String> {
        prop_oneof![
            plain(),
            plain().prop_map(|plain| format!("{plain}~")),
            plain().prop_map(|plain| format!("../{plain}")),
            (plain(), plain()).prop_map(|(one, other)| {
                let (from, until) = if date(&one).earliest() <= date(&other).earliest() {
                    (one, other)
                } else {
                    (other, one)
                };
                format!("{from}/{until}")
            }),
        ]
    }

    #[test]
    fn each_form_covers_its_days() {
        for (text, earliest, latest) in [
            ("2025", Some("2025-01-01"), "2025-12-31"),
            ("2025-09", Some("2025-09-01"), "2025-09-30"),
            ("2025-09-23", Some("2025-09-23"), "2025-09-23"),
            ("2024-02", Some("2024-02-01"), "2024-02-29"),
            ("1900-02", Some("1900-02-01"), "1900-02-28"),
            ("2025~", Some("2025-01-01"), "2025-12-31"),
            ("2025-11~", Some("2025-11-01"), "2025-11-30"),
            ("2025-11-11~", Some("2025-11-11"), "2025-11-11"),
            ("1960/1962-05", Some("1960-01-01"), "1962-05-31"),
            ("2025-09-23/2025", Some("2025-09-23"), "2025-12-31"),
            ("2025/2025-01-01", Some("2025-01-01"), "2025-01-01"),
            ("../2025-11-12", None, "2025-11-12"),
            ("../2025", None, "2025-12-31"),
            ("0001", Some("0001-01-01"), "0001-12-31"),
            ("9999-12", Some("9999-12-01"), "9999-12-31"),
        ] {
            let date = date(text);

            assert_eq!(date.earliest(), earliest.map(day), "{text}");
            assert_eq!(date.latest(), day(latest), "{text}");
            assert_eq!(date.sort_day(), day(earliest.unwrap_or(latest)), "{text}");
        }
    }

    #[test]
    fn only_a_full_day_is_exact_and_only_a_tilde_approximate() {
        for (text, exact, approximate) in [
            ("2025-09-23", true, false),
            ("2025-09-23~", false, true),
            ("2025-09-23/2025-09-23", false, false),
            ("../2025-09", false, false),
            ("../2025-09-23", false, false),
            ("2025", false, false),
            ("2025~", false, true),
        ] {
            assert_eq!(date(text).is_exact(), exact, "{text}");
            assert_eq!(date(text).is_approximate(), approximate, "{text}");
        }
    }

    #[test]
    fn whatever_is_none_of_the_five_forms_is_refused_with_their_list() {
        for text in [
            "",
            " ",
            "2025 ",
            " 2025",
            "2025\n",
            "25",
            "02025",
            "12025",
            "-2025",
            "+2025",
            "2025-9",
            "2025-09-3",
            "20250923",
            "2025-0923",
            "2025/09/23",
            "23.09.2025",
            "2025-09-23T00:00:00Z",
            "2025?",
            "2025%",
            "~2025",
            "2025~~",
            "~",
            "/",
            "..",
            "../",
            "../..",
            "2025/",
            "/2025",
            "2025/..",
            "../2025~",
            "2025~/2026",
            "2025/2026~",
            "2025/2026/2027",
            "2025//2026",
            ".../2025",
            "./2025",
            "２０２５",
            "٢٠٢٥",
            "2025‐09",
            "2025-09−23",
            "2025\0",
            "202X",
            "2025-0é",
            "null",
        ] {
            assert_eq!(
                refusal(text),
                format!("\"{}\" is no date: {FORMS}", text.escape_debug()),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_is_wrong_with_a_date_of_the_right_form_is_said() {
        for (text, message) in [
            (
                "2025-02-30",
                "2025-02-30 is no day of the calendar: February 2025 has 28 days",
            ),
            (
                "2024-02-30~",
                "2024-02-30 is no day of the calendar: February 2024 has 29 days",
            ),
            (
                "1900-02-29",
                "1900-02-29 is no day of the calendar: February 1900 has 28 days",
            ),
            (
                "2024/0900-04-31",
                "0900-04-31 is no day of the calendar: April 0900 has 30 days",
            ),
            (
                "../2025-12-32",
                "2025-12-32 is no day of the calendar: December 2025 has 31 days",
            ),
            (
                "2025-13",
                "2025-13 lies in no month of the calendar: months run from 01 to 12",
            ),
            (
                "2025-99-00",
                "2025-99-00 lies in no month of the calendar: months run from 01 to 12",
            ),
            (
                "0000-00-00",
                "0000-00-00 lies in no year of the calendar: years run from 0001 to 9999",
            ),
            (
                "../0000",
                "0000 lies in no year of the calendar: years run from 0001 to 9999",
            ),
            (
                "2025-00-00",
                "2025-00-00 has 00 for what is not known: leave it out and write 2025",
            ),
            (
                "2025-09-00",
                "2025-09-00 has 00 for what is not known: leave it out and write 2025-09",
            ),
            (
                "2026/2025-09",
                "2026/2025-09 begins after it ends: write the earlier date before the slash",
            ),
            (
                "2025-09-24/2025-09-23",
                "2025-09-24/2025-09-23 begins after it ends: write the earlier date before the slash",
            ),
        ] {
            assert_eq!(refusal(text), message);
        }
    }

    #[test]
    fn a_message_repeats_forty_characters_and_no_more() {
        let long = "é".repeat(41);

        assert!(refusal(&long).starts_with(&format!("\"{}…\" is no date", "é".repeat(40))));
        assert!(refusal(&"é".repeat(40)).starts_with(&format!("\"{}\" is no date", "é".repeat(40))));
    }

    #[test]
    fn a_date_covers_its_days_and_no_other() {
        let september = date("2025-09");

        assert!(!september.covers(day("2025-08-31")));
        assert!(september.covers(day("2025-09-01")));
        assert!(september.covers(day("2025-09-30")));
        assert!(!september.covers(day("2025-10-01")));
        assert!(date("../2025-09").covers(NaiveDate::MIN));
        assert!(!date("../2025-09").covers(day("2025-10-01")));
    }

    #[test]
    fn a_date_is_certainly_before_another_only_where_they_share_no_day() {
        assert!(date("2024").is_certainly_before(&date("2025")));
        assert!(date("../2024").is_certainly_before(&date("2025-01-01")));
        assert!(!date("2025-01-01").is_certainly_before(&date("2025")));
        assert!(!date("2025").is_certainly_before(&date("2025")));
        assert!(!date("2026").is_certainly_before(&date("2025")));
        assert!(!date("0001").is_certainly_before(&date("../9999")));
    }

    #[test]
    fn a_date_in_json_is_a_string() {
        let given = r#"["2025-09~",null]"#;

        let dates: Vec<Option<PartialDate>> = serde_json::from_str(given).unwrap();

        assert_eq!(serde_json::to_string(&dates).unwrap(), given);
        assert_eq!(
            serde_json::from_str::<PartialDate>(r#""2025-13""#)
                .unwrap_err()
                .to_string(),
            "2025-13 lies in no month of the calendar: months run from 01 to 12 at line 1 column 9"
        );
        assert_eq!(
            serde_json::from_str::<PartialDate>("2025")
                .unwrap_err()
                .to_string(),
            "invalid type: integer `2025`, expected a date in quotation marks, such as \"2025\" or \"2025-09-23\" at line 1 column 4"
        );
    }

    #[test]
    fn the_schema_is_a_string_with_a_pattern_and_examples_that_are_dates() {
        let schema = serde_json::to_value(PartialDate::schema()).unwrap();

        assert_eq!(PartialDate::name(), "PartialDate");
        assert_eq!(schema["type"], "string");
        assert_eq!(schema["pattern"], PartialDate::PATTERN);
        for example in schema["examples"].as_array().unwrap() {
            date(example.as_str().unwrap());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn every_form_is_read_and_shown_as_written(text in written()) {
            let date: PartialDate = text.parse()?;

            prop_assert_eq!(date.to_string(), &text[..]);
            prop_assert_eq!(date.as_str(), &text[..]);
            prop_assert_eq!(PartialDate::try_from(text)?, date);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = text.parse::<PartialDate>();
        }

        #[test]
        fn no_text_of_its_characters_makes_the_reader_panic(text in "[0-9~./é-]{0,22}") {
            if let Ok(date) = text.parse::<PartialDate>() {
                prop_assert_eq!(date.as_str(), text);
            }
        }

        #[test]
        fn what_matches_the_pattern_is_a_date_or_an_interval_in_the_wrong_order(
            text in string_regex(PartialDate::PATTERN.trim_matches(['^', '$'])).unwrap()
        ) {
            match text.parse::<PartialDate>() {
                Ok(_) | Err(PartialDateError::Order { .. }) => {}
                Err(error) => prop_assert!(false, "{}", error),
            }
        }

        #[test]
        fn a_date_begins_before_it_ends_and_covers_both_days(text in written()) {
            let date = date(&text);

            prop_assert!(date.earliest().is_none_or(|earliest| earliest <= date.latest()));
            prop_assert!(date.earliest().is_none_or(|earliest| date.covers(earliest)));
            prop_assert!(date.covers(date.sort_day()));
            prop_assert!(date.covers(date.latest()));
            prop_assert!(date.latest().succ_opt().is_some_and(|next| !date.covers(next)));
        }

        #[test]
        fn certainly_before_is_a_strict_order(one in written(), two in written(), three in written()) {
            let (one, two, three) = (date(&one), date(&two), date(&three));

            prop_assert!(!one.is_certainly_before(&one));
            prop_assert!(!(one.is_certainly_before(&two) && two.is_certainly_before(&one)));
            if one.is_certainly_before(&two) && two.is_certainly_before(&three) {
                prop_assert!(one.is_certainly_before(&three));
            }
            if one.is_certainly_before(&two) {
                prop_assert!(one.sort_day() < two.sort_day());
                prop_assert!(!two.covers(one.latest()));
            }
        }
    }
}
