//! Bodies that are not JSON, have the wrong shape, or are too large.

use std::time::{Duration, Instant};

use demarche::config::Limits;
use reqwest::Method;
use serde_json::json;

use super::{INVALID, JSON, MALFORMED, everywhere, person, refused, samples};
use crate::support::{LONGEST_WAIT, Raw, TestApp};

#[tokio::test]
async fn a_body_that_is_not_a_json_object_is_malformed() {
    let app = TestApp::new().await;
    let arrays = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let objects = format!("{}1{}", "{\"properties\":".repeat(10_000), "}".repeat(10_000));

    for body in [
        &b""[..],
        b" \r\n\t",
        b"{",
        b"{\"name\": \"x\"",
        b"kind=person&name=x",
        b"null",
        b"true",
        b"17",
        b"\"text\"",
        b"[]",
        b"[{\"kind\": \"person\", \"name\": \"x\"}]",
        b"{} {}",
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf\xef\xbb\xbf{}",
        b"{}\xef\xbb\xbf",
        b"\xff\xfe{\0}\0",
        b"\0{\0}",
        b"{\"name\": \"\xff\xfe\"}",
        b"{\"name\": \"\\ud800\"}",
        b"{\"name\": 1e999}",
        b"{\"name\": 01}",
        b"{\"name\": NaN}",
        b"{'name': 'x'}",
        b"{\"name\": \"a\nb\"}",
        arrays.as_bytes(),
        objects.as_bytes(),
    ] {
        for answer in everywhere(&app, JSON, body).await {
            let answer = answer.expect_problem(400, MALFORMED);
            assert!(answer.pointers().is_empty(), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_duplicate_key_is_malformed_at_any_depth() {
    let app = TestApp::new().await;

    for (body, pointer) in [
        (r#"{"name": "a", "name": "a"}"#, "/name"),
        (
            r#"{"names": [{"name": "a"}, {"name": "a", "kind": "alias", "name": "b"}]}"#,
            "/names/1/name",
        ),
        (
            r#"{"properties": {"a/b": ["1"], "a/b": ["2"]}}"#,
            "/properties/a~1b",
        ),
        (r#"{"unheard": {"of": 1, "of": 1}}"#, "/unheard/of"),
    ] {
        for answer in everywhere(&app, JSON, body.as_bytes()).await {
            assert_eq!(answer.expect_problem(400, MALFORMED).pointers(), [pointer]);
        }
    }
}

#[tokio::test]
async fn an_unknown_field_or_a_wrong_type_is_reported_with_its_pointer() {
    let app = TestApp::new().await;
    for answer in everywhere(&app, JSON, br#"{"unheard_of": 1}"#).await {
        assert_eq!(answer.expect_problem(400, MALFORMED).pointers(), ["/unheard_of"]);
    }

    for (field, value, pointer) in [
        ("name", json!(5), "/name"),
        ("name", json!({"en": "x"}), "/name"),
        ("kind", json!(["person"]), "/kind"),
        ("description", json!(false), "/description"),
        ("names", json!({}), "/names"),
        ("names", json!("x"), "/names"),
        ("names", json!([5]), "/names/0"),
        ("names", json!([{"name": "x", "kind": "alias"}, null]), "/names/1"),
        (
            "names",
            json!([{"name": "x", "kind": "alias"}, {"name": 5}]),
            "/names/1/name",
        ),
        ("names", json!([{"name": "x", "kind": 5}]), "/names/0/kind"),
        (
            "names",
            json!([{"name": "x", "script": "Latn"}]),
            "/names/0/script",
        ),
        ("countries", json!([{"code": {"a": 1}}]), "/countries/0/code"),
        ("identifiers", json!([{"value": 9074729}]), "/identifiers/0/value"),
        (
            "identifiers",
            json!([{"valid_from": 2025}]),
            "/identifiers/0/valid_from",
        ),
        ("began_on", json!(2025), "/began_on"),
        ("began_on", json!(1e300), "/began_on"),
        ("began_on", json!(123456789012345678901234567890.0), "/began_on"),
        ("ended_on", json!({"year": 2025}), "/ended_on"),
        (
            "external_keys",
            json!([{"scheme": "a", "value": "b"}, 5]),
            "/external_keys/1",
        ),
        ("external_keys", json!([{"scheme": 5}]), "/external_keys/0/scheme"),
        (
            "external_keys",
            json!([{"system": "a"}]),
            "/external_keys/0/system",
        ),
    ] {
        let mut body = person("Sample");
        body[field] = value;
        refused(&app, &body, 400, MALFORMED, &[pointer]).await;
    }
}

#[tokio::test]
async fn a_nul_character_is_refused_in_values_and_in_keys() {
    let app = TestApp::new().await;
    for (resource, field, mut sample) in samples() {
        sample[field] = json!("a\u{0}b");
        let before = app.state().await;
        let path = format!("/v1/{resource}");
        let answer = app.post(&path, &sample).await.expect_problem(422, INVALID);
        assert_eq!(answer.pointers(), [format!("/{field}")]);
        assert_eq!(app.state().await, before);
    }

    let body = json!({
        "kind": "person\u{0}",
        "name": "\u{0}",
        "names": [{"name": "x"}, {"name": "x\u{0}"}],
        "properties": {"a\u{0}": ["\u{0}"]},
    });
    let pointers = [
        "/kind",
        "/name",
        "/names/1/name",
        "/properties/a\u{0}",
        "/properties/a\u{0}/0",
    ];
    refused(&app, &body, 422, INVALID, &pointers).await;
}

#[tokio::test]
async fn only_json_is_accepted() {
    let app = TestApp::new().await;
    let body = br#"{"kind": "person", "name": "x"}"#;

    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "application/jsonp",
        "application/octet-stream",
        "json",
        "",
    ] {
        for answer in everywhere(&app, content_type, body).await {
            answer.expect_problem(415, "unsupported-media-type");
        }
    }
    for (resource, _, sample) in samples() {
        let id = app.create(resource, sample.clone()).await;
        let before = app.state().await;
        let path = format!("/v1/{resource}");
        let without = app
            .request(Method::POST, &path)
            .bearer_auth(&app.analyst)
            .body(sample.to_string());
        app.send(without)
            .await
            .expect_problem(415, "unsupported-media-type");
        let compressed = app
            .request(Method::POST, &path)
            .bearer_auth(&app.analyst)
            .header("content-encoding", "gzip")
            .json(&sample);
        app.send(compressed)
            .await
            .expect_problem(415, "unsupported-media-type");
        // Put as a record, a merge patch would remove what it leaves out.
        let path = format!("{path}/{id}");
        app.send_body(
            Method::PUT,
            &path,
            "application/merge-patch+json",
            sample.to_string(),
        )
        .await
        .expect_problem(415, "unsupported-media-type");
        assert_eq!(app.state().await, before);

        for content_type in ["application/merge-patch+json", "Application/JSON; charset=UTF-8"] {
            app.send_body(Method::PATCH, &path, content_type, sample.to_string())
                .await
                .expect(200);
        }
    }
}

/// Returns a body that only its length makes invalid.
fn long_body(length: usize) -> Vec<u8> {
    let mut body = br#"{"kind": "person", "name": "x", "description": ""#.to_vec();
    body.resize(length - 2, b'x');
    body.extend_from_slice(b"\"}");
    body
}

#[tokio::test]
async fn a_body_over_the_limit_is_read_to_its_end_and_gets_413() {
    let app = TestApp::new().await;
    let limit = Limits::default().body;
    let before = app.state().await;

    for length in [limit + 1, 5 * 1024 * 1024] {
        app.send_body(Method::POST, "/v1/actors", JSON, long_body(length))
            .await
            .expect_problem(413, "too-large");
        let pieces = long_body(length)
            .chunks(10_000)
            .map(<[u8]>::to_vec)
            .collect::<Vec<_>>();
        let pieces = futures_util::stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
        app.send_body(
            Method::POST,
            "/v1/actors",
            JSON,
            reqwest::Body::wrap_stream(pieces),
        )
        .await
        .expect_problem(413, "too-large");
    }
    assert_eq!(app.state().await, before);

    app.send_body(Method::POST, "/v1/actors", JSON, long_body(limit))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_connection_can_be_reused_after_a_body_over_the_limit() {
    let app = TestApp::new().await;
    let body = long_body(5 * 1024 * 1024);
    let head = format!(
        "POST /v1/actors HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n",
        app.analyst
    );
    let mut declared = format!("{head}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    declared.extend_from_slice(&body);
    let mut chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for piece in body.chunks(100_000) {
        chunked.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        chunked.extend_from_slice(piece);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");

    for request in [declared, chunked] {
        let mut connection = Raw::connect(&app).await;
        assert!(connection.write(&request).await);
        let answer = connection.answer().await.expect("an answer");
        assert_eq!(answer.status, 413, "{answer:?}");
        assert!(answer.body.contains("/problems/too-large"), "{answer:?}");
        assert!(
            connection
                .write(b"GET /v1/actors/iso3166:CO HTTP/1.1\r\nHost: x\r\n\r\n")
                .await
        );
        assert_eq!(connection.answer().await.expect("an answer").status, 200);
    }
}

#[tokio::test]
async fn a_body_that_arrives_too_slowly_gets_408() {
    let app = TestApp::with(Limits {
        body_seconds: 1,
        ..Limits::default()
    })
    .await;
    let before = app.state().await;
    let mut connection = Raw::connect(&app).await;
    let head = format!(
        "POST /v1/actors HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 60\r\n\r\n",
        app.analyst
    );
    let begun = Instant::now();

    connection.write(head.as_bytes()).await;
    for _ in 0..8 {
        connection.write(b" ").await;
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    let answer = connection.answer().await.expect("an answer");
    let rest = connection.answer().await;

    assert_eq!(answer.status, 408, "{answer:?}");
    assert!(
        answer.body.contains("\"/problems/request-timeout\""),
        "{answer:?}"
    );
    assert!(
        answer.head.to_ascii_lowercase().contains("connection: close"),
        "{answer:?}"
    );
    assert!(rest.is_none(), "{rest:?}");
    assert!(begun.elapsed() < LONGEST_WAIT);
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_client_without_the_right_to_write_gets_its_response_after_a_large_body() {
    let app = TestApp::new().await;
    let body = long_body(5 * 1024 * 1024);
    let length = body.len();

    for (authorization, status) in [
        (String::new(), 401),
        (format!("Authorization: Bearer dmr_{}\r\n", "x".repeat(43)), 401),
        (format!("Authorization: Bearer {}\r\n", app.reader), 403),
    ] {
        let mut request = format!(
            "POST /v1/actors HTTP/1.1\r\nHost: x\r\n{authorization}Content-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n"
        )
        .into_bytes();
        request.extend_from_slice(&body);
        let mut connection = Raw::connect(&app).await;

        connection.write(&request).await;

        let answer = connection.answer().await.expect("an answer");
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

#[tokio::test]
async fn an_array_is_no_object_and_an_object_is_no_code() {
    let app = TestApp::new().await;
    for (path, body, pointer, detail) in [
        (
            "/v1/actors",
            json!({"kind": "state", "name": "A", "countries": [["CO", "residence"]]}),
            "/countries/0",
            "must be an object, not an array",
        ),
        (
            "/v1/actors",
            json!({"kind": "state", "name": "A", "external_keys": [["a", "b"]]}),
            "/external_keys/0",
            "must be an object, not an array",
        ),
        (
            "/v1/batch",
            json!({"operations": [["POST", "sources", null, null, null, {}]]}),
            "/operations/0",
            "must be an object, not an array",
        ),
        (
            "/v1/batch",
            json!({"operations": [{"method": {"POST": null}, "resource": "sources", "body": {}}]}),
            "/operations/0/method",
            "must be a string, not an object",
        ),
        ("/v1/batch", json!([]), "", "must be an object, not an array"),
    ] {
        let refused = app
            .post(path, &body)
            .await
            .expect_problem(400, "malformed-request");
        if !pointer.is_empty() {
            assert_eq!(refused.pointers(), [pointer], "{body}");
        }
        assert!(refused.text.contains(detail), "{}", refused.text);
    }
}
