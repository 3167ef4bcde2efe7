//! Citations, one at a time, of every kind that has them.

use super::*;

/// Checks a rule for the kinds that have citations; the record is that of the full sample.
async fn for_every_claim(rule: impl AsyncFn(&TestApp, &Sample, Response)) {
    for_every_kind(async |app, sample| {
        if sample.has_citations() {
            let created = create_full(app, sample).await;
            rule(app, sample, created).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_citation_is_added_and_removed_alone() {
    for_every_claim(async |app, sample, created| {
        let path = path_of(sample, &created);
        let citations = format!("{path}/citations");
        let body = json!({"source": "around:source", "credibility": 3, "stance": "disputes"});

        let added = app.post(&citations, &body).await.expect(201);
        let with_it = app.get(&path).await.expect(200);
        let remove = format!("{citations}/{}", added.id());
        let stale = with_header(app, Method::DELETE, &remove, "if-match", created.etag());
        app.send(stale).await.expect_problem(412, "precondition-failed");
        let current = with_header(app, Method::DELETE, &remove, "if-match", added.etag());
        let removed = app.send(current).await.expect(204);
        let without_it = app.get(&path).await.expect(200);

        assert_eq!(added.header("location"), path);
        assert_eq!(added.body["grade"], "B3");
        assert_eq!(added.etag(), with_it.etag());
        assert_eq!(with_it.body["version"], 2);
        let mut expected = created.body["citations"].as_array().expect("citations").clone();
        expected.push(added.body.clone());
        assert_eq!(with_it.body["citations"], Value::from(expected));
        assert_eq!(removed.etag(), without_it.etag());
        assert_eq!(without_it.body["version"], 3);
        assert_eq!(without_it.body["citations"], created.body["citations"]);
        app.delete(&remove).await.expect_problem(404, "not-found");
        app.post(&format!("{}/sample:nothing/citations", sample.path()), &body)
            .await
            .expect_problem(404, "not-found");
    })
    .await;
}

#[tokio::test]
async fn a_citation_that_breaks_rules_is_not_added() {
    for_every_claim(async |app, sample, created| {
        let citations = format!("{}/citations", path_of(sample, &created));
        let before = app.state().await;

        let refused = app
            .post(
                &citations,
                &json!({"source": "around:nothing", "credibility": 7, "stance": "likes"}),
            )
            .await
            .expect_problem(422, INVALID);
        assert_eq!(sorted_pointers(&refused), ["/credibility", "/source", "/stance"]);
        let refused = app
            .post(&citations, &json!({}))
            .await
            .expect_problem(422, INVALID);
        assert_eq!(refused.pointers(), ["/source"]);
        app.post(&citations, &json!({"colour": "red"}))
            .await
            .expect_problem(400, MALFORMED);
        for method in [Method::POST, Method::DELETE] {
            let path = if method == Method::POST {
                citations.clone()
            } else {
                format!("{citations}/{}", uuid::Uuid::nil())
            };
            let reader = app.request(method, &path).bearer_auth(&app.reader);
            app.send(reader.json(&json!({"source": "around:source"})))
                .await
                .expect_problem(403, "forbidden");
        }
        assert_eq!(app.state().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_repeated_citation_is_added_once() {
    for_every_claim(async |app, sample, created| {
        let citations = format!("{}/citations", path_of(sample, &created));
        let body = json!({"source": "around:source", "locator": "once"});
        let send = async || {
            let request = with_header(
                app,
                Method::POST,
                &citations,
                "idempotency-key",
                sample.kind.path(),
            );
            app.send(request.json(&body)).await.expect(201)
        };

        let (first, again) = (send().await, send().await);

        assert_eq!(first.text, again.text);
        assert_eq!(first.etag(), again.etag());
        let read = app.get(&path_of(sample, &created)).await.expect(200);
        assert_eq!(read.body["version"], 2);
    })
    .await;
}

#[tokio::test]
async fn two_concurrently_added_citations_both_stay() {
    for_every_claim(async |app, sample, created| {
        let citations = format!("{}/citations", path_of(sample, &created));
        let add = async |locator: &str| {
            let body = json!({"source": "around:source", "locator": locator});
            app.post(&citations, &body).await.expect(201)
        };

        let (one, other) = tokio::join!(add("one"), add("other"));

        assert_ne!(one.id(), other.id());
        let read = app.get(&path_of(sample, &created)).await.expect(200);
        let earlier = created.body["citations"].as_array().map_or(0, Vec::len);
        assert_eq!(read.body["citations"].as_array().map(Vec::len), Some(earlier + 2));
        assert_eq!(read.body["version"], 3);
    })
    .await;
}

#[tokio::test]
async fn citations_that_are_sent_with_their_id_keep_it_and_an_invented_id_is_refused() {
    for_every_claim(async |app, sample, created| {
        let path = path_of(sample, &created);
        let kept = created.body["citations"][0]["id"].clone();

        let patch = json!({"citations": [
            {"source": "around:source", "locator": "new"},
            {"id": kept, "source": "around:source", "credibility": 1},
        ]});
        let patched = app.patch(&path, &patch).await.expect(200);
        let invented = json!({"citations": [{"id": uuid::Uuid::nil(), "source": "around:source"}]});
        let refused = app.patch(&path, &invented).await.expect_problem(422, INVALID);

        let citations = &patched.body["citations"];
        assert_ne!(citations[0]["id"], kept);
        assert_eq!(citations[1]["id"], kept);
        assert_eq!(citations[1]["grade"], "B1");
        // A citation is replaced whole.
        assert_eq!(citations[1]["quote"], Value::Null);
        assert_eq!(refused.pointers(), ["/citations/0/id"]);
    })
    .await;
}

#[tokio::test]
async fn deleting_a_claim_deletes_its_citations() {
    for_every_claim(async |app, sample, created| {
        app.delete("/v1/sources/around:source")
            .await
            .expect_problem(409, "conflict");

        app.delete(&path_of(sample, &created)).await.expect(204);

        let request = with_header(app, Method::POST, "/v1/batch", "x-comment", "the source is free");
        // Undone by its second operation, so that the next kind finds the source.
        let batch = json!({"operations": [
            {"method": "DELETE", "resource": "sources", "ref": "around:source"},
            {"method": "DELETE", "resource": "sources", "ref": "around:nothing"},
        ]});
        let refused = app.send(request.json(&batch)).await.expect(404);
        assert_eq!(refused.pointers(), ["/operations/1/ref"]);
    })
    .await;
}
