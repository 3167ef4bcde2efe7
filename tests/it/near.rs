//! The faults of a request that finds nothing: they name the codes, keys and identifiers that are near to its own.

use reqwest::Method;
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn the_fault_of_an_unknown_code_names_the_nearest_codes() {
    let app = TestApp::new().await;
    for (path, near) in [
        ("/v1/actors?kind=Person", "did you mean person (Person)?"),
        ("/v1/actors?country=us", "did you mean US (United States)?"),
        ("/v1/actors?country=uk", "did you mean GB (United Kingdom)?"),
        ("/v1/actors?country=SU", "did you mean SUHH (Soviet Union)?"),
        ("/v1/actors?country=USA", "did you mean US (United States)?"),
        (
            "/v1/actors?country=iso3166:gb",
            "did you mean GB (United Kingdom)?",
        ),
        (
            "/v1/actors?identifier=pasport:AB1",
            "did you mean passport (Passport)?",
        ),
        (
            "/v1/sanctions?imposer_state=uk",
            "did you mean GB (United Kingdom)?",
        ),
        ("/v1/sanctions?target_country=Iran", "did you mean IR (Iran)?"),
        (
            "/v1/sanctions?measure=asset-freeze",
            "did you mean asset_freeze (Asset freeze)?",
        ),
        (
            "/v1/sanctions?ground=drugs",
            "did you mean narcotics (Narcotics)?",
        ),
        (
            "/v1/diplomatic-actions?type=expulsion",
            "did you mean diplomats_expelled (Diplomats expelled)",
        ),
    ] {
        let refused = app.get(path).await.expect_problem(422, "invalid-record");
        assert!(refused.detail().contains(near), "{path}: {}", refused.detail());
    }
    let refused = app
        .get("/v1/actors?country=ZZ")
        .await
        .expect_problem(422, "invalid-record");
    assert!(!refused.detail().contains("did you mean"), "{}", refused.detail());
    let body = json!({"type": "Expulsions", "title": "An act", "participants": []});
    let refused = app.post("/v1/diplomatic-actions", &body).await;
    let refused = refused.expect_problem(422, "invalid-record");
    assert!(
        refused
            .text
            .contains("did you mean diplomats_expelled (Diplomats expelled)"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn the_fault_of_a_key_in_another_spelling_names_the_key_that_exists() {
    let app = TestApp::new().await;
    let imposer = app
        .create("actors", json!({"kind": "organization", "name": "Imposer"}))
        .await;
    let target = json!({
        "kind": "person", "name": "Target", "external_keys": [{"scheme": "desk", "value": "Case-No. 7"}],
        "identifiers": [{"scheme": "un", "value": "QDi.001"}],
    });
    let target = app.create("actors", target).await;
    app.create(
        "programmes",
        json!({"code": "TEST-P1", "name": "P", "imposer": imposer}),
    )
    .await;
    let entry = json!({"imposer": imposer, "target": target, "list_code": "us_ofac_sdn", "list_uid": "1"});
    app.create("sanctions", entry).await;

    for (path, hint) in [
        (
            "/v1/actors?identifier=wikidata:q30",
            "keys are case-sensitive, and wikidata:Q30 exists",
        ),
        ("/v1/actors?identifier=un:qdi001", "un:QDi.001 exists"),
        ("/v1/programmes?code=test_p1", "programme:TEST-P1 exists"),
        ("/v1/sanctions?list_code=US-OFAC-SDN", "us_ofac_sdn exists"),
        (
            "/v1/sanctions?target=desk:case%20no%207",
            "desk:Case-No. 7 exists",
        ),
        (
            "/v1/sanctions?programme=programme:TEST_P1",
            "programme:TEST-P1 exists",
        ),
    ] {
        let refused = app.get(path).await.expect_problem(422, "invalid-record");
        assert!(refused.detail().contains(hint), "{path}: {}", refused.detail());
    }
    for (path, hint) in [
        (
            "/v1/actors/wikidata:q30",
            "keys are case-sensitive, and wikidata:Q30 exists",
        ),
        ("/v1/actors/desk:CASE-NO.7", "desk:Case-No. 7 exists"),
        ("/v1/programmes/programme:test.p1", "programme:TEST-P1 exists"),
    ] {
        let refused = app.get(path).await.expect_problem(404, "not-found");
        assert!(refused.detail().contains(hint), "{path}: {}", refused.detail());
    }
    for path in [
        "/v1/actors?identifier=wikidata:Q999999999",
        "/v1/actors?identifier=passport:NONE1",
        "/v1/programmes?code=NOTHING",
        "/v1/sanctions?list_code=nothing_near",
    ] {
        let found = app.get(path).await.expect(200);
        assert_eq!(found.ids(), Vec::<String>::new(), "{path}");
    }
}

#[tokio::test]
async fn an_identifier_is_matched_by_the_normal_form_of_its_scheme() {
    let app = TestApp::new().await;
    let person = |name: &str, identifiers: serde_json::Value| json!({"kind": "person", "name": name, "identifiers": identifiers});
    let passport = json!([{"scheme": "passport", "value": "ab-123 456", "country": "CO"}]);
    let id = app.create("actors", person("Ann", passport)).await;
    let lei = json!([{"scheme": "lei", "value": "5493001KJTIIGC8Y1R12"}]);
    let company = app
        .create(
            "actors",
            json!({"kind": "company", "name": "Firm", "identifiers": lei}),
        )
        .await;

    for (value, found) in [
        ("passport:AB123456", &id),
        ("passport:ab.123.456", &id),
        ("passport:CO:Ab%20123-456", &id),
        ("lei:5493001kjtiigc8y1r12", &company),
    ] {
        let list = app
            .get(&format!("/v1/actors?identifier={value}"))
            .await
            .expect(200);
        assert_eq!(&list.ids(), std::slice::from_ref(found), "{value}");
        let one = app.get(&format!("/v1/actors/{value}")).await.expect(200);
        assert_eq!(&one.id(), found, "{value}");
    }
    let one = app.get("/v1/actors/passport:AB123456").await.expect(200);
    assert_eq!(one.body["identifiers"][0]["value"], "ab-123 456");

    let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let path = format!("/v1/actors?identifier=passport:CO:ab-123%20456&known_at={now}");
    let found = app.get(&path).await.expect(200);
    assert_eq!(found.ids(), std::slice::from_ref(&id));

    // A value of a unique scheme belongs to one actor in every spelling.
    let path = "/v1/vocabularies/identifier_schemes/registration";
    let unique = app
        .request(Method::PATCH, path)
        .bearer_auth(&app.admin)
        .json(&json!({"is_unique": true}));
    app.send(unique).await.expect(200);
    let registration = |value: &str| json!([{"scheme": "registration", "value": value}]);
    app.create("actors", person("Bob", registration("HRB 12-34")))
        .await;
    let taken = app
        .post("/v1/actors", &person("Cid", registration("hrb1234")))
        .await;
    assert_eq!(
        taken.expect_problem(409, "conflict").pointers(),
        ["/identifiers/0/value"]
    );
    let twice = json!([
        {"scheme": "registration", "value": "X 1"},
        {"scheme": "registration", "value": "x-1"},
    ]);
    let twice = app.post("/v1/actors", &person("Dan", twice)).await;
    assert_eq!(
        twice.expect_problem(422, "invalid-record").pointers(),
        ["/identifiers/1/value"]
    );
}
