//! The rules of the protocol for every kind of record. Each test checks one rule for every kind, so that
//! a new kind is tested once it has a [`Sample`].

mod access;
mod batch;
mod bodies;
mod citations;
mod document;
mod history;
mod idempotency;
mod lists;
mod moved_keys;
mod records;
mod references;
mod upsert;
mod versions;

use demarche::vocabulary::UserRole;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Response, Sample, TestApp, make_surroundings};

const INVALID: &str = "invalid-record";
const MALFORMED: &str = "malformed-request";

/// Checks a rule for every kind of record, on one registry that has what samples refer to.
async fn for_every_kind(rule: impl AsyncFn(&TestApp, &Sample)) {
    let app = TestApp::new().await;
    make_surroundings(&app).await;
    on_every_kind(&app, rule).await;
}

/// Checks a rule for every kind of record, on this registry.
async fn on_every_kind(app: &TestApp, rule: impl AsyncFn(&TestApp, &Sample)) {
    for sample in Sample::all() {
        // Printed if the rule fails.
        println!("rule for {}", sample.kind);
        rule(app, &sample).await;
    }
}

/// Creates the record of the full sample.
async fn create_full(app: &TestApp, sample: &Sample) -> Response {
    app.post(&sample.path(), &sample.full).await.expect(201)
}

/// The address of a record by its id.
fn path_of(sample: &Sample, record: &Response) -> String {
    format!("{}/{}", sample.path(), record.id())
}

/// A request as the analyst, with one more header.
fn with_header(app: &TestApp, method: Method, path: &str, name: &'static str, value: &str) -> RequestBuilder {
    app.request(method, path)
        .bearer_auth(&app.analyst)
        .header(name, value)
}

/// The record without the fields that every write changes.
fn without_version(record: &Value) -> Value {
    let mut record = record.clone();
    for field in ["version", "updated_at"] {
        record.as_object_mut().expect("a record").remove(field);
    }
    record
}

/// The pointers of a problem, in the order of the alphabet.
fn sorted_pointers(problem: &Response) -> Vec<&str> {
    let mut pointers = problem.pointers();
    pointers.sort_unstable();
    pointers
}
