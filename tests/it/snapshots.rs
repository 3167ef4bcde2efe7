//! Whole responses and texts, kept as snapshots under `snapshots/`. A snapshot that changes is a change that a user
//! sees: read the difference, then accept it with `INSTA_UPDATE=always cargo test --test it snapshots::`.

use std::process::Command;

use demarche::error::Problem;
use demarche::resource::Kind;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Sample, TestApp, Transcript, assert_snapshot, make_surroundings, pretty_json};

const NO_SUCH_ID: &str = "00000000-0000-7000-8000-000000000000";

/// Sends the requests of a client for records of one kind, and compares the transcript.
async fn assert_kind(kind: Kind) {
    let sample = Sample::of(kind);
    let (list, key) = (sample.path(), sample.reference());
    let path = format!("{list}/{key}");
    let app = TestApp::new().await;
    make_surroundings(&app).await;
    let mut transcript = Transcript::new(&app);

    let made = transcript.post(&list, &sample.full).await;
    let by_id = format!("{list}/{}", made.id());
    transcript.post(&list, &sample.minimal).await;
    transcript.get(&path).await;
    transcript
        .send(Method::GET, &path, &[("if-none-match", made.etag())], None)
        .await;
    transcript.send(Method::HEAD, &path, &[], None).await;
    let page = transcript
        .get(&format!("{list}?sort=-created_at&limit=1&count=exact"))
        .await;
    let cursor = page.body["next_cursor"]
        .as_str()
        .expect("a second page")
        .to_owned();
    transcript
        .get(&format!("{list}?sort=-created_at&limit=1&cursor={cursor}"))
        .await;
    transcript
        .get(&format!("{list}?sort=-created_at&limit=2&format=csv"))
        .await;
    transcript
        .send(
            Method::GET,
            &format!("{list}?sort=-created_at&limit=2"),
            &[("accept", "application/x-ndjson")],
            None,
        )
        .await;
    transcript
        .get(&format!("{list}?sort=nothing&limit=0&colour=red"))
        .await;

    transcript
        .send(
            Method::PATCH,
            &path,
            &[("if-match", made.etag()), ("x-comment", "a word was wrong")],
            Some(&sample.patch()),
        )
        .await;
    transcript
        .send(
            Method::PATCH,
            &path,
            &[("if-match", made.etag())],
            Some(&sample.patch()),
        )
        .await;
    let mut replacement = sample.minimal.clone();
    replacement["external_keys"] = sample.full["external_keys"].clone();
    if kind == Kind::Programmes {
        replacement["code"] = sample.full["code"].clone();
    }
    transcript.send(Method::PUT, &path, &[], Some(&replacement)).await;
    if sample.has_citations() {
        let body = json!({"source": "around:source", "credibility": 3, "locator": "added"});
        let added = transcript.post(&format!("{path}/citations"), &body).await;
        transcript
            .send(
                Method::DELETE,
                &format!("{by_id}/citations/{}", added.id()),
                &[],
                None,
            )
            .await;
        transcript
            .post(
                &format!("{path}/citations"),
                &json!({"source": "around:nothing", "credibility": 7}),
            )
            .await;
        transcript
            .send(
                Method::DELETE,
                &format!("{path}/citations/{NO_SUCH_ID}"),
                &[],
                None,
            )
            .await;
    }

    transcript.get(&format!("{path}/history")).await;
    transcript
        .get(&format!("{path}/history?format=csv&limit=2"))
        .await;
    transcript.get(&format!("{path}/history/1")).await;
    transcript.get(&format!("{by_id}/history/2")).await;
    transcript.get(&format!("{path}/history/99")).await;
    transcript
        .post(&format!("{path}/restore"), &json!({"version": 1}))
        .await;
    transcript
        .post(&format!("{path}/restore"), &json!({"version": 99}))
        .await;
    transcript.send(Method::DELETE, &path, &[], None).await;
    transcript.get(&by_id).await;
    transcript.get(&path).await;
    transcript
        .post(&format!("{by_id}/restore"), &json!({"version": 1}))
        .await;

    transcript.post(&list, &sample.full).await;
    transcript.post(&list, &sample.invalid).await;
    transcript.post(&list, &json!({})).await;
    transcript.post(&list, &json!({"colour": "red"})).await;
    transcript.post(&list, &json!([1])).await;
    transcript.get(&format!("{list}/{NO_SUCH_ID}")).await;
    transcript
        .send(
            Method::PATCH,
            &format!("{list}/{NO_SUCH_ID}"),
            &[],
            Some(&json!({})),
        )
        .await;
    transcript.send(Method::POST, &path, &[], None).await;
    let reader = app.reader.clone();
    transcript
        .send_as(&reader, Method::DELETE, &path, &[], None)
        .await;
    transcript
        .send_as("wrong", Method::DELETE, &path, &[], None)
        .await;
    transcript.assert(kind.path());
}

#[tokio::test]
async fn responses_about_actors() {
    assert_kind(Kind::Actors).await;
}

#[tokio::test]
async fn responses_about_relationships() {
    assert_kind(Kind::Relationships).await;
}

#[tokio::test]
async fn responses_about_programmes() {
    assert_kind(Kind::Programmes).await;
}

#[tokio::test]
async fn responses_about_sanctions() {
    assert_kind(Kind::Sanctions).await;
}

#[tokio::test]
async fn responses_about_diplomatic_actions() {
    assert_kind(Kind::DiplomaticActions).await;
}

#[tokio::test]
async fn responses_about_sources() {
    assert_kind(Kind::Sources).await;
}

/// An app with a record of each kind, and the surroundings.
async fn app_with_samples() -> TestApp {
    let app = TestApp::new().await;
    make_surroundings(&app).await;
    for sample in Sample::all() {
        app.create(sample.kind.path(), sample.full.clone()).await;
    }
    app
}

#[tokio::test]
async fn responses_that_span_kinds() {
    let app = app_with_samples().await;
    let mut transcript = Transcript::new(&app);

    for path in [
        "/v1/actors/around:office/timeline",
        "/v1/actors/around:person/timeline?format=csv",
        "/v1/dyads/around:office/around:person/timeline",
        "/v1/dyads/around:office/iso3166:US/timeline?format=csv",
        "/v1/dyads/around:office/around:office/timeline",
        "/v1/diplomatic-actions/sample:diplomatic_action/chain",
        "/v1/actors/around:person/relationships",
        "/v1/actors/around:person/sanctions",
        "/v1/actors/around:person/sanctions?as=imposer",
        "/v1/claims?actor=around:person",
        "/v1/claims?actor=around:person&format=csv",
        "/v1/claims?actor=around:nobody",
        "/v1/search?q=office&resource=actors&resource=programmes&resource=sources&limit=2",
        "/v1/search?q=office&resource=sanctions&format=csv",
        "/v1/search?q=-office",
        "/v1/actors/sample:actor?known_at=2001-01-01T00:00:00Z",
        "/v1/actors/sample:actor?known_at=2999-01-01T00:00:00Z",
    ] {
        transcript.get(path).await;
    }
    transcript
        .send(Method::DELETE, "/v1/actors/around:office", &[], None)
        .await;
    transcript.assert("across-kinds");
}

#[tokio::test]
async fn responses_of_the_feed_of_changes() {
    let app = TestApp::new().await;
    // Waits until the records of the schema itself have their sequence numbers.
    app.get("/v1/changes?after=9000000000000000000").await.expect(200);
    let after: i64 = app
        .client()
        .await
        .query_one("select sequence from chain_head", &[])
        .await
        .expect("the head")
        .get(0);
    make_surroundings(&app).await;
    app.patch("/v1/actors/around:person", &json!({"name": "Ada Renamed"}))
        .await
        .expect(200);
    let mut transcript = Transcript::new(&app);
    transcript.name(format!("after={after}"), "after=<head>");
    transcript.name(format!("\"next\": {}", after + 6), "\"next\": <head + 6>");

    transcript.get(&format!("/v1/changes?after={after}")).await;
    transcript
        .get(&format!("/v1/changes?after={after}&limit=2&resource=sources"))
        .await;
    transcript.get("/v1/changes?after=-1&resource=colours").await;
    transcript.assert("changes");
}

#[tokio::test]
async fn responses_of_batches() {
    let app = TestApp::new().await;
    make_surroundings(&app).await;
    let mut transcript = Transcript::new(&app);
    let create = Sample::all()
        .map(|sample| json!({"method": "POST", "resource": sample.kind.path(), "body": sample.full}));
    let rest = [
        json!({"method": "PATCH", "resource": "actors", "ref": "sample:actor", "body": {"name": "Renamed"}}),
        json!({"method": "PUT", "resource": "sources", "ref": "sample:source", "body": {"kind": "other", "title": "Replaced"}}),
        json!({"method": "POST", "resource": "actors", "as": "new", "body": {"kind": "person", "name": "New"}}),
        json!({"method": "DELETE", "resource": "actors", "ref": "@new"}),
    ];
    let done: Vec<Value> = create.chain(rest).collect();

    transcript.post("/v1/batch", &json!({"operations": done})).await;
    let faults: Vec<Value> = Sample::all()
        .map(|sample| json!({"method": "POST", "resource": sample.kind.path(), "body": sample.invalid}))
        .collect();
    for fault in &faults {
        transcript
            .post("/v1/batch", &json!({"operations": [fault]}))
            .await;
    }
    transcript
        .post(
            "/v1/batch",
            &json!({"operations": [
                {"method": "POST", "resource": "actors", "ref": "iso3166:CO", "as": "a", "body": {}},
                {"method": "PUT", "resource": "actors"},
            ]}),
        )
        .await;
    for operation in [
        json!({"method": "DELETE", "resource": "actors", "ref": "around:nobody"}),
        json!({"method": "DELETE", "resource": "actors", "ref": "around:office"}),
        json!({"method": "PATCH", "resource": "actors", "ref": "around:office", "if_match": "\"9-0a\"", "body": {}}),
        json!({"method": "GET", "resource": "actors"}),
        json!({"method": "POST", "resource": "colours", "body": {}}),
    ] {
        transcript
            .post("/v1/batch", &json!({"operations": [operation]}))
            .await;
    }
    transcript.assert("batch");
}

#[tokio::test]
async fn responses_of_a_merge() {
    let app = TestApp::new().await;
    make_surroundings(&app).await;
    let person = app.create("actors", Sample::of(Kind::Actors).full).await;
    app.create("sanctions", Sample::of(Kind::Sanctions).full).await;
    let mut transcript = Transcript::new(&app);

    transcript
        .post(
            "/v1/actors/around:person/merge",
            &json!({"into": "around:office"}),
        )
        .await;
    transcript
        .post(
            "/v1/actors/around:person/merge",
            &json!({"into": "around:person"}),
        )
        .await;
    transcript
        .post("/v1/actors/around:person/merge", &json!({}))
        .await;
    let away = app.get("/v1/actors/around:person").await.expect(200).id();
    transcript
        .post("/v1/actors/around:person/merge", &json!({"into": person}))
        .await;
    transcript.get(&format!("/v1/actors/{away}")).await;
    transcript.get(&format!("/v1/actors/{away}/history")).await;
    transcript
        .post(&format!("/v1/actors/{away}/merge"), &json!({"into": person}))
        .await;
    transcript.get("/v1/sanctions/sample:sanction").await;
    transcript
        .post(&format!("/v1/actors/{away}/restore"), &json!({"version": 1}))
        .await;
    transcript.get(&format!("/v1/actors/{person}")).await;
    transcript.assert("merge");
}

#[tokio::test]
async fn responses_about_vocabularies() {
    let app = TestApp::new().await;
    let admin = app.admin.clone();
    let mut transcript = Transcript::new(&app);

    transcript.get("/v1/vocabularies").await;
    for (name, entry) in [
        (
            "countries",
            json!({
                "code": "XS", "label": "Sampleland", "description": "Made up", "iso3": "XSS", "iso_numeric": "999",
                "region": "Americas", "subregion": "Caribbean", "began_on": "1950", "ended_on": "1990",
            }),
        ),
        ("actor_kinds", json!({"code": "sample", "label": "Sample"})),
        (
            "relationship_kinds",
            json!({"code": "sample_of", "label": "sample of", "inverse_label": "has sample", "counts_for_state": true}),
        ),
        (
            "identifier_schemes",
            json!({"code": "sample_id", "label": "Sample", "is_unique": false, "pattern": "^[0-9]+$"}),
        ),
        ("measures", json!({"code": "sample", "label": "Sample"})),
        ("grounds", json!({"code": "sample", "label": "Sample"})),
        ("objectives", json!({"code": "sample", "label": "Sample"})),
        (
            "action_types",
            json!({"code": "sample", "label": "Sample", "cameo_code": "160"}),
        ),
        (
            "cameo_codes",
            json!({"code": "2099", "label": "Sample", "quad_class": 4, "goldstein": -4.5}),
        ),
        (
            "property_names",
            json!({"code": "sample", "label": "Sample", "value_type": "word", "words": ["yes", "no"]}),
        ),
    ] {
        let list = format!("/v1/vocabularies/{name}");
        let path = format!("{list}/{}", entry["code"].as_str().expect("a code"));
        transcript
            .send_as(&admin, Method::POST, &list, &[], Some(&entry))
            .await;
        let read = transcript.get(&path).await;
        transcript
            .send_as(
                &admin,
                Method::PATCH,
                &path,
                &[("if-match", read.etag())],
                Some(&json!({"label": "Patched"})),
            )
            .await;
        transcript
            .send_as(&admin, Method::PUT, &path, &[], Some(&entry))
            .await;
        transcript.get(&format!("{path}/history")).await;
        transcript.get(&format!("{path}/history/1")).await;
        transcript
            .send_as(
                &admin,
                Method::POST,
                &format!("{path}/restore"),
                &[],
                Some(&json!({"version": 2})),
            )
            .await;
        transcript
            .get(&format!("{list}?sort=-created_at&limit=1&count=exact"))
            .await;
        transcript
            .get(&format!("{list}?sort=-created_at&limit=2&format=csv"))
            .await;
        transcript.send_as(&admin, Method::DELETE, &path, &[], None).await;
        transcript.get(&path).await;
        transcript
            .send_as(
                &admin,
                Method::POST,
                &list,
                &[],
                Some(&json!({"code": "A b", "label": ""})),
            )
            .await;
        transcript
            .send_as(&admin, Method::POST, &list, &[], Some(&json!({"colour": "red"})))
            .await;
        transcript.post(&list, &entry).await;
    }
    transcript
        .send_as(
            &admin,
            Method::DELETE,
            "/v1/vocabularies/actor_kinds/state",
            &[],
            None,
        )
        .await;
    transcript.get("/v1/vocabularies/colours").await;
    transcript.assert("vocabularies");
}

#[tokio::test]
async fn responses_about_the_server_itself() {
    let app = TestApp::new().await;
    let mut transcript = Transcript::new(&app);

    transcript.get("/").await;
    transcript
        .send(Method::GET, "/", &[("accept", "text/html")], None)
        .await;
    transcript.get("/v1").await;
    transcript.get("/healthz").await;
    transcript.get("/readyz").await;
    transcript.get("/nowhere").await;
    transcript.get("/v1/nowhere/else").await;
    transcript.get("/docs").await;
    transcript.send(Method::OPTIONS, "/v1/actors", &[], None).await;
    transcript
        .send(Method::PUT, "/v1/actors", &[], Some(&json!({})))
        .await;
    transcript
        .send(Method::GET, "/v1/actors", &[("accept", "image/png")], None)
        .await;
    for problem in Problem::ALL {
        transcript.get(&format!("/problems/{}", problem.word())).await;
    }
    transcript
        .send(
            Method::GET,
            "/problems/invalid-record",
            &[("accept", "text/html")],
            None,
        )
        .await;
    transcript.get("/problems/nothing").await;
    transcript.assert("server");
}

#[tokio::test]
async fn the_openapi_document() {
    let app = TestApp::new().await;

    let document = app.get("/openapi.json").await.expect(200);

    assert_snapshot("openapi", &pretty_json(&document.text).expect("JSON"));
}

#[test]
fn the_help_of_each_command() {
    let mut text = String::new();
    for command in [
        "",
        "demo",
        "serve",
        "migrate",
        "token",
        "token create",
        "token list",
        "token revoke",
        "token role",
        "bi",
        "bi grant",
        "bi revoke",
        "bi list",
        "bi refresh",
        "verify",
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_demarche"))
            .args(command.split_whitespace())
            .arg("--help")
            .env_clear()
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .output()
            .expect("the program runs");
        assert!(output.status.success(), "{command}");
        let help = String::from_utf8(output.stdout).expect("a text");
        text += &format!("$ demarche {command} --help\n{help}\n");
    }
    assert_snapshot("help", &text);
}
