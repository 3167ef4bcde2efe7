//! Texts: every clean text is returned unchanged, and a longer one than the limit is refused. `texts` tests how others are cleaned.

use std::time::Instant;

use reqwest::Method;
use serde_json::{Value, json};

use super::{INVALID, JSON, person, refused};
use crate::support::{LONGEST_WAIT, TestApp};

#[tokio::test]
async fn a_text_is_returned_unchanged() {
    let app = TestApp::new().await;
    let texts = [
        "'; drop table actors; --",
        "\" or \"\"=\"",
        "$1 $$ %s {0} \\x00 \\u0000",
        "<script>alert('1')</script><img src=x onerror=alert(1)>",
        "</title>&amp;&#39;{{7*7}}${7*7}",
        "=cmd|' /C calc'!A0",
        "+1-1@x tab",
        "a;b,\"c\";'d'",
        "Ünïcödé 𝔘 עברית 日本語 می\u{200c}خواهم é",
        "../../etc/passwd",
        "null",
    ];
    let mut ids = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let body = json!({
            "kind": "person",
            "name": text,
            "names": [{"name": text, "kind": "alias", "lang": "en", "from": null, "until": null}],
            "identifiers": [{"scheme": "passport", "value": text}],
            "description": text,
            "properties": {*text: [text, ""]},
            "external_keys": [{"scheme": "desk", "value": format!("{number} {text}")}],
        });

        let made = app.post("/v1/actors", &body).await.expect(201);

        for (field, sent) in body.as_object().expect("fields") {
            if !matches!(field.as_str(), "identifiers") {
                assert_eq!(&made.body[field], sent, "{text}");
            }
        }
        assert_eq!(made.body["identifiers"][0]["value"], *text);
        let key: String = format!("desk:{number} {text}")
            .bytes()
            .map(|byte| format!("%{byte:02x}"))
            .collect();
        let path = format!("/v1/actors/{key}");
        assert_eq!(app.get(&path).await.expect(200).body, made.body, "{text}");
        let named = app
            .request(Method::GET, "/v1/actors")
            .query(&[("name", *text), ("kind", "person")]);
        let items = app.send(named).await.expect(200).body["items"].clone();
        assert!(
            items.as_array().is_some_and(|items| items.contains(&made.body)),
            "{text} is found by its name"
        );
        ids.push(made.id());
    }

    let table = app.get("/v1/actors?kind=person&format=csv").await.expect(200);
    let mut reader = csv::Reader::from_reader(table.text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let column = |name: &str| header.iter().position(|known| known == name).expect(name);
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), texts.len());
    for (row, (text, id)) in rows.iter().zip(texts.iter().zip(&ids)) {
        assert_eq!(&row[column("id")], id);
        assert_eq!(&row[column("name")], *text);
        assert_eq!(&row[column("description")], *text);
        // A separator within an element is escaped.
        let escaped = text.replace('\\', r"\\").replace(';', r"\;");
        assert_eq!(row[column("identifiers")], format!("passport:{escaped}"));
    }
    let lines = app.get("/v1/actors?kind=person&format=ndjson").await.expect(200);
    let read: Vec<Value> = lines
        .text
        .split('\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    assert_eq!(read.len(), texts.len());
    for (record, text) in read.iter().zip(texts) {
        assert_eq!(record["name"], text);
    }
    let html = |path: String| {
        let request = app.request(Method::GET, &path).header("accept", "text/html");
        app.send(request)
    };
    let page = html("/".to_owned()).await.expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(!page.text.contains("<script"), "{}", page.text);
    let problem = html("/problems/%3Cscript%3Ealert(1)%3C%2Fscript%3E".to_owned()).await;
    problem.expect_problem(404, "not-found");
    let nowhere = html("/%3Cscript%3E".to_owned())
        .await
        .expect_problem(404, "not-found");
    assert_eq!(nowhere.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn a_text_that_is_blank_for_postgresql_is_refused() {
    let app = TestApp::new().await;
    let rows = app
        .client()
        .await
        .query(
            "select code from generate_series(1, 1114111) as code \
             where code not between 55296 and 57343 and chr(code) !~ '\\S'",
            &[],
        )
        .await
        .expect("letters");

    for row in rows {
        let code: i32 = row.get(0);
        let letter = char::from_u32(code.unsigned_abs()).expect("a letter").to_string();
        let body = json!({
            "kind": "person",
            "name": letter,
            "names": [{"name": letter, "kind": "alias"}],
            "identifiers": [{"scheme": "passport", "value": letter}],
            "external_keys": [{"scheme": "desk", "value": letter}],
        });
        let pointers = [
            "/name",
            "/names/0/name",
            "/identifiers/0/value",
            "/external_keys/0/value",
        ];
        refused(&app, &body, 422, INVALID, &pointers).await;
    }
}

#[tokio::test]
async fn a_text_over_its_limit_is_reported() {
    let app = TestApp::new().await;
    // Characters of four bytes that do not repeat, so that compression does not shorten the text.
    let text = |length: usize| -> String {
        (0..length)
            .filter_map(|_| char::from_u32(rand::random_range(0x2_0000..0x2_a000)))
            .collect()
    };
    let body = |name: usize, alias: usize, value: usize, key: usize, lang: &str| {
        json!({
            "kind": "person",
            "name": text(name),
            "names": [{"name": text(alias), "kind": "alias", "lang": lang}],
            "identifiers": [{"scheme": "passport", "value": text(value), "country": "CO"}],
            "external_keys": [{"scheme": "a".repeat(63), "value": text(key)}],
        })
    };

    let tag = "es-abcdefgh-abcdefgh-abcdefgh-abcde";
    app.post("/v1/actors", &body(500, 500, 500, 500, tag))
        .await
        .expect(201);
    let pointers = [
        "/name",
        "/names/0/name",
        "/identifiers/0/value",
        "/external_keys/0/value",
        "/names/0/lang",
    ];
    refused(
        &app,
        &body(501, 501, 501, 501, &format!("{tag}f")),
        422,
        INVALID,
        &pointers,
    )
    .await;
    let long: Vec<String> = (0..300)
        .map(|_| format!("-{:08x}", rand::random::<u32>()))
        .collect();
    let lang = format!("es{}", long.join(""));
    refused(&app, &body(1, 500, 1, 1, &lang), 422, INVALID, &["/names/0/lang"]).await;
    let mut unknown = person("x");
    unknown["kind"] = json!("x".repeat(100_000));
    refused(&app, &unknown, 422, INVALID, &["/kind"]).await;
}

#[tokio::test]
async fn a_list_has_at_most_ten_thousand_elements() {
    let app = TestApp::new().await;
    let names = |count: usize| {
        let names: Vec<Value> = (0..count)
            .map(|number| json!({"name": format!("n{number}"), "kind": "alias"}))
            .collect();
        json!({"kind": "person", "name": "Many", "names": names})
    };

    refused(&app, &names(10_001), 422, INVALID, &["/names"]).await;
    let mut identifiers = person("Many");
    identifiers["identifiers"] = (0..10_001)
        .map(|number| json!({"scheme": "phone", "value": format!("{number}")}))
        .collect();
    refused(&app, &identifiers, 422, INVALID, &["/identifiers"]).await;
    let mut keys = person("Many");
    keys["external_keys"] = (0..10_001)
        .map(|number| json!({"scheme": "desk", "value": format!("{number}")}))
        .collect();
    refused(&app, &keys, 422, INVALID, &["/external_keys"]).await;
    let begun = Instant::now();
    let made = app.post("/v1/actors", &names(10_000)).await.expect(201);
    assert_eq!(made.body["names"].as_array().map(Vec::len), Some(10_000));
    assert!(begun.elapsed() < LONGEST_WAIT, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_small_request_gets_a_bounded_response() {
    let app = TestApp::new().await;
    let before = app.state().await;
    let nulls = format!("{{\"names\": [{}\"\"]}}", r#""\u0000","#.repeat(100_000));
    let nothings = format!("{{\"names\": [{}{{}}]}}", "{},".repeat(9_000));

    for body in [nulls, nothings] {
        let answer = app.send_body(Method::POST, "/v1/actors", JSON, body).await;
        let answer = answer.expect_problem(422, INVALID);
        assert_eq!(answer.pointers().len(), 1000);
        assert!(answer.detail().contains("the first 1000"), "{}", answer.detail());
    }
    assert_eq!(app.state().await, before);
}
