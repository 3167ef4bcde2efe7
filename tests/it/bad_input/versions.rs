//! Versions: If-Match and If-None-Match.

use demarche::config::Limits;
use reqwest::Method;
use serde_json::json;

use super::samples;
use crate::support::TestApp;

#[tokio::test]
async fn if_match_names_the_version_that_was_read() {
    let app = TestApp::new().await;

    for (resource, field, sample) in samples() {
        let made = app.post(&format!("/v1/{resource}"), &sample).await.expect(201);
        let path = format!("/v1/{resource}/{}", made.id());
        let mut changed = sample.clone();
        changed[field] = json!("Changed");
        let with = |method: Method, value: &[u8]| {
            let value = reqwest::header::HeaderValue::from_bytes(value).expect("a header");
            let request = app
                .request(method.clone(), &path)
                .bearer_auth(&app.analyst)
                .header("if-match", value);
            app.send(if method == Method::DELETE {
                request
            } else {
                request.json(&changed)
            })
        };
        let before = app.state().await;

        for none in [
            &b"garbage"[..],
            b"",
            b"1",
            b"\xff\xfe",
            b"\"1-x\" \"2-x\"",
            b"*, \"1-x\"",
        ] {
            for method in [Method::PUT, Method::PATCH, Method::DELETE] {
                let refused = with(method, none).await;
                let refused = refused.expect_problem(400, "malformed-request");
                assert!(
                    refused.detail().starts_with("If-Match is not an ETag"),
                    "{}",
                    refused.text
                );
            }
        }
        for other in [
            &b"\"garbage\""[..],
            b"\"\"",
            b"\"0\"",
            b"\"2-0011223344556677\"",
            b"\"99999999999999999999\"",
            b"\"-1\"",
            b"\"\xff\xfe\"",
            b"W/\"2-0011223344556677\"",
            b"\"2\", \"3\"",
            b"\"1\"",
            b"\"1-\xc3\xa9\"",
            b"\"+1-a\"",
            b"\"01-a\"",
            b"W/\"x\"",
        ] {
            for method in [Method::PUT, Method::PATCH, Method::DELETE] {
                with(method, other)
                    .await
                    .expect_problem(412, "precondition-failed");
            }
        }
        assert_eq!(app.state().await, before);

        with(Method::PATCH, made.etag().as_bytes()).await.expect(200);
        let stale = with(Method::PUT, made.etag().as_bytes()).await;
        let stale = stale.expect_problem(412, "precondition-failed");
        assert!(stale.detail().contains("version 2"), "{}", stale.text);
        // The form that a compressing proxy makes of the ETag.
        let weak = format!("W/{}", made.etag().replacen("\"1-", "\"2-", 1));
        with(Method::PATCH, weak.as_bytes()).await.expect(200);
        with(Method::PUT, b"\"7-a\", \"2-a\"").await.expect(200);
        with(Method::DELETE, b"*").await.expect(204);
        with(Method::DELETE, b"*").await.expect_problem(404, "not-found");
    }
}

#[tokio::test]
async fn if_match_is_required_if_the_server_is_configured_so() {
    let app = TestApp::with(Limits {
        public_read: true,
        require_if_match: true,
        ..Limits::default()
    })
    .await;

    for (resource, _, sample) in samples() {
        let made = app.post(&format!("/v1/{resource}"), &sample).await.expect(201);
        let path = format!("/v1/{resource}/{}", made.id());
        let before = app.state().await;
        for answer in [
            app.put(&path, &sample).await,
            app.patch(&path, &sample).await,
            app.delete(&path).await,
        ] {
            answer.expect_problem(428, "precondition-required");
        }
        assert_eq!(app.state().await, before);
        let request = app
            .request(Method::PATCH, &path)
            .bearer_auth(&app.analyst)
            .header("if-match", made.etag())
            .json(&sample);
        app.send(request).await.expect(200);
    }
}

#[tokio::test]
async fn an_unchanged_record_is_not_sent_again() {
    let app = TestApp::new().await;
    let read = app.get("/v1/actors/iso3166:CO").await.expect(200);
    let etag = read.etag().to_owned();
    let ask = |value: String| {
        app.send(
            app.request(Method::GET, "/v1/actors/iso3166:CO")
                .header("if-none-match", value),
        )
    };

    for value in [
        etag.clone(),
        format!("W/{etag}"),
        "*".to_owned(),
        format!("\"1-0\", {etag}"),
        format!("\"a\" , W/{etag},\"b\""),
    ] {
        let answer = ask(value).await.expect(304);
        assert_eq!(answer.etag(), etag);
        assert_eq!(answer.text, "");
        assert_eq!(answer.header("vary"), read.header("vary"));
    }
    for value in [
        "garbage".to_owned(),
        String::new(),
        etag.replace('"', ""),
        "\"1-0\"".to_owned(),
        // A comma within the quotes of a tag does not end it.
        "\"a,*,b\"".to_owned(),
        format!("\"a,{},b\"", etag.replace('"', "")),
    ] {
        assert_eq!(ask(value).await.expect(200).body, read.body);
    }
}
