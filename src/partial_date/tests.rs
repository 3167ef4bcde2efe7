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
            "2026/2025-09 ends before it begins: write the earlier date before the slash",
        ),
        (
            "2025-09-24/2025-09-23",
            "2025-09-24/2025-09-23 ends before it begins: write the earlier date before the slash",
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
    fn no_text_of_the_characters_of_a_date_makes_the_parser_panic(text in "[0-9~./é-]{0,22}") {
        if let Ok(date) = text.parse::<PartialDate>() {
            prop_assert_eq!(date.as_str(), text);
        }
    }

    #[test]
    fn a_text_that_matches_the_pattern_is_a_date_or_an_interval_in_the_wrong_order(
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
