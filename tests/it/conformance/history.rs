//! History, restoring, reads of the registry as it was recorded, and the feed of changes.

use chrono::{SecondsFormat, Utc};

use super::*;

/// Operations of a record, the oldest first.
async fn operations(app: &TestApp, path: &str) -> Vec<String> {
    let page = app.get(&format!("{path}/history?sort=version")).await.expect(200);
    let items = page.body["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| item["operation"].as_str().expect("a word").to_owned())
        .collect()
}

async fn restore(app: &TestApp, path: &str, version: i64) -> Response {
    app.post(&format!("{path}/restore"), &json!({"version": version}))
        .await
}

#[tokio::test]
async fn every_write_of_a_record_is_in_its_history_even_when_deleted() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let request = with_header(app, Method::PATCH, &path, "x-comment", "a word was wrong, §2");
        app.send(request.json(&json!({sample.text: "Patched"})))
            .await
            .expect(200);
        app.delete(&path).await.expect(204);

        assert_eq!(operations(app, &path).await, ["create", "update", "delete"]);
        let page = app.get(&format!("{path}/history")).await.expect(200);
        let items = page.body["items"].as_array().expect("items");
        assert_eq!(items[1]["comment"], "a word was wrong, §2");
        assert_eq!(items[0]["comment"], Value::Null);
        let change = json!({"op": "replace", "path": format!("/{}", sample.text), "value": "Patched"});
        assert!(items[1]["diff"].as_array().expect("a patch").contains(&change));
        for item in items {
            assert_eq!(item["by"], "analyst");
            assert_eq!(item["backdated"], false);
        }
        let by_key = format!("{}/{}", sample.path(), sample.reference());
        assert_eq!(operations(app, &by_key).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn each_version_is_read_whole_and_has_a_permanent_address() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        app.delete(&path).await.expect(204);

        let version = app.get(&format!("{path}/history/1")).await.expect(200);
        let last = app.get(&format!("{path}/history/2")).await.expect(200);

        assert_eq!(version.body["resource"], sample.kind.path());
        assert_eq!(version.body["id"], created.body["id"]);
        assert_eq!(version.body["version"], 1);
        assert_eq!(version.body["operation"], "create");
        for field in [
            "id",
            "version",
            "created_at",
            "updated_at",
            "properties",
            "external_keys",
        ] {
            assert_eq!(version.body["record"][field], created.body[field], "{field}");
        }
        assert_eq!(
            version.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(last.body["operation"], "delete");
        assert_eq!(last.body["record"], Value::Null);
        for none in ["0", "3", "99999999999999999999"] {
            app.get(&format!("{path}/history/{none}"))
                .await
                .expect_problem(404, "not-found");
        }
    })
    .await;
}

#[tokio::test]
async fn restoring_an_earlier_version_makes_it_the_current_one() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        app.put(&path, &sample.minimal).await.expect(200);

        let restored = restore(app, &path, 1).await.expect(200);

        assert_eq!(restored.body["version"], 3);
        // With the ids of its citations and its creation time.
        assert_eq!(without_version(&restored.body), without_version(&created.body));
        let read = app.get(&path).await.expect(200);
        assert_eq!(read.text, restored.text);
        assert_eq!(read.etag(), restored.etag());
        assert_eq!(operations(app, &path).await, ["create", "update", "restore"]);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_record_comes_back_under_its_id() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        app.delete(&path).await.expect(204);

        let restored = restore(app, &path, 1).await.expect(200);

        assert_eq!(restored.body["version"], 3);
        assert_eq!(without_version(&restored.body), without_version(&created.body));
        let read = app.get(&path).await.expect(200);
        assert_eq!(read.etag(), restored.etag());
        assert_eq!(operations(app, &path).await, ["create", "delete", "restore"]);
    })
    .await;
}

#[tokio::test]
async fn restoring_the_current_version_changes_nothing() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);

        let restored = restore(app, &path, 1).await.expect(200);

        assert_eq!(restored.text, created.text);
        assert_eq!(restored.etag(), created.etag());
    })
    .await;
}

#[tokio::test]
async fn a_restore_that_names_no_version_of_the_record_is_refused() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        app.delete(&path).await.expect(204);
        let before = app.state().await;

        // The second version is the deletion.
        for version in [json!(0), json!(2), json!(3), Value::Null] {
            let body = json!({"version": version});
            let refused = app.post(&format!("{path}/restore"), &body).await;
            assert_eq!(refused.expect_problem(422, INVALID).pointers(), ["/version"]);
        }
        let request = app
            .request(Method::POST, &format!("{path}/restore"))
            .bearer_auth(&app.reader)
            .json(&json!({"version": 1}));
        app.send(request).await.expect_problem(403, "forbidden");
        let stale = with_header(
            app,
            Method::POST,
            &format!("{path}/restore"),
            "if-match",
            created.etag(),
        );
        app.send(stale.json(&json!({"version": 1})))
            .await
            .expect_problem(412, "precondition-failed");
        assert_eq!(app.state().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_restore_of_a_key_taken_meanwhile_is_refused_and_names_the_holder() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        app.delete(&path).await.expect(204);
        let mut body = sample.minimal.clone();
        body["external_keys"] = sample.full["external_keys"].clone();
        let holder = app.create(sample.kind.path(), body).await;

        let refused = restore(app, &path, 1).await.expect_problem(409, "conflict");

        assert_eq!(refused.pointers(), ["/record/external_keys/0"]);
        assert!(refused.detail().contains(&holder), "{}", refused.text);
    })
    .await;
}

#[tokio::test]
async fn a_changed_or_deleted_record_is_read_as_of_a_moment() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let list = format!("{}?sort=-created_at&limit=1", sample.path());
        let page = app.get(&list).await.expect(200);
        let now = async || -> String {
            let row = app
                .client()
                .await
                .query_one("select clock_timestamp()", &[])
                .await
                .expect("a time");
            let at: chrono::DateTime<Utc> = row.get::<_, std::time::SystemTime>(0).into();
            at.to_rfc3339_opts(SecondsFormat::Micros, true)
        };
        let then = now().await;
        app.patch(&path, &json!({sample.text: "Patched", "external_keys": []}))
            .await
            .expect(200);
        app.delete(&path).await.expect(204);

        let read = app.get(&format!("{path}?known_at={then}")).await.expect(200);
        let by_key = app
            .get(&format!(
                "{}/{}?known_at={then}",
                sample.path(),
                sample.reference()
            ))
            .await
            .expect(200);
        let listed = app.get(&format!("{list}&known_at={then}")).await.expect(200);

        assert_eq!(read.text, created.text);
        assert_eq!(by_key.text, created.text);
        assert_eq!(listed.body["items"], page.body["items"]);
        for moment in ["2000-01-01T00:00:00Z".to_owned(), now().await] {
            app.get(&format!("{path}?known_at={moment}"))
                .await
                .expect_problem(404, "not-found");
        }
        let refused = app.get(&format!("{path}?known_at=2999-01-01T00:00:00Z")).await;
        assert_eq!(refused.expect_problem(422, INVALID).pointers(), ["?known_at"]);
    })
    .await;
}

#[tokio::test]
async fn the_feed_of_changes_has_every_version_once_in_order() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        app.patch(&path, &json!({sample.text: "Patched"}))
            .await
            .expect(200);
        app.delete(&path).await.expect(204);
        let head = app.get("/v1/changes?after=9000000000000000000").await.expect(200);
        assert_eq!(head.body["items"], json!([]));

        let mut found = Vec::new();
        let mut after = 0;
        loop {
            let query = format!(
                "/v1/changes?resource={}&after={after}&limit=1000",
                sample.kind.path()
            );
            let page = app.get(&query).await.expect(200);
            let items = page.body["items"].as_array().expect("items");
            if items.is_empty() {
                break;
            }
            for item in items {
                assert_eq!(item["resource"], sample.kind.path());
                if item["id"] == created.body["id"] {
                    found.push(json!([item["version"], item["operation"]]));
                }
            }
            after = page.body["next"].as_i64().expect("a sequence");
        }

        assert_eq!(
            Value::from(found),
            json!([[1, "create"], [2, "update"], [3, "delete"]])
        );
    })
    .await;
}
