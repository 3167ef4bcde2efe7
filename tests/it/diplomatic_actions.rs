//! Diplomatic actions over HTTP: the record, its rules and its lists.

use serde_json::{Value, json};

use crate::support::TestApp;

const PATH: &str = "/v1/diplomatic-actions";

/// A source, an actor besides the states, and an action to link to.
struct Known {
    source: String,
    petro: String,
    strike: String,
}

async fn known(app: &TestApp) -> Known {
    let source = source(app, "Declaration on X").await;
    let petro = app
        .create("actors", json!({"kind": "person", "name": "Gustavo Petro"}))
        .await;
    let strike = app
        .create("diplomatic-actions", named("Strikes on boats", "airstrike"))
        .await;
    Known {
        source,
        petro,
        strike,
    }
}

async fn source(app: &TestApp, title: &str) -> String {
    app.create(
        "sources",
        json!({"kind": "social_media_post", "title": title, "reliability": "A"}),
    )
    .await
}

fn named(title: &str, action_type: &str) -> Value {
    json!({"type": action_type, "title": title})
}

fn suspension(known: &Known) -> Value {
    json!({
        "type": "intelligence_cooperation_suspended",
        "title": "Colombia suspends intelligence sharing with the United States",
        "summary": "All levels of the security forces stop sending communications",
        "reason": "Missile strikes on boats in the Caribbean",
        "condition": "until the attacks cease",
        "channel": "X",
        "place": "Bogotá",
        "latitude": 4.711,
        "longitude": -74.0721,
        "countries": ["CO", "US"],
        "occurred_on": "2025-11-11~",
        "ongoing": true,
        "fatalities_min": 0,
        "fatalities_max": 2147483647,
        "participants": [
            {"role": "initiator", "actor": known.petro},
            {"role": "initiator", "actor": "iso3166:CO"},
            {"role": "target", "actor": "iso3166:US"},
        ],
        "links": [{"kind": "retaliates_for", "action": known.strike}],
        "claim_status": "confirmed",
        "citations": [{"source": known.source, "credibility": 1, "quote": "Se da orden", "attributed_to": known.petro}],
        "properties": {"notes": ["first", "second"]},
        "external_keys": [{"scheme": "desk", "value": "suspension"}],
    })
}

#[tokio::test]
async fn putting_a_record_back_changes_nothing() {
    let app = TestApp::new().await;
    let made = app.post(PATH, &suspension(&known(&app).await)).await.expect(201);
    let mut through_javascript = made.body.clone();
    through_javascript["goldstein"] = json!(-4);

    let put = app
        .put(&format!("{PATH}/desk:suspension"), &made.body)
        .await
        .expect(200);
    let again = app
        .put(&format!("{PATH}/{}", made.id()), &through_javascript)
        .await
        .expect(200);

    assert_eq!(put.text, made.text);
    assert_eq!(put.etag(), made.etag());
    assert_eq!(again.etag(), made.etag());
}

#[tokio::test]
async fn coordinates_of_many_digits_are_returned_unchanged() {
    let app = TestApp::new().await;
    let mut body = named("A strike", "airstrike");
    for (latitude, longitude) in [
        ("18.183216676054286", "-94.95886283158103"),
        ("-89.99999999999999", "179.99999999999997"),
        ("0.1", "1e-7"),
    ] {
        body["latitude"] = serde_json::from_str(latitude).expect("a number");
        body["longitude"] = serde_json::from_str(longitude).expect("a number");

        let made = app.post(PATH, &body).await.expect(201);

        assert!(
            made.text
                .contains(&format!("\"latitude\":{latitude},\"longitude\":{longitude},")),
            "{}",
            made.text
        );
    }
}

#[tokio::test]
async fn derived_fields_are_accepted_only_unchanged() {
    let app = TestApp::new().await;
    let made = app.post(PATH, &named("Strike", "airstrike")).await.expect(201);
    let path = format!("{PATH}/{}", made.id());

    let refused = app
        .patch(
            &path,
            &json!({"goldstein": 1.5, "quad_class": 2, "title": "Other"}),
        )
        .await
        .expect(422);
    let accepted = app
        .patch(
            &path,
            &json!({"goldstein": made.body["goldstein"], "quad_class": 4, "cameo_code": "160"}),
        )
        .await
        .expect(200);
    let new = app
        .post(
            PATH,
            &json!({"type": "airstrike", "title": "Strike", "goldstein": made.body["goldstein"]}),
        )
        .await
        .expect(422);

    assert_eq!(refused.pointers(), ["/goldstein", "/quad_class"]);
    assert_eq!(accepted.body["goldstein"], -4.0);
    assert_eq!(new.pointers(), ["/goldstein"]);
}

#[tokio::test]
async fn a_patch_of_the_type_changes_a_cameo_code_that_was_not_chosen() {
    let app = TestApp::new().await;
    let by_type = app.create("diplomatic-actions", named("One", "airstrike")).await;
    let chosen = app
        .create(
            "diplomatic-actions",
            json!({"type": "airstrike", "title": "Two", "cameo_code": "190"}),
        )
        .await;
    let to_protest = json!({"type": "protest_note"});

    let taken_along = app
        .patch(&format!("{PATH}/{by_type}"), &to_protest)
        .await
        .expect(200);
    let kept = app
        .patch(&format!("{PATH}/{chosen}"), &to_protest)
        .await
        .expect(200);
    let both = app
        .patch(
            &format!("{PATH}/{by_type}"),
            &json!({"type": "airstrike", "cameo_code": "114"}),
        )
        .await
        .expect(200);
    let replaced = app
        .put(&format!("{PATH}/{chosen}"), &named("Two", "protest_note"))
        .await
        .expect(200);

    assert_eq!(taken_along.body["cameo_code"], "114");
    assert_eq!(taken_along.body["quad_class"], 3);
    assert_eq!(kept.body["cameo_code"], "190");
    assert_eq!(both.body["cameo_code"], "114");
    assert_eq!(replaced.body["cameo_code"], "114");
}

#[tokio::test]
async fn all_faults_are_reported_at_once() {
    let app = TestApp::new().await;
    let known = known(&app).await;

    let refused = app
        .post(
            PATH,
            &json!({
                "id": known.strike,
                "type": "no_such_type",
                "cameo_code": "999",
                "modality": "maybe",
                "title": " \t ",
                "latitude": 90.0001,
                "longitude": -180.5,
                "occurred_on": "2025-13",
                "ended_on": "yesterday",
                "fatalities_min": -1,
                "fatalities_max": 2147483648_i64,
                "countries": ["CO", "Colombia", "CO", ""],
                "participants": [
                    {"role": "initiator", "actor": "iso3166:ZZ"},
                    {"role": "boss", "actor": known.petro},
                    {"actor": known.petro},
                    {"role": "target"},
                    {"role": "target", "actor": "iso3166:CO"},
                    {"role": "target", "actor": "iso3166_alpha3:COL"},
                ],
                "links": [
                    {"kind": "responds_to", "action": known.petro},
                    {"kind": "answers", "action": known.strike},
                    {"kind": "alleges", "action": "nothing"},
                    {"kind": "alleges", "action": known.strike},
                    {"kind": "alleges", "action": {"id": known.strike}},
                    {},
                ],
                "claim_status": "sure",
                "citations": [{"source": known.strike, "credibility": 7}],
                "properties": {"a": "b"},
                "external_keys": [{"scheme": "Desk", "value": ""}],
            }),
        )
        .await
        .expect(422);

    let mut pointers = refused.pointers();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "/cameo_code",
            "/citations/0/credibility",
            "/citations/0/source",
            "/claim_status",
            "/countries/1",
            "/countries/2",
            "/countries/3",
            "/ended_on",
            "/external_keys/0/scheme",
            "/external_keys/0/value",
            "/fatalities_max",
            "/fatalities_min",
            "/id",
            "/latitude",
            "/links/0/action",
            "/links/1/kind",
            "/links/2/action",
            "/links/4",
            "/links/5/action",
            "/links/5/kind",
            "/longitude",
            "/modality",
            "/occurred_on",
            "/participants/0/actor",
            "/participants/1/role",
            "/participants/2/role",
            "/participants/3/actor",
            "/participants/5",
            "/properties/a",
            "/title",
            "/type",
        ]
    );
}

#[tokio::test]
async fn contradictions_are_refused() {
    let app = TestApp::new().await;
    for (fields, pointers) in [
        (
            json!({"occurred_on": "2025-02", "ended_on": "2025-01"}),
            vec!["/ended_on"],
        ),
        (
            json!({"occurred_on": "2025", "ended_on": "../2024"}),
            vec!["/ended_on"],
        ),
        (json!({"ended_on": "2025-01", "ongoing": true}), vec!["/ongoing"]),
        (json!({"latitude": 1}), vec!["/longitude"]),
        (json!({"longitude": 1}), vec!["/latitude"]),
        (
            json!({"fatalities_min": 2, "fatalities_max": 1}),
            vec!["/fatalities_max"],
        ),
        (json!({"cameo_code": ""}), vec!["/cameo_code"]),
        (json!({"title": "x".repeat(501)}), vec!["/title"]),
    ] {
        let mut body = named("Contradiction", "airstrike");
        for (name, value) in fields.as_object().expect("fields") {
            body[name] = value.clone();
        }

        let refused = app.post(PATH, &body).await.expect(422);

        assert_eq!(refused.pointers(), pointers, "{fields}");
    }
    for fields in [
        json!({"occurred_on": "2025-02", "ended_on": "2025"}),
        json!({"occurred_on": "2025", "ended_on": "2025-01-01"}),
        json!({"ended_on": "2025-01"}),
        json!({"fatalities_max": 1}),
        json!({"latitude": -90, "longitude": 180}),
        json!({"title": "é".repeat(500)}),
    ] {
        let mut body = named("None", "airstrike");
        for (name, value) in fields.as_object().expect("fields") {
            body[name] = value.clone();
        }

        app.post(PATH, &body).await.expect(201);
    }
}

#[tokio::test]
async fn invalid_bodies_get_4xx_and_never_5xx() {
    let app = TestApp::new().await;
    let id = app.create("diplomatic-actions", named("One", "airstrike")).await;
    let path = format!("{PATH}/{id}");
    let with = |name: &str, value: Value| {
        let mut body = named("One", "airstrike");
        body[name] = value;
        body
    };
    for body in [
        json!(null),
        json!([]),
        json!("text"),
        json!(1),
        with("unknown", json!(1)),
        with("type", json!(1)),
        with("title", json!(["x"])),
        with("cameo_code", json!(190)),
        with("latitude", json!("1")),
        with("longitude", json!(true)),
        with("fatalities_min", json!(1.5)),
        with("fatalities_max", json!(1e30)),
        with("fatalities_max", json!(u64::MAX)),
        with("ongoing", json!("yes")),
        with("countries", json!("CO")),
        with("countries", json!([null])),
        with("occurred_on", json!(2025)),
        with("participants", json!({})),
        with("participants", json!([null])),
        with("participants", json!([{"role": "target", "actor": 1}])),
        with(
            "participants",
            json!([{"role": "target", "actor": {"name": "x"}}]),
        ),
        with("participants", json!([{"role": "target", "actor": {"id": "x"}}])),
        with("links", json!([[]])),
        with("links", json!([{"kind": "alleges", "action": null, "note": 1}])),
        with("citations", json!(["x"])),
        with("external_keys", json!([{"scheme": "desk", "value": 1}])),
    ] {
        let put = app.put(&path, &body).await.expect(400);
        let patch = app.patch(&path, &body).await.expect(400);
        let post = app.post(PATH, &body).await.expect(400);

        for answer in [put, patch, post] {
            assert_eq!(
                answer.header("content-type"),
                "application/problem+json",
                "{body}"
            );
        }
    }
    for body in [
        with("title", json!("a\u{0}b")),
        with("properties", json!({"a\u{0}": []})),
        with("properties", json!([])),
        with("properties", json!({"a": [1]})),
        with("countries", json!(["\u{1F600}"])),
        with("countries", json!(["'; drop table actors; --"])),
        with("type", json!("")),
        with("cameo_code", json!("'")),
        with("participants", json!([{"role": "target", "actor": "@nobody"}])),
        with("participants", json!([{"role": "target", "actor": ""}])),
        with("participants", json!([{"role": "target", "actor": ":"}])),
        with(
            "links",
            json!([{"kind": "alleges", "action": "01900000-0000-7000-8000-000000000000"}]),
        ),
        with(
            "links",
            json!([{"kind": "responds_to", "action": id}, {"kind": "part_of", "action": id}]),
        ),
    ] {
        app.put(&path, &body).await.expect(422);
        app.patch(&path, &body).await.expect(422);
    }
    assert_eq!(app.get(&path).await.body["version"], 1);
}

#[tokio::test]
async fn sql_and_html_in_every_text_are_returned_unchanged() {
    let app = TestApp::new().await;
    let known = known(&app).await;
    let text =
        "'; drop table diplomatic_actions; -- <script>alert(\"x\")</script> $1 {record} %s \\ é\u{1F600} ;\"";
    let mut body = suspension(&known);
    for field in ["title", "summary", "reason", "condition", "channel", "place"] {
        body[field] = json!(text);
    }
    body["citations"][0]["quote"] = json!(text);
    body["citations"][0]["locator"] = json!(text);
    body["properties"] = json!({text: [text, ""]});
    body["external_keys"] = json!([{"scheme": "desk", "value": text}]);

    let made = app.post(PATH, &body).await.expect(201);

    let read = app.get(&format!("{PATH}/{}", made.id())).await.expect(200);
    for field in ["title", "summary", "reason", "condition", "channel", "place"] {
        assert_eq!(read.body[field], text);
    }
    assert_eq!(read.body["citations"][0]["quote"], text);
    assert_eq!(read.body["citations"][0]["locator"], text);
    assert_eq!(read.body["properties"], body["properties"]);
    assert_eq!(read.body["external_keys"], body["external_keys"]);
    let csv = app
        .get(&format!("{PATH}?format=csv&sort=-created_at&limit=1"))
        .await;
    let mut table = csv::Reader::from_reader(csv.text.as_bytes());
    let line = table.records().next().expect("a line").expect("CSV");
    assert_eq!(&line[6], text);
}

#[tokio::test]
async fn an_action_that_others_refer_to_is_not_deleted() {
    let app = TestApp::new().await;
    let known = known(&app).await;
    let suspension = app.create("diplomatic-actions", suspension(&known)).await;
    let sanction = app
        .create(
            "sanctions",
            json!({"imposer": "iso3166:US", "target": "iso3166:CO", "action": known.strike}),
        )
        .await;
    let path = format!("{PATH}/{}", known.strike);

    let refused = app.delete(&path).await.expect(409);

    let told = refused.body["errors"].as_array().expect("errors");
    assert_eq!(
        told.iter()
            .map(|fault| fault["detail"].as_str().unwrap_or_default())
            .collect::<Vec<_>>(),
        [
            format!("{PATH}/{suspension} refers to it as link retaliates_for"),
            format!("/v1/sanctions/{sanction} refers to it as action"),
        ]
    );
    app.delete(&format!("{PATH}/{suspension}")).await.expect(204);
    app.get(&format!("{PATH}/{suspension}")).await.expect(404);
    app.delete(&format!("/v1/sanctions/{sanction}")).await.expect(204);
    app.delete(&path).await.expect(204);
    app.delete(&path).await.expect(404);
}

#[tokio::test]
async fn invalid_citations_are_refused() {
    let app = TestApp::new().await;
    let known = known(&app).await;
    let path = format!("{PATH}/{}/citations", known.strike);

    let faulty = app
        .post(
            &path,
            &json!({"source": known.petro, "credibility": 0, "grade": "A1", "attributed_to": "x"}),
        )
        .await
        .expect(422);

    assert_eq!(
        faulty.pointers(),
        ["/grade", "/credibility", "/source", "/attributed_to"]
    );
    app.post(&path, &json!({"sauce": known.source})).await.expect(400);
    app.post(
        &format!("{PATH}/desk:none/citations"),
        &json!({"source": known.source}),
    )
    .await
    .expect(404);
    app.delete(&format!("{path}/none")).await.expect(404);
    app.send(
        app.request(reqwest::Method::POST, &path)
            .json(&json!({"source": known.source})),
    )
    .await
    .expect(401);
}
