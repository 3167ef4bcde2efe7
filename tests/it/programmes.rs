//! Programmes over HTTP.

use serde_json::{Value, json};

use crate::support::{TestApp, rank};

fn narcotics() -> Value {
    json!({
        "code": "ILLICIT-DRUGS-EO14059",
        "name": "Illicit drugs",
        "imposer": "iso3166:US",
        "legal_basis": "Executive Order 14059",
        "url": "https://ofac.treasury.gov/",
        "description": "Foreign persons in the global illicit drug trade",
        "properties": {"topic": ["narcotics"]},
        "external_keys": [{"scheme": "opensanctions_programme", "value": "US-NARCO"}],
    })
}

#[tokio::test]
async fn put_replaces_the_programme_whole() {
    let app = TestApp::new().await;
    let id = app.create("programmes", narcotics()).await;

    let put = app
        .put(
            &format!("/v1/programmes/{id}"),
            &json!({"code": "SDNTK", "name": "Kingpins", "imposer": "iso3166:CO"}),
        )
        .await
        .expect(200);

    assert_eq!(put.body["version"], 2);
    assert_eq!(put.body["imposer"]["name"], "Colombia");
    assert_eq!(put.body["legal_basis"], Value::Null);
    assert_eq!(put.body["external_keys"], json!([]));
    app.get("/v1/programmes/programme:SDNTK").await.expect(200);
    app.get("/v1/programmes/programme:ILLICIT-DRUGS-EO14059")
        .await
        .expect(404);
}

#[tokio::test]
async fn all_faults_of_a_programme_are_reported_at_once() {
    let app = TestApp::new().await;

    let told = app
        .post(
            "/v1/programmes",
            &json!({
                "version": 1,
                "code": "EO 14059",
                "imposer": "iso3166:ZZ",
                "url": "ofac.treasury.gov",
                "properties": [],
                "external_keys": [{"scheme": "programme", "value": "X"}],
            }),
        )
        .await
        .expect(422);

    assert_eq!(
        told.pointers(),
        [
            "/version",
            "/code",
            "/name",
            "/url",
            "/properties",
            "/external_keys/0/scheme",
            "/imposer"
        ]
    );
    for code in ["@eo14059", "a\u{a0}b", &"x".repeat(201)] {
        let told = app
            .post(
                "/v1/programmes",
                &json!({"code": code, "name": "Illicit drugs", "imposer": "iso3166:US"}),
            )
            .await
            .expect(422);
        assert_eq!(told.pointers(), ["/code"]);
    }
}

#[tokio::test]
async fn a_taken_code_is_a_conflict_that_names_its_holder() {
    let app = TestApp::new().await;
    let id = app.create("programmes", narcotics()).await;
    let other = app
        .create(
            "programmes",
            json!({"code": "SDNTK", "name": "Kingpins", "imposer": "iso3166:US"}),
        )
        .await;
    let code = json!({"code": "ILLICIT-DRUGS-EO14059"});

    let posted = app
        .post(
            "/v1/programmes",
            &json!({"code": "ILLICIT-DRUGS-EO14059", "name": "Again", "imposer": "iso3166:US"}),
        )
        .await
        .expect(409);
    let patched = app
        .patch(&format!("/v1/programmes/{other}"), &code)
        .await
        .expect(409);

    for told in [posted, patched] {
        assert_eq!(told.pointers(), ["/code"]);
        assert_eq!(
            told.body["detail"],
            format!("the code ILLICIT-DRUGS-EO14059 belongs to Illicit drugs ({id}) already")
        );
    }
}

#[tokio::test]
async fn pages_hold_every_programme_once_under_every_sort() {
    let app = TestApp::new().await;
    for number in 0..24 {
        let programme = json!({
            "code": format!("code{:02}", (number * 7) % 24),
            "name": format!("name {}", number % 5),
            "imposer": "iso3166:US",
        });
        app.create("programmes", programme).await;
    }

    app.assert_pages_are_whole(
        "/v1/programmes",
        "",
        &["code", "name", "created_at", "updated_at"],
        "id",
        rank,
    )
    .await;
}

#[tokio::test]
async fn programmes_are_filtered_by_code_and_imposer() {
    let app = TestApp::new().await;
    let ofac = app
        .create("actors", json!({"kind": "government_body", "name": "OFAC"}))
        .await;
    app.create(
        "relationships",
        json!({"subject": ofac, "kind": "agency_of", "object": "iso3166:US"}),
    )
    .await;
    for (code, imposer) in [
        ("OF-OFAC", ofac.as_str()),
        ("OF-US", "iso3166:US"),
        ("OF-EU", "iso3166:EU"),
    ] {
        app.create(
            "programmes",
            json!({"code": code, "name": code, "imposer": imposer}),
        )
        .await;
    }
    let codes = async |query: &str| -> Vec<String> {
        let page = app
            .get(&format!("/v1/programmes?sort=code&{query}"))
            .await
            .expect(200);
        let items = page.body["items"].as_array().expect("items").clone();
        items
            .iter()
            .map(|item| item["code"].as_str().expect("a code").to_owned())
            .collect()
    };

    assert_eq!(codes("code=OF-US&code=OF-EU").await, ["OF-EU", "OF-US"]);
    assert_eq!(codes("imposer=iso3166:US").await, ["OF-US"]);
    assert_eq!(codes("imposer=iso3166:US&counted=exact").await, ["OF-US"]);
    assert_eq!(
        codes("imposer=iso3166:US&counted=state").await,
        ["OF-OFAC", "OF-US"]
    );
    assert_eq!(
        codes("imposer=iso3166:US&imposer=iso3166:EU").await,
        ["OF-EU", "OF-US"]
    );
    assert_eq!(codes(&format!("imposer={ofac}&counted=state")).await, ["OF-OFAC"]);
    assert_eq!(codes("counted=state").await.len(), 3);
    let told = app.get("/v1/programmes?imposer=iso3166:ZZ").await.expect(422);
    assert_eq!(told.pointers(), ["?imposer"]);
    let told = app.get("/v1/programmes?counted=all").await.expect(400);
    assert_eq!(told.pointers(), ["?counted"]);
}
