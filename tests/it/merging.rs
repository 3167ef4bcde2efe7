//! Merging two actors: the target gets all references, the merged id redirects to it, and restoring the merged actor undoes it.

use std::collections::BTreeSet;

use demarche::merging::references::ACTOR_COLUMNS;
use reqwest::{Client, Method, redirect};
use serde_json::{Value, json};

use crate::support::{Desk, Response, TestApp};

/// One actor recorded twice: `away` is merged into `into`.
struct Twins {
    desk: Desk,
    away: String,
    into: String,
    tie: String,
    imposed: String,
    received: String,
    programme: String,
    action: String,
    shared: String,
    cited: String,
}

fn address(city: &str) -> Value {
    json!({
        "full": null, "street": null, "city": city, "region": null, "postal_code": null, "country": null, "from": null,
        "until": null,
    })
}

impl Twins {
    async fn new() -> Self {
        let desk = Desk::new().await;
        let app = &desk.app;
        let away = desk
            .actor(json!({
                "kind": "government_body", "name": "Ministry of Defence",
                "names": [{"name": "MoD", "kind": "acronym"}, {"name": "War Office", "kind": "former"}],
                "countries": [{"code": "CO", "role": "jurisdiction"}, {"code": "US", "role": "residence"}],
                "identifiers": [
                    {"scheme": "wikidata", "value": "Q1"}, {"scheme": "phone", "value": "+57 1", "country": "CO"},
                ],
                "addresses": [{"city": "Bogotá"}, {"city": "Cali"}],
                "description": "A ministry",
                "began_on": "1900", "ended_on": "2030",
                "properties": {"address": ["Bogotá", "Cali"], "notes": ["one"]},
                "external_keys": [{"scheme": "desk", "value": "away"}],
            }))
            .await;
        let into = desk
            .actor(json!({
                "kind": "government_body", "name": "Ministerio de Defensa",
                "names": [{"name": "MoD", "kind": "acronym"}],
                "countries": [{"code": "CO", "role": "jurisdiction"}],
                "identifiers": [{"scheme": "phone", "value": "+57 1", "country": "CO"}],
                "addresses": [{"city": "Bogotá"}],
                "began_on": "1891",
                "properties": {"address": ["Bogotá"]},
                "external_keys": [{"scheme": "desk", "value": "into"}],
            }))
            .await;
        let tie = json!({"subject": "desk:away", "kind": "agency_of", "object": "iso3166:CO", "started_on": "1950"});
        let tie = app.create("relationships", tie).await;
        app.create(
            "relationships",
            json!({"subject": "desk:into", "kind": "agency_of", "object": "iso3166:CO"}),
        )
        .await;
        let imposed = desk.sanction(json!({"imposer": "desk:away"})).await;
        let received = desk
            .sanction(json!({"target": "desk:away", "citations": [{"source": desk.source, "attributed_to": "desk:away"}]}))
            .await;
        let programme = json!({"code": "OWN", "name": "Own", "imposer": "desk:away"});
        let programme = app.create("programmes", programme).await;
        let action = |title: &str, participants: Value| json!({"type": "visit", "title": title, "participants": participants});
        let shared = app
            .create(
                "diplomatic-actions",
                action(
                    "Both",
                    json!([{"role": "target", "actor": "desk:away"}, {"role": "target", "actor": "desk:into"}]),
                ),
            )
            .await;
        let cited = app
            .create(
                "diplomatic-actions",
                json!({"type": "visit", "title": "Said so", "citations": [{"source": desk.source, "attributed_to": "desk:away"}]}),
            )
            .await;
        let action = app
            .create(
                "diplomatic-actions",
                action("One", json!([{"role": "initiator", "actor": "desk:away"}])),
            )
            .await;
        Self {
            away,
            into,
            tie,
            imposed,
            received,
            programme,
            action,
            shared,
            cited,
            desk,
        }
    }

    fn app(&self) -> &TestApp {
        &self.desk.app
    }

    async fn merge(&self) -> Response {
        merge(self.app(), &self.away, &self.into).await
    }

    /// Returns, for every record that refers to one of the two, to which.
    async fn places(&self) -> Value {
        let app = self.app();
        let get =
            async |resource: &str, id: &str| app.get(&format!("/v1/{resource}/{id}")).await.expect(200).body;
        let received = get("sanctions", &self.received).await;
        let roles = |action: &Value| -> Vec<Value> {
            let all = action["participants"].as_array().expect("participants");
            let mut all: Vec<String> = all
                .iter()
                .map(|one| {
                    format!(
                        "{} {}",
                        one["role"].as_str().unwrap(),
                        one["actor"]["id"].as_str().unwrap()
                    )
                })
                .collect();
            all.sort();
            all.into_iter().map(Value::from).collect()
        };
        json!({
            "tie": get("relationships", &self.tie).await["subject"]["id"],
            "imposed": get("sanctions", &self.imposed).await["imposer"]["id"],
            "received": received["target"]["id"],
            "word": received["citations"][0]["attributed_to"]["id"],
            "programme": get("programmes", &self.programme).await["imposer"]["id"],
            "action": roles(&get("diplomatic-actions", &self.action).await),
            "shared": roles(&get("diplomatic-actions", &self.shared).await),
            "cited": get("diplomatic-actions", &self.cited).await["citations"][0]["attributed_to"]["id"],
        })
    }
}

async fn merge(app: &TestApp, away: &str, into: &str) -> Response {
    app.post(&format!("/v1/actors/{away}/merge"), &json!({"into": into}))
        .await
}

async fn restore(app: &TestApp, id: &str, version: i64) -> Response {
    app.post(&format!("/v1/actors/{id}/restore"), &json!({"version": version}))
        .await
}

/// A request without redirects.
async fn directly(app: &TestApp, method: Method, path: &str, body: Option<&Value>) -> (u16, String, String) {
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .build()
        .expect("a client");
    let mut request = client
        .request(method, format!("{}{path}", app.address))
        .bearer_auth(&app.analyst);
    if let Some(body) = body {
        request = request.json(body);
    }
    let answer = request.send().await.expect("an answer");
    let header = |name: &str| {
        answer
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    (
        answer.status().as_u16(),
        header("location"),
        header("cache-control"),
    )
}

#[tokio::test]
async fn a_merge_moves_all_references_to_the_target() {
    let twins = Twins::new().await;
    let (app, away, into) = (twins.app(), &twins.away, &twins.into);

    let answer = twins.merge().await.expect(200);

    let read = app.get(&format!("/v1/actors/{into}")).await.expect(200);
    assert_eq!(answer.etag(), read.etag());
    let mut survivor = answer.body.clone();
    let merged = survivor.as_object_mut().expect("an actor").remove("merged");
    assert_eq!(survivor, read.body);
    assert_eq!(
        read.body,
        json!({
            "id": into,
            "kind": "government_body",
            "name": "Ministerio de Defensa",
            "names": [
                {"name": "MoD", "kind": "acronym", "lang": null, "from": null, "until": null},
                {"name": "Ministry of Defence", "kind": "alias", "lang": null, "from": null, "until": null},
                {"name": "War Office", "kind": "former", "lang": null, "from": null, "until": null},
            ],
            "countries": [
                {"code": "CO", "role": "jurisdiction", "from": null, "until": null},
                {"code": "US", "role": "residence", "from": null, "until": null},
            ],
            "addresses": [address("Bogotá"), address("Cali")],
            "identifiers": [
                {"scheme": "phone", "value": "+57 1", "country": "CO", "valid_from": null, "valid_until": null},
                {"scheme": "wikidata", "value": "Q1", "country": null, "valid_from": null, "valid_until": null},
            ],
            "description": "A ministry",
            "began_on": "1891",
            "ended_on": "2030",
            "properties": {"address": ["Bogotá", "Cali"], "notes": ["one"]},
            "external_keys": [{"scheme": "desk", "value": "into"}, {"scheme": "desk", "value": "away"}],
            "version": 2,
            "created_at": read.body["created_at"],
            "updated_at": read.body["updated_at"],
        })
    );
    assert_eq!(
        merged.expect("what came of it"),
        json!({
            "id": away,
            "name": "Ministry of Defence",
            "version": 2,
            "moved": {"relationships": 1, "programmes": 1, "sanctions": 2, "participations": 1, "attributions": 2},
            "dropped": [
                {"pointer": "/names/0", "detail": "exists already"},
                {"pointer": "/countries/0", "detail": "exists already"},
                {"pointer": "/identifiers/1", "detail": "exists already"},
                {"pointer": "/addresses/0", "detail": "exists already"},
                {"pointer": "/properties/address/0", "detail": "exists already"},
                {"pointer": "/began_on", "detail": "is another, and stays"},
                {"pointer": format!("/v1/diplomatic-actions/{}", twins.shared), "detail": "already has the target as target"},
            ],
        })
    );
    assert_eq!(
        twins.places().await,
        json!({
            "tie": into, "imposed": into, "received": into, "word": into, "programme": into, "cited": into,
            "action": [format!("initiator {into}")], "shared": [format!("target {into}")],
        })
    );
    for (resource, id) in [
        ("relationships", &twins.tie),
        ("sanctions", &twins.imposed),
        ("programmes", &twins.programme),
        ("diplomatic-actions", &twins.action),
        ("diplomatic-actions", &twins.shared),
        ("diplomatic-actions", &twins.cited),
    ] {
        let told = app.get(&format!("/v1/{resource}/{id}/history")).await.expect(200);
        assert_eq!(told.body["items"][0]["version"], 2, "{resource}");
    }
    // Two relationships that have become equal both stay.
    let ties = app
        .get(&format!("/v1/relationships?subject={into}"))
        .await
        .expect(200);
    assert_eq!(ties.ids().len(), 2);
}

#[tokio::test]
async fn the_merged_id_redirects_to_the_target() {
    let twins = Twins::new().await;
    let (app, away, into) = (twins.app(), &twins.away, &twins.into);
    twins.merge().await.expect(200);

    for (method, path, body) in [
        (Method::GET, "", None),
        (Method::HEAD, "", None),
        (Method::GET, "?on=2025-01-01", None),
        (Method::GET, "/sanctions?direction=imposed&limit=2", None),
        (Method::GET, "/relationships", None),
        (Method::GET, "/timeline", None),
        (Method::PUT, "", Some(json!({"kind": "person", "name": "x"}))),
        (Method::PATCH, "", Some(json!({"name": "x"}))),
        (Method::DELETE, "", None),
    ] {
        let old = format!("/v1/actors/{away}{path}");
        let (status, location, caching) = directly(app, method.clone(), &old, body.as_ref()).await;
        assert_eq!(status, 308, "{method} {old}");
        assert_eq!(location, format!("/v1/actors/{into}{path}"), "{method}");
        assert_eq!(caching, "private, no-cache");
    }
    let loud = format!("/v1/actors/{}", away.to_uppercase());
    assert_eq!(directly(app, Method::GET, &loud, None).await.0, 308);
    let (status, ..) = directly(app, Method::GET, &format!("/v1/actors/{away}/nonsense"), None).await;
    assert_eq!(status, 404);
    // A client that follows the redirect writes the target.
    let patched = app
        .patch(&format!("/v1/actors/{away}"), &json!({"name": "Renamed"}))
        .await
        .expect(200);
    assert_eq!(patched.id(), *into);
    // Keys redirect too.
    for key in ["desk:away", "wikidata:Q1"] {
        assert_eq!(
            app.get(&format!("/v1/actors/{key}")).await.expect(200).id(),
            *into
        );
    }
}

#[tokio::test]
async fn the_merged_id_is_accepted_wherever_an_actor_is_referred_to() {
    let twins = Twins::new().await;
    let (app, away, into) = (twins.app(), &twins.away, &twins.into);
    twins.merge().await.expect(200);

    let filtered = app
        .get(&format!("/v1/sanctions?imposer={away}"))
        .await
        .expect(200);
    assert_eq!(filtered.ids(), std::slice::from_ref(&twins.imposed));
    let tie = json!({"subject": away, "kind": "owns", "object": "desk:petro"});
    let tie = app.post("/v1/relationships", &tie).await.expect(201);
    assert_eq!(tie.body["subject"]["id"], **into);
    let dyad = format!("/v1/dyads/{away}/{}/timeline?counted=exact", twins.desk.petro);
    app.get(&dyad).await.expect(200);
    let both = format!("/v1/dyads/{away}/{into}/timeline");
    app.get(&both).await.expect_problem(422, "invalid-record");
    let batch = json!({"operations": [
        {"method": "PATCH", "resource": "actors", "ref": away, "body": {"description": "by batch"}},
    ]});
    let done = app.post("/v1/batch", &batch).await.expect(200);
    assert_eq!(done.body["results"][0]["id"], **into);
}

#[tokio::test]
async fn both_histories_stay_readable() {
    let twins = Twins::new().await;
    let (app, away, into) = (twins.app(), &twins.away, &twins.into);
    let request = app
        .request(Method::POST, &format!("/v1/actors/{away}/merge"))
        .bearer_auth(&app.analyst)
        .header("x-comment", "same address, same minister")
        .json(&json!({"into": "desk:into"}));
    app.send(request).await.expect(200);

    let old = format!("/v1/actors/{away}/history");
    let (status, ..) = directly(app, Method::GET, &old, None).await;
    assert_eq!(status, 200);
    let page = app.get(&old).await.expect(200);
    let last = &page.body["items"][0];
    assert_eq!(last["operation"], "merge");
    assert_eq!(last["merged_into"], json!({"id": into}));
    assert_eq!(last["comment"], "same address, same minister");
    let first = app.get(&format!("{old}/1")).await.expect(200);
    assert_eq!(first.body["record"]["name"], "Ministry of Defence");
    let of_other = app.get(&format!("/v1/actors/{into}/history")).await.expect(200);
    assert_eq!(of_other.body["items"][0]["operation"], "update");
    assert_eq!(
        of_other.body["items"][0]["comment"],
        "same address, same minister"
    );
}

#[tokio::test]
async fn restoring_undoes_the_merge() {
    let twins = Twins::new().await;
    let (app, away, into) = (twins.app(), &twins.away, &twins.into);
    let path = |id: &str| format!("/v1/actors/{id}");
    let before = [
        app.get(&path(away)).await.expect(200),
        app.get(&path(into)).await.expect(200),
    ];
    let places = twins.places().await;
    twins.merge().await.expect(200);

    restore(app, away, 1).await.expect(200);

    let after = [
        app.get(&path(away)).await.expect(200),
        app.get(&path(into)).await.expect(200),
    ];
    for (before, after) in before.iter().zip(&after) {
        for (field, value) in before.body.as_object().expect("an actor") {
            if !matches!(field.as_str(), "version" | "updated_at") {
                assert_eq!(after.body[field], *value, "{field}");
            }
        }
        assert_eq!(after.body["version"], 3);
    }
    assert_eq!(twins.places().await, places);
    let told = app.get(&format!("{}/history/3", path(away))).await.expect(200);
    assert_eq!(told.body["operation"], "restore");
    // The same again, as if there had been no merge.
    twins.merge().await.expect(200);
    assert_eq!(directly(app, Method::GET, &path(away), None).await.0, 308);
}

#[tokio::test]
async fn undoing_returns_only_what_still_belongs_to_the_target() {
    let twins = Twins::new().await;
    let (app, away, into) = (twins.app(), &twins.away, &twins.into);
    twins.merge().await.expect(200);
    // Since the merge: a sanction moved to another actor, a participation removed, an alias added, a new relationship.
    app.patch(
        &format!("/v1/sanctions/{}", twins.imposed),
        &json!({"imposer": "desk:ofac"}),
    )
    .await
    .expect(200);
    app.patch(
        &format!("/v1/diplomatic-actions/{}", twins.action),
        &json!({"participants": []}),
    )
    .await
    .expect(200);
    app.patch(
        &format!("/v1/diplomatic-actions/{}", twins.shared),
        &json!({"participants": []}),
    )
    .await
    .expect(200);
    app.patch(
        &format!("/v1/actors/{into}"),
        &json!({"names": [{"name": "War Office", "kind": "alias"}], "description": "Another", "properties": {"address": null}}),
    )
    .await
    .expect(200);
    let tie = json!({"subject": into, "kind": "owns", "object": "desk:petro"});
    let tie = app.create("relationships", tie).await;

    restore(app, away, 1).await.expect(200);

    assert_eq!(
        twins.places().await,
        json!({
            "tie": away, "imposed": twins.desk.ofac, "received": away, "word": away, "programme": away, "cited": away,
            "action": [], "shared": [],
        })
    );
    let other = app.get(&format!("/v1/actors/{into}")).await.expect(200).body;
    assert_eq!(
        other["names"],
        json!([{"name": "War Office", "kind": "alias", "lang": null, "from": null, "until": null}])
    );
    assert_eq!(other["description"], "Another");
    assert_eq!(other["properties"], json!({}));
    let tie = app.get(&format!("/v1/relationships/{tie}")).await.expect(200);
    assert_eq!(tie.body["subject"]["id"], **into);
}

#[tokio::test]
async fn every_id_of_a_chain_of_merges_redirects_to_the_last_target() {
    let twins = Twins::new().await;
    let (app, first, second) = (twins.app(), &twins.away, &twins.into);
    let third = twins
        .desk
        .actor(json!({"kind": "government_body", "name": "Third"}))
        .await;
    twins.merge().await.expect(200);
    merge(app, second, &third).await.expect(200);

    for old in [first, second] {
        let (status, location, _) = directly(app, Method::GET, &format!("/v1/actors/{old}"), None).await;
        assert_eq!((status, location), (308, format!("/v1/actors/{third}")));
    }
    let filtered = app
        .get(&format!("/v1/sanctions?imposer={first}"))
        .await
        .expect(200);
    assert_eq!(filtered.ids(), std::slice::from_ref(&twins.imposed));

    // The first actor of the chain is restored with its own references.
    restore(app, first, 1).await.expect(200);
    assert_eq!(twins.places().await["imposed"], **first);
    assert_eq!(app.get("/v1/actors/wikidata:Q1").await.expect(200).id(), *first);
    let refused = restore(app, second, 2).await.expect_problem(409, "conflict");
    assert!(refused.detail().contains(first.as_str()), "{}", refused.text);
    restore(app, second, 1).await.expect(200);
    let third = app.get(&format!("/v1/actors/{third}")).await.expect(200).body;
    assert_eq!(third["names"], json!([]));
    assert_eq!(third["external_keys"], json!([]));
    let own = app
        .get(&format!("/v1/relationships?subject={second}"))
        .await
        .expect(200);
    assert_eq!(own.ids().len(), 1);
}

#[tokio::test]
async fn undoing_a_merge_in_a_chain_leaves_the_last_target_its_own_references() {
    let twins = Twins::new().await;
    let (app, first, second) = (twins.app(), &twins.away, &twins.into);
    let third = twins
        .desk
        .actor(json!({
            "kind": "government_body", "name": "Third", "description": "A ministry",
            "names": [{"name": "War Office", "kind": "former"}], "properties": {"notes": ["one"]},
        }))
        .await;
    twins.merge().await.expect(200);
    merge(app, second, &third).await.expect(200);

    restore(app, first, 1).await.expect(200);

    let third = app.get(&format!("/v1/actors/{third}")).await.expect(200).body;
    assert_eq!(
        third["names"],
        json!([
            {"name": "War Office", "kind": "former", "lang": null, "from": null, "until": null},
            {"name": "Ministerio de Defensa", "kind": "alias", "lang": null, "from": null, "until": null},
            {"name": "MoD", "kind": "acronym", "lang": null, "from": null, "until": null},
        ])
    );
    assert_eq!(third["description"], "A ministry");
    assert_eq!(
        third["properties"],
        json!({"address": ["Bogotá"], "notes": ["one"]})
    );
    assert_eq!(
        third["external_keys"],
        json!([{"scheme": "desk", "value": "into"}])
    );
}

/// Returns the time of the database.
async fn moment(app: &TestApp) -> String {
    let sql = "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
    let client = app.client().await;
    client.query_one(sql, &[]).await.expect("a clock").get(0)
}

#[tokio::test]
async fn an_as_of_read_follows_the_merges_of_its_moment() {
    let twins = Twins::new().await;
    let (app, first, second) = (twins.app(), &twins.away, &twins.into);
    let third = twins
        .desk
        .actor(json!({"kind": "government_body", "name": "Third"}))
        .await;
    let before = moment(app).await;
    twins.merge().await.expect(200);
    let between = moment(app).await;
    merge(app, second, &third).await.expect(200);

    let path = format!("/v1/actors/{first}");
    let then = app.get(&format!("{path}?known_at={before}")).await.expect(200);
    assert_eq!(then.body["name"], "Ministry of Defence");
    let later = format!("{path}?known_at={between}");
    let (status, location, _) = directly(app, Method::GET, &later, None).await;
    assert_eq!(
        (status, location),
        (308, format!("/v1/actors/{second}?known_at={between}"))
    );
    assert_eq!(app.get(&later).await.expect(200).id(), *second);
    for (moment, imposer) in [(&before, first), (&between, second)] {
        let list = format!("/v1/sanctions?imposer={first}&known_at={moment}");
        let page = app.get(&list).await.expect(200);
        assert_eq!(page.body["items"][0]["imposer"]["id"], **imposer);
    }
    let history = app
        .get(&format!("{path}/history?known_at={before}"))
        .await
        .expect(200);
    assert_eq!(history.body["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn the_merged_id_redirects_to_the_history_of_a_deleted_target() {
    let app = TestApp::new().await;
    let body = |name: &str| json!({"kind": "person", "name": name});
    let away = app.create("actors", body("Ada")).await;
    let into = app.create("actors", body("Ada King")).await;
    merge(&app, &away, &into).await.expect(200);
    app.delete(&format!("/v1/actors/{into}")).await.expect(204);

    let (status, location, _) = directly(&app, Method::GET, &format!("/v1/actors/{away}"), None).await;

    assert_eq!((status, location), (308, format!("/v1/actors/{into}")));
    app.get(&format!("/v1/actors/{away}"))
        .await
        .expect_problem(404, "not-found");
    app.get(&format!("/v1/sanctions?target={away}"))
        .await
        .expect_problem(422, "invalid-record");
    restore(&app, &away, 1).await.expect(200);
    restore(&app, &into, 1).await.expect(200);
    assert_eq!(
        app.get(&format!("/v1/actors/{away}")).await.expect(200).body["name"],
        "Ada"
    );
}

#[tokio::test]
async fn records_between_the_two_actors_prevent_a_merge() {
    let twins = Twins::new().await;
    let app = twins.app();
    let sanction = twins
        .desk
        .sanction(json!({"imposer": "desk:into", "target": "desk:away"}))
        .await;
    let tie = json!({"subject": "desk:away", "kind": "succeeds", "object": "desk:into"});
    let tie = app.create("relationships", tie).await;
    let before = app.state().await;

    let answer = twins.merge().await.expect_problem(409, "conflict");

    let told: Vec<&Value> = answer.body["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| &error["detail"])
        .collect();
    assert_eq!(
        told,
        [
            &json!(format!(
                "/v1/relationships/{tie} would be between the actor and itself"
            )),
            &json!(format!(
                "/v1/sanctions/{sanction} would be between the actor and itself"
            )),
        ]
    );
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn relationships_that_become_equal_are_one_with_all_citations_until_the_merge_is_undone() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let second_source = desk.source("Second").await;
    let federation = desk.actor(json!({"kind": "group", "name": "Federation"})).await;
    let mut bodies = Vec::new();
    for name in ["One", "Two", "Three"] {
        bodies.push(desk.actor(json!({"kind": "company", "name": name})).await);
    }
    let tie = async |body: &str, more: Value| {
        let mut tie =
            json!({"subject": body, "kind": "member_of", "object": federation, "started_on": "2020"});
        for (field, value) in more.as_object().expect("fields") {
            tie[field] = value.clone();
        }
        app.create("relationships", tie).await
    };
    let cites = |sources: &[&str]| -> Value {
        sources
            .iter()
            .map(|source| json!({"source": source, "credibility": 2}))
            .collect()
    };
    let kept = tie(&bodies[0], json!({"citations": cites(&[&desk.source])})).await;
    let equal = tie(
        &bodies[1],
        json!({
            "citations": cites(&[&desk.source, &second_source]),
            "external_keys": [{"scheme": "desk", "value": "tie"}],
        }),
    )
    .await;
    let other = tie(&bodies[1], json!({"started_on": "2021"})).await;
    let denied = tie(&bodies[1], json!({"claim_status": "denied"})).await;
    let described = tie(&bodies[1], json!({"description": "As an observer"})).await;
    let third = tie(&bodies[2], json!({"citations": cites(&[&second_source])})).await;
    let path = |id: &str| format!("/v1/relationships/{id}");
    let plain = |tie: &Value| {
        let mut tie = tie.clone();
        for field in ["version", "updated_at"] {
            tie.as_object_mut().expect("a tie").remove(field);
        }
        tie
    };
    let mut before = Vec::new();
    for id in [&kept, &equal, &other, &denied, &described, &third] {
        before.push(plain(&app.get(&path(id)).await.expect(200).body));
    }

    let merged = merge(app, &bodies[1], &bodies[0]).await.expect(200);
    merge(app, &bodies[2], &bodies[0]).await.expect(200);

    assert_eq!(merged.body["merged"]["moved"]["relationships"], 3);
    assert_eq!(
        merged.body["merged"]["dropped"],
        json!([{
            "pointer": format!("/v1/relationships/{equal}"),
            "detail": format!("says the same as /v1/relationships/{kept}, which has its citations"),
        }])
    );
    let ties = app
        .get(&format!("/v1/relationships?subject={}", bodies[0]))
        .await
        .expect(200)
        .ids();
    assert_eq!(
        ties.into_iter().collect::<BTreeSet<_>>(),
        BTreeSet::from([kept.clone(), other.clone(), denied.clone(), described.clone()])
    );
    let one = app.get("/v1/relationships/desk:tie").await.expect(200).body;
    assert_eq!(one["id"], kept.as_str());
    let cited: Vec<&str> = one["citations"]
        .as_array()
        .expect("citations")
        .iter()
        .filter_map(|citation| citation["source"]["id"].as_str())
        .collect();
    assert_eq!(cited, [&desk.source, &second_source]);
    app.get(&path(&equal)).await.expect(404);
    let history = |body: &Value| -> Vec<(String, bool)> {
        body["items"]
            .as_array()
            .expect("versions")
            .iter()
            .map(|version| {
                let comment = version["comment"].as_str().unwrap_or_default();
                (
                    version["operation"].as_str().unwrap_or_default().to_owned(),
                    comment.contains(&bodies[1]) && comment.contains(&bodies[0]),
                )
            })
            .collect()
    };
    let of = async |id: &str| history(&app.get(&format!("{}/history", path(id))).await.expect(200).body);
    assert_eq!(
        of(&equal).await,
        [("delete".to_owned(), true), ("create".to_owned(), false)]
    );
    assert_eq!(
        of(&kept).await,
        [("update".to_owned(), true), ("create".to_owned(), false)]
    );

    restore(app, &bodies[1], 1).await.expect(200);
    restore(app, &bodies[2], 1).await.expect(200);

    for (before, id) in before
        .iter()
        .zip([&kept, &equal, &other, &denied, &described, &third])
    {
        let after = app.get(&path(id)).await.expect(200).body;
        assert_eq!(plain(&after), *before, "{id}");
    }
    assert_eq!(of(&equal).await[0].0, "restore");
    // What another relationship got since then stays there.
    merge(app, &bodies[1], &bodies[0]).await.expect(200);
    app.patch(&path(&kept), &json!({"external_keys": []}))
        .await
        .expect(200);
    let key = json!({"external_keys": [{"scheme": "desk", "value": "tie"}], "started_on": "1990"});
    let heir = tie(&bodies[2], key).await;
    restore(app, &bodies[1], 1).await.expect(200);
    assert_eq!(
        app.get("/v1/relationships/desk:tie").await.expect(200).body["id"],
        heir.as_str()
    );
    let again = app.get(&path(&equal)).await.expect(200).body;
    assert_eq!(again["external_keys"], json!([]));
    assert_eq!(again["citations"], before[1]["citations"]);
    // An equal that was deleted meanwhile stays deleted, and so does what it stood for.
    merge(app, &bodies[1], &bodies[0]).await.expect(200);
    app.delete(&path(&kept)).await.expect(204);
    restore(app, &bodies[1], 1).await.expect(200);
    app.get(&path(&equal)).await.expect(404);
    app.get(&path(&other)).await.expect(200);
}

#[tokio::test]
async fn invalid_merges_are_refused() {
    let twins = Twins::new().await;
    let (app, away, into) = (twins.app(), &twins.away, &twins.into);
    let gone = twins.desk.actor(json!({"kind": "person", "name": "Gone"})).await;
    app.delete(&format!("/v1/actors/{gone}")).await.expect(204);
    let path = format!("/v1/actors/{away}/merge");
    let before = app.state().await;

    for (body, status, word) in [
        (json!({}), 422, "invalid-record"),
        (json!({"into": null}), 422, "invalid-record"),
        (json!({"into": away}), 422, "invalid-record"),
        (json!({"into": "desk:away"}), 422, "invalid-record"),
        (json!({"into": "desk:petro"}), 422, "invalid-record"),
        (json!({"into": gone}), 422, "invalid-record"),
        (json!({"into": "desk:nobody"}), 422, "invalid-record"),
        (json!({"into": "nobody"}), 422, "invalid-record"),
        (json!({"into": 7}), 400, "malformed-request"),
        (json!({"into": into, "why": "x"}), 400, "malformed-request"),
        (json!([into]), 400, "malformed-request"),
    ] {
        let answer = app.post(&path, &body).await.expect_problem(status, word);
        if status == 422 {
            assert_eq!(answer.pointers(), ["/into"], "{body}");
        }
    }
    merge(app, &gone, into).await.expect_problem(404, "not-found");
    merge(app, "desk:nobody", into)
        .await
        .expect_problem(404, "not-found");
    let stale = app
        .request(Method::POST, &path)
        .bearer_auth(&app.analyst)
        .header("if-match", "\"9-0011\"")
        .json(&json!({"into": into}));
    app.send(stale).await.expect_problem(412, "precondition-failed");
    let reader = app
        .request(Method::POST, &path)
        .bearer_auth(&app.reader)
        .json(&json!({"into": into}));
    app.send(reader).await.expect_problem(403, "forbidden");
    let nobody = app.request(Method::POST, &path).json(&json!({"into": into}));
    app.send(nobody).await.expect_problem(401, "unauthorized");

    assert_eq!(app.state().await, before);
    twins.merge().await.expect(200);
    let twice = twins.merge().await.expect_problem(409, "conflict");
    assert!(twice.detail().contains(into.as_str()), "{}", twice.text);
    // A merge into an actor that was merged into this one is a merge into itself.
    merge(app, into, away).await.expect_problem(422, "invalid-record");
}

#[tokio::test]
async fn a_repeated_merge_is_done_once() {
    let twins = Twins::new().await;
    let send = || {
        let app = twins.app();
        app.send(
            app.request(Method::POST, &format!("/v1/actors/{}/merge", twins.away))
                .bearer_auth(&app.analyst)
                .header("idempotency-key", "merge")
                .json(&json!({"into": twins.into})),
        )
    };

    let first = send().await.expect(200);
    let second = send().await.expect(200);

    assert_eq!(first.text, second.text);
    assert_eq!(first.etag(), second.etag());
}

#[tokio::test]
async fn the_version_of_a_merge_can_not_be_restored() {
    let twins = Twins::new().await;
    twins.merge().await.expect(200);

    let answer = restore(twins.app(), &twins.away, 2)
        .await
        .expect_problem(422, "invalid-record");

    assert_eq!(answer.pointers(), ["/version"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_written_during_a_merge_refers_to_the_target() {
    let desk = Desk::new().await;
    let app = &desk.app;
    for round in 0..12 {
        let into = desk
            .actor(json!({"kind": "person", "name": "Into", "external_keys": [{"scheme": "desk", "value": format!("into{round}")}]}))
            .await;
        let away = desk
            .actor(json!({"kind": "person", "name": "Away", "external_keys": [{"scheme": "desk", "value": format!("away{round}")}]}))
            .await;
        let sanction = json!({"imposer": "iso3166:US", "target": away, "imposed_on": "2025"});
        let action = json!({
            "type": "sanctions_imposed", "title": "They met", "occurred_on": "2025",
            "participants": [{"role": "initiator", "actor": "iso3166:US"}, {"role": "target", "actor": format!("desk:away{round}")}],
        });
        let patch = json!({"operations": [
            {"method": "PATCH", "resource": "actors", "ref": format!("desk:away{round}"), "body": {"description": "Met"}},
        ]});

        let (merged, sanction, action, patched) = tokio::join!(
            merge(app, &away, &into),
            app.post("/v1/sanctions", &sanction),
            app.post("/v1/diplomatic-actions", &action),
            app.post("/v1/batch", &patch),
        );

        merged.expect(200);
        patched.expect(200);
        for (answer, pointer) in [
            (sanction.expect(201), "/target/id"),
            (action.expect(201), "/participants/1/actor/id"),
        ] {
            let path = answer.header("location");
            let made = app.get(path).await.expect(200);
            assert_eq!(
                made.body.pointer(pointer),
                Some(&json!(into)),
                "round {round}: {}",
                made.text
            );
        }
    }
}

#[tokio::test]
async fn a_merge_moves_every_column_that_refers_to_actors() {
    let app = TestApp::new().await;
    let keys = app
        .client()
        .await
        .query(
            "select key.conrelid::regclass::text, attribute.attname::text \
             from pg_constraint as key \
             join pg_attribute as attribute on attribute.attrelid = key.conrelid and attribute.attnum = key.conkey[1] \
             where key.contype = 'f' and key.confrelid = 'actors'::regclass and key.confdeltype <> 'c'",
            &[],
        )
        .await
        .expect("foreign keys");
    let of_database: BTreeSet<(String, String)> = keys.iter().map(|key| (key.get(0), key.get(1))).collect();
    let moved: BTreeSet<(String, String)> = ACTOR_COLUMNS
        .iter()
        .map(|moved| (moved.table.to_owned(), moved.column.to_owned()))
        .collect();

    assert_eq!(moved, of_database);
}

#[tokio::test]
async fn a_merged_actor_is_found_by_its_percent_encoded_id() {
    let app = TestApp::new().await;
    let source = app
        .create("actors", json!({"kind": "person", "name": "One"}))
        .await;
    let into = app
        .create("actors", json!({"kind": "person", "name": "Other"}))
        .await;
    app.post(&format!("/v1/actors/{source}/merge"), &json!({"into": into}))
        .await
        .expect(200);

    let encoded = source.replace('-', "%2D");
    let (status, location, _) = directly(&app, Method::GET, &format!("/v1/actors/{encoded}"), None).await;

    assert_eq!((status, location), (308, format!("/v1/actors/{into}")));
}
