//! Repeated requests with an Idempotency-Key.

use demarche::vocabulary::UserRole;
use reqwest::Method;
use serde_json::{Value, json};

use super::{INVALID, MALFORMED, person, samples};
use crate::support::{Response, TestApp};

/// A POST with an Idempotency-Key.
async fn post_once(app: &TestApp, token: &str, key: &str, path: &str, body: &Value) -> Response {
    let request = app
        .request(Method::POST, path)
        .bearer_auth(token)
        .header("idempotency-key", key)
        .json(body);
    app.send(request).await
}

#[tokio::test]
async fn a_repeated_request_returns_the_first_response() {
    let app = TestApp::new().await;
    let second = app.token("second", UserRole::Analyst).await;

    for (resource, field, sample) in samples() {
        let path = format!("/v1/{resource}");
        let first = post_once(&app, &app.analyst, "key 1", &path, &sample)
            .await
            .expect(201);
        let before = app.state().await;
        let again = post_once(&app, &app.analyst, "key 1", &path, &sample)
            .await
            .expect(201);
        assert_eq!(again.text, first.text);
        assert_eq!(again.etag(), first.etag());
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(again.header("content-type"), first.header("content-type"));
        let mut other = sample.clone();
        other[field] = json!("Other");
        post_once(&app, &app.analyst, "key 1", &path, &other)
            .await
            .expect_problem(422, INVALID);
        assert_eq!(app.state().await, before);

        let others = post_once(&app, &second, "key 1", &path, &other).await.expect(201);
        assert_ne!(others.id(), first.id());
        // It is the first response, whatever happened to the record since.
        app.delete(first.header("location")).await.expect(204);
        let again = post_once(&app, &app.analyst, "key 1", &path, &sample)
            .await
            .expect(201);
        assert_eq!(again.text, first.text);
    }
}

#[tokio::test]
async fn concurrent_requests_with_one_key_create_one_record() {
    let app = TestApp::new().await;

    for (resource, _, sample) in samples() {
        let path = format!("/v1/{resource}");
        let before: i64 = count(&app, resource).await;
        let twins = (0..8).map(|_| post_once(&app, &app.analyst, "twins", &path, &sample));

        let answers = futures_util::future::join_all(twins).await;

        assert_eq!(count(&app, resource).await, before + 1);
        let first = answers[0].text.clone();
        for answer in answers {
            assert_eq!(answer.expect(201).text, first);
        }
    }
}

async fn count(app: &TestApp, resource: &str) -> i64 {
    let sql = format!("select count(*) from {}", resource.replace('-', "_"));
    let row = app.client().await.query_one(&sql, &[]).await.expect("a count");
    row.get(0)
}

#[tokio::test]
async fn a_failed_request_may_be_corrected_and_sent_with_its_key() {
    let app = TestApp::new().await;
    let path = "/v1/actors";

    post_once(&app, &app.analyst, "mended", path, &json!({"kind": "person"}))
        .await
        .expect_problem(422, INVALID);
    let taken = json!({"kind": "state", "name": "x", "identifiers": [{"scheme": "iso3166", "value": "CO"}]});
    post_once(&app, &app.analyst, "mended", path, &taken)
        .await
        .expect_problem(409, "conflict");
    let made = post_once(&app, &app.analyst, "mended", path, &person("Mended"))
        .await
        .expect(201);
    let again = post_once(&app, &app.analyst, "mended", path, &person("Mended"))
        .await
        .expect(201);

    assert_eq!(again.text, made.text);
}

#[tokio::test]
async fn an_idempotency_key_expires_after_a_day() {
    let app = TestApp::new().await;
    let first = post_once(&app, &app.analyst, "old", "/v1/actors", &person("x"))
        .await
        .expect(201);
    let client = app.client().await;
    client
        .batch_execute("update idempotency_keys set created_at = now() - interval '25 hours'")
        .await
        .expect("yesterday");

    let second = post_once(&app, &app.analyst, "old", "/v1/actors", &person("y"))
        .await
        .expect(201);

    assert_ne!(second.id(), first.id());
}

#[tokio::test]
async fn an_idempotency_key_is_a_short_text() {
    let app = TestApp::new().await;
    let before = app.state().await;
    let long = "k".repeat(256);

    for key in [
        &b""[..],
        b" ",
        b"\"\"",
        long.as_bytes(),
        b"\xff",
        "schlüssel".as_bytes(),
    ] {
        let key = reqwest::header::HeaderValue::from_bytes(key).expect("a header");
        let request = app
            .request(Method::POST, "/v1/actors")
            .bearer_auth(&app.analyst)
            .header("idempotency-key", key)
            .json(&person("x"));
        app.send(request).await.expect_problem(400, MALFORMED);
    }

    assert_eq!(app.state().await, before);
    post_once(&app, &app.analyst, &long[1..], "/v1/actors", &person("x"))
        .await
        .expect(201);
}
