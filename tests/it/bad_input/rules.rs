//! Rules of a record: dates, required and read-only fields, every fault at once.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{INVALID, MALFORMED, person, refused, samples};
use crate::support::TestApp;

#[tokio::test]
async fn an_invalid_date_is_reported() {
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
        "20 25",
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
        "2025-\n01-01",
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
async fn all_violated_rules_are_reported_at_once() {
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
        "/properties/a~1b~0c",
        "/properties/deep",
        "/properties/nothing",
        "/properties/text",
        "/version",
    ];
    refused(&app, &body, 422, INVALID, &pointers).await;
}

#[tokio::test]
async fn null_removes_optional_fields_only() {
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
async fn read_only_fields_are_accepted_only_unchanged() {
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
