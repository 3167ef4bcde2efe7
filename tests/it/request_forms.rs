//! Different forms of a request that mean the same.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{READS, Raw, Response, TestApp};

const PROGRAMME: &str = "/v1/programmes/programme:SAMPLE";

fn strike(fatalities: Value) -> Value {
    json!({"type": "airstrike", "title": "A strike", "fatalities_min": fatalities,
        "participants": [{"role": "initiator", "actor": "iso3166:US"}]})
}

#[tokio::test]
async fn an_integer_may_be_written_with_a_decimal_point_or_an_exponent() {
    let app = TestApp::new().await;
    for text in ["2", "2.0", "2e0", "0.2E1", "20e-1"] {
        let body = strike(json!("?")).to_string().replace("\"?\"", text);
        let action = app
            .send_body(Method::POST, "/v1/diplomatic-actions", "application/json", body)
            .await
            .expect(201);

        assert_eq!(action.body["fatalities_min"].as_i64(), Some(2), "{text}");
        assert!(action.text.contains("\"fatalities_min\":2,"), "{}", action.text);
    }

    let batch = json!({"operations": [
        {"method": "POST", "resource": "diplomatic-actions", "body": strike(json!(2.0))},
    ]});
    let results = app.post("/v1/batch", &batch).await.expect(200);
    assert_eq!(
        results.body["results"][0]["body"]["fatalities_min"].as_i64(),
        Some(2)
    );
}

#[tokio::test]
async fn an_integer_of_a_patch_a_read_only_field_a_restore_and_a_vocabulary_may_have_a_decimal_point() {
    let app = TestApp::new().await;
    let made = app
        .post("/v1/diplomatic-actions", &strike(json!(1)))
        .await
        .expect(201);
    let path = format!("/v1/diplomatic-actions/{}", made.id());

    let patched = app
        .patch(&path, &json!({"fatalities_max": 7.0, "version": 1.0}))
        .await
        .expect(200);
    assert_eq!(patched.body["fatalities_max"].as_i64(), Some(7));
    let again = app
        .patch(&path, &json!({"fatalities_max": 7.0}))
        .await
        .expect(200);
    assert_eq!(again.etag(), patched.etag(), "nothing changed");

    let restored = app
        .post(&format!("{path}/restore"), &json!({"version": 1.0}))
        .await
        .expect(200);
    assert_eq!(restored.body["fatalities_max"], Value::Null);

    let entry = json!({"code": "1714", "label": "Seize a ship", "quad_class": 4.0, "goldstein": -9,
        "goldstein_from": "171"});
    let request = app.request(Method::POST, "/v1/vocabularies/cameo_codes");
    let entry = app
        .send(request.bearer_auth(&app.admin).json(&entry))
        .await
        .expect(201);
    assert_eq!(entry.body["quad_class"].as_i64(), Some(4));
}

#[tokio::test]
async fn a_number_that_is_not_whole_is_refused_in_the_terms_of_json() {
    let app = TestApp::new().await;
    for (text, detail) in [
        ("2.5", "must be a whole number, not 2.5"),
        ("1e300", "1e+300 is out of range"),
        ("\"2.0\"", "must be a whole number, not \"2.0\""),
        ("[2.0]", "must be a whole number, not an array"),
    ] {
        let body = strike(json!("?")).to_string().replace("\"?\"", text);
        let refused = app
            .send_body(Method::POST, "/v1/diplomatic-actions", "application/json", body)
            .await
            .expect(400);

        assert_eq!(
            refused.body["errors"],
            json!([{"pointer": "/fatalities_min", "detail": detail}])
        );
    }
}

#[tokio::test]
async fn a_body_may_begin_with_a_byte_order_mark() {
    let app = TestApp::new().await;
    let id = app
        .create("actors", json!({"kind": "person", "name": "Sample"}))
        .await;
    let one = format!("/v1/actors/{id}");
    let restore = format!("{one}/restore");
    let name = "\u{feff}{\"kind\": \"person\", \"name\": \"Anna\"}";
    let operation =
        json!({"method": "POST", "resource": "actors", "body": {"kind": "person", "name": "Anna"}});
    let batch = format!("\u{feff}{}", json!({"operations": [operation]}));
    for (method, path, body) in [
        (Method::POST, "/v1/actors", name),
        (Method::PUT, &one, name),
        (Method::PATCH, &one, name),
        (Method::POST, &restore, "\u{feff}{\"version\": 1}"),
        (Method::POST, "/v1/batch", &batch),
    ] {
        let answer = app
            .send_body(method, path, "application/json", body.to_owned())
            .await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_body_in_utf16_is_refused_by_name() {
    let app = TestApp::new().await;
    let text = "\u{feff}{\"kind\": \"person\", \"name\": \"Anna\"}";
    for skipped in [0, 2] {
        let bytes: Vec<u8> = text
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .skip(skipped)
            .collect();
        let refused = app
            .send_body(Method::POST, "/v1/actors", "application/json", bytes)
            .await
            .expect_problem(400, "malformed-request");
        assert_eq!(refused.detail(), "the body is UTF-16 or UTF-32; send it as UTF-8");
    }
}

#[tokio::test]
async fn the_scheme_of_a_web_address_may_have_capitals() {
    let app = TestApp::new().await;
    app.create(
        "programmes",
        json!({"code": "SAMPLE", "name": "Sample", "imposer": "iso3166:US"}),
    )
    .await;
    for address in [
        "HTTPS://www.un.org/Docs",
        "HTTP://example.org",
        "Https://Example.org/A?B=C#D",
        "hTTpS://example.org",
    ] {
        let source = json!({"kind": "other", "title": "Sample", "url": address, "archive_url": address});
        let source = app.post("/v1/sources", &source).await.expect(201);
        let programme = app.patch(PROGRAMME, &json!({"url": address})).await.expect(200);

        // As it was given: no letter of an address is changed.
        assert_eq!(source.body["url"], address);
        assert_eq!(source.body["archive_url"], address);
        assert_eq!(programme.body["url"], address);
    }

    for address in [
        "FTP://example.org",
        "HTTPS:example.org",
        "HTTPS:///",
        "HTTPSS://example.org",
        "httpſ://example.org",
        "://example.org",
        "mailto:HTTPS://example.org",
    ] {
        let refused = app
            .patch(PROGRAMME, &json!({"url": address}))
            .await
            .expect_problem(422, "invalid-record");
        assert_eq!(refused.pointers(), ["/url"], "{address}");
    }
}

#[tokio::test]
async fn the_database_has_the_same_rule_for_the_scheme_of_a_web_address() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let insert = |address: &str| {
        format!("insert into sources (kind, title, url) values ('other', 'Sample', '{address}')")
    };
    for address in ["HTTPS://example.org", "hTTp://example.org", "https://example.org"] {
        client.batch_execute(&insert(address)).await.expect(address);
    }
    for address in [
        "FTP://example.org",
        "HTTPSS://example.org",
        "httpſ://example.org",
        " https://example.org",
    ] {
        let refused = client.batch_execute(&insert(address)).await.expect_err(address);
        let constraint = refused
            .as_db_error()
            .and_then(tokio_postgres::error::DbError::constraint);
        assert_eq!(constraint, Some("sources_url_check"), "{address}");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_has_no_meaning_for_any_read() {
    let app = TestApp::new().await;
    let body = json!({"kind": "person", "name": "Sample",
        "external_keys": [{"scheme": "desk", "value": "a/"}]});
    let id = app.create("actors", body).await;
    for path in READS
        .into_iter()
        .chain(["/v1/actors?limit=1&name=Colombia", "/v1/actors/desk:a%2F"])
    {
        let without = app.get(path).await.expect(200);
        let (before, query) = path
            .split_once('?')
            .map_or((path, String::new()), |(path, query)| (path, format!("?{query}")));
        let with = app.get(&format!("{before}/{query}")).await.expect(200);

        // A cursor is signed anew each time.
        if without.body["next_cursor"].is_null() {
            assert_eq!(with.text, without.text, "{path}");
        } else {
            let rest = |response: &Response| {
                let mut body = response.body.clone();
                body["next_cursor"] = Value::Null;
                body
            };
            assert_eq!(rest(&with), rest(&without), "{path}");
            assert!(with.body["next_cursor"].is_string(), "{path}");
        }
        for header in ["etag", "content-type", "content-location", "link"] {
            // A cursor is signed anew each time.
            assert_eq!(
                with.headers.contains_key(header),
                without.headers.contains_key(header)
            );
        }
        assert_eq!(with.etag(), without.etag(), "{path}");
    }
    let unknown = app
        .get(&format!("/v1/actors/{id}/nothing/"))
        .await
        .expect_problem(404, "not-found");
    assert!(
        unknown.detail().contains(&format!("/v1/actors/{id}/nothing;")),
        "{}",
        unknown.detail()
    );
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_has_no_meaning_for_any_write() {
    let app = TestApp::new().await;
    let body = json!({"kind": "person", "name": "Sample"});
    let create = |path: &str| {
        let request = app.request(Method::POST, path).bearer_auth(&app.analyst);
        app.send(request.header("idempotency-key", "one").json(&body))
    };
    let made = create("/v1/actors/").await.expect(201);
    let again = create("/v1/actors").await.expect(201);
    assert_eq!(made.id(), again.id(), "the same request");
    assert_eq!(made.header("location"), format!("/v1/actors/{}", made.id()));

    let one = format!("/v1/actors/{}/", made.id());
    app.put(&one, &json!({"kind": "person", "name": "Anna"}))
        .await
        .expect(200);
    app.patch(&one, &json!({"name": "Berta"})).await.expect(200);
    app.post(&format!("{one}restore/"), &json!({"version": 1}))
        .await
        .expect(200);
    app.post("/v1/batch/", &json!({"operations": []}))
        .await
        .expect(200);
    app.delete(&one).await.expect(204);

    let options = app
        .send(app.request(Method::OPTIONS, "/v1/actors/"))
        .await
        .expect(204);
    assert_eq!(options.header("allow"), "GET, HEAD, POST");
    let wrong = app
        .delete("/v1/actors/")
        .await
        .expect_problem(405, "method-not-allowed");
    assert_eq!(wrong.header("allow"), "GET, HEAD, POST");
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_changes_no_redirect_limit_or_metric() {
    let app = TestApp::new().await;
    let (old, new) = (
        app.create("actors", json!({"kind": "person", "name": "Old"}))
            .await,
        app.create("actors", json!({"kind": "person", "name": "New"}))
            .await,
    );
    app.post(&format!("/v1/actors/{old}/merge/"), &json!({"into": new}))
        .await
        .expect(200);
    let mut connection = Raw::connect(&app).await;
    let request = format!("GET /v1/actors/{old}/?on=2024-01-01 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(connection.write(request.as_bytes()).await);
    let moved = connection.answer().await.expect("a response");
    assert_eq!(moved.status, 308);
    let location = format!("location: /v1/actors/{new}?on=2024-01-01\r\n");
    assert!(moved.head.to_lowercase().contains(&location), "{}", moved.head);

    // The limit of a batch, which is larger than that of other bodies.
    let large = json!({"operations": [], "padding": "x".repeat(2 * 1024 * 1024)});
    let refused = app.post("/v1/batch/", &large).await.expect(400);
    assert_eq!(refused.pointers(), ["/padding"]);

    let metrics = app.get("/metrics").await.expect(200);
    assert!(
        metrics.text.contains("route=\"/v1/actors/{ref}\""),
        "{}",
        metrics.text
    );
    assert!(!metrics.text.contains("/\""), "{}", metrics.text);
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_outside_the_api_keeps_its_meaning() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/docs/").await.status, 200);
    assert_eq!(app.get("/").await.status, 200);
    for path in ["/healthz/", "/openapi.json/", "/metrics/"] {
        app.get(path).await.expect_problem(404, "not-found");
    }
}
