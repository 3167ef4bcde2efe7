//! Idempotency-Key: a repeated request returns the first response and changes nothing.

use super::*;

async fn post_with_key(app: &TestApp, token: &str, key: &str, path: &str, body: &Value) -> Response {
    let request = app
        .request(Method::POST, path)
        .bearer_auth(token)
        .header("idempotency-key", key)
        .json(body);
    app.send(request).await
}

#[tokio::test]
async fn a_repeated_request_returns_the_first_response() {
    let app = TestApp::new().await;
    make_surroundings(&app).await;
    let second = app.token("second", UserRole::Analyst).await;
    on_every_kind(&app, async |app, sample| {
        let list = sample.path();
        let (body, other) = (sample.numbered(1), sample.numbered(2));
        let key = format!("key of {}", sample.kind);
        let first = post_with_key(app, &app.analyst, &key, &list, &body)
            .await
            .expect(201);
        let before = app.state().await;

        let again = post_with_key(app, &app.analyst, &key, &list, &body)
            .await
            .expect(201);
        let mut changed = body.clone();
        changed[sample.text] = json!("Changed");
        post_with_key(app, &app.analyst, &key, &list, &changed)
            .await
            .expect_problem(422, INVALID);

        assert_eq!(again.text, first.text);
        for name in ["etag", "location", "content-type"] {
            assert_eq!(again.header(name), first.header(name));
        }
        assert_eq!(app.state().await, before);
        // A key belongs to its user.
        let of_another = post_with_key(app, &second, &key, &list, &other).await.expect(201);
        assert_ne!(of_another.id(), first.id());
        // It is the first response, whatever happened to the record since.
        app.delete(first.header("location")).await.expect(204);
        let again = post_with_key(app, &app.analyst, &key, &list, &body)
            .await
            .expect(201);
        assert_eq!(again.text, first.text);
    })
    .await;
}

#[tokio::test]
async fn concurrent_requests_with_one_key_create_one_record() {
    for_every_kind(async |app, sample| {
        let list = sample.path();
        let body = sample.minimal.clone();
        let key = format!("twins of {}", sample.kind);
        let count = async || app.get(&format!("{list}?count=exact&limit=1")).await.body["total"].clone();
        let before = count().await.as_i64().expect("a number");

        let requests = (0..8).map(|_| post_with_key(app, &app.analyst, &key, &list, &body));
        let responses = futures_util::future::join_all(requests).await;

        assert_eq!(count().await, before + 1);
        for response in &responses {
            assert_eq!(response.status, 201, "{}", response.text);
            assert_eq!(response.text, responses[0].text);
        }
    })
    .await;
}

#[tokio::test]
async fn a_failed_request_may_be_corrected_and_sent_with_its_key() {
    for_every_kind(async |app, sample| {
        let list = sample.path();
        let key = format!("corrected {}", sample.kind);
        post_with_key(app, &app.analyst, &key, &list, &sample.invalid)
            .await
            .expect_problem(422, INVALID);

        let created = post_with_key(app, &app.analyst, &key, &list, &sample.minimal)
            .await
            .expect(201);
        let again = post_with_key(app, &app.analyst, &key, &list, &sample.minimal)
            .await
            .expect(201);

        assert_eq!(again.text, created.text);
    })
    .await;
}

#[tokio::test]
async fn a_repeated_restore_returns_the_first_response() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        app.delete(&path).await.expect(204);
        let restore = format!("{path}/restore");
        let key = format!("back {}", sample.kind);

        let first = post_with_key(app, &app.analyst, &key, &restore, &json!({"version": 1}))
            .await
            .expect(200);
        app.patch(&path, &json!({sample.text: "Patched"}))
            .await
            .expect(200);
        let again = post_with_key(app, &app.analyst, &key, &restore, &json!({"version": 1}))
            .await
            .expect(200);

        assert_eq!(again.text, first.text);
        assert_eq!(again.etag(), first.etag());
        assert_eq!(app.get(&path).await.expect(200).body["version"], 4);
    })
    .await;
}
