//! Restoring an earlier version, and a deleted record under its id.

use demarche::config::Limits;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, Response, TestApp};

async fn restore(app: &TestApp, path: &str, version: i64) -> Response {
    app.post(&format!("{path}/restore"), &json!({"version": version}))
        .await
}

/// Returns the record without the fields that every write changes.
fn said(record: &Value) -> Value {
    let mut said = record.clone();
    for field in ["version", "updated_at"] {
        said.as_object_mut().expect("a record").remove(field);
    }
    said
}

#[tokio::test]
async fn restoring_an_earlier_version_makes_it_the_current_one() {
    let app = TestApp::new().await;
    let body = json!({
        "kind": "person", "name": "Ada", "names": [{"name": "Countess", "kind": "alias"}],
        "identifiers": [{"scheme": "passport", "value": "A1", "country": "GB"}],
        "properties": {"position": ["Countess"]}, "external_keys": [{"scheme": "desk", "value": "ada"}],
    });
    let first = app.post("/v1/actors", &body).await.expect(201);
    let path = format!("/v1/actors/{}", first.id());
    app.put(&path, &json!({"kind": "company", "name": "Engine"}))
        .await
        .expect(200);

    let request = app
        .request(Method::POST, &format!("{path}/restore"))
        .bearer_auth(&app.analyst)
        .header("x-comment", "mistaken for the company")
        .json(&json!({"version": 1}));
    let restored = app.send(request).await.expect(200);

    assert_eq!(restored.body["version"], 3);
    assert_eq!(said(&restored.body), said(&first.body));
    let read = app.get("/v1/actors/desk:ada").await.expect(200);
    assert_eq!(read.body, restored.body);
    assert_eq!(read.etag(), restored.etag());
    let told = app.get(&format!("{path}/history/3")).await.expect(200);
    assert_eq!(told.body["operation"], "restore");
    assert_eq!(told.body["comment"], "mistaken for the company");
    assert_eq!(said(&told.body["record"]), said(&first.body));
}

#[tokio::test]
async fn references_to_deleted_records_are_reported_by_name() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let id = desk.sanction(json!({"action": desk.action})).await;
    let path = format!("/v1/sanctions/{id}");
    app.patch(&path, &json!({"action": null})).await.expect(200);
    app.delete(&format!("/v1/diplomatic-actions/{}", desk.action))
        .await
        .expect(204);
    let before = app.state().await;

    let answer = restore(app, &path, 1).await.expect_problem(422, "invalid-record");

    assert_eq!(answer.pointers(), ["/record/action"]);
    assert_eq!(
        answer.detail(),
        format!("/record/action {} names no diplomatic action", desk.action)
    );
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn participants_that_were_merged_meanwhile_take_part_once() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let mut people = Vec::new();
    for name in ["Ann", "Anna", "Bob"] {
        people.push(desk.actor(json!({"kind": "person", "name": name})).await);
    }
    let [ann, anna, bob] = people.as_slice() else {
        panic!("three")
    };
    let action = app
        .create(
            "diplomatic-actions",
            json!({"type": "sanctions_imposed", "title": "They met", "occurred_on": "2025", "participants": [
                {"role": "initiator", "actor": ann}, {"role": "initiator", "actor": anna}, {"role": "target", "actor": bob},
                {"role": "target", "actor": anna},
            ]}),
        )
        .await;
    app.post(&format!("/v1/actors/{ann}/merge"), &json!({"into": anna}))
        .await
        .expect(200);

    let path = format!("/v1/diplomatic-actions/{action}");
    let restored = restore(app, &path, 1).await.expect(200);

    let who: Vec<(&Value, &Value)> = restored.body["participants"]
        .as_array()
        .expect("participants")
        .iter()
        .map(|participant| (&participant["role"], &participant["actor"]["id"]))
        .collect();
    let expected =
        [("initiator", anna), ("target", bob), ("target", anna)].map(|(role, id)| (json!(role), json!(id)));
    assert_eq!(
        who,
        expected.iter().map(|(role, id)| (role, id)).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_key_taken_meanwhile_is_reported_with_its_holder() {
    let app = TestApp::new().await;
    let ship = json!({"kind": "vessel", "name": "Ship", "identifiers": [{"scheme": "imo", "value": "9074729"}],
                      "external_keys": [{"scheme": "desk", "value": "ship"}]});
    let first = app.create("actors", ship.clone()).await;
    let path = format!("/v1/actors/{first}");
    app.delete(&path).await.expect(204);
    let second = app.create("actors", ship).await;

    let answer = restore(&app, &path, 1).await.expect_problem(409, "conflict");

    assert!(answer.detail().contains(&second), "{}", answer.text);
    assert_eq!(answer.pointers(), ["/record/identifiers/0/value"]);
    app.patch(&format!("/v1/actors/{second}"), &json!({"identifiers": []}))
        .await
        .expect(200);
    let answer = restore(&app, &path, 1).await.expect_problem(409, "conflict");
    assert_eq!(answer.pointers(), ["/record/external_keys/0"]);
    app.delete(&format!("/v1/actors/{second}")).await.expect(204);
    restore(&app, &path, 1).await.expect(200);
}

#[tokio::test]
async fn the_version_of_a_delete_can_not_be_restored() {
    let app = TestApp::new().await;
    let id = app
        .create("actors", json!({"kind": "person", "name": "Ada"}))
        .await;
    let path = format!("/v1/actors/{id}");
    app.delete(&path).await.expect(204);

    let answer = restore(&app, &path, 2)
        .await
        .expect_problem(422, "invalid-record");

    assert_eq!(answer.pointers(), ["/version"]);
    assert!(answer.detail().contains("such as 1"), "{}", answer.text);
}

#[tokio::test]
async fn a_request_that_names_no_version_is_refused() {
    let app = TestApp::new().await;
    let id = app
        .create("actors", json!({"kind": "person", "name": "Ada"}))
        .await;
    let path = format!("/v1/actors/{id}/restore");

    for (body, status, word) in [
        (json!({}), 422, "invalid-record"),
        (json!({"version": null}), 422, "invalid-record"),
        (json!({"version": 0}), 422, "invalid-record"),
        (json!({"version": -1}), 422, "invalid-record"),
        (json!({"version": 2}), 422, "invalid-record"),
        (
            json!({"version": 9_007_199_254_740_993_i64}),
            422,
            "invalid-record",
        ),
        (json!({"version": "1"}), 400, "malformed-request"),
        (json!({"version": 1.5}), 400, "malformed-request"),
        (json!({"version": 1, "why": "x"}), 400, "malformed-request"),
        (json!([1]), 400, "malformed-request"),
        (json!(1), 400, "malformed-request"),
    ] {
        let answer = app.post(&path, &body).await;
        let answer = answer.expect_problem(status, word);
        if status == 422 {
            assert_eq!(answer.pointers(), ["/version"], "{body}");
        }
    }
    let nobody = "/v1/actors/019a0000-0000-7000-8000-000000000000/restore";
    app.post(nobody, &json!({"version": 1}))
        .await
        .expect_problem(404, "not-found");
    app.post("/v1/people/x:y/restore", &json!({"version": 1}))
        .await
        .expect_problem(404, "not-found");
}

#[tokio::test]
async fn if_match_names_the_last_version_even_of_a_deleted_record() {
    let app = TestApp::with(Limits {
        public_read: true,
        require_if_match: true,
        ..Limits::default()
    })
    .await;
    let made = app
        .post("/v1/actors", &json!({"kind": "person", "name": "Ada"}))
        .await
        .expect(201);
    let path = format!("/v1/actors/{}", made.id());
    let delete = app
        .request(Method::DELETE, &path)
        .bearer_auth(&app.analyst)
        .header("if-match", made.etag());
    app.send(delete).await.expect(204);
    let restore = |etag: String| {
        app.send(
            app.request(Method::POST, &format!("{path}/restore"))
                .bearer_auth(&app.analyst)
                .header("if-match", etag)
                .json(&json!({"version": 1})),
        )
    };
    let end = app.get(&format!("{path}/history/2")).await.expect(200);

    app.post(&format!("{path}/restore"), &json!({"version": 1}))
        .await
        .expect_problem(428, "precondition-required");
    restore(made.etag().to_owned())
        .await
        .expect_problem(412, "precondition-failed");
    let back = restore(end.etag().to_owned()).await.expect(200);

    assert_eq!(back.body["version"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_several_concurrent_restores_succeeds() {
    let app = TestApp::new().await;
    let id = app
        .create("actors", json!({"kind": "person", "name": "Ada"}))
        .await;
    let path = format!("/v1/actors/{id}");
    app.delete(&path).await.expect(204);

    let answers = futures_util::future::join_all((0..4).map(|_| restore(&app, &path, 1))).await;

    for answer in answers {
        // A later restore finds the record, or collides with the first.
        if answer.status != 200 {
            answer.expect_problem(409, "conflict");
        }
    }
    assert_eq!(app.get(&path).await.expect(200).body["version"], 3);
}
