//! What no well-meaning client sends. Every answer is a problem with its place, nothing is changed by it, and
//! none is a fault of the server's. What all resources share is asked of each of `samples`.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use demarche::config::Limits;
use demarche::vocabulary::UserRole;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;
use uuid::Uuid;

use crate::support::{Answer, Raw, TestApp};

const JSON: &str = "application/json";
const MALFORMED: &str = "malformed-request";
const INVALID: &str = "invalid-record";

/// A body that each resource accepts, whose text `name` names what is free in it.
fn samples() -> Vec<(&'static str, &'static str, Value)> {
    vec![("actors", "name", json!({"kind": "person", "name": "Sample"}))]
}

fn person(name: &str) -> Value {
    json!({"kind": "person", "name": name})
}

/// Sends a body to every route that takes one, as a new record and for one that is there.
async fn everywhere(app: &TestApp, content_type: &str, body: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    for (resource, _, sample) in samples() {
        let id = app.create(resource, sample).await;
        let before = app.state().await;
        for (method, path) in [
            (Method::POST, format!("/v1/{resource}")),
            (Method::PUT, format!("/v1/{resource}/{id}")),
            (Method::PATCH, format!("/v1/{resource}/{id}")),
        ] {
            answers.push(app.send_body(method, &path, content_type, body.to_vec()).await);
        }
        assert_eq!(
            app.state().await,
            before,
            "{resource}: {}",
            String::from_utf8_lossy(&body[..body.len().min(100)])
        );
    }
    answers
}

/// Sends a body that is no good actor; nothing changes by it.
async fn refused(app: &TestApp, body: &Value, status: u16, word: &str, pointers: &[&str]) -> Answer {
    let before = app.state().await;

    let answer = app.post("/v1/actors", body).await.expect_problem(status, word);

    let mut found = answer.pointers();
    found.sort_unstable();
    let mut wanted = pointers.to_vec();
    wanted.sort_unstable();
    assert_eq!(found, wanted, "{body}: {}", answer.text);
    assert_eq!(app.state().await, before);
    answer
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_malformed() {
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
        b"\xef\xbb\xbf{}",
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
async fn a_name_that_stands_twice_is_malformed_wherever_it_stands() {
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
async fn an_unknown_field_or_a_wrong_type_is_told_with_its_place() {
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
        ("external_keys", json!([["a", "b"], 5]), "/external_keys/1"),
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
async fn a_nul_is_refused_in_values_and_in_names() {
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
async fn only_json_is_read() {
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
        // A merge patch would remove what it leaves out if it were put.
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

/// A body of some length that would be a good one if it were shorter.
fn long_body(length: usize) -> Vec<u8> {
    let mut body = br#"{"kind": "person", "name": "x", "description": ""#.to_vec();
    body.resize(length - 2, b'x');
    body.extend_from_slice(b"\"}");
    body
}

#[tokio::test]
async fn a_body_over_the_limit_is_read_to_its_end_and_answered() {
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
async fn a_connection_is_of_use_after_a_body_that_was_too_large() {
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
async fn a_body_that_comes_drop_by_drop_is_not_waited_for() {
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
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn who_may_not_write_sees_so_although_they_send_much() {
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
async fn a_date_that_is_none_is_told() {
    let app = TestApp::new().await;

    for text in [
        "2025-02-30",
        "2025-13",
        "2025-00-01",
        "2025-1-1",
        "25-01-01",
        "0000",
        "2025-02-29",
        "1900-02-29",
        "",
        " 2025",
        "2025 ",
        "yesterday",
        "2025-01-01T00:00:00Z",
        "2025/2024",
        "..",
        "../",
        "/2025",
        "2025~~",
        "99999",
        "-2025",
        "٢٠٢٥",
        "2025-01-01\n",
    ] {
        let mut body = person("Sample");
        body["began_on"] = json!(text);
        refused(&app, &body, 422, INVALID, &["/began_on"]).await;
    }
    let mut body = person("Sample");
    body["began_on"] = json!("2025-05");
    body["ended_on"] = json!("2025-04-30");
    body["identifiers"] = json!([
        {"scheme": "passport", "value": "A1", "valid_from": "2020", "valid_until": "2019-12-31"},
    ]);
    refused(
        &app,
        &body,
        422,
        INVALID,
        &["/ended_on", "/identifiers/0/valid_until"],
    )
    .await;
    body = person("Sample");
    body["began_on"] = json!("x".repeat(100_000));
    let answer = refused(&app, &body, 422, INVALID, &["/began_on"]).await;
    assert!(answer.text.len() < 2_000, "the text is not quoted whole");
}

#[tokio::test]
async fn every_fault_of_rule_is_told_at_once() {
    let app = TestApp::new().await;
    refused(&app, &json!({}), 422, INVALID, &["/kind", "/name"]).await;
    let nothing = json!({"kind": null, "name": null, "names": null, "began_on": null, "properties": null});
    refused(&app, &nothing, 422, INVALID, &["/kind", "/name"]).await;

    let body = json!({
        "id": Uuid::nil(),
        "version": 7,
        "created_at": null,
        "kind": "wizard",
        "name": " \t\u{a0}",
        "names": [
            {},
            {"name": null, "kind": "nickname"},
            {"name": "x", "kind": "alias", "lang": "Spanish"},
            {"name": "y", "kind": "alias"},
            {"name": "y", "kind": "alias"},
        ],
        "countries": [{"code": "ZZ", "role": "nationality"}, {"code": "CO", "role": "friend"}, {"code": null}],
        "identifiers": [
            {"scheme": "library_card", "value": "5"},
            {"scheme": "imo", "value": "9074728"},
            {"scheme": "lei", "value": "nonsense"},
            {"scheme": "passport", "value": "", "country": "Colombia"},
            {"scheme": "wikidata", "value": "Q1", "country": "CO"},
            {"scheme": "wikidata", "value": "Q1", "country": "VE"},
            {"scheme": "passport", "value": "P1", "valid_from": "soon"},
        ],
        "began_on": "2025-02-30",
        "ended_on": "someday",
        "properties": {"list": ["a"], "text": "a", "deep": [["a"]], "nothing": null, "a/b~c": [1]},
        "external_keys": [
            {"scheme": "programme", "value": "x"},
            {"scheme": "Desk 1", "value": " "},
            {"scheme": "desk"},
            {"scheme": null, "value": "x"},
            {"scheme": "desk", "value": "twice"},
            {"scheme": "desk", "value": "twice"},
        ],
    });
    let pointers = [
        "/began_on",
        "/countries/0/code",
        "/countries/1/role",
        "/countries/2/code",
        "/countries/2/role",
        "/created_at",
        "/ended_on",
        "/external_keys/0/scheme",
        "/external_keys/1/scheme",
        "/external_keys/1/value",
        "/external_keys/2/value",
        "/external_keys/3/scheme",
        "/external_keys/5",
        "/id",
        "/identifiers/0/scheme",
        "/identifiers/1/value",
        "/identifiers/2/value",
        "/identifiers/3/country",
        "/identifiers/3/value",
        "/identifiers/5/value",
        "/identifiers/6/valid_from",
        "/kind",
        "/name",
        "/names/0/kind",
        "/names/0/name",
        "/names/1/kind",
        "/names/1/name",
        "/names/2/lang",
        "/names/4",
        "/properties/a~1b~0c",
        "/properties/deep",
        "/properties/nothing",
        "/properties/text",
        "/version",
    ];
    refused(&app, &body, 422, INVALID, &pointers).await;
}

#[tokio::test]
async fn null_takes_away_what_need_not_be_there_and_nothing_else() {
    let app = TestApp::new().await;
    let id = app
        .create(
            "actors",
            json!({"kind": "person", "name": "x", "description": "d", "properties": {"a": ["1"], "b": ["2"]}}),
        )
        .await;
    let path = format!("/v1/actors/{id}");
    let before = app.state().await;

    let answer = app.patch(&path, &json!({"name": null, "kind": null})).await;

    assert_eq!(answer.expect_problem(422, INVALID).pointers(), ["/kind", "/name"]);
    let answer = app.patch(&path, &json!({"nothing": null})).await;
    assert_eq!(answer.expect_problem(400, MALFORMED).pointers(), ["/nothing"]);
    assert_eq!(app.state().await, before);
    let patched = app
        .patch(&path, &json!({"description": null, "properties": {"a": null}}))
        .await
        .expect(200);
    assert_eq!(patched.body["description"], Value::Null);
    assert_eq!(patched.body["properties"], json!({"b": ["2"]}));
}

#[tokio::test]
async fn read_only_fields_may_stand_only_as_they_are() {
    let app = TestApp::new().await;

    for (resource, _, sample) in samples() {
        let made = app.post(&format!("/v1/{resource}"), &sample).await.expect(201);
        let path = format!("/v1/{resource}/{}", made.id());
        let before = app.state().await;
        for (field, value) in [
            ("id", json!(Uuid::nil())),
            ("version", json!(2)),
            ("version", json!("1")),
            ("version", json!(1.5)),
            ("created_at", json!("2020-01-01T00:00:00Z")),
            ("updated_at", json!(null)),
        ] {
            let mut body = made.body.clone();
            body[field] = value.clone();
            let put = app.put(&path, &body).await.expect_problem(422, INVALID);
            assert_eq!(put.pointers(), [format!("/{field}")]);
            let patched = app.patch(&path, &json!({field: value})).await;
            assert_eq!(
                patched.expect_problem(422, INVALID).pointers(),
                [format!("/{field}")]
            );
        }
        assert_eq!(app.state().await, before);
    }
}

#[tokio::test]
async fn a_path_that_names_no_record_is_not_found() {
    let app = TestApp::new().await;
    let before = app.state().await;

    for (resource, _, sample) in samples() {
        for reference in [
            Uuid::now_v7().to_string().as_str(),
            "iso3166:ZZ",
            "iso3166:",
            ":CO",
            "unheard_of:x",
            "programme:x",
            "CO",
            "@petro",
            "@",
            "00000000-0000-0000-0000-00000000000",
            "1",
            "-1",
            "*",
            "%20",
            "..%2f..%2fetc%2fpasswd",
            "iso3166:%27%20or%201=1--",
            "%00",
            "iso3166:C%00O",
            "%ff%fe",
            "iso3166:%c3%28",
            "%zz",
            "iso3166:CO%",
            "%2%35",
            "iso3166:%EF%BF%BD",
        ] {
            let path = format!("/v1/{resource}/{reference}");
            for method in ["GET", "PUT", "PATCH", "DELETE"] {
                // By hand, because a client would mend some of these.
                let body = sample.to_string();
                let request = format!(
                    "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
                     Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    app.analyst,
                    body.len()
                );
                let mut connection = Raw::connect(&app).await;
                connection.write(request.as_bytes()).await;
                let answer = connection.answer().await.expect("an answer");
                assert_eq!(answer.status, 404, "{method} {path}: {answer:?}");
                assert!(answer.head.contains("application/problem+json"), "{answer:?}");
            }
        }
    }
    assert_eq!(app.state().await, before);
    app.get("/v1/actors/iso3166%3ACO").await.expect(200);
}

#[tokio::test]
async fn a_key_that_fits_several_is_a_conflict_that_names_them() {
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    for (name, country) in [("One", "CO"), ("Two", "VE")] {
        let mut body = person(name);
        body["identifiers"] = json!([{"scheme": "passport", "value": "AB123", "country": country}]);
        ids.push(app.create("actors", body).await);
    }
    let before = app.state().await;

    let path = "/v1/actors/passport:AB123";
    for answer in [
        app.get(path).await,
        app.put(path, &person("x")).await,
        app.patch(path, &json!({"name": "x"})).await,
        app.delete(path).await,
    ] {
        let answer = answer.expect_problem(409, "conflict");
        for named in ids.iter().map(String::as_str).chain(["One", "Two"]) {
            assert!(answer.detail().contains(named), "{}", answer.text);
        }
    }
    assert_eq!(app.state().await, before);
    let one = app.get("/v1/actors/passport:VE:AB123").await.expect(200);
    assert_eq!(one.id(), ids[1]);
}

#[tokio::test]
async fn a_key_that_is_taken_is_a_conflict_that_names_who_has_it() {
    let app = TestApp::new().await;
    let colombia = app.get("/v1/actors/iso3166:CO").await.expect(200).id();
    let mut body = person("Keeper");
    body["external_keys"] = json!([{"scheme": "desk", "value": "1"}]);
    let keeper = app.create("actors", body).await;

    let mut body = person("Taker");
    body["identifiers"] = json!([
        {"scheme": "passport", "value": "P1"},
        {"scheme": "iso3166", "value": "CO"},
    ]);
    let answer = refused(&app, &body, 409, "conflict", &["/identifiers/1/value"]).await;
    assert!(answer.detail().contains(&colombia), "{}", answer.text);
    assert!(answer.detail().contains("Colombia"), "{}", answer.text);
    let mut body = person("Taker");
    body["external_keys"] = json!([{"scheme": "desk", "value": "2"}, {"scheme": "desk", "value": "1"}]);
    let answer = refused(&app, &body, 409, "conflict", &["/external_keys/1"]).await;
    assert!(answer.detail().contains(&keeper), "{}", answer.text);
    let id = app.create("actors", person("Taker")).await;
    let keys = json!({"external_keys": body["external_keys"]});
    app.patch(&format!("/v1/actors/{id}"), &keys)
        .await
        .expect_problem(409, "conflict");
}

#[tokio::test]
async fn a_key_is_taken_by_one_of_many_who_want_it_at_once() {
    let app = TestApp::new().await;
    let mut body = person("Racer");
    body["identifiers"] = json!([{"scheme": "wikidata", "value": "Q999999999"}]);
    body["external_keys"] = json!([{"scheme": "desk", "value": "race"}]);

    let answers = futures_util::future::join_all((0..8).map(|_| app.post("/v1/actors", &body))).await;

    let (made, refused): (Vec<_>, Vec<_>) = answers
        .into_iter()
        .partition(|answer| answer.status == StatusCode::CREATED);
    assert_eq!(made.len(), 1);
    for answer in refused {
        answer.expect_problem(409, "conflict");
    }
}

#[tokio::test]
async fn if_match_is_the_version_that_was_seen() {
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
                    refused.detail().starts_with("If-Match is no ETag"),
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
            b"W/\"1-0011223344556677\"",
            b"\"2\", \"3\"",
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
        with(Method::PUT, b"\"7-x\", \"2-x\"").await.expect(200);
        with(Method::DELETE, b"*").await.expect(204);
        with(Method::DELETE, b"*").await.expect_problem(404, "not-found");
    }
}

#[tokio::test]
async fn if_match_is_demanded_where_that_is_configured() {
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
async fn what_has_not_changed_is_not_sent_again() {
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
    ] {
        assert_eq!(ask(value).await.expect(200).body, read.body);
    }
}

/// A cursor as it lies open, and sealed again with the registry's key.
async fn reseal(app: &TestApp, cursor: &str, change: impl FnOnce(&mut Value)) -> String {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).expect("base64");
    let mut open: Value = serde_json::from_slice(&bytes[..bytes.len() - 16]).expect("JSON");
    change(&mut open);
    let row = app
        .client()
        .await
        .query_one("select value from secrets where name = 'cursor'", &[])
        .await
        .expect("a key");
    let key: Vec<u8> = row.get(0);
    let mut bytes = serde_json::to_vec(&open).expect("bytes");
    let mut signature = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    signature.update(&bytes);
    bytes.extend_from_slice(&signature.finalize().into_bytes()[..16]);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test]
async fn a_cursor_is_good_for_the_list_that_gave_it() {
    let app = TestApp::new().await;
    let other = TestApp::new().await;
    let client = other.client().await;
    client
        .batch_execute("update secrets set value = sha256('another')")
        .await
        .expect("another key");

    let list = "/v1/actors?sort=name&kind=state&limit=2";
    let page = app.get(list).await.expect(200);
    let cursor = page.body["next_cursor"].as_str().expect("a cursor").to_owned();
    let with = |cursor: &str| format!("{list}&cursor={cursor}");
    let second = app.get(&with(&cursor)).await.expect(200);
    assert_ne!(second.body["items"], page.body["items"]);
    assert_eq!(
        app.get(&with(&reseal(&app, &cursor, |_| {}).await))
            .await
            .expect(200)
            .body,
        second.body
    );

    let elsewhere = reseal(&app, &cursor, |open| open["bound"] = json!("AAAAAAAAAAAAAAAA")).await;
    let mut paths = vec![
        with(""),
        with("x"),
        with("AAAA"),
        with("%20"),
        with("null"),
        with(&"A".repeat(4000)),
        with(&URL_SAFE_NO_PAD.encode(r#"{"bound":"","on":"2025-01-01","position":[],"id":""}"#)),
        with(&cursor[..cursor.len() - 1]),
        with(&cursor[..cursor.len() / 2]),
        with(&format!("{cursor}A")),
        with(&format!("{cursor}=")),
        with(&cursor.to_lowercase()),
        with(&elsewhere),
        format!("{list}&cursor={cursor}&cursor={cursor}"),
        format!("{list}&cursor={cursor}&format=csv"),
        format!("{list}&cursor={cursor}&on=2025-01-01"),
        format!("/v1/actors?sort=-name&kind=state&cursor={cursor}"),
        format!("/v1/actors?sort=name,kind&kind=state&cursor={cursor}"),
        format!("/v1/actors?kind=state&cursor={cursor}"),
        format!("/v1/actors?sort=name&kind=territory&cursor={cursor}"),
        format!("/v1/actors?sort=name&kind=state&kind=person&cursor={cursor}"),
        format!("/v1/actors?sort=name&cursor={cursor}"),
    ];
    // One letter changed, wherever it stands.
    for place in (0..cursor.len()).step_by(7) {
        let mut changed = cursor.clone().into_bytes();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        paths.push(with(&String::from_utf8(changed).expect("letters")));
    }
    for path in paths {
        let answer = app.get(&path).await.expect_problem(400, MALFORMED);
        assert_eq!(answer.pointers(), ["?cursor"], "{path}");
    }
    let answer = other.get(&with(&cursor)).await.expect_problem(400, MALFORMED);
    assert_eq!(answer.pointers(), ["?cursor"]);
}

#[tokio::test]
async fn a_cursor_holds_the_longest_names() {
    let app = TestApp::new().await;
    for letter in ["\u{1}", "\u{10ffff}", "\\"] {
        for number in 0..2 {
            let name = format!("{}{number}", letter.repeat(499));
            app.create("actors", person(&name)).await;
        }
    }

    let mut path = "/v1/actors?sort=name,kind,created_at&kind=person&limit=1".to_owned();
    let mut read = 0;
    loop {
        let page = app.get(&path).await.expect(200);
        read += page.body["items"].as_array().expect("items").len();
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            break;
        };
        assert!(cursor.len() <= 8000);
        path = format!("/v1/actors?sort=name,kind,created_at&kind=person&limit=1&cursor={cursor}");
    }

    assert_eq!(read, 6);
}

#[tokio::test]
async fn a_parameter_that_is_no_good_is_told() {
    let app = TestApp::new().await;

    for (resource, _, _) in samples() {
        for (query, pointer) in [
            ("limit=0", "?limit"),
            ("limit=-1", "?limit"),
            ("limit=1001", "?limit"),
            ("limit=1e9", "?limit"),
            ("limit=1000000000", "?limit"),
            ("limit=99999999999999999999", "?limit"),
            ("limit=abc", "?limit"),
            ("limit=", "?limit"),
            ("limit", "?limit"),
            ("limit=5.0", "?limit"),
            ("limit=%2b5%20", "?limit"),
            ("limit=1&limit=1", "?limit"),
            ("limit=1&format=csv&limit=2", "?limit"),
            ("sort=unheard_of", "?sort"),
            ("sort=-", "?sort"),
            ("sort=,", "?sort"),
            ("sort=created_at,", "?sort"),
            ("sort=created_at,-created_at", "?sort"),
            ("sort=--created_at", "?sort"),
            ("sort=created_at%3b%20drop%20table%20actors", "?sort"),
            ("sort=created_at&sort=updated_at", "?sort"),
            ("count=maybe", "?count"),
            ("count=", "?count"),
            ("count=exact&count=exact", "?count"),
            ("format=xml", "?format"),
            ("format=", "?format"),
            ("format=CSV", "?format"),
            ("on=2025-02-30", "?on"),
            ("on=2025", "?on"),
            ("on=today", "?on"),
            ("on=", "?on"),
            ("on=0000-01-01", "?on"),
            ("on=2025-01-01&on=2025-01-01", "?on"),
            ("unheard_of=1", "?unheard_of"),
            ("unheard_of", "?unheard_of"),
            ("=1", "?"),
            ("Limit=1", "?Limit"),
            ("limit%00=1", "?"),
            ("%ff=1", "?"),
            ("%zz=1", "?"),
            ("cursor=%ff", "?cursor"),
            ("cursor=%00", "?cursor"),
            ("sort=%c3%28", "?sort"),
            ("sort=%2", "?sort"),
        ] {
            let mut connection = Raw::connect(&app).await;
            let path = format!("/v1/{resource}?{query}");
            connection
                .write(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes())
                .await;
            let answer = connection.answer().await.expect("an answer");
            assert_eq!(answer.status, 400, "{path}: {answer:?}");
            let body: Value = serde_json::from_str(&answer.body).expect("JSON");
            assert_eq!(body["errors"][0]["pointer"], pointer, "{path}: {body}");
        }
        let answer = app.get(&format!("/v1/{resource}?unheard_of=1")).await;
        for known in ["cursor", "limit", "sort", "on", "count", "format"] {
            assert!(answer.detail().contains(known), "{}", answer.text);
        }
        app.get(&format!("/v1/{resource}?&&limit=1&")).await.expect(200);
    }
    for (query, pointer) in [
        ("name=%ff", "?name"),
        ("name=a%00b", "?name"),
        ("kind=%", "?kind"),
        ("identifier=CO", "?identifier"),
        ("identifier=iso3166:", "?identifier"),
        ("identifier=", "?identifier"),
    ] {
        let answer = app.get(&format!("/v1/actors?{query}")).await;
        assert_eq!(
            answer.expect_problem(400, MALFORMED).pointers(),
            [pointer],
            "{query}"
        );
    }
    for (query, pointer) in [
        ("on=2025-02-30", "?on"),
        ("on=2025-01-01&on=2025-01-02", "?on"),
        ("limit=1", "?limit"),
        ("on=%ff", "?on"),
    ] {
        let answer = app.get(&format!("/v1/actors/iso3166:CO?{query}")).await;
        assert_eq!(
            answer.expect_problem(400, MALFORMED).pointers(),
            [pointer],
            "{query}"
        );
    }
    for (resource, _, sample) in samples() {
        let before = app.state().await;
        let answer = app.post(&format!("/v1/{resource}?dry_run=true"), &sample).await;
        assert_eq!(answer.expect_problem(400, MALFORMED).pointers(), ["?dry_run"]);
        assert_eq!(app.state().await, before);
    }
}

#[tokio::test]
async fn a_filter_is_repeated_a_hundred_times_at_most() {
    let app = TestApp::new().await;
    let hundred = "target=iso3166:CO&".repeat(100);

    for path in ["/v1/sanctions", "/v1/actors/iso3166:CO/sanctions"] {
        app.get(&format!("{path}?{hundred}imposer=iso3166:US"))
            .await
            .expect(200);
        let refused = app.get(&format!("{path}?{hundred}target=iso3166:CO")).await;
        assert_eq!(refused.expect_problem(400, MALFORMED).pointers(), ["?target"]);
    }
    let document = app.get("/openapi.json").await.expect(200).body;
    let parameters = document["paths"]["/v1/sanctions"]["get"]["parameters"].as_array();
    let target = parameters
        .into_iter()
        .flatten()
        .find(|parameter| parameter["name"] == "target");
    assert_eq!(target.expect("a parameter")["schema"]["maxItems"], 100);
}

#[tokio::test]
async fn a_filter_is_text_and_nothing_else() {
    let app = TestApp::new().await;
    for name in ["100% sure", "a_b", "back\\slash", "％ wide", "＼ wide"] {
        app.create("actors", person(name)).await;
    }

    for (name, found) in [
        ("100%", 1),
        ("0%25 s", 1),
        ("%", 2),
        ("％", 2),
        ("_", 1),
        ("\\", 2),
        ("＼", 2),
        ("%a%", 0),
        ("' or 1=1 --", 0),
        ("\u{202e}", 0),
    ] {
        let request = app.request(Method::GET, "/v1/actors").query(&[
            ("kind", "person"),
            ("name", name),
            ("count", "exact"),
        ]);
        let answer = app.send(request).await.expect(200);
        let found = if name == "0%25 s" { 0 } else { found };
        assert_eq!(answer.body["total"], found, "{name}");
    }
    let long = "x".repeat(20_000);
    let answer = app
        .get(&format!("/v1/actors?name={long}&kind={long}&country={long}"))
        .await
        .expect(422);
    assert_eq!(answer.pointers(), ["?kind", "?country"]);
    assert!(answer.text.len() < 2_000, "{}", answer.text);
    let answer = app.get(&format!("/v1/actors?name={long}")).await;
    assert_eq!(answer.expect(200).body["items"], json!([]));
}

#[tokio::test]
async fn a_text_comes_back_as_it_was() {
    let app = TestApp::new().await;
    let texts = [
        "'; drop table actors; --",
        "\" or \"\"=\"",
        "$1 $$ %s {0} \\x00 \\u0000",
        "<script>alert('1')</script><img src=x onerror=alert(1)>",
        "</title>&amp;&#39;{{7*7}}${7*7}",
        "=cmd|' /C calc'!A0",
        "+1-1@x\ttab",
        "lines\nof\r\ntext\r",
        "a;b,\"c\";'d'",
        " blanks around ",
        "Ünïcödé 𝔘 עברית 日本語 \u{202e}reversed\u{202c} e\u{301}",
        "\u{1}\u{7f}\u{feff}\u{fffd}\u{ffff}",
        "../../etc/passwd",
        "null",
    ];
    let mut ids = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let body = json!({
            "kind": "person",
            "name": text,
            "names": [{"name": text, "kind": "alias", "lang": null}],
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
        assert_eq!(row[column("identifiers")], format!("passport:{text}"));
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
async fn blank_is_the_same_to_us_and_to_postgresql() {
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
async fn what_is_too_long_is_told() {
    let app = TestApp::new().await;
    // Letters of four bytes that do not repeat, so that nothing becomes short by packing.
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
async fn a_list_has_ten_thousand_elements_at_most() {
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
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_small_request_does_not_make_a_huge_answer() {
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

/// A POST with an Idempotency-Key.
async fn post_once(app: &TestApp, token: &str, key: &str, path: &str, body: &Value) -> Answer {
    let request = app
        .request(Method::POST, path)
        .bearer_auth(token)
        .header("idempotency-key", key)
        .json(body);
    app.send(request).await
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_answered_again() {
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
        // It is the first answer, whatever has become of the record.
        app.delete(first.header("location")).await.expect(204);
        let again = post_once(&app, &app.analyst, "key 1", &path, &sample)
            .await
            .expect(201);
        assert_eq!(again.text, first.text);
    }
}

#[tokio::test]
async fn twins_that_come_at_once_make_one_record() {
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
async fn a_request_that_failed_may_be_mended_and_sent_with_its_key() {
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
async fn a_key_of_yesterday_is_forgotten() {
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

#[tokio::test]
async fn who_is_nobody_may_not_write_and_reads_where_anybody_may() {
    let public = TestApp::new().await;
    let closed = TestApp::with(Limits::default()).await;
    let invented = format!("Bearer dmr_{}", "A".repeat(43));

    for app in [&public, &closed] {
        let is_public = std::ptr::eq(app, &public);
        let client = app.client().await;
        let revoked = app.token("revoked", UserRole::Analyst).await;
        let expired = app.token("expired", UserRole::Analyst).await;
        client
            .batch_execute(
                "update tokens set revoked_at = now() from users where users.id = user_id and users.name = 'revoked'; \
                 update tokens set expires_at = now() from users where users.id = user_id and users.name = 'expired'",
            )
            .await
            .expect("tokens that do not work");
        let mut wrong: Vec<Vec<u8>> = [
            "",
            "Bearer",
            "Bearer ",
            "Bearer dmr_",
            "Bearer x",
            "Basic YTpi",
            "dmr_x",
            &format!("Bearer {}x", app.analyst),
            &format!("Bearer {}", app.analyst.to_uppercase()),
            &format!("Token {}", app.analyst),
            &format!("Bearer dmr_{}", "x".repeat(50_000)),
            &invented,
            &format!("Bearer {revoked}"),
            &format!("Bearer {expired}"),
        ]
        .map(|text| text.as_bytes().to_vec())
        .to_vec();
        wrong.push(b"Bearer dmr_\xff".to_vec());
        let before = app.state().await;

        for (resource, _, sample) in samples() {
            let list = format!("/v1/{resource}");
            let one = format!("/v1/{resource}/{}", Uuid::now_v7());
            let writes = [
                (Method::POST, &list),
                (Method::PUT, &one),
                (Method::PATCH, &one),
                (Method::DELETE, &one),
            ];
            for (method, path) in &writes {
                let request = app.request(method.clone(), path).json(&sample);
                let answer = app.send(request).await.expect_problem(401, "unauthorized");
                assert!(answer.header("www-authenticate").starts_with("Bearer"));
                for authorization in &wrong {
                    let header = reqwest::header::HeaderValue::from_bytes(authorization).expect("a header");
                    let request = app
                        .request(method.clone(), path)
                        .header("authorization", header)
                        .json(&sample);
                    let answer = app.send(request).await.expect_problem(401, "unauthorized");
                    assert!(answer.header("www-authenticate").starts_with("Bearer"));
                }
                let request = app
                    .request(method.clone(), path)
                    .bearer_auth(&app.reader)
                    .json(&sample);
                app.send(request).await.expect_problem(403, "forbidden");
                let request = app
                    .request(method.clone(), path)
                    .bearer_auth(&app.reader)
                    .header("content-type", JSON)
                    .body("no JSON");
                app.send(request).await.expect_problem(403, "forbidden");
            }
            for path in [list.as_str(), "/v1/actors/iso3166:CO", "/"] {
                let answer = app.get(path).await;
                if is_public {
                    answer.expect(200);
                } else {
                    answer.expect_problem(401, "unauthorized");
                }
                for authorization in &wrong {
                    let header = reqwest::header::HeaderValue::from_bytes(authorization).expect("a header");
                    let request = app.request(Method::GET, path).header("authorization", header);
                    app.send(request).await.expect_problem(401, "unauthorized");
                }
                for token in [&app.reader, &app.analyst, &app.admin] {
                    let request = app.request(Method::GET, path).bearer_auth(token);
                    app.send(request).await.expect(200);
                }
            }
        }
        assert_eq!(app.state().await, before);
    }
}

#[tokio::test]
async fn an_admin_and_an_analyst_may_write() {
    let app = TestApp::new().await;

    for (resource, _, sample) in samples() {
        for authorization in [
            format!("Bearer {}", app.analyst),
            format!("bearer  {}", app.analyst),
            format!("BEARER {}", app.admin),
        ] {
            let request = app
                .request(Method::POST, &format!("/v1/{resource}"))
                .header("authorization", authorization)
                .json(&sample);
            app.send(request).await.expect(201);
        }
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_know_is_told_with_those_it_knows() {
    let app = TestApp::new().await;
    let mut paths = vec![
        ("/".to_owned(), "GET, HEAD"),
        ("/healthz".to_owned(), "GET, HEAD"),
        ("/readyz".to_owned(), "GET, HEAD"),
        ("/metrics".to_owned(), "GET, HEAD"),
        ("/openapi.json".to_owned(), "GET, HEAD"),
        ("/docs/".to_owned(), "GET, HEAD"),
        ("/problems/conflict".to_owned(), "GET, HEAD"),
    ];
    for (resource, _, _) in samples() {
        paths.push((format!("/v1/{resource}"), "GET, HEAD, POST"));
        paths.push((format!("/v1/{resource}/x:y"), "GET, HEAD, PUT, PATCH, DELETE"));
    }

    for (path, allow) in paths {
        for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "GETT"] {
            if allow.split(", ").any(|known| known == method) {
                continue;
            }
            let method = Method::from_bytes(method.as_bytes()).expect("a method");
            let answer = app.send(app.request(method.clone(), &path)).await;
            let answer = answer.expect_problem(405, "method-not-allowed");
            assert_eq!(answer.header("allow"), allow, "{method} {path}");
        }
        let options = app.send(app.request(Method::OPTIONS, &path)).await.expect(204);
        assert_eq!(options.header("allow"), allow, "{path}");
        assert_eq!(options.text, "");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::new().await;

    for path in [
        "/v1/actors/iso3166:CO",
        "/v1/actors?limit=2",
        "/healthz",
        "/",
        "/nowhere",
        "/openapi.json",
    ] {
        let get = app.get(path).await;
        let head = app.send(app.request(Method::HEAD, path)).await;
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.text, "", "{path}");
        for header in ["content-type", "etag", "vary", "link"] {
            assert_eq!(head.header(header), get.header(header), "{path} {header}");
        }
        if path != "/nowhere" {
            assert_eq!(
                head.header("content-length"),
                get.text.len().to_string(),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn where_nothing_is_that_is_a_problem_too() {
    let app = TestApp::new().await;

    for path in [
        "/nowhere",
        "/v1/wizards",
        "/v1/actors/",
        "/v1/actors/iso3166:CO/",
        "/v1/actors/iso3166:CO/nothing",
        "//v1/actors",
        "/v2/actors",
        "/V1/actors",
        "/docs/nothing.js",
        "/problems/",
        "/problems/unheard-of",
        "/.env",
        "/%00",
        "/%ff",
        "/v1%2Factors",
    ] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            if method != Method::GET && path.starts_with("/docs/") || path == "/problems/unheard-of" {
                continue;
            }
            app.send(app.request(method, path))
                .await
                .expect_problem(404, "not-found");
        }
    }
}

#[tokio::test]
async fn a_request_keeps_the_id_that_it_came_with() {
    let app = TestApp::new().await;
    let ask = |id: &[u8]| {
        let id = reqwest::header::HeaderValue::from_bytes(id).expect("a header");
        app.send(app.request(Method::GET, "/nowhere").header("x-request-id", id))
    };

    for id in ["abc-123", "a", &"x".repeat(128), "0192:a/b=c+d_e.f"] {
        let answer = ask(id.as_bytes()).await.expect_problem(404, "not-found");
        assert_eq!(answer.header("x-request-id"), id);
    }
    for id in [
        &b""[..],
        b"two words",
        b"\"quoted\"",
        b"a\tb",
        b"\xff",
        &[b'x'; 129],
        b"{{x}}",
    ] {
        let answer = ask(id).await.expect_problem(404, "not-found");
        Uuid::parse_str(answer.header("x-request-id")).expect("an id of ours");
    }
    let one = app.get("/healthz").await.expect(200);
    let two = app.get("/healthz").await.expect(200);
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
}

#[tokio::test]
async fn a_format_that_is_not_spoken_is_told() {
    let app = TestApp::new().await;
    let ask = |path: &'static str, accept: &'static str| {
        app.send(app.request(Method::GET, path).header("accept", accept))
    };

    for accept in [
        "application/xml",
        "image/png, application/xml;q=0.5",
        "application/json;q=0",
    ] {
        let answer = ask("/v1/actors", accept).await;
        if accept.ends_with("q=0") {
            answer.expect(200);
        } else {
            answer.expect_problem(406, "not-acceptable");
        }
    }
    ask("/v1/actors/iso3166:CO", "text/csv")
        .await
        .expect_problem(406, "not-acceptable");
    for accept in ["", ";;;,,,", "*/*;q=abc", "text/html,*/*"] {
        ask("/v1/actors?limit=1", accept).await.expect(200);
    }
}

#[tokio::test]
async fn who_is_too_quick_is_told_to_wait() {
    let app = TestApp::with(Limits {
        public_read: true,
        rate: 5,
        ..Limits::default()
    })
    .await;
    let invented = |number: usize| format!("Bearer dmr_{number}");
    let crowd = |with: &dyn Fn(usize) -> Option<String>| {
        let requests: Vec<_> = (0..40)
            .map(|number| {
                let request = app.request(Method::GET, "/v1/actors/iso3166:CO");
                app.send(match with(number) {
                    Some(authorization) => request.header("authorization", authorization),
                    None => request,
                })
            })
            .collect();
        futures_util::future::join_all(requests)
    };

    let anonymous = crowd(&|_| None).await;
    let inventors = crowd(&|number| Some(invented(number))).await;
    let reader = crowd(&|_| Some(format!("Bearer {}", app.reader))).await;

    for answers in [anonymous, inventors, reader] {
        let (held, served): (Vec<_>, Vec<_>) = answers
            .into_iter()
            .partition(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS);
        assert!(held.len() >= 20, "{} were served", served.len());
        for answer in held {
            let answer = answer.expect_problem(429, "too-many-requests");
            assert!(
                answer
                    .header("retry-after")
                    .parse::<u32>()
                    .is_ok_and(|wait| wait > 0)
            );
        }
    }
    for answer in futures_util::future::join_all((0..40).map(|_| app.get("/healthz"))).await {
        answer.expect(200);
    }
    // Somebody else's haste is not the bearer's of a token that is known to be good.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let analyst = || {
        app.send(
            app.request(Method::GET, "/v1/actors/iso3166:CO")
                .bearer_auth(&app.analyst),
        )
    };
    analyst().await.expect(200);
    crowd(&|_| None).await;
    analyst().await.expect(200);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    app.get("/v1/actors/iso3166:CO").await.expect(200);
}

#[tokio::test]
async fn what_is_no_http_hurts_nobody() {
    let app = TestApp::new().await;

    for bytes in [
        &b"\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /v1/actors?name=\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v1/actors HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/actors HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
        b"POST /v1/actors HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/actors HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let mut connection = Raw::connect(&app).await;
        connection.write(bytes).await;
        let answer = tokio::time::timeout(Duration::from_secs(8), connection.answer()).await;
        if let Ok(Some(answer)) = answer {
            assert!((400..500).contains(&answer.status), "{answer:?}");
        }
    }
    let mut head = b"GET /healthz HTTP/1.1\r\nHost: x\r\n".to_vec();
    for number in 0..10_000 {
        head.extend_from_slice(format!("X-{number}: {}\r\n", "y".repeat(100)).as_bytes());
    }
    let mut connection = Raw::connect(&app).await;
    connection.write(&head).await;
    if let Some(answer) = connection.answer().await {
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }

    app.get("/v1/actors/iso3166:CO").await.expect(200);
}
