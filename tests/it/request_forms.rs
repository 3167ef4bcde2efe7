//! Different forms of a request that mean the same.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestApp;

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
        " HTTPS://example.org",
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
