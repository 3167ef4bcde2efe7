use proptest::prelude::*;
use proptest::sample::select;
use proptest::string::string_regex;

use chrono::{Days, NaiveDate};
use utoipa::{PartialSchema, ToSchema};

use super::parse::FORMS;
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
    (days, select(vec![4, 7, 10])).prop_map(|(day, length)| day.to_string().chars().take(length).collect())
}

fn in_order(one: String, other: String) -> (String, String) {
    if date(&one).earliest() <= date(&other).earliest() {
        (one, other)
    } else {
        (other, one)
    }
}

/// Dates as they are stored, but for sets.
fn written() -> impl Strategy<Value = String> {
    prop_oneof![
        plain(),
        plain().prop_map(|plain| format!("{plain}~")),
        (plain(), select(vec!["", "~"])).prop_map(|(plain, mark)| format!("../{plain}{mark}")),
        (plain(), select(vec!["", "~"])).prop_map(|(plain, mark)| format!("{plain}{mark}/..")),
        (
            plain(),
            plain(),
            select(vec![("", ""), ("~", "~"), ("~", ""), ("", "~")])
        )
            .prop_map(|(one, other, (from_mark, until_mark))| {
                let (from, until) = in_order(one, other);
                format!("{from}{from_mark}/{until}{until_mark}")
            }),
    ]
}

/// Sets as a writer may give them: in any order, with members twice.
fn set() -> impl Strategy<Value = String> {
    let member = prop_oneof![
        4 => plain(),
        1 => plain().prop_map(|plain| format!("..{plain}")),
        1 => plain().prop_map(|plain| format!("{plain}..")),
        2 => (plain(), plain()).prop_map(|(one, other)| {
            let (from, until) = in_order(one, other);
            format!("{from}..{until}")
        }),
    ];
    proptest::collection::vec(member, 1..6).prop_map(|members| format!("[{}]", members.join(",")))
}

#[test]
fn each_form_covers_its_days() {
    for (text, earliest, latest) in [
        ("2025", Some("2025-01-01"), "2025-12-31"),
        ("2025-09", Some("2025-09-01"), "2025-09-30"),
        ("2025-09-23", Some("2025-09-23"), "2025-09-23"),
        ("1999~/2003~", Some("1999-01-01"), "2003-12-31"),
        ("1999-05~/2003", Some("1999-05-01"), "2003-12-31"),
        ("../2025-11~", None, "2025-11-30"),
        ("[1999,2003]", Some("1999-01-01"), "2003-12-31"),
        (
            "[1999-05-01,2001..2002-06,2003-02]",
            Some("1999-05-01"),
            "2003-02-28",
        ),
        ("[..1999,2003]", None, "2003-12-31"),
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
        assert_eq!(date.latest(), Some(day(latest)), "{text}");
        assert_eq!(date.sort_day(), day(earliest.unwrap_or(latest)), "{text}");
    }
}

#[test]
fn a_date_that_is_open_at_its_end_has_no_last_day() {
    for (text, earliest) in [
        ("2023-06-21/..", "2023-06-21"),
        ("2023/..", "2023-01-01"),
        ("2023-06~/..", "2023-06-01"),
        ("[1999,2003-05..]", "1999-01-01"),
    ] {
        let date = date(text);

        assert_eq!(date.as_str(), text);
        assert_eq!(date.earliest(), Some(day(earliest)), "{text}");
        assert_eq!(date.latest(), None, "{text}");
        assert_eq!(date.sort_day(), day(earliest), "{text}");
        assert!(date.covers(NaiveDate::MAX), "{text}");
    }
}

#[test]
fn unspecified_digits_are_stored_as_an_interval() {
    for (text, stored) in [
        ("198X", "1980/1989"),
        ("19XX", "1900/1999"),
        ("1XXX", "1000/1999"),
        ("000X", "0001/0009"),
        ("0XXX", "0001/0999"),
        ("198X~", "1980~/1989~"),
        ("198X-XX-XX", "1980/1989"),
        ("2023-XX", "2023"),
        ("2023-XX-XX~", "2023~"),
        ("2023-04-XX", "2023-04"),
        ("2023-0X", "2023-01/2023-09"),
        ("2023-1X", "2023-10/2023-12"),
        ("2023-1X-XX", "2023-10/2023-12"),
        ("2023-04-0X", "2023-04-01/2023-04-09"),
        ("2023-04-1X", "2023-04-10/2023-04-19"),
        ("2023-02-2X", "2023-02-20/2023-02-28"),
        ("2024-02-2X", "2024-02-20/2024-02-29"),
        ("2023-05-3X", "2023-05-30/2023-05-31"),
        ("2023-04-3X", "2023-04-30"),
        ("198X/199X", "1980/1999"),
        ("../198X", "../1989"),
        ("198X/..", "1980/.."),
        ("[198X,1970]", "[1970,1980..1989]"),
        ("[198X]", "1980/1989"),
    ] {
        assert_eq!(date(text).as_str(), stored, "{text}");
        assert_eq!(date(text), date(stored), "{text}");
    }
}

#[test]
fn the_members_of_a_set_are_stored_in_order_and_without_doubles() {
    for (text, stored) in [
        ("[2003,1999]", "[1999,2003]"),
        ("[1670..1672, 1667,1668]", "[1667,1668,1670..1672]"),
        ("[1999,2003,1999]", "[1999,2003]"),
        ("[2003-01-02,1999,1999-05]", "[1999,2003-01-02]"),
        ("[1999]", "1999"),
        ("[1999,1999]", "1999"),
        ("[1999-01..1999-12,1999]", "1999"),
        ("[1999..1999]", "1999"),
        ("[1999..2003]", "1999/2003"),
        ("[..1999]", "../1999"),
        ("[1999..]", "1999/.."),
        ("[2003,1998,..1999]", "[..1999,2003]"),
        ("[1760-12..,1760-01,1760-02]", "[1760-01,1760-02,1760-12..]"),
    ] {
        assert_eq!(date(text).as_str(), stored, "{text}");
        assert_eq!(date(stored).as_str(), stored, "{text}");
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
        ("2024~/2025~", false, true),
        ("2024/2025~", false, true),
        ("2025-09-23/..", false, false),
        ("[2025-09-23,2025-09-25]", false, false),
    ] {
        assert_eq!(date(text).is_exact(), exact, "{text}");
        assert_eq!(date(text).is_approximate(), approximate, "{text}");
    }
}

#[test]
fn a_text_without_the_form_of_a_date_is_refused_with_a_list_of_the_forms() {
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
        "2025/2026/2027",
        "2025//2026",
        ".../2025",
        "./2025",
        "２０２５",
        "٢٠٢٥",
        "2025‐09",
        "2025-09−23",
        "2025\0",
        "2025-0é",
        "null",
        "198x",
        "../../2025",
        "2025/../2026",
        "[",
        "[]",
        "[..]",
        "[1999",
        "1999]",
        "[1999,]",
        "[,1999]",
        "[1999;2003]",
        "[1999, ,2003]",
        "[1999,  2003]",
        "[ 1999,2003]",
        "[1999~,2003]",
        "[1999/2003]",
        "[1999...2003]",
        "[[1999,2003]]",
        "[1999,2003]~",
        "{1999,2003}",
    ] {
        assert_eq!(
            refusal(text),
            format!("\"{}\" is not a date: {FORMS}", text.escape_debug()),
            "{text:?}"
        );
    }
}

#[test]
fn a_date_that_the_calendar_lacks_is_refused_with_the_reason() {
    for (text, message) in [
        (
            "2025-02-30",
            "2025-02-30 has a day that does not exist: February 2025 has 28 days",
        ),
        (
            "2024-02-30~",
            "2024-02-30 has a day that does not exist: February 2024 has 29 days",
        ),
        (
            "1900-02-29",
            "1900-02-29 has a day that does not exist: February 1900 has 28 days",
        ),
        (
            "2024/0900-04-31",
            "0900-04-31 has a day that does not exist: April 0900 has 30 days",
        ),
        (
            "../2025-12-32",
            "2025-12-32 has a day that does not exist: December 2025 has 31 days",
        ),
        (
            "2025-13",
            "2025-13 has a month that does not exist: months run from 01 to 12",
        ),
        (
            "2025-99-00",
            "2025-99-00 has a month that does not exist: months run from 01 to 12",
        ),
        (
            "0000-00-00",
            "0000-00-00 has the year 0000: years run from 0001 to 9999",
        ),
        ("../0000", "0000 has the year 0000: years run from 0001 to 9999"),
        (
            "2025-00-00",
            "2025-00-00 has 00 for an unknown part: leave that part out and write 2025",
        ),
        (
            "2025-09-00",
            "2025-09-00 has 00 for an unknown part: leave that part out and write 2025-09",
        ),
        (
            "2026/2025-09",
            "2026/2025-09 ends before it begins: write the earlier date first",
        ),
        (
            "2025-09-24/2025-09-23",
            "2025-09-24/2025-09-23 ends before it begins: write the earlier date first",
        ),
        (
            "[2003..1999,2005]",
            "2003..1999 ends before it begins: write the earlier date first",
        ),
        (
            "198X-05",
            "198X-05 has a digit after X: X stands for the last digits, as in 198X, 19XX or 2023-XX",
        ),
        (
            "XXXX",
            "XXXX says nothing: give at least the first digit of the year, or leave the date out",
        ),
        (
            "2023-2X",
            "2023-20 has a month that does not exist: months run from 01 to 12",
        ),
        (
            "2023-02-3X",
            "2023-02-30 has a day that does not exist: February 2023 has 28 days",
        ),
        (
            "2023-04-4X",
            "2023-04-40 has a day that does not exist: April 2023 has 30 days",
        ),
        (
            "[..1999,2003..]",
            "\"[..1999,2003..]\" is open at both ends: leave one of the two out",
        ),
        (
            "[1999,2000,2001,2002,2003,2004,2005,2006,2007,2008,2009,2010,2011,2012,2013,2014,2015,2016,2017,2018,2019]",
            "a set has at most 20 dates: write an interval such as 1999/2003 instead",
        ),
    ] {
        assert_eq!(refusal(text), message);
    }
}

#[test]
fn a_message_quotes_at_most_forty_characters() {
    let long = "é".repeat(41);

    assert!(refusal(&long).starts_with(&format!("\"{}…\" is not a date", "é".repeat(40))));
    assert!(refusal(&"é".repeat(40)).starts_with(&format!("\"{}\" is not a date", "é".repeat(40))));
}

#[test]
fn a_date_covers_its_days_and_no_others() {
    let september = date("2025-09");

    assert!(!september.covers(day("2025-08-31")));
    assert!(september.covers(day("2025-09-01")));
    assert!(september.covers(day("2025-09-30")));
    assert!(!september.covers(day("2025-10-01")));
    assert!(date("../2025-09").covers(NaiveDate::MIN));
    assert!(!date("../2025-09").covers(day("2025-10-01")));
}

#[test]
fn dates_that_share_a_day_are_not_certainly_before_each_other() {
    assert!(date("2024").is_certainly_before(&date("2025")));
    assert!(date("../2024").is_certainly_before(&date("2025-01-01")));
    assert!(!date("2025-01-01").is_certainly_before(&date("2025")));
    assert!(!date("2025").is_certainly_before(&date("2025")));
    assert!(!date("2026").is_certainly_before(&date("2025")));
    assert!(!date("0001").is_certainly_before(&date("../9999")));
    assert!(!date("0001/..").is_certainly_before(&date("9999")));
    assert!(date("[1999,2003]").is_certainly_before(&date("2004/..")));
    assert!(!date("[1999,2003]").is_certainly_before(&date("2001")));
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
        "2025-13 has a month that does not exist: months run from 01 to 12 at line 1 column 9"
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
    fn every_form_is_parsed_and_displayed_as_written(text in written()) {
        let date: PartialDate = text.parse()?;

        prop_assert_eq!(date.to_string(), &text[..]);
        prop_assert_eq!(date.as_str(), &text[..]);
        prop_assert_eq!(PartialDate::try_from(text)?, date);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = text.parse::<PartialDate>();
    }

    #[test]
    fn no_text_of_the_characters_of_a_date_makes_the_parser_panic(text in "[0-9~./é\\[\\],X-]{0,24}") {
        if let Ok(date) = text.parse::<PartialDate>() {
            prop_assert_eq!(date.as_str().parse::<PartialDate>(), Ok(date));
        }
    }

    #[test]
    fn a_text_that_matches_the_pattern_is_a_date_unless_its_order_size_or_ends_are_wrong(
        text in string_regex(PartialDate::PATTERN.trim_matches(['^', '$'])).unwrap()
    ) {
        match text.parse::<PartialDate>() {
            Ok(_)
            | Err(
                PartialDateError::Order { .. } | PartialDateError::Members | PartialDateError::Unbounded { .. },
            ) => {}
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn a_date_begins_before_it_ends_and_covers_both_days(text in prop_oneof![written(), set()]) {
        // A set may be open at both ends, and is then refused.
        if let Ok(date) = text.parse::<PartialDate>() {
            prop_assert!(date.earliest().is_some() || date.latest().is_some());
            prop_assert!(date.earliest() <= date.latest() || date.latest().is_none());
            prop_assert!(date.earliest().is_none_or(|earliest| date.covers(earliest)));
            prop_assert!(date.covers(date.sort_day()));
            prop_assert!(date.latest().is_none_or(|latest| date.covers(latest)));
            prop_assert!(date.latest().is_none_or(|latest| latest.succ_opt().is_some_and(|next| !date.covers(next))));
            prop_assert_eq!(date.as_str().parse::<PartialDate>(), Ok(date));
        }
    }

    #[test]
    fn the_order_of_the_members_of_a_set_does_not_matter(text in set()) {
        let mut members: Vec<&str> = text.trim_matches(['[', ']']).split(',').collect();
        members.reverse();
        let reversed = format!("[{}]", members.join(", "));

        prop_assert_eq!(text.parse::<PartialDate>().ok(), reversed.parse::<PartialDate>().ok());
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
            prop_assert!(one.latest().is_some_and(|latest| !two.covers(latest)));
        }
    }
}
