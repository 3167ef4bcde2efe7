//! The rules of partial dates are written in Rust and in SQL. The tests compare the two on dates, on
//! near-dates and on random text. The texts differ from run to run; a failure prints its text.

use chrono::{Datelike, NaiveDate};
use demarche::partial_date::{PartialDate, PartialDateError};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::bi_analysis::refresh_now;
use crate::support::{Desk, TestApp};
use demarche::bi::refresh::Manner;

/// The result of one side for a text, with days as PostgreSQL writes them; `None` if it is not a date.
#[derive(Debug, PartialEq)]
struct Reading {
    earliest: String,
    latest: String,
    sort_day: String,
    is_exact: bool,
    precision: String,
}

/// The word of `bi.enumerations` for how a date is known.
fn precision(text: &str) -> String {
    let word = match (text.starts_with('['), text.split_once('/')) {
        (true, _) => "one_of",
        (false, Some(("..", _))) => "not_later_than",
        (false, Some((_, ".."))) => "not_before",
        (false, Some(_)) => "interval",
        (false, None) if text.ends_with('~') => "approximate",
        (false, None) => match text.len() {
            4 => "year",
            7 => "month",
            _ => "day",
        },
    };
    word.to_owned()
}

impl Reading {
    fn of(date: &PartialDate) -> Reading {
        Reading {
            earliest: date
                .earliest()
                .map_or("-infinity".to_owned(), |day| day.to_string()),
            latest: date.latest().map_or("infinity".to_owned(), |day| day.to_string()),
            sort_day: date.sort_day().to_string(),
            is_exact: date.is_exact(),
            precision: precision(date.as_str()),
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
               case when is_valid then partial_date_is_exact(value) end,
               case when is_valid then partial_date_precision(value) end
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
            precision: row.get(7),
        });
        // Rust also reads texts that it stores in another form; SQL has only the stored ones.
        let stored = in_rust.as_ref().ok().filter(|date| date.as_str() == text);
        assert_eq!(stored.map(Reading::of), in_sql, "{text:?}");
        let fits_the_pattern = matches!(
            in_rust,
            Ok(_)
                | Err(PartialDateError::Order { .. }
                    | PartialDateError::Members
                    | PartialDateError::Unbounded { .. })
        );
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

#[tokio::test]
async fn dates_of_every_form_are_stored_listed_and_analysed() {
    let desk = Desk::new().await;
    let mut ids = Vec::new();
    for (given, stored) in [
        ("2023-06-21/..", "2023-06-21/.."),
        ("[2003,1999]", "[1999,2003]"),
        ("1999~/2003~", "1999~/2003~"),
        ("198X", "1980/1989"),
        ("19XX", "1900/1999"),
    ] {
        let actor = json!({"kind": "person", "name": given, "began_on": given});
        let actor = desk.app.post("/v1/actors", &actor).await.expect(201);
        assert_eq!(actor.body["began_on"], stored);
        let id = desk.sanction(json!({"imposed_on": given, "measures": []})).await;
        let read = desk.app.get(&format!("/v1/sanctions/{id}")).await.expect(200);
        assert_eq!(read.body["imposed_on"], stored);
        // What was read can be sent back.
        desk.app
            .put(&format!("/v1/sanctions/{id}"), &read.body)
            .await
            .expect(200);
        ids.push(id);
    }
    let [not_before, one_of, about, eighties, century] = &ids[..] else {
        panic!("five sanctions");
    };

    for (query, expected) in [
        ("imposed_from=2030-01-01", vec![not_before]),
        ("imposed_to=1979-12-31", vec![century]),
        (
            "imposed_from=1985-05-05&imposed_to=1985-05-05",
            vec![eighties, century],
        ),
        (
            "imposed_from=1999-05-05&imposed_to=2003-01-01",
            vec![one_of, about, century],
        ),
        ("in_force_on=1980-01-01", vec![eighties, century]),
    ] {
        let mut expected: Vec<String> = expected.into_iter().cloned().collect();
        expected.sort();
        let mut found = desk
            .app
            .get(&format!("/v1/sanctions?{query}"))
            .await
            .expect(200)
            .ids();
        found.sort();
        assert_eq!(found, expected, "{query}");
    }
    let sorted = desk.app.walk("/v1/sanctions", "sort=-imposed_on", 2).await;
    let sorted: Vec<_> = sorted
        .iter()
        .map(|record| record["imposed_on"].as_str())
        .collect();
    assert_eq!(sorted[0], Some("2023-06-21/.."));
    assert_eq!(sorted[4], Some("1900/1999"));
    desk.app
        .post(
            "/v1/sanctions",
            &json!({"imposer": desk.ofac, "target": desk.petro, "imposed_on": "2023/..", "lifted_on": "2022"}),
        )
        .await
        .expect(422);

    let client = desk.app.client().await;
    refresh_now(&desk.app, Manner::Full).await;
    let rows = client
        .query(
            "select imposed_on, imposed_on_earliest::text, imposed_on_latest::text, imposed_on_precision, imposed_year
             from bi.sanctions order by imposed_on_earliest desc",
            &[],
        )
        .await
        .unwrap();
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.get::<_, &str>(0),
                row.get::<_, Option<&str>>(2),
                row.get::<_, &str>(3),
                row.get::<_, i32>(4),
            )
        })
        .collect();
    assert_eq!(rows[0], ("2023-06-21/..", None, "not_before", 2023));
    assert!(rows.contains(&("[1999,2003]", Some("2003-12-31"), "one_of", 1999)));
    assert!(rows.contains(&("1999~/2003~", Some("2003-12-31"), "interval", 1999)));
    assert!(rows.contains(&("1980/1989", Some("1989-12-31"), "interval", 1980)));
    let may_be_in_force: i64 = client
        .query_one(
            "select count(*) from bi.sanctions_in_force('2024-01-01') where imposed_on = '2023-06-21/..' and not status_certain",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(may_be_in_force, 1);
}

fn texts() -> Vec<String> {
    let mut texts = sample(written(), 2_000);
    texts.extend(sample(mutated(), 3_000));
    texts.extend(sample(interval(), 1_000));
    for given in sample(other_forms(), 2_000) {
        // A set that is open at both ends has no stored form.
        if let Ok(date) = given.parse::<PartialDate>() {
            texts.push(date.to_string());
        }
        texts.push(given);
    }
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
        "[..1999,2003..]",
        "[..1999..2003,2005]",
        "[1999,2003..2002]",
        "[1999,1999]",
        "[1999]",
        "[1999, 2003]",
        "[1999..1999,2003]",
        "[1999,2001,1999-12]",
        "[1999-12,1999]",
        "[1999~,2003]",
        "1999~/..",
        "../1999~",
        "1999/1999~",
        "1999~/1998",
        "../../1999",
        "198X",
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
    let mark = || select(vec!["", "", "~"]);
    (plain(), mark(), plain(), mark())
        .prop_map(|(from, from_mark, until, until_mark)| format!("{from}{from_mark}/{until}{until_mark}"))
}

/// Dates as they are stored.
fn written() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => plain(),
        1 => plain().prop_map(|plain| format!("{plain}~")),
        1 => (plain(), select(vec!["", "~"])).prop_map(|(plain, mark)| format!("../{plain}{mark}")),
        1 => (plain(), select(vec!["", "~"])).prop_map(|(plain, mark)| format!("{plain}{mark}/..")),
        2 => interval().prop_filter("in the wrong order", |interval| interval
            .parse::<PartialDate>()
            .is_ok()),
        1 => set().prop_filter_map("no set", |set| set.parse::<PartialDate>().ok().map(|date| date.to_string())),
    ]
}

/// Sets in any order, with members twice and open ends.
fn set() -> impl Strategy<Value = String> {
    let member = prop_oneof![
        4 => plain(),
        1 => plain().prop_map(|plain| format!("..{plain}")),
        1 => plain().prop_map(|plain| format!("{plain}..")),
        2 => (plain(), plain()).prop_map(|(one, other)| format!("{one}..{other}")),
    ];
    (proptest::collection::vec(member, 1..5), select(vec![",", ", "]))
        .prop_map(|(members, comma)| format!("[{}]", members.join(comma)))
}

/// Sets, and dates some of whose last digits are unspecified.
fn other_forms() -> impl Strategy<Value = String> {
    let unspecified = (plain(), any::<Index>()).prop_map(|(plain, index)| {
        let from = index.index(plain.len());
        plain
            .char_indices()
            .map(|(index, character)| {
                if index >= from && character != '-' {
                    'X'
                } else {
                    character
                }
            })
            .collect::<String>()
    });
    prop_oneof![set(), unspecified]
}

/// A date with one character replaced, removed, doubled or inserted.
fn mutated() -> impl Strategy<Value = String> {
    let character = select("00112233445566789--//~..,[]X \n٢é".chars().collect::<Vec<_>>());
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
