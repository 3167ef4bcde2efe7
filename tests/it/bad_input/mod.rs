//! Invalid requests. Every response is a problem with a pointer, nothing is changed, and none is a 5xx. What holds for
//! all resources is tested on each of `samples`.

mod access;
mod bodies;
mod keys;
mod lists;
mod paths;
mod rules;
mod sent_again;
mod texts;
mod tokens;
mod versions;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, TestApp};

const JSON: &str = "application/json";
const MALFORMED: &str = "malformed-request";
const INVALID: &str = "invalid-record";

/// Returns a valid body of each resource; `name` is its free text.
fn samples() -> Vec<(&'static str, &'static str, Value)> {
    vec![("actors", "name", json!({"kind": "person", "name": "Sample"}))]
}

fn person(name: &str) -> Value {
    json!({"kind": "person", "name": name})
}

/// Sends a body to every route that takes one, for a new and for an existing record.
async fn everywhere(app: &TestApp, content_type: &str, body: &[u8]) -> Vec<Response> {
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

/// Sends an invalid actor and checks that nothing changes.
async fn refused(app: &TestApp, body: &Value, status: u16, word: &str, pointers: &[&str]) -> Response {
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
