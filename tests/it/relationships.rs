//! Relationships over HTTP.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, rank};

async fn person(app: &TestApp, key: &str, name: &str) -> String {
    let person = json!({
        "kind": "person",
        "name": name,
        "external_keys": [{"scheme": "desk", "value": key}],
    });
    app.create("actors", person).await
}

async fn source(app: &TestApp, key: &str, reliability: Value) -> String {
    let source = json!({
        "kind": "news_article",
        "title": format!("Article {key}"),
        "reliability": reliability,
        "external_keys": [{"scheme": "desk", "value": key}],
    });
    app.create("sources", source).await
}

/// Petro, an article, and the tie that it tells of.
async fn presidency(app: &TestApp) -> Value {
    person(app, "petro", "Gustavo Petro").await;
    source(app, "article", json!("B")).await;
    json!({
        "subject": "desk:petro",
        "kind": "head_of_state_of",
        "object": "iso3166:CO",
        "role": "President",
        "share_percent": 12.5,
        "started_on": "2022-08-07",
        "ended_on": "2026-08",
        "description": "Elected in the second round",
        "claim_status": "confirmed",
        "citations": [{
            "source": "desk:article",
            "credibility": 2,
            "stance": "supports",
            "locator": "p. 3",
            "quote": "took office",
            "attributed_to": "iso3166:CO",
        }],
        "properties": {"recordId": ["7"]},
        "external_keys": [{"scheme": "desk", "value": "presidency"}],
    })
}

#[tokio::test]
async fn a_relationship_comes_back_whole() {
    let app = TestApp::new().await;
    let presidency = presidency(&app).await;

    let made = app.post("/v1/relationships", &presidency).await.expect(201);

    let id = made.id();
    let colombia = json!({
        "id": app.get("/v1/actors/iso3166:CO").await.id(),
        "name": "Colombia",
        "kind": "state",
    });
    assert_eq!(made.header("location"), format!("/v1/relationships/{id}"));
    let read = app
        .get("/v1/relationships/desk:presidency?on=2025-11-01")
        .await
        .expect(200);
    assert_eq!(read.etag(), made.etag());
    assert_eq!(read.body, made.body);
    assert_eq!(
        read.body,
        json!({
            "id": id,
            "subject": {
                "id": app.get("/v1/actors/desk:petro").await.id(),
                "name": "Gustavo Petro",
                "kind": "person",
            },
            "kind": "head_of_state_of",
            "object": colombia,
            "role": "President",
            "share_percent": 12.5,
            "started_on": "2022-08-07",
            "ended_on": "2026-08",
            "description": "Elected in the second round",
            "claim_status": "confirmed",
            "citations": [{
                "id": read.body["citations"][0]["id"],
                "source": {"id": app.get("/v1/sources/desk:article").await.id(), "title": "Article article"},
                "credibility": 2,
                "grade": "B2",
                "stance": "supports",
                "locator": "p. 3",
                "quote": "took office",
                "attributed_to": colombia,
            }],
            "properties": {"recordId": ["7"]},
            "external_keys": [{"scheme": "desk", "value": "presidency"}],
            "version": 1,
            "created_at": read.body["created_at"],
            "updated_at": read.body["updated_at"],
        })
    );
}

#[tokio::test]
async fn a_tie_of_three_fields_is_reported_and_has_null_and_empty_for_the_rest() {
    let app = TestApp::new().await;

    let made = app
        .post(
            "/v1/relationships",
            &json!({"subject": "iso3166:CO", "kind": "allied_with", "object": "iso3166:US"}),
        )
        .await
        .expect(201);

    assert_eq!(made.body["claim_status"], "reported");
    for field in ["role", "share_percent", "started_on", "ended_on", "description"] {
        assert_eq!(made.body[field], Value::Null, "{field}");
    }
    assert_eq!(made.body["citations"], json!([]));
}

#[tokio::test]
async fn what_was_read_can_be_put_back_and_nothing_changes() {
    let app = TestApp::new().await;
    let presidency = presidency(&app).await;
    let made = app.post("/v1/relationships", &presidency).await.expect(201);

    let put = app
        .put(&format!("/v1/relationships/{}", made.id()), &made.body)
        .await
        .expect(200);

    assert_eq!(put.body, made.body);
    assert_eq!(put.etag(), made.etag());
}

#[tokio::test]
async fn put_replaces_the_relationship_whole() {
    let app = TestApp::new().await;
    let presidency = presidency(&app).await;
    let id = app.create("relationships", presidency).await;

    let put = app
        .put(
            &format!("/v1/relationships/{id}"),
            &json!({"subject": "desk:petro", "kind": "official_of", "object": "iso3166:CO"}),
        )
        .await
        .expect(200);

    assert_eq!(put.body["version"], 2);
    assert_eq!(put.body["kind"], "official_of");
    assert_eq!(put.body["claim_status"], "reported");
    assert_eq!(put.body["share_percent"], Value::Null);
    assert_eq!(put.body["citations"], json!([]));
    app.get("/v1/relationships/desk:presidency").await.expect(404);
}

#[tokio::test]
async fn a_patch_removes_with_null_replaces_arrays_and_merges_properties() {
    let app = TestApp::new().await;
    let presidency = presidency(&app).await;
    let made = app.post("/v1/relationships", &presidency).await.expect(201);
    source(&app, "second", Value::Null).await;
    let kept = made.body["citations"][0]["id"].clone();

    let patched = app
        .patch(
            "/v1/relationships/desk:presidency",
            &json!({
                "ended_on": null,
                "share_percent": 33.33,
                "citations": [
                    {"source": "desk:second", "stance": "disputes"},
                    {"id": kept, "source": "desk:article", "credibility": 1},
                ],
                "properties": {"recordId": null, "summary": ["s"]},
            }),
        )
        .await
        .expect(200);

    assert_eq!(patched.body["ended_on"], Value::Null);
    assert_eq!(patched.body["share_percent"], 33.33);
    assert_eq!(patched.body["started_on"], "2022-08-07");
    assert_eq!(patched.body["properties"], json!({"summary": ["s"]}));
    assert_eq!(patched.body["version"], 2);
    let citations = &patched.body["citations"];
    assert_eq!(citations[0]["source"]["title"], "Article second");
    assert_eq!(citations[0]["grade"], Value::Null);
    assert_eq!(citations[1]["id"], kept);
    assert_eq!(citations[1]["grade"], "B1");
    assert_eq!(citations[1]["quote"], Value::Null);
}

#[tokio::test]
async fn a_patch_that_changes_nothing_keeps_version_and_etag() {
    let app = TestApp::new().await;
    let presidency = presidency(&app).await;
    let made = app.post("/v1/relationships", &presidency).await.expect(201);

    let patched = app
        .patch(
            "/v1/relationships/desk:presidency",
            &json!({"object": "iso3166_alpha3:COL", "share_percent": 12.50}),
        )
        .await
        .expect(200);

    assert_eq!(patched.etag(), made.etag());
}

#[tokio::test]
async fn every_fault_of_a_relationship_is_told_at_once() {
    let app = TestApp::new().await;

    let told = app
        .post(
            "/v1/relationships",
            &json!({
                "version": 3,
                "subject": "nobody",
                "kind": "friend_of",
                "object": "iso3166:ZZ",
                "share_percent": 100.01,
                "started_on": "2025-02-30",
                "claim_status": "rumoured",
                "citations": [
                    {"credibility": 7, "stance": "likes"},
                    {"id": "0199f000-0000-7000-8000-000000000000", "source": "desk:none", "grade": "A1"},
                ],
                "properties": {"a": [1]},
                "external_keys": [{"scheme": "d", "value": "1"}, {"scheme": "d", "value": "1"}],
            }),
        )
        .await
        .expect(422);

    let mut pointers = told.pointers();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "/citations/0/credibility",
            "/citations/0/source",
            "/citations/0/stance",
            "/citations/1/grade",
            "/citations/1/id",
            "/citations/1/source",
            "/claim_status",
            "/external_keys/1",
            "/kind",
            "/object",
            "/properties/a",
            "/share_percent",
            "/started_on",
            "/subject",
            "/version",
        ]
    );
}

#[tokio::test]
async fn nobody_has_a_tie_to_themselves() {
    let app = TestApp::new().await;

    let told = app
        .post(
            "/v1/relationships",
            &json!({"subject": "iso3166:CO", "kind": "supports", "object": "iso3166_alpha3:COL"}),
        )
        .await
        .expect(422);

    assert_eq!(told.pointers(), ["/object"]);
}

#[tokio::test]
async fn a_tie_does_not_end_before_it_begins() {
    let app = TestApp::new().await;
    let tie = |ended_on: &str| {
        json!({
            "subject": "iso3166:CO", "kind": "supports", "object": "iso3166:US",
            "started_on": "2025-09-23", "ended_on": ended_on,
        })
    };

    let told = app
        .post("/v1/relationships", &tie("2025-09-22"))
        .await
        .expect(422);

    assert_eq!(told.pointers(), ["/ended_on"]);
    app.post("/v1/relationships", &tie("2025-09")).await.expect(201);
}

#[tokio::test]
async fn a_share_is_kept_to_the_hundredth_and_no_finer() {
    let app = TestApp::new().await;
    let tie = |share: Value| json!({"subject": "iso3166:CO", "kind": "owns", "object": "iso3166:US", "share_percent": share});

    for share in [0.0, 0.01, 0.07, 0.29, 33.33, 57.0, 99.99, 100.0] {
        let made = app
            .post("/v1/relationships", &tie(json!(share)))
            .await
            .expect(201);
        assert_eq!(made.body["share_percent"], share);
    }
    for share in [-0.01, 33.333, 100.01, 1e300] {
        let told = app
            .post("/v1/relationships", &tie(json!(share)))
            .await
            .expect(422);
        assert_eq!(told.pointers(), ["/share_percent"], "{share}");
    }
    app.post("/v1/relationships", &tie(json!("50"))).await.expect(400);
}

#[tokio::test]
async fn citations_are_added_and_removed_one_by_one() {
    let app = TestApp::new().await;
    let presidency = presidency(&app).await;
    let made = app.post("/v1/relationships", &presidency).await.expect(201);
    source(&app, "second", json!("A")).await;
    let path = format!("/v1/relationships/{}", made.id());
    let citations = format!("{path}/citations");
    let body = json!({"source": "desk:second", "credibility": 3, "stance": "disputes"});

    let added = app
        .send(
            app.request(Method::POST, &citations)
                .bearer_auth(&app.analyst)
                .header("idempotency-key", "once")
                .json(&body),
        )
        .await
        .expect(201);
    let again = app
        .send(
            app.request(Method::POST, &citations)
                .bearer_auth(&app.analyst)
                .header("idempotency-key", "once")
                .json(&body),
        )
        .await
        .expect(201);

    assert_eq!(added.body, again.body);
    assert_eq!(added.body["grade"], "A3");
    let read = app.get(&path).await.expect(200);
    assert_eq!(read.body["version"], 2);
    assert_eq!(
        read.body["citations"],
        json!([made.body["citations"][0], added.body])
    );
    let removed = format!("{citations}/{}", added.id());
    app.delete(&removed).await.expect(204);
    app.delete(&removed).await.expect(404);
    let read = app.get(&path).await.expect(200);
    assert_eq!(read.body["citations"], made.body["citations"]);
    assert_eq!(read.body["version"], 3);
    let told = app.post(&citations, &json!({"credibility": 0})).await.expect(422);
    assert_eq!(told.pointers(), ["/credibility", "/source"]);
    app.post("/v1/relationships/desk:none/citations", &body)
        .await
        .expect(404);
}

#[tokio::test]
async fn a_deleted_relationship_takes_its_citations_along() {
    let app = TestApp::new().await;
    let presidency = presidency(&app).await;
    let id = app.create("relationships", presidency).await;
    app.delete("/v1/sources/desk:article").await.expect(409);

    app.delete(&format!("/v1/relationships/{id}")).await.expect(204);

    app.get(&format!("/v1/relationships/{id}")).await.expect(404);
    app.delete("/v1/sources/desk:article").await.expect(204);
}

/// Twenty-four ties of a body with three states.
async fn several(app: &TestApp) -> String {
    let body = app
        .create("actors", json!({"kind": "organization", "name": "A league"}))
        .await;
    let kinds = ["supports", "member_of", "allied_with", "controls"];
    let dates = [
        Value::Null,
        json!("2021"),
        json!("../2019-06"),
        json!("2020-05-04~"),
    ];
    let states = ["iso3166:CO", "iso3166:US", "iso3166:EC"];
    for number in 0..24_usize {
        let (subject, object) = if number % 6 < 4 {
            (body.as_str(), states[number % 3])
        } else {
            (states[number % 3], body.as_str())
        };
        let tie = json!({
            "subject": subject, "kind": kinds[number % 4], "object": object,
            "started_on": dates[number / 6], "claim_status": if number % 8 == 0 { "denied" } else { "reported" },
        });
        app.create("relationships", tie).await;
    }
    body
}

#[tokio::test]
async fn pages_of_relationships_lose_and_repeat_nothing_under_any_sort() {
    let app = TestApp::new().await;
    let body = several(&app).await;
    let sorts = ["started_on", "kind", "created_at", "updated_at"];

    app.assert_pages_are_whole("/v1/relationships", &format!("actor={body}"), &sorts, "id", rank)
        .await;
    app.assert_pages_are_whole(
        &format!("/v1/actors/{body}/relationships"),
        "",
        &sorts,
        "id",
        rank,
    )
    .await;
}

#[tokio::test]
async fn relationships_are_filtered_by_either_end_kind_and_claim_status() {
    let app = TestApp::new().await;
    let body = several(&app).await;
    let count = async |path: String| -> usize {
        let separator = if path.contains('?') { '&' } else { '?' };
        let page = app
            .get(&format!("{path}{separator}count=exact"))
            .await
            .expect(200);
        let found = page.body["items"].as_array().expect("items").len();
        assert_eq!(page.body["total"], found, "{path}");
        found
    };
    let all = |query: &str| count(format!("/v1/relationships?{query}"));
    let of_actor = |actor: &str, query: &str| count(format!("/v1/actors/{actor}/relationships?{query}"));

    assert_eq!(all(&format!("subject={body}")).await, 16);
    assert_eq!(all(&format!("object={body}")).await, 8);
    assert_eq!(all(&format!("actor={body}")).await, 24);
    assert_eq!(all(&format!("actor={body}&actor=iso3166:CO")).await, 24);
    assert_eq!(all(&format!("subject={body}&object=iso3166:CO")).await, 8);
    assert_eq!(all("subject=iso3166:US&subject=iso3166:EC").await, 8);
    assert_eq!(
        all(&format!("actor={body}&kind=supports&kind=controls")).await,
        12
    );
    assert_eq!(all(&format!("actor={body}&claim_status=denied")).await, 3);
    assert_eq!(
        all(&format!("actor={body}&kind=supports&claim_status=denied")).await,
        3
    );
    assert_eq!(of_actor(&body, "").await, 24);
    assert_eq!(of_actor(&body, "direction=subject").await, 16);
    assert_eq!(of_actor(&body, "direction=object").await, 8);
    assert_eq!(of_actor(&body, "direction=object&direction=subject").await, 24);
    assert_eq!(of_actor(&body, "actor=iso3166:CO").await, 8);
    assert_eq!(of_actor("iso3166:CO", "direction=object&kind=supports").await, 2);
    let told = app
        .get("/v1/relationships?subject=desk:none&actor=nobody")
        .await
        .expect(422);
    assert_eq!(told.pointers(), ["?subject", "?actor"]);
    app.get("/v1/relationships?direction=subject").await.expect(400);
    app.get("/v1/actors/desk:none/relationships").await.expect(404);
    app.get("/v1/actors/0199f000-0000-7000-8000-000000000000/relationships")
        .await
        .expect(404);
}

#[tokio::test]
async fn relationships_are_filtered_by_who_says_so() {
    let app = TestApp::new().await;
    let presidency = presidency(&app).await;
    let id = app.create("relationships", presidency).await;
    app.create(
        "relationships",
        json!({"subject": "desk:petro", "kind": "supports", "object": "iso3166:CO"}),
    )
    .await;
    let ids = async |query: &str| -> Vec<String> {
        let page = app
            .get(&format!("/v1/relationships?subject=desk:petro&{query}"))
            .await
            .expect(200);
        let items = page.body["items"].as_array().expect("items").clone();
        items
            .iter()
            .map(|item| item["id"].as_str().expect("an id").to_owned())
            .collect()
    };

    assert_eq!(ids("").await.len(), 2);
    assert_eq!(ids("source=desk:article").await, [id.as_str()]);
    assert_eq!(ids("attributed_to=iso3166:CO").await, [id]);
    assert_eq!(ids("attributed_to=iso3166:US").await.len(), 0);
}

#[tokio::test]
async fn ties_are_found_by_a_day_on_which_they_may_hold() {
    let app = TestApp::new().await;
    let owner = app
        .create("actors", json!({"kind": "company", "name": "A holding"}))
        .await;
    for (role, started_on, ended_on) in [
        ("undated", Value::Null, Value::Null),
        ("since 2022", json!("2022"), Value::Null),
        ("until 2021-06", Value::Null, json!("2021-06")),
        ("2020 to 2023", json!("2020-03-01"), json!("2023-03-01")),
        ("no later than 2019", json!("../2019"), json!("2020")),
    ] {
        let tie = json!({
            "subject": owner, "kind": "owns", "object": "iso3166:CO",
            "role": role, "started_on": started_on, "ended_on": ended_on,
        });
        app.create("relationships", tie).await;
    }
    let roles = async |query: &str| -> Vec<String> {
        let page = app
            .get(&format!("/v1/relationships?subject={owner}&{query}"))
            .await
            .expect(200);
        let items = page.body["items"].as_array().expect("items").clone();
        items
            .iter()
            .map(|item| item["role"].as_str().expect("a role").to_owned())
            .collect()
    };

    assert_eq!(
        roles("holding_on=2021-06-30").await,
        ["undated", "until 2021-06", "2020 to 2023"]
    );
    assert_eq!(roles("holding_on=2021-07-01").await, ["undated", "2020 to 2023"]);
    assert_eq!(
        roles("holding_on=2022-01-01").await,
        ["undated", "since 2022", "2020 to 2023"]
    );
    assert_eq!(roles("holding_on=2023-03-02").await, ["undated", "since 2022"]);
    assert_eq!(
        roles("holding_on=1900-01-01").await,
        ["undated", "until 2021-06", "no later than 2019"]
    );
    assert_eq!(
        roles("holding_on=1900-01-01&holding_on=2023-03-02").await,
        ["undated", "since 2022", "until 2021-06", "no later than 2019"]
    );
    let told = app.get("/v1/relationships?holding_on=2025").await.expect(400);
    assert_eq!(told.pointers(), ["?holding_on"]);
}

#[tokio::test]
async fn relationships_stream_as_csv_and_ndjson() {
    let app = TestApp::new().await;
    let presidency = presidency(&app).await;
    let made = app.post("/v1/relationships", &presidency).await.expect(201);

    let csv = app
        .get("/v1/relationships?subject=desk:petro&format=csv")
        .await
        .expect(200);
    let ndjson = app
        .get("/v1/actors/desk:petro/relationships?format=ndjson")
        .await
        .expect(200);

    let lines: Vec<&str> = csv.text.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "id,subject_id,subject,kind,object_id,object,role,share_percent,started_on,ended_on,description,claim_status,\
         citations,stances,grades,attributed_to,best_grade,properties,external_keys,version,created_at,updated_at"
    );
    let id_of = |end: &str| made.body[end]["id"].as_str().expect("an id").to_owned();
    assert!(lines[1].starts_with(&format!(
        "{},{},Gustavo Petro,head_of_state_of,{},Colombia,President,12.5,2022-08-07,2026-08,\
         Elected in the second round,confirmed,Article article,supports,B2,Colombia,B2,recordId=7,desk:presidency,1,",
        made.id(),
        id_of("subject"),
        id_of("object"),
    )));
    assert_eq!(
        serde_json::from_str::<Value>(&ndjson.text).expect("one line"),
        made.body
    );
}

#[tokio::test]
async fn readers_read_relationships_and_do_not_write_them() {
    let app = TestApp::new().await;
    let presidency = presidency(&app).await;
    let id = app.create("relationships", presidency).await;
    let as_reader = async |method: Method, path: String| {
        app.send(
            app.request(method, &path)
                .bearer_auth(&app.reader)
                .json(&json!({})),
        )
        .await
    };

    for (method, path) in [
        (Method::POST, "/v1/relationships".to_owned()),
        (Method::PUT, format!("/v1/relationships/{id}")),
        (Method::PATCH, format!("/v1/relationships/{id}")),
        (Method::DELETE, format!("/v1/relationships/{id}")),
        (Method::POST, format!("/v1/relationships/{id}/citations")),
        (Method::DELETE, format!("/v1/relationships/{id}/citations/{id}")),
    ] {
        as_reader(method, path).await.expect(403);
    }
    as_reader(Method::GET, format!("/v1/relationships/{id}"))
        .await
        .expect(200);
}
