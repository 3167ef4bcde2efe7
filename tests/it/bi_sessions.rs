//! What schema `bi` returns does not depend on the settings of the session that reads it.

use demarche::bi::refresh::Manner;
use demarche::db::views::VIEWS;
use tokio_postgres::Client;

use crate::bi_analysis::refresh_now;
use crate::support::{TestApp, TestDatabase};

/// Each function with arguments, and the view whose columns it returns.
const CALLS: &[(&str, &str)] = &[
    ("sanctions_in_force('2025-10-01')", "sanctions"),
    ("relationships_holding('2025-10-01')", "relationships"),
    (
        "sanctions_as_of('2025-10-01', '2025-11-20T00:00:00Z')",
        "sanctions",
    ),
    (
        "relationships_as_of('2025-10-01', '2025-11-20T00:00:00Z')",
        "relationships",
    ),
    ("actors_as_of('2025-10-01', '2025-11-20T00:00:00Z')", "actors"),
    (
        "diplomatic_actions_as_of('2025-10-01', '2025-11-20T00:00:00Z')",
        "diplomatic_actions",
    ),
];

/// Samoa skipped 2011-12-30, and is a day ahead of UTC for most of the day.
const OTHER_SESSION: &str =
    "set timezone = 'Pacific/Apia'; set datestyle = 'German'; set intervalstyle = 'sql_standard'";

/// Returns the select of a digest of all rows of a view or function, and of their number. JSON has one format of dates; a time
/// is compared as the moment that it is.
async fn select_of_digest(client: &Client, object: &str, view: &str) -> String {
    let columns: String = client
        .query_one(
            "select string_agg(
               case data_type
                 when 'timestamp with time zone' then format('extract(epoch from %1$I) as %1$I', column_name)
                 else quote_ident(column_name)
               end, ', ' order by position)
             from bi.data_dictionary where object = $1 and position > 0",
            &[&view],
        )
        .await
        .expect("the columns")
        .get(0);
    format!(
        "select coalesce(md5(string_agg(line, e'\\n' order by line collate \"C\")), ''), count(*)
         from (select to_jsonb(found)::text as line from (select {columns} from bi.{object}) as found) as lines"
    )
}

async fn digest(client: &Client, select: &str) -> (String, i64) {
    let row = client
        .query_one(select, &[])
        .await
        .unwrap_or_else(|error| panic!("{select}: {error:?}"));
    (row.get(0), row.get(1))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_view_and_function_has_the_same_rows_in_every_session() {
    let app = TestApp::with_demo().await;
    refresh_now(&app, Manner::Full).await;
    let reader = app.database.reader().await;
    let objects = VIEWS
        .iter()
        .map(|(name, _)| (*name, *name))
        .chain(CALLS.iter().copied());
    let mut in_utc = Vec::new();
    reader.batch_execute("set timezone = 'UTC'").await.expect("UTC");
    for (object, view) in objects {
        let select = select_of_digest(&reader, object, view).await;
        let found = digest(&reader, &select).await;
        assert!(found.1 > 0, "{object} is empty, which proves nothing");
        in_utc.push((object, select, found));
    }

    reader.batch_execute(OTHER_SESSION).await.expect("settings");
    for (object, select, expected) in in_utc {
        assert_eq!(digest(&reader, &select).await, expected, "{object}");
    }
}

#[tokio::test]
async fn a_day_that_a_time_zone_skipped_has_its_weekday() {
    let database = TestDatabase::new().await;
    let client = database.target().client().await.expect("a connection");
    client
        .batch_execute("set timezone = 'Pacific/Apia'")
        .await
        .expect("a time zone");

    let row = client
        .query_one(
            "select weekday_name, month_name, year_month, year_week, year_quarter, last_day_of_month::text
             from bi.calendar where day = '2011-12-30'",
            &[],
        )
        .await
        .expect("the day");

    let found: Vec<String> = (0..6).map(|column| row.get(column)).collect();
    assert_eq!(
        found,
        [
            "Friday",
            "December",
            "2011-12",
            "2011-W52",
            "2011-Q4",
            "2011-12-31"
        ]
    );
}

#[tokio::test]
async fn every_function_refuses_days_and_moments_out_of_range_with_one_sentence() {
    let database = TestDatabase::new().await;
    let client = database.target().client().await.expect("a connection");
    client
        .batch_execute("set datestyle = 'German'")
        .await
        .expect("a style");
    let message = async |call: String| {
        let refused = client
            .query(&format!("select * from bi.{call}"), &[])
            .await
            .expect_err(&call);
        let error = refused.as_db_error().expect("an error of the database").clone();
        assert_eq!(error.code().code(), "22023", "{call}");
        error.message().to_owned()
    };

    for day in ["infinity", "-infinity", "10000-01-01", "0044-03-15 BC"] {
        for call in [
            format!("sanctions_in_force('{day}')"),
            format!("relationships_holding('{day}')"),
            format!("sanctions_as_of('{day}', null)"),
            format!("relationships_as_of('{day}', null)"),
            format!("actors_as_of('{day}', null)"),
            format!("diplomatic_actions_as_of('{day}', null)"),
        ] {
            assert_eq!(
                message(call.clone()).await,
                format!("day must be in the years 1 to 9999, not {day}"),
                "{call}"
            );
        }
    }
    for (moment, printed) in [
        ("infinity", "infinity"),
        ("-infinity", "-infinity"),
        ("10000-01-01T00:00:00Z", "10000-01-01T00:00:00"),
        ("0044-03-15 00:00:00Z BC", "0044-03-15T00:00:00 BC"),
    ] {
        for function in [
            "sanctions_as_of",
            "relationships_as_of",
            "actors_as_of",
            "diplomatic_actions_as_of",
        ] {
            assert_eq!(
                message(format!("{function}(null, '{moment}')")).await,
                format!("known_at must be in the years 1 to 9999, not {printed}"),
                "{function}"
            );
        }
    }
}
