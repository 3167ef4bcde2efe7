//! What browsers and proxies ask for beyond the record: requests from pages of other origins, and compressed responses.

use std::io::Read;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::support::{Raw, TestApp};

const PAGE: &str = "https://dashboards.example.org";

/// Sends a preflight as a browser does, and returns the status, the headers and the body.
async fn preflight(app: &TestApp, origin: &str, method: &str, headers: &str) -> (u16, HeaderMap, String) {
    let response = app
        .request(Method::OPTIONS, "/v1/actors")
        .header("accept", "*/*")
        .header("access-control-request-headers", headers)
        .header("access-control-request-method", method)
        .header("origin", origin)
        .header("sec-fetch-mode", "cors")
        .header("sec-fetch-site", "cross-site")
        .send()
        .await
        .expect("a response");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, response.text().await.expect("a body"))
}

/// The names in a header that is a list, lower case and sorted.
fn names(headers: &HeaderMap, header: &str) -> Vec<String> {
    let mut names: Vec<String> = headers
        .get_all(header)
        .iter()
        .flat_map(|line| line.to_str().expect("text").split(','))
        .map(|name| name.trim().to_lowercase())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_page_of_a_listed_origin_reads_and_writes() {
    let app = TestApp::with_origins(&["https://other.example", PAGE]).await;
    let wanted = "authorization,content-type,idempotency-key,if-match,x-comment";

    let (status, allowed, _) = preflight(&app, PAGE, "PATCH", wanted).await;
    let body = json!({"kind": "person", "name": "From a page"});
    let created = app
        .request(Method::POST, "/v1/actors")
        .bearer_auth(&app.analyst)
        .header("origin", PAGE)
        .json(&body)
        .send()
        .await
        .expect("a response");

    assert_eq!(status, 200);
    assert_eq!(allowed["access-control-allow-origin"], PAGE);
    assert_eq!(allowed["access-control-max-age"], "3600");
    assert!(!allowed.contains_key("access-control-allow-credentials"));
    assert_eq!(
        names(&allowed, "access-control-allow-methods"),
        ["delete", "get", "head", "patch", "post", "put"]
    );
    for name in wanted.split(',') {
        assert!(
            names(&allowed, "access-control-allow-headers").contains(&name.to_owned()),
            "{name}"
        );
    }
    assert!(names(&allowed, "vary").contains(&"origin".to_owned()));
    assert_eq!(created.status(), 201);
    assert_eq!(created.headers()["access-control-allow-origin"], PAGE);
    for name in ["etag", "link", "location", "retry-after", "x-request-id"] {
        assert!(
            names(created.headers(), "access-control-expose-headers").contains(&name.to_owned()),
            "{name}"
        );
    }
    // A page can read why its request failed.
    for (path, token, status) in [
        ("/v1/actors", "wrong", 401),
        ("/v1/actors/wikidata:Q0", app.reader.as_str(), 404),
        ("/v1/nothing", app.reader.as_str(), 404),
        ("/v1/actors?limit=0", app.reader.as_str(), 400),
    ] {
        let failed = app
            .request(Method::GET, path)
            .bearer_auth(token)
            .header("origin", PAGE)
            .send()
            .await
            .expect("a response");
        assert_eq!(failed.status(), status, "{path}");
        assert_eq!(failed.headers()["access-control-allow-origin"], PAGE, "{path}");
        assert!(
            names(failed.headers(), "vary").contains(&"origin".to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_page_of_another_origin_is_refused_with_the_reason() {
    let app = TestApp::with_origins(&[PAGE]).await;

    for (origin, method, headers, reason) in [
        (
            "https://elsewhere.example",
            "GET",
            "authorization",
            "pages of https://elsewhere.example may not call this server; the setting CORS_ORIGINS lists the origins that may",
        ),
        (
            "null",
            "GET",
            "authorization",
            "pages of null may not call this server",
        ),
        (
            "https://dashboards.example.org.elsewhere.example",
            "GET",
            "authorization",
            "pages of https://dashboards.example.org.elsewhere.example may not",
        ),
        (
            PAGE,
            "TRACE",
            "authorization",
            "pages of other origins may not send TRACE",
        ),
        (
            PAGE,
            "GET",
            "x-secret",
            "may not send all of the headers x-secret",
        ),
    ] {
        let (status, answered, body) = preflight(&app, origin, method, headers).await;
        let problem: Value = serde_json::from_str(&body).expect("a problem document");
        assert_eq!(status, 403, "{origin} {method}");
        assert_eq!(problem["type"], "/problems/forbidden");
        assert!(
            problem["detail"].as_str().expect("a detail").starts_with(reason) || body.contains(reason),
            "{body}"
        );
        assert!(
            !answered.contains_key("access-control-allow-origin"),
            "{origin} {method}"
        );
    }
    // A request that needs no preflight is answered; the browser keeps the response from the page.
    let read = app
        .request(Method::GET, "/v1/actors?limit=1")
        .bearer_auth(&app.reader)
        .header("origin", "https://elsewhere.example")
        .send()
        .await
        .expect("a response");
    assert_eq!(read.status(), 200);
    assert!(!read.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn every_origin_is_allowed_by_an_asterisk_and_none_by_default() {
    let everyone = TestApp::with_origins(&["*"]).await;
    let nobody = TestApp::new().await;

    let (allowed, with, _) = preflight(&everyone, PAGE, "GET", "authorization").await;
    let (unset, without, _) = preflight(&nobody, PAGE, "GET", "authorization").await;
    let read = nobody
        .request(Method::GET, "/v1/actors?limit=1")
        .header("origin", PAGE)
        .send()
        .await
        .expect("a response");

    assert_eq!(
        (allowed, &with["access-control-allow-origin"]),
        (200, &"*".parse().expect("a value"))
    );
    // OPTIONS says what a path supports, as without CORS.
    assert_eq!(
        (unset, &without["allow"]),
        (204, &"GET, HEAD, POST".parse().expect("a value"))
    );
    assert!(!without.contains_key("access-control-allow-origin"));
    assert!(!read.headers().contains_key("access-control-allow-origin"));
}

/// Reads a path with a value of Accept-Encoding.
pub async fn encoded(app: &TestApp, path: &str, encodings: &str) -> (HeaderMap, Vec<u8>) {
    let response = app
        .request(Method::GET, path)
        .header("accept-encoding", encodings)
        .send()
        .await
        .expect("a response");
    let headers = response.headers().clone();
    (headers, response.bytes().await.expect("a body").to_vec())
}

pub fn decoded(headers: &HeaderMap, body: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    match headers
        .get("content-encoding")
        .map(|coding| coding.to_str().expect("text"))
    {
        None => text = body.to_vec(),
        Some("gzip") => drop(
            flate2::read::GzDecoder::new(body)
                .read_to_end(&mut text)
                .expect("gzip"),
        ),
        Some("br") => drop(
            brotli::Decompressor::new(body, 4096)
                .read_to_end(&mut text)
                .expect("brotli"),
        ),
        Some(other) => panic!("{other} is not offered"),
    }
    text
}

#[tokio::test]
async fn a_response_is_compressed_if_the_client_accepts_it() {
    let app = TestApp::new().await;

    for path in [
        "/v1/actors?kind=state&limit=50",
        "/v1/actors?kind=state&format=csv",
        "/v1/actors?kind=state&format=ndjson",
        "/openapi.json",
    ] {
        let (plain_headers, plain) = encoded(&app, path, "identity").await;
        assert!(!plain_headers.contains_key("content-encoding"), "{path}");
        assert!(
            names(&plain_headers, "vary").contains(&"accept-encoding".to_owned()),
            "{path}"
        );
        for (accepted, coding) in [
            ("gzip", Some("gzip")),
            ("br", Some("br")),
            ("gzip;q=0.5, br;q=0.1", Some("gzip")),
            ("deflate, zstd", None),
            ("gzip;q=0, identity", None),
            ("identity;q=0", None),
            ("*;q=0", None),
            ("nonsense", None),
        ] {
            let (headers, body) = encoded(&app, path, accepted).await;
            let used = headers
                .get("content-encoding")
                .map(|coding| coding.to_str().expect("text"));
            assert_eq!(used, coding, "{path} {accepted}");
            assert_eq!(decoded(&headers, &body), plain, "{path} {accepted}");
            assert_eq!(headers["content-type"], plain_headers["content-type"]);
            assert_eq!(
                names(&headers, "vary")
                    .iter()
                    .filter(|name| *name == "accept-encoding")
                    .count(),
                1,
                "{path} {accepted}"
            );
            if coding.is_some() {
                assert!(
                    body.len() * 2 < plain.len(),
                    "{path} {accepted}: {} of {}",
                    body.len(),
                    plain.len()
                );
            }
        }
    }
}

#[tokio::test]
async fn a_compressed_record_has_a_weak_etag_that_works_in_conditions() {
    let app = TestApp::new().await;
    let body = json!({"kind": "person", "name": "Long", "description": "word ".repeat(600)});
    let created = app.post("/v1/actors", &body).await.expect(201);
    let path = format!("/v1/actors/{}", created.id());

    let (headers, compressed) = encoded(&app, &path, "gzip").await;
    let etag = headers["etag"].to_str().expect("text").to_owned();
    let unchanged = app
        .request(Method::GET, &path)
        .header("accept-encoding", "gzip")
        .header("if-none-match", &etag)
        .send()
        .await
        .expect("a response");
    let patch = app
        .request(Method::PATCH, &path)
        .bearer_auth(&app.analyst)
        .header("content-type", "application/merge-patch+json")
        .header("if-match", &etag)
        .body(r#"{"name":"Longer"}"#);
    let patched = app.send(patch).await.expect(200);

    assert_eq!(etag, format!("W/{}", created.etag()));
    assert_eq!(decoded(&headers, &compressed), created.text.as_bytes());
    assert_eq!(unchanged.status(), 304);
    assert_eq!(unchanged.headers()["etag"], *etag);
    assert_eq!(patched.body["name"], "Longer");
    // Short bodies are sent as they are, with the strong tag.
    let short = app
        .create("actors", json!({"kind": "person", "name": "Short"}))
        .await;
    let (headers, _) = encoded(&app, &format!("/v1/actors/{short}"), "gzip").await;
    assert!(!headers.contains_key("content-encoding"));
    assert!(headers["etag"].to_str().expect("text").starts_with('"'));
}

#[tokio::test]
async fn a_head_has_the_headers_of_the_compressed_response_and_an_event_stream_is_never_compressed() {
    let app = TestApp::new().await;
    let mut raw = Raw::connect(&app).await;

    raw.write(b"HEAD /v1/actors?limit=100 HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip\r\n\r\n")
        .await;
    let head = raw.answer_to_head().await.expect("a response");
    raw.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let health = raw.answer().await.expect("a second response");
    let stream = app
        .request(Method::GET, "/v1/changes?after=0&limit=10")
        .bearer_auth(&app.reader)
        .header("accept", "text/event-stream")
        .header("accept-encoding", "gzip, br")
        .send()
        .await
        .expect("a response");

    assert_eq!((head.status, health.status), (200, 200));
    assert!(
        head.head.to_lowercase().contains("content-encoding: gzip"),
        "{}",
        head.head
    );
    assert_eq!(stream.status(), 200);
    assert!(!stream.headers().contains_key("content-encoding"));
}
