//! Relationships over HTTP.

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

/// Petro, an article, and the relationship that the article reports.
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
async fn all_faults_of_a_relationship_are_reported_at_once() {
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
async fn an_actor_has_no_relationship_to_itself() {
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
async fn a_relationship_does_not_end_before_it_begins() {
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
async fn a_share_has_at_most_two_decimals() {
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

/// Twenty-four relationships of a body with three states.
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
async fn pages_hold_every_relationship_once_under_every_sort() {
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
async fn relationships_are_filtered_by_speaker() {
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
async fn relationships_are_filtered_by_a_day_on_which_they_may_hold() {
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
async fn a_share_may_be_an_interval() {
    let app = TestApp::new().await;
    let tie = |share: Value| json!({"subject": "iso3166:CO", "kind": "owns", "object": "iso3166:US", "share_percent": share});

    for (given, returned) in [
        (json!({"min": 25, "max": 50}), json!({"min": 25.0, "max": 50.0})),
        (json!({"min": 75}), json!({"min": 75.0, "max": 100.0})),
        (json!({"max": 12.5}), json!({"min": 0.0, "max": 12.5})),
        (json!({"min": 30, "max": 30}), json!(30.0)),
        (json!(40), json!(40.0)),
    ] {
        let made = app.post("/v1/relationships", &tie(given)).await.expect(201);
        assert_eq!(made.body["share_percent"], returned);
        let path = format!("/v1/relationships/{}", made.id());
        let put = app.put(&path, &made.body).await.expect(200);
        assert_eq!(put.body, made.body);
    }
    for (given, pointer) in [
        (json!({"min": 50, "max": 25}), "/share_percent/max"),
        (json!({"min": -1, "max": 25}), "/share_percent/min"),
        (json!({"min": 1, "max": 100.5}), "/share_percent/max"),
    ] {
        let told = app.post("/v1/relationships", &tie(given)).await.expect(422);
        assert_eq!(told.pointers(), [pointer]);
    }
    for given in [
        json!({}),
        json!({"min": "a"}),
        json!({"least": 1}),
        json!([25, 50]),
    ] {
        app.post("/v1/relationships", &tie(given)).await.expect(400);
    }
    assert_eq!(app.ids("/v1/relationships?share_at_least=30").await.len(), 3);
    app.get("/v1/relationships?share_at_least=a").await.expect(400);
    assert_eq!(
        app.rows("select coalesce(share_percent::text, '-'), share_percent_min, share_percent_max from bi.relationships \
             where kind = 'owns' order by share_percent_min"
        )
        .await,
        ["-|0.00|12.50", "-|25.00|50.00", "30.00|30.00|30.00", "40.00|40.00|40.00", "-|75.00|100.00"]
    );
}
