//! The rules of partial dates are written in Rust and in SQL. The tests compare the two on dates, on
//! near-dates and on random text. The texts differ from run to run; a failure prints its text.

use chrono::{Datelike, NaiveDate};
use demarche::partial_date::{PartialDate, PartialDateError};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::TestApp;

/// The result of one side for a text, with days as PostgreSQL writes them; `None` if it is not a date.
#[derive(Debug, PartialEq)]
struct Reading {
    earliest: String,
    latest: String,
    sort_day: String,
    is_exact: bool,
}

impl Reading {
    fn of(date: &PartialDate) -> Reading {
        Reading {
            earliest: date
                .earliest()
                .map_or("-infinity".to_owned(), |day| day.to_string()),
            latest: date.latest().to_string(),
            sort_day: date.sort_day().to_string(),
            is_exact: date.is_exact(),
        }
    }
}

#[tokio::test]
async fn rust_and_sql_parse_every_text_alike() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let texts = texts();

    let rows = client
        .query(
            "select
               value,
               is_valid,
               value ~ $2,
               case when is_valid then partial_date_earliest(value)::text end,
               case when is_valid then partial_date_latest(value)::text end,
               case when is_valid then partial_date_sort_day(value)::text end,
               case when is_valid then partial_date_is_exact(value) end
             from unnest($1::text[]) as texts (value)
             cross join lateral (select partial_date_is_valid(value)) as checked (is_valid)",
            &[&texts, &PartialDate::PATTERN],
        )
        .await
        .unwrap();

    assert_eq!(rows.len(), texts.len());
    let mut dates = 0;
    for row in &rows {
        let text: &str = row.get(0);
        let in_rust = text.parse::<PartialDate>();
        let in_sql = row.get::<_, bool>(1).then(|| Reading {
            earliest: row.get(3),
            latest: row.get(4),
            sort_day: row.get(5),
            is_exact: row.get(6),
        });
        assert_eq!(in_rust.as_ref().ok().map(Reading::of), in_sql, "{text:?}");
        let fits_the_pattern = matches!(in_rust, Ok(_) | Err(PartialDateError::Order { .. }));
        assert_eq!(fits_the_pattern, row.get::<_, bool>(2), "{text:?}");
        dates += usize::from(in_sql.is_some());
    }
    assert!(
        dates > 1_000 && rows.len() - dates > 1_000,
        "{dates} of {} are dates",
        rows.len()
    );
}

#[tokio::test]
async fn rust_and_sql_order_every_pair_of_dates_alike() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let one = sample(written(), 4_000);
    let other = sample(written(), 4_000);

    let rows = client
        .query(
            "select
               one,
               other,
               partial_date_in_order(one, other),
               partial_date_in_order(other, one)
             from unnest($1::text[], $2::text[]) as pairs (one, other)",
            &[&one, &other],
        )
        .await
        .unwrap();

    assert_eq!(rows.len(), one.len());
    for row in rows {
        let (one, other): (&str, &str) = (row.get(0), row.get(1));
        let (one, other) = (
            one.parse::<PartialDate>().unwrap(),
            other.parse::<PartialDate>().unwrap(),
        );
        assert_eq!(
            !other.is_certainly_before(&one),
            row.get::<_, bool>(2),
            "{one}, {other}"
        );
        assert_eq!(
            !one.is_certainly_before(&other),
            row.get::<_, bool>(3),
            "{other}, {one}"
        );
    }
}

#[tokio::test]
async fn an_unknown_date_may_precede_and_follow_any_date() {
    let app = TestApp::new().await;
    let client = app.client().await;

    let row = client
        .query_one(
            "select
               partial_date_in_order(null, '2025'),
               partial_date_in_order('2025', null),
               partial_date_in_order(null, null),
               partial_date_is_valid(null),
               partial_date_earliest(null)::text,
               partial_date_latest(null)::text,
               partial_date_sort_day(null)::text,
               partial_date_is_exact(null),
               null::partial_date::text",
            &[],
        )
        .await
        .unwrap();

    assert!(row.get::<_, bool>(0) && row.get::<_, bool>(1) && row.get::<_, bool>(2));
    assert_eq!(row.get::<_, Option<bool>>(3), None);
    assert_eq!(row.get::<_, Option<&str>>(4), None);
    assert_eq!(row.get::<_, Option<&str>>(5), None);
    assert_eq!(row.get::<_, Option<&str>>(6), None);
    assert_eq!(row.get::<_, Option<bool>>(7), None);
    assert_eq!(row.get::<_, Option<&str>>(8), None);
}

#[tokio::test]
async fn a_text_of_any_length_is_accepted_or_refused_without_an_error() {
    let app = TestApp::new().await;
    let client = app.client().await;

    let row = client
        .query_one(
            "select
               partial_date_is_valid(repeat('2', 10000000)),
               partial_date_is_valid('2025-09-23/2025-11-12' || repeat(' ', 1000000))",
            &[],
        )
        .await
        .unwrap();

    assert!(!row.get::<_, bool>(0));
    assert!(!row.get::<_, bool>(1));
}

#[tokio::test]
async fn a_column_of_dates_refuses_with_the_name_of_the_domain_and_computes_its_days() {
    let app = TestApp::new().await;
    let client = app.client().await;
    client
        .batch_execute(
            "create temporary table documents (
               issued_on partial_date,
               issued_earliest date generated always as (partial_date_earliest(issued_on)) stored,
               issued_latest date generated always as (partial_date_latest(issued_on)) stored,
               issued_sort_day date generated always as (partial_date_sort_day(issued_on)) stored
             )",
        )
        .await
        .unwrap();

    let row = client
        .query_one(
            "insert into documents (issued_on)
             values ('../2024-02')
             returning issued_on::text, issued_earliest::text, issued_latest::text, issued_sort_day::text",
            &[],
        )
        .await
        .unwrap();
    let refused = client
        .execute("insert into documents (issued_on) values ('2025-02-29')", &[])
        .await
        .unwrap_err();

    let columns: Vec<&str> = (0..4).map(|column| row.get(column)).collect();
    assert_eq!(columns, ["../2024-02", "-infinity", "2024-02-29", "2024-02-29"]);
    assert_eq!(
        refused.as_db_error().and_then(|error| error.constraint()),
        Some("partial_date_check")
    );
}

fn texts() -> Vec<String> {
    let mut texts = sample(written(), 2_000);
    texts.extend(sample(mutated(), 3_000));
    texts.extend(sample(interval(), 1_000));
    // PostgreSQL text can't contain NUL.
    texts.extend(sample(
        any::<String>().prop_map(|text| text.replace('\0', "")),
        1_000,
    ));
    for year in ["0000", "0001", "1900", "2000", "2024", "2025", "2100", "9999"] {
        for month in 0..=13 {
            texts.push(format!("{year}-{month:02}"));
            for day in 0..=32 {
                texts.push(format!("{year}-{month:02}-{day:02}"));
            }
        }
    }
    for text in [
        "",
        " ",
        "/",
        "~",
        "..",
        "../",
        "../..",
        "2025\n",
        "\n2025",
        "2025/..",
        "２０２５",
        "٢٠٢٥",
        "2025²",
        "2025\u{301}",
    ] {
        texts.push(text.to_owned());
    }
    texts
}

fn sample(strategy: impl Strategy<Value = String>, count: usize) -> Vec<String> {
    let mut runner = TestRunner::default();
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}

/// Half of them lie close together, so that intervals and pairs touch.
fn plain() -> impl Strategy<Value = String> {
    let day = |number| NaiveDate::from_num_days_from_ce_opt(number).unwrap();
    let first = day(1);
    let last = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();
    let near = NaiveDate::from_ymd_opt(2023, 12, 1).unwrap().num_days_from_ce();
    let days = prop_oneof![
        (first.num_days_from_ce()..=last.num_days_from_ce()).prop_map(day),
        (near..near + 500).prop_map(day),
    ];
    (
        days,
        select(vec!["2025".len(), "2025-09".len(), "2025-09-23".len()]),
    )
        .prop_map(|(day, length)| day.to_string().chars().take(length).collect())
}

/// Two dates in either order.
fn interval() -> impl Strategy<Value = String> {
    (plain(), plain()).prop_map(|(from, until)| format!("{from}/{until}"))
}

fn written() -> impl Strategy<Value = String> {
    prop_oneof![
        plain(),
        plain().prop_map(|plain| format!("{plain}~")),
        plain().prop_map(|plain| format!("../{plain}")),
        interval().prop_filter("in the wrong order", |interval| interval
            .parse::<PartialDate>()
            .is_ok()),
    ]
}

/// A date with one character replaced, removed, doubled or inserted.
fn mutated() -> impl Strategy<Value = String> {
    let character = select("00112233445566789--//~. \n٢é".chars().collect::<Vec<_>>());
    (written(), any::<Index>(), character, 0..4).prop_map(|(text, place, character, change)| {
        let mut characters: Vec<char> = text.chars().collect();
        let place = place.index(characters.len());
        match change {
            0 => characters[place] = character,
            1 => drop(characters.remove(place)),
            2 => characters.insert(place, characters[place]),
            _ => characters.insert(place + 1, character),
        }
        characters.into_iter().collect()
    })
}

/// In a module of its own, because diesel's `execute` would shadow that of `tokio_postgres::Client`.
mod through_diesel {
    use demarche::partial_date::PartialDate;
    use diesel::prelude::*;
    use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

    use crate::support::TestApp;

    diesel::table! {
        letters (sent_on) {
            sent_on -> Text,
            answered_on -> Nullable<Text>,
        }
    }

    #[derive(Debug, PartialEq, Insertable, Queryable, Selectable)]
    #[diesel(table_name = letters)]
    struct Letter {
        sent_on: PartialDate,
        answered_on: Option<PartialDate>,
    }

    #[tokio::test]
    async fn a_date_passes_through_diesel_unchanged() {
        let app = TestApp::new().await;
        let mut connection = AsyncPgConnection::try_from(app.client().await).await.unwrap();
        connection
            .batch_execute(
                "create temporary table letters (sent_on partial_date not null, answered_on partial_date)",
            )
            .await
            .unwrap();
        let letters = vec![
            Letter {
                sent_on: "2025-11-11~".parse().unwrap(),
                answered_on: Some("../2025-12".parse().unwrap()),
            },
            Letter {
                sent_on: "2025/2026-02".parse().unwrap(),
                answered_on: None,
            },
        ];

        diesel::insert_into(letters::table)
            .values(&letters)
            .execute(&mut connection)
            .await
            .unwrap();
        let read: Vec<Letter> = letters::table
            .filter(letters::sent_on.eq_any(letters.iter().map(|letter| &letter.sent_on)))
            .filter(letters::sent_on.ne(letters[0].answered_on.clone().unwrap()))
            .order(letters::sent_on)
            .select(Letter::as_select())
            .load(&mut connection)
            .await
            .unwrap();

        assert_eq!(read, letters);
    }
}
