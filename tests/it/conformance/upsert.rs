//! PUT on an external key, of every kind of record.

use super::*;

/// The value of a key that belongs to this kind alone: all kinds share one space of keys.
fn value(sample: &Sample, name: &str) -> String {
    format!("{name}-{}", sample.kind)
}

fn by_key(sample: &Sample, name: &str) -> String {
    format!("{}/ledger:{}", sample.path(), value(sample, name))
}

fn without_keys(body: &Value) -> Value {
    let mut body = body.clone();
    if let Value::Object(fields) = &mut body {
        fields.remove("external_keys");
    }
    body
}

#[tokio::test]
async fn a_put_on_a_key_that_fits_nothing_creates_the_record_and_can_be_repeated() {
    for_every_kind(async |app, sample| {
        let path = by_key(sample, "new");
        let body = without_keys(&sample.full);
        let key = json!({"scheme": "ledger", "value": value(sample, "new")});

        let created = app.put(&path, &body).await.expect(201);
        let again = app.put(&path, &body).await.expect(200);
        let read = app.get(&path).await.expect(200);

        assert_eq!(created.body["version"], 1);
        assert_eq!(created.body["external_keys"], json!([key]));
        assert_eq!(created.header("location"), path_of(sample, &created));
        assert_eq!(created.etag(), again.etag());
        assert_eq!(read.text, again.text);
        // A PUT with the key in the body, and one by id, are as before.
        let mut named = sample.numbered(2);
        named["external_keys"] = json!([key]);
        let replaced = app.put(&path, &named).await.expect(200);
        assert_eq!(
            (replaced.id(), &replaced.body["version"]),
            (created.id(), &json!(2))
        );
        app.put(&path_of(sample, &created), &without_keys(&named))
            .await
            .expect(200);
        app.get(&path).await.expect_problem(404, "not-found");
    })
    .await;
}

#[tokio::test]
async fn a_put_that_can_not_create_says_why_and_changes_nothing() {
    for_every_kind(async |app, sample| {
        let path = by_key(sample, "new");
        let before = app.state().await;

        let mut other = sample.full.clone();
        other["external_keys"] = json!([{"scheme": "ledger", "value": "other"}]);
        let refused = app.put(&path, &other).await.expect_problem(422, INVALID);
        assert_eq!(refused.pointers(), ["/external_keys"]);
        assert!(refused.detail().contains("ledger:new"), "{}", refused.detail());
        let refused = app.put(&path, &json!({})).await.expect_problem(422, INVALID);
        assert!(!refused.pointers().is_empty());
        for tag in ["*", "\"1-0011223344556677\""] {
            let request = with_header(app, Method::PUT, &path, "if-match", tag);
            let failed = app.send(request.json(&sample.full)).await;
            let failed = failed.expect_problem(412, "precondition-failed");
            assert!(failed.detail().contains("ledger:new"), "{}", failed.detail());
        }
        for path in [
            format!("{}/{}", sample.path(), uuid::Uuid::nil()),
            format!("{}/programme:nothing", sample.path()),
        ] {
            app.put(&path, &sample.full)
                .await
                .expect_problem(404, "not-found");
        }
        // PATCH and DELETE need a record.
        app.patch(&path, &sample.patch())
            .await
            .expect_problem(404, "not-found");
        app.delete(&path).await.expect_problem(404, "not-found");
        assert_eq!(app.state().await, before);
    })
    .await;
}

#[tokio::test]
async fn if_none_match_permits_only_a_new_record() {
    for_every_kind(async |app, sample| {
        let path = by_key(sample, "once");
        let send = async || {
            let request = with_header(app, Method::PUT, &path, "if-none-match", "*");
            app.send(request.json(&without_keys(&sample.full))).await
        };

        send().await.expect(201);
        let refused = send().await.expect_problem(412, "precondition-failed");

        assert!(refused.detail().contains("version 1"), "{}", refused.detail());
    })
    .await;
}

#[tokio::test]
async fn puts_on_one_key_at_the_same_time_make_one_record() {
    for_every_kind(async |app, sample| {
        let path = by_key(sample, "raced");
        let body = without_keys(&sample.full);

        let (one, two, three) = tokio::join!(
            app.put(&path, &body),
            app.put(&path, &body),
            app.put(&path, &body)
        );

        let mut statuses = [one.status, two.status, three.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 201]);
        assert_eq!(one.id(), two.id());
        assert_eq!(two.id(), three.id());
    })
    .await;
}

#[tokio::test]
async fn a_put_of_a_batch_creates_too() {
    for_every_kind(async |app, sample| {
        let operation = |number: u8| {
            json!({"method": "PUT", "resource": sample.kind.path(), "ref": format!("ledger:{}", value(sample, "batch")), "as": format!("it{number}"),
                   "body": without_keys(&sample.full)})
        };
        let batch = json!({"operations": [operation(1), operation(2)]});

        let first = app.post("/v1/batch", &batch).await.expect(200);
        let second = app.post("/v1/batch", &batch).await.expect(200);

        let statuses = |response: &Response| {
            [&response.body["results"][0]["status"], &response.body["results"][1]["status"]].map(Value::clone)
        };
        assert_eq!(statuses(&first), [json!(201), json!(200)]);
        assert_eq!(statuses(&second), [json!(200), json!(200)]);
        assert_eq!(first.body["results"][0]["id"], second.body["results"][1]["id"]);
    })
    .await;
}
