//! Lists as tables: what is written can be read back, in CSV and in a workbook.

use std::io::Cursor;

use calamine::{Data, DataType, Reader, Xlsx};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestApp;

/// The lines of a CSV text, each as its cells; the first is the header.
fn lines(text: &str) -> Vec<Vec<String>> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes())
        .records()
        .map(|record| record.expect("a line").iter().map(str::to_owned).collect())
        .collect()
}

/// The cell of a column in the line after the header.
fn cell(text: &str, column: &str) -> String {
    let lines = lines(text);
    let index = lines[0].iter().position(|name| name == column).expect(column);
    lines[1][index].clone()
}

async fn workbook(app: &TestApp, path: &str) -> (reqwest::header::HeaderMap, calamine::Range<Data>) {
    let response = app.request(Method::GET, path).send().await.expect("a response");
    assert_eq!(response.status(), 200);
    let headers = response.headers().clone();
    let bytes = response.bytes().await.expect("a body");
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let sheet = workbook.worksheet_range_at(0).expect("a sheet").expect("cells");
    (headers, sheet)
}

#[tokio::test]
async fn lists_within_a_cell_are_read_back() {
    let app = TestApp::new().await;
    let formula = "=HYPERLINK(\"https://example.org\")";
    app.create(
        "actors",
        json!({"kind": "company", "name": formula,
               "names": [{"name": "Foo; Bar", "kind": "alias"}, {"name": r"Baz\, Inc.", "kind": "alias"},
                         {"name": "@Qux", "kind": "alias"}],
               "properties": {"note=one": ["a;b"], "sum": ["-5", "Müller"]}}),
    )
    .await;
    let list = "/v1/actors?kind=company&format=csv";

    let plain = app.get(list).await.expect(200);
    let as_json = app.get(&format!("{list}&list=json")).await.expect(200);
    let escaped = app.get(&format!("{list}&formulas=escape")).await.expect(200);
    let marked = app.get(&format!("{list}&bom=true")).await.expect(200);

    let names = ["@Qux", r"Baz\, Inc.", "Foo; Bar"];
    let told: Vec<Value> = serde_json::from_str(&cell(&as_json.text, "names")).expect("a JSON array");
    let mut sorted: Vec<&str> = told.iter().filter_map(Value::as_str).collect();
    sorted.sort_unstable();
    assert_eq!(sorted, names);
    let joined: Vec<String> = told
        .iter()
        .filter_map(Value::as_str)
        .map(|name| name.replace('\\', r"\\").replace(';', r"\;"))
        .collect();
    assert_eq!(cell(&plain.text, "names"), joined.join(";"));
    assert_eq!(cell(&plain.text, "name"), formula);
    assert_eq!(
        cell(&plain.text, "properties"),
        r"note\=one=a\;b;sum=-5;sum=Müller"
    );
    assert_eq!(
        cell(&as_json.text, "properties"),
        r#"{"note=one":["a;b"],"sum":["-5","Müller"]}"#
    );
    assert_eq!(cell(&escaped.text, "name"), format!("'{formula}"));
    assert!(cell(&escaped.text, "names").contains("'@Qux"));
    assert!(cell(&escaped.text, "properties").contains("sum='-5"));
    assert_eq!(marked.text.strip_prefix('\u{feff}'), Some(plain.text.as_str()));
    assert!(!plain.text.starts_with('\u{feff}'));
}

#[tokio::test]
async fn a_workbook_has_the_rows_of_the_csv_with_types() {
    let app = TestApp::new().await;
    let office = app
        .create("actors", json!({"kind": "government_body", "name": "=Office"}))
        .await;
    for (title, day, fatalities) in [
        ("=1+1", json!("2025-09-23"), json!(3)),
        ("ok", json!("2025-09"), Value::Null),
        ("old", json!("1815-06-09"), Value::Null),
    ] {
        let body = json!({"type": "accusation", "title": title, "occurred_on": day, "fatalities_min": fatalities,
                          "fatalities_max": fatalities, "summary": "é".repeat(40_000),
                          "participants": [{"role": "initiator", "actor": office}]});
        app.create("diplomatic-actions", body).await;
    }
    let list = "/v1/diplomatic-actions?sort=title";

    let (headers, sheet) = workbook(&app, &format!("{list}&format=xlsx")).await;
    let table = app.get(&format!("{list}&format=csv")).await.expect(200);

    let media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_eq!(headers["content-type"], media_type);
    assert_eq!(
        headers["content-disposition"],
        "attachment; filename=\"diplomatic-actions.xlsx\""
    );
    let lines = lines(&table.text);
    let header: Vec<String> = sheet
        .rows()
        .next()
        .expect("a header")
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(header, lines[0]);
    assert_eq!(sheet.height(), 4);
    let column = |name: &str| {
        let index = header.iter().position(|column| column == name).expect(name);
        sheet
            .rows()
            .skip(1)
            .map(|row| row[index].clone())
            .collect::<Vec<_>>()
    };
    let texts = |name: &str| column(name).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(texts("title"), ["=1+1", "ok", "old"]);
    assert!(column("title")[0].is_string());
    let days = column("occurred_on");
    assert_eq!(
        days[0].as_date().map(|day| day.to_string()).as_deref(),
        Some("2025-09-23")
    );
    assert_eq!(days[2].to_string(), "1815-06-09");
    assert_eq!(days[1].to_string(), "2025-09");
    assert_eq!(column("fatalities_min")[0].as_f64(), Some(3.0));
    assert!(column("fatalities_min")[1].is_empty());
    assert_eq!(column("ongoing")[0], Data::Bool(false));
    assert!(column("created_at")[0].is_datetime());
    let summary = column("summary")[0].to_string();
    assert_eq!(summary.chars().count(), 32_767);
    assert!(summary.ends_with('…'));

    let by_header = app
        .request(Method::GET, list)
        .header("accept", media_type)
        .send()
        .await
        .expect("a response");
    assert_eq!(by_header.headers()["content-type"], media_type);
    let (_, nothing) = workbook(&app, "/v1/sanctions?format=xlsx").await;
    assert_eq!(nothing.height(), 1);
}

#[tokio::test]
async fn the_dates_of_measures_are_in_the_table() {
    let app = TestApp::new().await;
    let mut actors = Vec::new();
    for name in ["Imposer", "Target"] {
        actors.push(
            app.create("actors", json!({"kind": "company", "name": name}))
                .await,
        );
    }
    app.create(
        "sanctions",
        json!({"imposer": actors[0], "target": actors[1],
               "measures": [{"measure": "asset_freeze", "from": "2020", "until": "2021-03"}, "visa_ban"]}),
    )
    .await;

    let table = app.get("/v1/sanctions?format=csv").await.expect(200);
    let as_json = app.get("/v1/sanctions?format=csv&list=json").await.expect(200);

    assert_eq!(cell(&table.text, "measures"), "asset_freeze;visa_ban");
    assert_eq!(cell(&table.text, "measures_from"), "2020;");
    assert_eq!(cell(&table.text, "measures_until"), "2021-03;");
    assert_eq!(cell(&as_json.text, "measures_until"), r#"["2021-03",null]"#);
}

#[tokio::test]
async fn options_of_tables_are_checked() {
    let app = TestApp::new().await;
    for (query, pointer, detail) in [
        (
            "format=csv&list=lines",
            "?list",
            "list must be one of joined, json, not \"lines\"",
        ),
        (
            "format=csv&formulas=run",
            "?formulas",
            "formulas must be one of keep, escape, not \"run\"",
        ),
        (
            "format=csv&bom=yes",
            "?bom",
            "bom must be true or false, not \"yes\"",
        ),
        (
            "bom=true",
            "?bom",
            "bom is for CSV, and this response is JSON; leave bom out",
        ),
        (
            "format=xlsx&formulas=escape",
            "?formulas",
            "formulas is for CSV, and this response is XLSX; leave formulas out",
        ),
        (
            "format=ndjson&list=json",
            "?list",
            "list is for CSV and XLSX, and this response is NDJSON; leave list out",
        ),
        (
            "format=csv&bom=true&bom=true",
            "?bom",
            "bom is given twice; send it once",
        ),
        (
            "format=xls",
            "?format",
            "format must be one of json, csv, ndjson, xlsx, not \"xls\"",
        ),
    ] {
        let refused = app
            .get(&format!("/v1/actors?{query}"))
            .await
            .expect_problem(400, "malformed-request");
        assert_eq!(refused.pointers(), [pointer], "{query}");
        assert_eq!(refused.body["errors"][0]["detail"], detail, "{query}");
    }
}
