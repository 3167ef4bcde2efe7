//! What browsers and caches get: pages and the headers that protect them, and files that are the same for everybody.

use reqwest::Method;

use crate::support::{Response, TestApp};

async fn get(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Response {
    let request = headers
        .iter()
        .fold(app.request(Method::GET, path), |request, (name, value)| {
            request.header(*name, *value)
        });
    app.send(request).await
}

#[tokio::test]
async fn what_is_the_same_for_everybody_has_an_etag_for_each_coding() {
    let app = TestApp::new().await;
    for path in ["/openapi.json", "/docs/", "/docs/swagger-ui.css"] {
        let mut tags = Vec::new();
        for coding in ["identity", "gzip", "br"] {
            let first = get(&app, path, &[("accept-encoding", coding)]).await.expect(200);
            let tag = first.etag().to_owned();
            assert!(tag.starts_with('"') && tag.len() > 10, "{tag}");
            assert_eq!(first.header("cache-control"), "no-cache", "{path}");
            let length: usize = first.header("content-length").parse().expect("a length");
            assert!(length > 100, "{path}");

            let again = get(
                &app,
                path,
                &[("accept-encoding", coding), ("if-none-match", &tag)],
            )
            .await
            .expect(304);
            assert_eq!(again.etag(), tag);
            assert_eq!(again.text, "");
            // A browser takes these from the 304.
            for name in ["content-security-policy", "vary"] {
                assert_eq!(again.header(name), first.header(name), "{path} {name}");
            }

            let head = app
                .send(app.request(Method::HEAD, path).header("accept-encoding", coding))
                .await
                .expect(200);
            assert_eq!(head.etag(), tag);
            assert_eq!(head.header("content-length"), first.header("content-length"));
            assert_eq!(head.text, "");
            tags.push((tag, length));
        }
        // A page of a few hundred bytes is sent as it is.
        let is_compressed = path != "/docs/";
        for (tag, length) in &tags[1..] {
            assert_eq!(*tag != tags[0].0, is_compressed, "{path} {tag}");
            assert_eq!(*length < tags[0].1 / 3, is_compressed, "{path} {length}");
        }
        get(&app, path, &[("if-none-match", "\"another\"")])
            .await
            .expect(200);
    }
    app.get("/docs/nothing.js").await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn pages_are_protected() {
    let app = TestApp::new().await;
    for (path, status) in [
        ("/", 200),
        ("/problems/not-found", 200),
        ("/docs/", 200),
        ("/docs/index.html", 200),
        ("/docs/oauth2-redirect.html", 200),
    ] {
        let page = get(&app, path, &[("accept", "text/html")]).await.expect(status);
        assert!(page.header("content-type").starts_with("text/html"), "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        let policy = page.header("content-security-policy");
        for rule in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ] {
            assert!(policy.split("; ").any(|given| given == rule), "{path}: {policy}");
        }
        for rule in policy.split("; ") {
            assert!(
                !rule.starts_with("script-src") || rule == "script-src 'self'",
                "{path}: {policy}"
            );
            assert!(!rule.contains("http") && !rule.contains('*'), "{path}: {policy}");
        }
        // What the policy would refuse is not in the page.
        assert!(
            !page.text.contains("style=\"") && !page.text.contains(" on"),
            "{path}"
        );
    }
    for path in [
        "/",
        "/v1/actors",
        "/healthz",
        "/openapi.json",
        "/nowhere",
        "/v1/actors?format=csv",
    ] {
        let data = get(&app, path, &[("accept", "*/*")]).await;
        assert_eq!(
            data.header("content-security-policy"),
            "default-src 'none'; frame-ancestors 'none'",
            "{path}"
        );
        assert_eq!(data.header("x-content-type-options"), "nosniff", "{path}");
    }
}
