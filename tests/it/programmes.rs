//! Programmes over HTTP.

use reqwest::Method;
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
async fn a_programme_comes_back_whole() {
    let app = TestApp::new().await;

    let made = app.post("/v1/programmes", &narcotics()).await.expect(201);

    let id = made.id();
    assert_eq!(made.header("location"), format!("/v1/programmes/{id}"));
    let read = app
        .get("/v1/programmes/programme:ILLICIT-DRUGS-EO14059?on=2025-11-01")
        .await
        .expect(200);
    assert_eq!(read.etag(), made.etag());
    assert_eq!(read.body, made.body);
    assert_eq!(
        read.body,
        json!({
            "id": id,
            "code": "ILLICIT-DRUGS-EO14059",
            "name": "Illicit drugs",
            "imposer": {
                "id": app.get("/v1/actors/iso3166:US").await.id(),
                "name": "United States",
                "kind": "state",
            },
            "legal_basis": "Executive Order 14059",
            "url": "https://ofac.treasury.gov/",
            "description": "Foreign persons in the global illicit drug trade",
            "properties": {"topic": ["narcotics"]},
            "external_keys": [{"scheme": "opensanctions_programme", "value": "US-NARCO"}],
            "version": 1,
            "created_at": read.body["created_at"],
            "updated_at": read.body["updated_at"],
        })
    );
}

#[tokio::test]
async fn what_was_read_can_be_put_back_and_nothing_changes() {
    let app = TestApp::new().await;
    let made = app.post("/v1/programmes", &narcotics()).await.expect(201);

    let put = app
        .put("/v1/programmes/opensanctions_programme:US-NARCO", &made.body)
        .await
        .expect(200);

    assert_eq!(put.body, made.body);
    assert_eq!(put.etag(), made.etag());
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
async fn a_patch_removes_with_null_replaces_arrays_and_merges_properties() {
    let app = TestApp::new().await;
    let id = app.create("programmes", narcotics()).await;

    let patched = app
        .patch(
            &format!("/v1/programmes/{id}"),
            &json!({
                "url": null,
                "properties": {"topic": null, "authority": ["IEEPA", "NEA"]},
                "external_keys": [],
            }),
        )
        .await
        .expect(200);

    assert_eq!(patched.body["url"], Value::Null);
    assert_eq!(patched.body["properties"], json!({"authority": ["IEEPA", "NEA"]}));
    assert_eq!(patched.body["external_keys"], json!([]));
    assert_eq!(patched.body["code"], "ILLICIT-DRUGS-EO14059");
    assert_eq!(patched.body["version"], 2);
}

#[tokio::test]
async fn a_patch_that_changes_nothing_keeps_version_and_etag() {
    let app = TestApp::new().await;
    let made = app.post("/v1/programmes", &narcotics()).await.expect(201);

    let patched = app
        .patch(
            "/v1/programmes/programme:ILLICIT-DRUGS-EO14059",
            &json!({"imposer": "iso3166_alpha3:USA", "code": "ILLICIT-DRUGS-EO14059"}),
        )
        .await
        .expect(200);

    assert_eq!(patched.etag(), made.etag());
}

#[tokio::test]
async fn a_renamed_imposer_changes_the_etag_and_not_the_version() {
    let app = TestApp::new().await;
    let ofac = app
        .create("actors", json!({"kind": "government_body", "name": "OFAC"}))
        .await;
    let mut programme = narcotics();
    programme["imposer"] = json!(ofac);
    let made = app.post("/v1/programmes", &programme).await.expect(201);
    let path = format!("/v1/programmes/{}", made.id());

    app.patch(
        &format!("/v1/actors/{ofac}"),
        &json!({"name": "Office of Foreign Assets Control"}),
    )
    .await
    .expect(200);

    let read = app.get(&path).await.expect(200);
    assert_eq!(read.body["imposer"]["name"], "Office of Foreign Assets Control");
    assert_eq!(read.body["version"], 1);
    assert_ne!(read.etag(), made.etag());
}

#[tokio::test]
async fn every_fault_of_a_programme_is_told_at_once() {
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
async fn a_taken_code_names_who_has_it() {
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
async fn a_programme_that_sanctions_refer_to_is_not_deleted() {
    let app = TestApp::new().await;
    let id = app.create("programmes", narcotics()).await;
    let path = format!("/v1/programmes/{id}");
    let client = app.client().await;
    let impose = "with imposed as (
         insert into sanctions (imposer_id, target_id)
         select imposer.actor_id, target.actor_id
         from actor_identifiers as imposer, actor_identifiers as target
         where (imposer.scheme, imposer.value) = ('iso3166', 'US') and (target.scheme, target.value) = ('iso3166', 'CO')
         returning id
       )
       insert into sanction_programmes (sanction_id, position, programme_id)
       select imposed.id, 0, $1::text::uuid from imposed
       returning sanction_id::text";
    let sanction: String = client.query_one(impose, &[&id]).await.expect("a sanction").get(0);

    let told = app.delete(&path).await.expect(409);

    assert_eq!(
        told.body["errors"],
        json!([{"pointer": "", "detail": format!("/v1/sanctions/{sanction} has it as programme")}])
    );
    client
        .execute("delete from sanctions", &[])
        .await
        .expect("deleted");
    app.delete(&path).await.expect(204);
    app.get(&path).await.expect(404);
}

#[tokio::test]
async fn pages_of_programmes_lose_and_repeat_nothing_under_any_sort() {
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

#[tokio::test]
async fn programmes_stream_as_csv_and_ndjson() {
    let app = TestApp::new().await;
    let made = app.post("/v1/programmes", &narcotics()).await.expect(201);

    let csv = app.get("/v1/programmes?format=csv").await.expect(200);
    let ndjson = app.get("/v1/programmes?format=ndjson").await.expect(200);

    let lines: Vec<&str> = csv.text.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "id,code,name,imposer_id,imposer,legal_basis,url,description,properties,external_keys,version,created_at,updated_at"
    );
    assert!(lines[1].starts_with(&format!(
        "{},ILLICIT-DRUGS-EO14059,Illicit drugs,{},United States,Executive Order 14059,https://ofac.treasury.gov/,\
         Foreign persons in the global illicit drug trade,topic=narcotics,opensanctions_programme:US-NARCO,1,",
        made.id(),
        made.body["imposer"]["id"].as_str().expect("an id"),
    )));
    assert_eq!(
        serde_json::from_str::<Value>(&ndjson.text).expect("one line"),
        made.body
    );
}

#[tokio::test]
async fn readers_read_programmes_and_do_not_write_them() {
    let app = TestApp::new().await;

    let written = app
        .send(
            app.request(Method::POST, "/v1/programmes")
                .bearer_auth(&app.reader)
                .json(&narcotics()),
        )
        .await;
    let anonymous = app
        .send(app.request(Method::POST, "/v1/programmes").json(&narcotics()))
        .await;

    written.expect(403);
    anonymous.expect(401);
    app.send(
        app.request(Method::GET, "/v1/programmes")
            .bearer_auth(&app.reader),
    )
    .await
    .expect(200);
}
