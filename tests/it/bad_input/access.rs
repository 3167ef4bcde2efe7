//! Access is checked before everything else, on every route; and headers of which a request may have one.

use demarche::config::Limits;
use futures_util::StreamExt;
use reqwest::header::HeaderValue;
use reqwest::{Method, RequestBuilder};

use super::{JSON, MALFORMED, person};
use crate::support::TestApp;

const WRITES: [Method; 4] = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// Paths that are no routes, or whose parts are nothing that the registry has.
const WRONG_PATHS: [&str; 10] = [
    "/v1/nothing",
    "/v1/actors/no such key",
    "/v1/actors/%00",
    "/v1/actors/%FF",
    "/v1/actors/iso3166:CO/nothing",
    "/v1/actors/iso3166:CO/history/none",
    "/v1/vocabularies/none/none/none/none",
    "/v1//actors",
    "/v1/actors/",
    "/%761/actors",
];

const QUERIES: [&str; 6] = [
    "",
    "?none=1",
    "?limit=none&limit=2",
    "?known_at=none&on=none",
    "?pretty=none&format=none",
    "?name=%FF&cursor=none",
];

type Fault = fn(RequestBuilder) -> RequestBuilder;

/// What may be wrong with a request beside its path and parameters.
const FAULTS: [(&str, Fault); 10] = [
    ("nothing", |request| request),
    ("no format", |request| request.header("accept", "image/png")),
    ("a comment that is no text", |request| {
        request.header("x-comment", HeaderValue::from_bytes(b"\xfc").expect("a header"))
    }),
    ("two comments", |request| {
        request.header("x-comment", "a").header("x-comment", "b")
    }),
    ("two keys", |request| {
        request
            .header("idempotency-key", "a")
            .header("idempotency-key", "b")
    }),
    ("no ETag", |request| {
        request.header("if-match", "none").header("last-event-id", "none")
    }),
    ("another media type", |request| {
        request.header("content-type", "text/plain").body("none")
    }),
    ("no JSON", |request| {
        request.header("content-type", JSON).body("{")
    }),
    ("a compressed body", |request| {
        request
            .header("content-type", JSON)
            .header("content-encoding", "gzip")
            .body("{}")
    }),
    ("a body that is too large", |request| {
        request.header("content-type", JSON).body("1".repeat(3000))
    }),
];

/// Returns the documented paths below /v1 with their methods. Their parameters are `part`.
async fn routes(app: &TestApp, part: &str) -> Vec<(String, Vec<Method>)> {
    let document = app.get("/openapi.json").await.expect(200).body;
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .filter(|(path, _)| path.starts_with("/v1"))
        .map(|(path, operations)| {
            let parts = path
                .split('/')
                .map(|name| if name.starts_with('{') { part } else { name });
            let methods = operations.as_object().expect("operations").keys();
            let methods = methods.filter_map(|name| name.to_ascii_uppercase().parse().ok());
            (parts.collect::<Vec<_>>().join("/"), methods.collect())
        })
        .collect()
}

/// Sends requests with every fault and expects this status, and this problem, of each.
async fn refused_whatever_is_wrong(
    app: &TestApp,
    requests: &[(Method, String)],
    credentials: &[Option<String>],
    status: u16,
    word: &str,
) {
    let mut all = Vec::new();
    for (method, path) in requests {
        for (number, (fault, spoil)) in FAULTS.iter().enumerate() {
            for credential in credentials {
                // Every fault beside every kind of query would be many requests for little more.
                let query = QUERIES[(number + path.len()) % QUERIES.len()];
                let mut request = spoil(app.request(method.clone(), &format!("{path}{query}")));
                if let Some(authorization) = credential {
                    request = request.header("authorization", authorization);
                }
                all.push((format!("{method} {path}{query} with {fault}"), method, request));
            }
        }
    }
    assert!(all.len() > 300, "{}", all.len());
    let answers = all.into_iter().map(async |(what, method, request)| {
        let answer = app.send(request).await;
        assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.text);
        if method != Method::HEAD {
            answer.expect_problem(status, word);
        }
    });
    futures_util::stream::iter(answers)
        .buffer_unordered(8)
        .collect::<Vec<_>>()
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_without_access_learns_that_first() {
    let limits = Limits {
        body: 2000,
        batch: 2000,
        ..Limits::default()
    };
    let closed = TestApp::with(limits).await;
    let routes = routes(&closed, "no%20such").await;
    let brew: Method = "BREW".parse().expect("a method");
    let all_methods = WRITES.into_iter().chain([Method::GET, Method::HEAD, brew]);
    let every_path = routes
        .iter()
        .map(|(path, _)| path.as_str())
        .chain(WRONG_PATHS.iter().copied());
    let everything: Vec<(Method, String)> = every_path
        .flat_map(|path| all_methods.clone().map(|method| (method, path.to_owned())))
        .collect();
    let writes: Vec<(Method, String)> = routes
        .iter()
        .flat_map(|(path, methods)| methods.iter().map(|method| (method.clone(), path.clone())))
        .filter(|(method, _)| WRITES.contains(method))
        .collect();
    let invented = Some(format!("Bearer dmr_{}", "A".repeat(43)));
    let reader = Some(format!("Bearer {}", closed.reader));

    refused_whatever_is_wrong(&closed, &everything, &[None], 401, "unauthorized").await;
    refused_whatever_is_wrong(
        &closed,
        &writes,
        std::slice::from_ref(&invented),
        401,
        "unauthorized",
    )
    .await;
    refused_whatever_is_wrong(&closed, &writes, &[reader], 403, "forbidden").await;
    let public = TestApp::with(Limits {
        public_read: true,
        ..limits
    })
    .await;
    refused_whatever_is_wrong(&public, &writes, &[None, invented], 401, "unauthorized").await;

    for path in [
        "/openapi.json",
        "/docs/",
        "/metrics",
        "/healthz",
        "/readyz",
        "/problems/not-found",
    ] {
        closed.get(path).await.expect(200);
    }
    closed.get("/").await.expect_problem(401, "unauthorized");
    closed.get("/nothing").await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn a_header_that_is_given_twice_is_refused_by_its_name() {
    let app = TestApp::new().await;
    let token = format!("Bearer {}", app.analyst);
    let write = || app.request(Method::POST, "/v1/actors").json(&person("Twice"));
    let changes = || {
        app.request(Method::GET, "/v1/changes")
            .header("accept", "text/event-stream")
    };
    let before = app.state().await;

    for (name, values) in [
        ("Authorization", [token.as_str(), token.as_str()]),
        ("Authorization", [token.as_str(), "Bearer dmr_x"]),
        ("Content-Type", [JSON, JSON]),
        ("Idempotency-Key", ["a", "b"]),
        ("Idempotency-Key", ["a", "a"]),
        ("X-Request-Id", ["a", "b"]),
        ("X-Comment", ["a", "b"]),
        ("Last-Event-ID", ["1", "2"]),
    ] {
        let requests: Vec<RequestBuilder> = match name {
            "Authorization" => vec![write(), app.request(Method::GET, "/v1/actors"), changes()],
            "Content-Type" => vec![
                app.request(Method::POST, "/v1/actors")
                    .body("{}")
                    .bearer_auth(&app.analyst),
            ],
            "Last-Event-ID" => vec![changes()],
            "X-Request-Id" => vec![
                write().bearer_auth(&app.analyst),
                app.request(Method::GET, "/v1/actors"),
            ],
            _ => vec![write().bearer_auth(&app.analyst)],
        };
        let joined = values.join(", ");
        for request in requests {
            let both = request.try_clone().expect("a request");
            let both = values
                .iter()
                .fold(both, |request, value| request.header(name, *value));
            let answer = app.send(both).await.expect_problem(400, MALFORMED);
            assert!(answer.detail().contains(name), "{}", answer.text);
            // A comment is a text, which may have commas.
            if name != "X-Comment" {
                let answer = app
                    .send(request.header(name, &joined))
                    .await
                    .expect_problem(400, MALFORMED);
                assert!(answer.detail().contains(name), "{}", answer.text);
            }
        }
    }
    assert_eq!(app.state().await, before);

    // A list in several lines, and a comma that is part of a value.
    let id = app.create("actors", person("Once")).await;
    let tag = app.get(&format!("/v1/actors/{id}")).await.etag().to_owned();
    let patch = app
        .request(Method::PATCH, &format!("/v1/actors/{id}"))
        .bearer_auth(&app.analyst)
        .header("if-match", "\"7-0011223344556677\"")
        .header("if-match", tag)
        .header("x-comment", "first, second")
        .json(&person("Once more"));
    app.send(patch).await.expect(200);
    app.send(
        write()
            .bearer_auth(&app.analyst)
            .header("idempotency-key", "\"a, b\""),
    )
    .await
    .expect(201);
}
