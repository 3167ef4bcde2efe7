//! Paths, methods, formats and malformed HTTP.

use reqwest::Method;
use uuid::Uuid;

use super::samples;
use crate::support::{LONGEST_WAIT, Raw, TestApp};

#[tokio::test]
async fn an_unsupported_method_gets_405_with_the_supported_ones() {
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
async fn an_unknown_path_gets_a_problem() {
    let app = TestApp::new().await;

    for path in [
        "/nowhere",
        "/v1/wizards",
        "/v1/actors//",
        "/v1//actors",
        "/v1/wizards/",
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
async fn a_response_has_the_request_id_of_its_request() {
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
async fn an_unsupported_format_is_refused() {
    let app = TestApp::new().await;
    let ask = |path: &'static str, accept: &'static str| {
        app.send(app.request(Method::GET, path).header("accept", accept))
    };
    let (list, record, changes) = (
        "/v1/actors?limit=1",
        "/v1/actors/iso3166:CO",
        "/v1/changes?limit=1",
    );

    for path in [list, record, changes] {
        for accept in [
            "application/xml",
            "image/png, application/xml;q=0.5",
            "application/json;q=0",
            "*/*;q=0",
        ] {
            ask(path, accept).await.expect_problem(406, "not-acceptable");
        }
        for accept in [
            "",
            ";;;,,,",
            "*/*;q=abc",
            "text/html,*/*",
            "application/json;q=0.1",
        ] {
            let answer = ask(path, accept).await.expect(200);
            assert_eq!(
                answer.header("content-type"),
                "application/json",
                "{path} {accept}"
            );
        }
    }
    for accept in ["text/csv", "application/json;q=0, text/csv", "text/event-stream"] {
        ask(record, accept).await.expect_problem(406, "not-acceptable");
    }
    let answer = ask(list, "application/json;q=0, text/csv;q=0.1")
        .await
        .expect(200);
    assert!(answer.header("content-type").starts_with("text/csv"));
    let answer = ask("/", "text/html;q=0.1, application/json").await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
}

#[tokio::test]
async fn malformed_http_does_not_affect_other_requests() {
    let app = TestApp::new().await;

    let malformed = [
        &b"\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /v1/actors?name=\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v1/actors HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/actors HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
        b"POST /v1/actors HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/actors HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ];
    futures_util::future::join_all(malformed.map(async |bytes| {
        let mut connection = Raw::connect(&app).await;
        connection.write(bytes).await;
        let answer = tokio::time::timeout(LONGEST_WAIT, connection.answer()).await;
        if let Some(answer) = answer.expect("the server answers or closes the connection") {
            assert!((400..500).contains(&answer.status), "{answer:?}");
        }
    }))
    .await;
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

#[tokio::test]
async fn a_path_that_is_not_there_is_answered_with_the_path_that_is_near() {
    let app = TestApp::new().await;

    for (path, hint) in [
        (
            "/v1/sanction",
            "there is no path /v1/sanction; did you mean /v1/sanctions? /docs/ lists all paths",
        ),
        ("/v1/diplomatic_actions", "did you mean /v1/diplomatic-actions?"),
        ("/v1/openapi.json", "did you mean /openapi.json?"),
        ("/sanctions", "did you mean /v1/sanctions?"),
        ("/api/v1/actors", "did you mean /v1/actors?"),
        ("/v1/actor/iso3166:CO", "did you mean /v1/actors/iso3166:CO?"),
        (
            "/v1/sanction/counts?by=ground",
            "did you mean /v1/sanctions/counts",
        ),
        (
            "/v1/sanctions/count",
            "; /v1/sanctions/counts?by=… counts sanctions",
        ),
        (
            "/v1/diplomatic-actions/search",
            "; /v1/diplomatic-actions?q=… searches diplomatic-actions",
        ),
        ("/v1/nowhere", "there is no path /v1/nowhere; /docs/ lists"),
    ] {
        let refused = app.get(path).await.expect_problem(404, "not-found");
        assert!(refused.detail().contains(hint), "{path}: {}", refused.detail());
    }
    app.get(&format!("/v1/{}", "sanction".repeat(500)))
        .await
        .expect_problem(404, "not-found");
}
