//! The history of records: what changed, when, who changed it and why; and every whole version under a path of its own.

use demarche::config::Limits;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, Response, TestApp};

/// A write with a reason, as the analyst.
async fn because(app: &TestApp, method: Method, path: &str, comment: &str, body: &Value) -> Response {
    let request = app
        .request(method, path)
        .bearer_auth(&app.analyst)
        .header("x-comment", comment)
        .json(body);
    app.send(request).await
}

/// A person who was renamed and deleted.
async fn former(app: &TestApp) -> String {
    let body =
        json!({"kind": "person", "name": "Ada", "external_keys": [{"scheme": "desk", "value": "ada"}]});
    let id = because(app, Method::POST, "/v1/actors", "first heard of", &body)
        .await
        .expect(201)
        .id();
    let path = format!("/v1/actors/{id}");
    because(
        app,
        Method::PATCH,
        &path,
        "wedding, §2",
        &json!({"name": "Ada King"}),
    )
    .await
    .expect(200);
    app.delete(&path).await.expect(204);
    id
}

#[tokio::test]
async fn a_record_has_its_history_even_when_deleted() {
    let app = TestApp::new().await;
    let id = former(&app).await;

    let page = app.get(&format!("/v1/actors/{id}/history")).await.expect(200);

    let items = page.body["items"].as_array().expect("items");
    let told: Vec<Value> = items
        .iter()
        .map(|item| json!([item["version"], item["operation"], item["by"], item["comment"]]))
        .collect();
    assert_eq!(
        Value::from(told),
        json!([
            [3, "delete", "analyst", null],
            [2, "update", "analyst", "wedding, §2"],
            [1, "create", "analyst", "first heard of"],
        ])
    );
    assert_eq!(page.body["next_cursor"], Value::Null);
    for item in items {
        assert!(item["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{item}");
        assert_eq!(item["backdated"], false);
        assert_eq!(item["merged_into"], Value::Null);
        assert!(item["request_id"].is_string());
    }
    assert_eq!(
        items[0]["diff"],
        json!([{"op": "replace", "path": "", "value": null}])
    );
    assert!(
        items[1]["diff"]
            .as_array()
            .expect("a patch")
            .contains(&json!({"op": "replace", "path": "/name", "value": "Ada King"})),
        "{}",
        items[1]
    );
    assert_eq!(items[2]["diff"][0]["path"], "");
}

#[tokio::test]
async fn applying_the_diffs_in_order_gives_every_version() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let id = desk
        .sanction(json!({"measures": ["asset_freeze"], "imposed_on": "2025-10-24"}))
        .await;
    let path = format!("/v1/sanctions/{id}");
    for body in [
        json!({"measures": ["visa_ban", "asset_freeze"], "reason": "because"}),
        json!({"citations": [{"source": desk.source, "attributed_to": "desk:petro"}], "properties": {"a/b": ["~"]}}),
        json!({"citations": [], "reason": null}),
    ] {
        app.patch(&path, &body).await.expect(200);
    }
    app.delete(&path).await.expect(204);

    let items = app.walk(&format!("{path}/history"), "sort=version", 2).await;

    assert_eq!(items.len(), 5);
    let mut record = Value::Null;
    for (item, number) in items.iter().zip(1..) {
        assert_eq!(item["version"], number);
        let patch: json_patch::Patch = serde_json::from_value(item["diff"].clone()).expect("a patch");
        json_patch::patch(&mut record, &patch).expect("a patch that fits");
        let whole = app.get(&format!("{path}/history/{number}")).await.expect(200);
        assert_eq!(whole.body["record"], record, "version {number}");
    }
}

#[tokio::test]
async fn every_resource_has_a_history() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let tie = json!({"subject": "desk:petro", "kind": "head_of_state_of", "object": "iso3166:CO"});
    let tie = app.create("relationships", tie).await;
    let sanction = desk.sanction(json!({})).await;

    for (resource, id) in [
        ("actors", &desk.petro),
        ("relationships", &tie),
        ("programmes", &desk.programme),
        ("sanctions", &sanction),
        ("diplomatic-actions", &desk.action),
        ("sources", &desk.source),
    ] {
        let path = format!("/v1/{resource}/{id}/history");
        let page = app.get(&path).await.expect(200);
        assert_eq!(page.body["items"][0]["operation"], "create", "{resource}");
        let version = app.get(&format!("{path}/1")).await.expect(200);
        assert_eq!(version.body["resource"], *resource);
        assert_eq!(version.body["id"], **id);
        assert_eq!(version.body["record"]["id"], **id);
    }
    let state = app.get("/v1/actors/iso3166:CO/history").await.expect(200);
    assert_eq!(state.body["items"][0]["operation"], "baseline");
}

#[tokio::test]
async fn a_version_is_returned_whole_and_may_be_cached_for_ever() {
    let app = TestApp::new().await;
    let id = former(&app).await;
    let path = format!("/v1/actors/{id}/history/2");

    let answer = app.get(&path).await.expect(200);

    let body = &answer.body;
    assert_eq!(
        *body,
        json!({
            "resource": "actors",
            "id": id,
            "version": 2,
            "operation": "update",
            "at": body["at"],
            "by": "analyst",
            "comment": "wedding, §2",
            "request_id": body["request_id"],
            "backdated": false,
            "merged_into": null,
            "record": {
                "id": id,
                "kind": "person",
                "name": "Ada King",
                "names": [],
                "countries": [],
                "identifiers": [],
                "addresses": [],
                "description": null,
                "began_on": null,
                "ended_on": null,
                "properties": {},
                "external_keys": [{"scheme": "desk", "value": "ada"}],
                "version": 2,
                "created_at": body["record"]["created_at"],
                "updated_at": body["record"]["updated_at"],
            },
        })
    );
    assert!(answer.etag().starts_with("\"2-"));
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let again = app
        .request(Method::GET, &path)
        .header("if-none-match", answer.etag());
    let again = app.send(again).await.expect(304);
    assert_eq!(again.etag(), answer.etag());
    assert_eq!(again.header("cache-control"), answer.header("cache-control"));
    let end = app.get(&format!("/v1/actors/{id}/history/3")).await.expect(200);
    assert_eq!(end.body["record"], Value::Null);
}

#[tokio::test]
async fn only_a_version_under_an_id_may_be_cached_for_ever() {
    let app = TestApp::new().await;
    let id = former(&app).await;

    let by_key = app.get("/v1/actors/desk:ada/history/1").await.expect(200);

    assert_eq!(by_key.body["id"], id);
    assert_eq!(by_key.header("cache-control"), "private, no-cache");
    assert_eq!(
        by_key.header("content-location"),
        format!("/v1/actors/{id}/history/1")
    );
}

#[tokio::test]
async fn a_version_that_needs_a_token_is_cached_privately() {
    let app = TestApp::with(Limits::default()).await;
    let id = former(&app).await;
    let path = format!("/v1/actors/{id}/history/1");
    app.get(&path).await.expect_problem(401, "unauthorized");

    let answer = app
        .send(app.request(Method::GET, &path).bearer_auth(&app.reader))
        .await
        .expect(200);

    assert_eq!(
        answer.header("cache-control"),
        "private, max-age=31536000, immutable"
    );
}

#[tokio::test]
async fn a_key_finds_the_history_of_its_holder_or_last_holder() {
    let app = TestApp::new().await;
    let body = json!({"kind": "vessel", "name": "First", "identifiers": [
        {"scheme": "imo", "value": "9074729"}, {"scheme": "passport", "value": "A1", "country": "CO"},
    ]});
    let first = app.create("actors", body.clone()).await;
    app.delete(&format!("/v1/actors/{first}")).await.expect(204);
    let name = async |key: &str| {
        let answer = app.get(&format!("/v1/actors/{key}/history/1")).await.expect(200);
        answer.body["record"]["name"].clone()
    };

    for key in ["imo:9074729", "passport:A1", "passport:CO:A1"] {
        assert_eq!(name(key).await, "First");
    }
    let mut second = body.clone();
    second["name"] = json!("Second");
    let second = app.create("actors", second).await;
    assert_eq!(name("imo:9074729").await, "Second");
    app.delete(&format!("/v1/actors/{second}")).await.expect(204);
    assert_eq!(name("imo:9074729").await, "Second");

    let shared = json!({"kind": "person", "name": "One", "identifiers": [{"scheme": "passport", "value": "B2", "country": "CO"}]});
    let mut both = Vec::new();
    for _ in 0..2 {
        both.push(app.create("actors", shared.clone()).await);
    }
    for id in &both {
        app.delete(&format!("/v1/actors/{id}")).await.expect(204);
    }
    app.post("/v1/actors/passport:CO:B2/restore", &json!({"version": 1}))
        .await
        .expect_problem(409, "conflict");
    let refused = app.get("/v1/actors/passport:CO:B2/history").await.expect(409);
    for id in &both {
        assert!(
            refused.body["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains(id.as_str())),
            "{}",
            refused.text
        );
    }

    let programme = json!({"code": "GONE", "name": "Gone", "imposer": "iso3166:US"});
    let programme = app.create("programmes", programme).await;
    app.delete("/v1/programmes/programme:GONE").await.expect(204);
    let told = app
        .get("/v1/programmes/programme:GONE/history/1")
        .await
        .expect(200);
    assert_eq!(told.body["id"], programme);
}

#[tokio::test]
async fn a_history_follows_the_conventions_of_lists() {
    let app = TestApp::new().await;
    let id = app.create("actors", json!({"kind": "person", "name": "0"})).await;
    let path = format!("/v1/actors/{id}");
    for number in 1..30 {
        app.patch(&path, &json!({"name": number.to_string()}))
            .await
            .expect(200);
    }
    let history = format!("{path}/history");

    let walked = app.walk(&history, "operation=update", 7).await;

    let versions: Vec<i64> = walked
        .iter()
        .filter_map(|item| item["version"].as_i64())
        .collect();
    assert_eq!(versions, (2..=30).rev().collect::<Vec<_>>());
    let page = app
        .get(&format!("{history}?limit=3&count=exact"))
        .await
        .expect(200);
    assert_eq!(page.body["total"], 30);
    assert_eq!(page.body["items"][2]["version"], 28);
    let table = app
        .get(&format!("{history}?format=csv&limit=1"))
        .await
        .expect(200);
    assert!(
        table.text.starts_with(
            "version,operation,at,by,comment,request_id,backdated,merged_into,diff\r\n30,update,"
        ),
        "{}",
        table.text
    );
    app.get(&format!("{history}?format=ndjson")).await.expect(200);
    for wrong in ["sort=at", "by=analyst", "operation=rename", "limit=0", "cursor=x"] {
        app.get(&format!("{history}?{wrong}"))
            .await
            .expect_problem(400, "malformed-request");
    }
}

#[tokio::test]
async fn the_history_of_an_unknown_record_is_not_found() {
    let app = TestApp::new().await;
    let id = former(&app).await;
    let nobody = "019a0000-0000-7000-8000-000000000000";

    for path in [
        format!("/v1/actors/{nobody}/history"),
        format!("/v1/actors/{nobody}/history/1"),
        format!("/v1/sanctions/{id}/history"),
        format!("/v1/actors/{id}/history/0"),
        format!("/v1/actors/{id}/history/4"),
        format!("/v1/actors/{id}/history/99999999999"),
        "/v1/actors/desk:nobody/history".to_owned(),
        "/v1/actors/nobody/history".to_owned(),
        format!("/v1/people/{id}/history"),
        "/v1/vocabularies/measures/never/history".to_owned(),
        "/v1/vocabularies/never/asset_freeze/history".to_owned(),
        "/v1/vocabularies/measures/asset_freeze/history/2".to_owned(),
    ] {
        app.get(&path).await.expect_problem(404, "not-found");
    }
    for wrong in ["x", "-1", "1.0", "+1"] {
        app.get(&format!("/v1/actors/{id}/history/{wrong}"))
            .await
            .expect_problem(400, "malformed-request");
    }
    app.get(&format!("/v1/actors/{id}/history/1?on=2025-01-01"))
        .await
        .expect_problem(400, "malformed-request");
    app.delete(&format!("/v1/actors/{id}/history/1"))
        .await
        .expect_problem(405, "method-not-allowed");
}

#[tokio::test]
async fn entries_of_vocabularies_have_a_history_too() {
    let app = TestApp::new().await;
    let path = "/v1/vocabularies/measures/crypto_ban";
    let admin = |method: Method, path: &str, body: Value| {
        app.send(
            app.request(method, path)
                .bearer_auth(&app.admin)
                .header("x-comment", "new sort")
                .json(&body),
        )
    };
    let body = json!({"code": "crypto_ban", "label": "Crypto ban"});
    admin(Method::POST, "/v1/vocabularies/measures", body)
        .await
        .expect(201);
    admin(Method::PATCH, path, json!({"label": "Ban on crypto-assets"}))
        .await
        .expect(200);
    app.send(app.request(Method::DELETE, path).bearer_auth(&app.admin))
        .await
        .expect(204);

    let page = app.get(&format!("{path}/history")).await.expect(200);

    let operations: Vec<&Value> = page.body["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| &item["operation"])
        .collect();
    assert_eq!(operations, ["delete", "update", "create"]);
    let first = app.get(&format!("{path}/history/1")).await.expect(200);
    assert_eq!(first.body["resource"], "vocabularies/measures");
    assert_eq!(first.body["id"], "crypto_ban");
    assert_eq!(first.body["comment"], "new sort");
    assert_eq!(first.body["record"]["label"], "Crypto ban");

    let restore = format!("{path}/restore");
    app.post(&restore, &json!({"version": 2}))
        .await
        .expect_problem(403, "forbidden");
    let back = admin(Method::POST, &restore, json!({"version": 2}))
        .await
        .expect(200);
    assert_eq!(back.body["label"], "Ban on crypto-assets");
    assert_eq!(back.body["version"], 4);
    assert_eq!(back.body["created_at"], first.body["record"]["created_at"]);
    let last = app.get(&format!("{path}/history/4")).await.expect(200);
    assert_eq!(last.body["operation"], "restore");
    admin(Method::POST, &restore, json!({"version": 1}))
        .await
        .expect(200);
    let now = app.get(path).await.expect(200);
    assert_eq!(now.body["label"], "Crypto ban");
}

#[tokio::test]
async fn a_comment_is_kept_with_every_record_that_the_request_writes() {
    let app = TestApp::new().await;
    let comment = "añadido según la nota del 3 de noviembre, 50%";
    let body = json!({"operations": [
        {"method": "POST", "resource": "actors", "as": "a", "body": {"kind": "person", "name": "A"}},
        {"method": "POST", "resource": "relationships", "body": {
            "subject": "@a", "kind": "head_of_state_of", "object": "iso3166:CO",
        }},
    ]});

    let done = because(&app, Method::POST, "/v1/batch", comment, &body)
        .await
        .expect(200);

    for (place, resource) in ["actors", "relationships"].into_iter().enumerate() {
        let id = done.body["results"][place]["id"].as_str().expect("an id");
        let told = app
            .get(&format!("/v1/{resource}/{id}/history/1"))
            .await
            .expect(200);
        assert_eq!(told.body["comment"], comment);
    }
}

#[tokio::test]
async fn an_invalid_comment_is_refused_and_nothing_is_written() {
    let app = TestApp::new().await;
    let body = json!({"kind": "person", "name": "A"});
    let before = app.state().await;

    for comment in [
        vec![0xfc],
        "é".repeat(1001).into_bytes(),
        "a\u{2028}b".into(),
        "a\u{85}b".into(),
        "a\u{2029}b".into(),
        "a\u{200b}b".into(),
        "\u{202e}desrever".into(),
        "a\u{2066}b\u{2069}".into(),
    ] {
        let request = app
            .request(Method::POST, "/v1/actors")
            .bearer_auth(&app.analyst)
            .header(
                "x-comment",
                reqwest::header::HeaderValue::from_bytes(&comment).expect("a value"),
            )
            .json(&body);
        let answer = app.send(request).await.expect_problem(400, "malformed-request");
        assert!(answer.detail().starts_with("X-Comment"), "{}", answer.text);
    }

    assert_eq!(app.state().await, before);
    let longest = "é".repeat(1000);
    let made = because(&app, Method::POST, "/v1/actors", &longest, &body)
        .await
        .expect(201);
    let told = app
        .get(&format!("/v1/actors/{}/history/1", made.id()))
        .await
        .expect(200);
    assert_eq!(told.body["comment"], longest);
}

#[tokio::test]
async fn the_openapi_document_describes_comments_on_every_write() {
    let app = TestApp::new().await;

    let document = app.get("/openapi.json").await.expect(200).body;

    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let writes = method != "get" && path.starts_with("/v1");
            let tells = operation["parameters"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one["name"] == "X-Comment"));
            assert_eq!(tells, writes, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn an_as_of_history_ends_at_its_moment() {
    let app = TestApp::new().await;
    let id = former(&app).await;
    let history = format!("/v1/actors/{id}/history");
    let page = app.get(&history).await.expect(200);
    let at = |place: usize| {
        page.body["items"][place]["at"]
            .as_str()
            .expect("a moment")
            .to_owned()
    };

    for (moment, versions) in [(at(2), 1), (at(1), 2), (at(0), 3)] {
        let then = app.get(&format!("{history}?known_at={moment}")).await.expect(200);
        assert_eq!(then.body["items"].as_array().map(Vec::len), Some(versions));
        let by_key = app
            .get(&format!("/v1/actors/desk:ada/history?known_at={moment}"))
            .await
            .expect(200);
        assert_eq!(by_key.body["items"], then.body["items"]);
    }
    app.get(&format!("{history}?known_at=2020-01-01T00:00:00Z"))
        .await
        .expect_problem(404, "not-found");
    app.get(&format!("{history}/1?known_at={}", at(0)))
        .await
        .expect_problem(400, "malformed-request");
}

#[tokio::test]
async fn a_key_that_deleted_records_had_one_after_another_means_the_last_of_them() {
    let app = TestApp::new().await;
    let keys = json!([{"scheme": "handed", "value": "over"}]);
    let first = json!({"kind": "person", "name": "First", "external_keys": keys});
    let first = app.create("actors", first).await;
    let last = app
        .create("actors", json!({"kind": "person", "name": "Last"}))
        .await;
    app.delete(&format!("/v1/actors/{first}")).await.expect(204);
    app.patch(&format!("/v1/actors/{last}"), &json!({"external_keys": keys}))
        .await
        .expect(200);
    app.delete(&format!("/v1/actors/{last}")).await.expect(204);

    let history = app.get("/v1/actors/handed:over/history").await.expect(200);

    let items = history.body["items"].as_array().expect("items");
    let operations: Vec<_> = items.iter().map(|revision| &revision["operation"]).collect();
    assert_eq!(
        operations,
        ["delete", "update", "create"],
        "those of the last one"
    );
}
