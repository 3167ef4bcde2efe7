//! The text of JSON responses: a newline at its end, and `pretty=true`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{READS, Response, TestApp, pretty_json};

fn with(path: &str, parameter: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}{parameter}")
}

async fn conditional(app: &TestApp, method: Method, path: &str, header: &str, etag: &str) -> Response {
    let request = app.request(method, path).bearer_auth(&app.analyst);
    app.send(request.header(header, etag).json(&json!({}))).await
}

#[tokio::test]
async fn every_json_response_ends_with_one_newline() {
    let app = TestApp::new().await;
    let id = app
        .create("actors", json!({"kind": "person", "name": "Sample"}))
        .await;
    let mut responses = vec![
        app.post("/v1/actors", &json!({"kind": "person", "name": "Anna"}))
            .await,
        app.patch(&format!("/v1/actors/{id}"), &json!({"name": "Berta"}))
            .await,
        app.post("/v1/batch", &json!({"operations": []})).await,
        app.post("/v1/actors", &json!({})).await,
        app.post("/v1/actors", &Value::Null).await,
        app.delete("/v1/actors").await,
        app.send(app.request(Method::POST, "/v1/actors")).await,
    ];
    for path in [
        "/",
        "/openapi.json",
        "/healthz",
        "/problems/not-found",
        "/nowhere",
        "/v1/actors?limit=0",
    ]
    .into_iter()
    .chain(READS)
    {
        responses.push(app.get(path).await);
    }
    for response in responses {
        assert!(response.text.ends_with("}\n"), "{}", response.text);
        assert_eq!(response.text.matches('\n').count(), 1, "{}", response.text);
        assert!(response.body.is_object(), "{}", response.text);
        assert_eq!(response.header("content-length"), response.text.len().to_string());
    }

    // Formats of lines are as they were, and no body stays none.
    let lines = app.get("/v1/actors?format=ndjson&limit=3").await.expect(200);
    assert_eq!(lines.text.matches('\n').count(), 3);
    assert_eq!(app.delete(&format!("/v1/actors/{id}")).await.expect(204).text, "");
}

#[tokio::test]
async fn pretty_indents_every_read_of_json() {
    let app = TestApp::new().await;
    for path in READS {
        let plain = app.get(path).await.expect(200);
        let pretty = app.get(&with(path, "pretty=true")).await.expect(200);
        let not = app.get(&with(path, "pretty=false")).await.expect(200);

        assert!(pretty.text.starts_with("{\n  \""), "{path}: {}", pretty.text);
        assert!(pretty.text.ends_with("\n}\n"), "{path}");
        assert_eq!(pretty.header("content-length"), pretty.text.len().to_string());
        assert_eq!(pretty.header("content-type"), "application/json");
        assert_eq!(pretty.etag(), plain.etag(), "{path}");
        // The order of fields stays. A cursor is signed anew each time.
        if plain.body["next_cursor"].is_null() {
            let indented = pretty_json(&plain.text).expect("JSON");
            assert_eq!(pretty.text, format!("{indented}\n"), "{path}");
            assert_eq!(not.text, plain.text, "{path}");
        }

        let head = app
            .send(app.request(Method::HEAD, &with(path, "pretty=true")))
            .await
            .expect(200);
        assert_eq!((head.text.as_str(), head.etag()), ("", pretty.etag()), "{path}");
    }
}

#[tokio::test]
async fn pretty_indents_a_chain_and_the_problem_of_a_read() {
    let app = TestApp::new().await;
    let action = json!({"type": "airstrike", "title": "A strike",
        "participants": [{"role": "initiator", "actor": "iso3166:US"}]});
    let id = app.create("diplomatic-actions", action).await;
    let chain = format!("/v1/diplomatic-actions/{id}/chain?depth=1&pretty=true");
    assert!(app.get(&chain).await.expect(200).text.starts_with("{\n  \""));

    let unknown = app
        .get("/v1/actors/iso3166:XX?pretty=true")
        .await
        .expect_problem(404, "not-found");
    assert!(unknown.text.starts_with("{\n  \"type\""), "{}", unknown.text);
}

#[tokio::test]
async fn the_next_page_of_a_pretty_list_is_pretty_and_its_cursor_fits_both() {
    let app = TestApp::new().await;
    let first = app.get("/v1/actors?limit=2&pretty=true").await.expect(200);
    let link = first.header("link");
    let next = link
        .trim_start_matches('<')
        .split('>')
        .next()
        .expect("an address");
    assert!(next.contains("pretty=true"), "{link}");

    let pretty = app.get(next).await.expect(200);
    let plain = app.get(&next.replace("pretty=true&", "")).await.expect(200);
    assert!(pretty.text.starts_with("{\n"), "{}", pretty.text);
    assert!(plain.text.starts_with("{\""), "{}", plain.text);
    assert_eq!(pretty.ids(), plain.ids());
}

#[tokio::test]
async fn the_etag_of_a_pretty_response_works_like_any_other() {
    let app = TestApp::new().await;
    let id = app
        .create("actors", json!({"kind": "person", "name": "Sample"}))
        .await;
    let path = format!("/v1/actors/{id}");
    let pretty = with(&path, "pretty=true");
    let first = app.get(&pretty).await.expect(200);
    for path in [&path, &pretty] {
        let unchanged = conditional(&app, Method::GET, path, "if-none-match", first.etag())
            .await
            .expect(304);
        assert_eq!((unchanged.text.as_str(), unchanged.etag()), ("", first.etag()));
    }

    let patch = app.request(Method::PATCH, &path).bearer_auth(&app.analyst);
    let patch = patch
        .header("if-match", first.etag())
        .json(&json!({"name": "Anna"}));
    app.send(patch).await.expect(200);
    conditional(&app, Method::GET, &pretty, "if-none-match", first.etag())
        .await
        .expect(200);
    conditional(&app, Method::PATCH, &path, "if-match", first.etag())
        .await
        .expect(412);
}

#[tokio::test]
async fn pretty_takes_true_or_false_once() {
    let app = TestApp::new().await;
    for path in READS {
        for (query, detail) in [
            ("pretty", "pretty must be true or false, not \"\""),
            ("pretty=1", "pretty must be true or false, not \"1\""),
            ("pretty=True", "pretty must be true or false, not \"True\""),
            ("pretty=true&pretty=true", "pretty is given twice; send it once"),
        ] {
            let refused = app
                .get(&with(path, query))
                .await
                .expect_problem(400, "malformed-request");
            assert_eq!(refused.pointers(), ["?pretty"], "{path} {query}");
            assert_eq!(refused.body["errors"][0]["detail"], detail, "{path}");
        }
    }
    let write = app.post("/v1/actors?pretty=true", &json!({})).await.expect(400);
    assert_eq!(write.pointers(), ["?pretty"]);
}

#[tokio::test]
async fn pretty_is_refused_where_the_response_is_not_json() {
    let app = TestApp::new().await;
    for (path, accept, format) in [
        ("/v1/actors?format=csv&pretty=true", "*/*", "CSV"),
        ("/v1/actors?format=ndjson&pretty=true", "*/*", "NDJSON"),
        ("/v1/actors?pretty=true", "text/csv", "CSV"),
        ("/v1/claims?pretty=false", "application/x-ndjson", "NDJSON"),
        ("/v1/changes?pretty=true", "text/event-stream", "an event stream"),
    ] {
        let request = app.request(Method::GET, path).header("accept", accept);
        let refused = app.send(request).await.expect_problem(400, "malformed-request");
        assert_eq!(
            refused.body["errors"],
            json!([{
                "pointer": "?pretty",
                "detail": format!("pretty indents JSON, and this response is {format}; leave pretty out"),
            }])
        );
    }
}

#[tokio::test]
async fn every_read_below_v1_documents_pretty() {
    let app = TestApp::new().await;
    let document = app.get("/openapi.json").await.expect(200);
    let paths = document.body["paths"].as_object().expect("paths");
    for (path, item) in paths {
        for method in ["get", "post", "put", "patch", "delete"] {
            let parameters = item[method]["parameters"].as_array();
            let has_pretty = parameters.is_some_and(|all| all.iter().any(|one| one["name"] == "pretty"));
            let is_read = method == "get" && path.starts_with("/v1");
            assert_eq!(has_pretty, is_read && !item[method].is_null(), "{method} {path}");
        }
    }
}
