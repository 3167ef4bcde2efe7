//! A key that moves to another record while a request that names it waits for the first record.

use super::*;
use crate::support::wait_until;

/// The key that moves: one for each kind, because a key names one record of the registry.
fn key(sample: &Sample) -> String {
    format!("moving:{}", sample.kind.table())
}

/// Two records of a kind, the first of which has the key.
async fn two_records(app: &TestApp, sample: &Sample) -> (Response, Response) {
    let body = |number: usize, keys: Value| {
        let mut body = sample.numbered(number);
        body["external_keys"] = keys;
        body
    };
    let keys = json!([{"scheme": "moving", "value": sample.kind.table()}]);
    let first = app.post(&sample.path(), &body(1, keys)).await.expect(201);
    let second = app.post(&sample.path(), &body(2, json!([]))).await.expect(201);
    (first, second)
}

/// Sends a request that waits for a transaction which changes the records with `statements`, and returns its response.
async fn send_while(app: &TestApp, statements: &str, request: RequestBuilder) -> Response {
    let holder = app.client().await;
    holder.batch_execute("begin").await.expect("a transaction");
    holder.batch_execute(statements).await.expect("changed records");
    let commit = async {
        let observer = app.client().await;
        wait_until("the request waits for a lock", async || {
            let waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
            !observer.query(waiting, &[]).await.expect("connections").is_empty()
        })
        .await;
        holder.batch_execute("commit").await.expect("committed");
    };
    let (response, ()) = tokio::join!(app.send(request), commit);
    response
}

/// The statements that lock the first record and give its key to the second.
fn moving(sample: &Sample, first: &Response, second: &Response) -> String {
    let (table, column) = (sample.kind.table(), sample.kind.column());
    let (first, second) = (first.id(), second.id());
    format!(
        "select from {table} where id in ('{first}', '{second}') for no key update; \
         delete from external_keys where {column} = '{first}'; \
         insert into external_keys ({column}, scheme, value, position) values ('{second}', 'moving', '{table}', 0)"
    )
}

/// Checks for every kind that a request which names the key changes the record that has the key in the end.
async fn the_new_holder_is_meant(
    request: impl AsyncFn(&TestApp, &Sample) -> Option<(RequestBuilder, u16)>,
    is_deleted: bool,
) {
    for_every_kind(async |app, sample| {
        let Some((request, status)) = request(app, sample).await else {
            return;
        };
        let (first, second) = two_records(app, sample).await;

        let response = send_while(app, &moving(sample, &first, &second), request).await;

        response.expect(status);
        let former = app.get(&path_of(sample, &first)).await.expect(200);
        for field in [sample.text, "citations"] {
            assert_eq!(former.body.get(field), first.body.get(field), "{field}");
        }
        let holder = app.get(&path_of(sample, &second)).await;
        if is_deleted {
            holder.expect(404);
        } else {
            let holder = holder.expect(200);
            let changed = |field: &str| holder.body.get(field) != second.body.get(field);
            assert!(changed(sample.text) || changed("citations"));
        }
    })
    .await;
}

fn by_key(sample: &Sample) -> String {
    format!("{}/{}", sample.path(), key(sample))
}

#[tokio::test]
async fn a_delete_that_waits_while_the_key_moves_deletes_the_new_holder() {
    the_new_holder_is_meant(
        async |app, sample| {
            let request = app.request(Method::DELETE, &by_key(sample));
            Some((request.bearer_auth(&app.analyst), 204))
        },
        true,
    )
    .await;
}

#[tokio::test]
async fn a_patch_that_waits_while_the_key_moves_changes_the_new_holder() {
    the_new_holder_is_meant(
        async |app, sample| {
            let request = app.request(Method::PATCH, &by_key(sample));
            let request = request.bearer_auth(&app.analyst).json(&sample.patch());
            Some((request, 200))
        },
        false,
    )
    .await;
}

#[tokio::test]
async fn a_put_that_waits_while_the_key_moves_replaces_the_new_holder() {
    the_new_holder_is_meant(
        async |app, sample| {
            let mut body = sample.numbered(3);
            body[sample.text] = json!("Patched");
            body["external_keys"] = json!([{"scheme": "moving", "value": sample.kind.table()}]);
            let request = app.request(Method::PUT, &by_key(sample));
            Some((request.bearer_auth(&app.analyst).json(&body), 200))
        },
        false,
    )
    .await;
}

#[tokio::test]
async fn a_batch_that_waits_while_the_key_moves_changes_the_new_holder() {
    the_new_holder_is_meant(
        async |app, sample| {
            let batch = json!({"operations": [
                {"method": "PATCH", "resource": sample.kind.path(), "ref": key(sample), "body": sample.patch()},
            ]});
            let request = app.request(Method::POST, "/v1/batch");
            Some((request.bearer_auth(&app.analyst).json(&batch), 200))
        },
        false,
    )
    .await;
}

#[tokio::test]
async fn a_citation_that_waits_while_the_key_moves_is_added_to_the_new_holder() {
    the_new_holder_is_meant(
        async |app, sample| {
            let path = format!("{}/citations", by_key(sample));
            let request = app.request(Method::POST, &path).bearer_auth(&app.analyst);
            let body = json!({"source": "around:source"});
            sample.has_citations().then(|| (request.json(&body), 201))
        },
        false,
    )
    .await;
}

#[tokio::test]
async fn a_restore_that_waits_while_the_key_moves_restores_the_new_holder() {
    for_every_kind(async |app, sample| {
        let (first, second) = two_records(app, sample).await;
        for record in [&first, &second] {
            app.patch(&path_of(sample, record), &sample.patch())
                .await
                .expect(200);
        }

        let path = format!("{}/restore", by_key(sample));
        let request = app.request(Method::POST, &path).bearer_auth(&app.analyst);
        let request = request.json(&json!({"version": 1}));
        let response = send_while(app, &moving(sample, &first, &second), request).await;

        assert_eq!(response.expect(200).id(), second.id());
        let former = app.get(&path_of(sample, &first)).await.expect(200);
        assert_eq!(former.body[sample.text], "Patched");
    })
    .await;
}

#[tokio::test]
async fn a_merge_that_waits_while_a_key_moves_merges_the_new_holder() {
    let app = TestApp::new().await;
    make_surroundings(&app).await;
    let sample = Sample::of(demarche::resource::Kind::Actors);
    let (first, second) = two_records(&app, &sample).await;
    let stays = app.post(&sample.path(), &sample.numbered(3)).await.expect(201);

    let request = app.request(Method::POST, &format!("{}/merge", by_key(&sample)));
    let request = request
        .bearer_auth(&app.analyst)
        .json(&json!({"into": stays.id()}));
    let merged = send_while(&app, &moving(&sample, &first, &second), request).await;

    assert_eq!(merged.expect(200).body["merged"]["id"], second.id());
    app.get(&path_of(&sample, &first)).await.expect(200);
}

#[tokio::test]
async fn a_merge_that_waits_while_the_key_of_its_target_moves_merges_into_the_new_holder() {
    let app = TestApp::new().await;
    make_surroundings(&app).await;
    let sample = Sample::of(demarche::resource::Kind::Actors);
    let (first, second) = two_records(&app, &sample).await;
    let source = app.post(&sample.path(), &sample.numbered(3)).await.expect(201);

    let request = app.request(Method::POST, &format!("{}/merge", path_of(&sample, &source)));
    let request = request
        .bearer_auth(&app.analyst)
        .json(&json!({"into": key(&sample)}));
    let merged = send_while(&app, &moving(&sample, &first, &second), request).await;

    assert_eq!(merged.expect(200).id(), second.id());
}

#[tokio::test]
async fn a_patch_that_waits_while_the_holder_of_the_key_is_replaced_changes_the_new_one() {
    for_every_kind(async |app, sample| {
        let (first, second) = two_records(app, sample).await;
        let replacing = format!(
            "{}; delete from {} where id = '{}'",
            moving(sample, &first, &second),
            sample.kind.table(),
            first.id()
        );

        let request = app.request(Method::PATCH, &by_key(sample));
        let request = request.bearer_auth(&app.analyst).json(&sample.patch());
        let patched = send_while(app, &replacing, request).await.expect(200);

        assert_eq!(patched.id(), second.id());
    })
    .await;
}

#[tokio::test]
async fn a_delete_that_waits_while_the_key_is_removed_finds_nothing() {
    for_every_kind(async |app, sample| {
        let (first, _) = two_records(app, sample).await;
        let removing = format!(
            "select from {} where id = '{id}' for no key update; delete from external_keys where {} = '{id}'",
            sample.kind.table(),
            sample.kind.column(),
            id = first.id()
        );

        let request = app.request(Method::DELETE, &by_key(sample));
        let request = request.bearer_auth(&app.analyst);
        send_while(app, &removing, request)
            .await
            .expect_problem(404, "not-found");

        app.get(&path_of(sample, &first)).await.expect(200);
    })
    .await;
}
