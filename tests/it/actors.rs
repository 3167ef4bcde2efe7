//! Actors over HTTP.

use serde_json::json;

use crate::support::TestApp;

fn petro() -> serde_json::Value {
    json!({
        "kind": "person",
        "name": "Gustavo Petro",
        "names": [{"name": "Gustavo Francisco Petro Urrego", "kind": "alias", "lang": "es"}],
        "countries": [{"code": "CO", "role": "nationality"}],
        "identifiers": [{"scheme": "passport", "value": "AB123", "country": "CO"}],
        "description": "President of Colombia",
        "began_on": "1960-04-19",
        "properties": {"position": ["President of Colombia"]},
        "external_keys": [{"scheme": "desk", "value": "petro"}],
    })
}

#[tokio::test]
async fn an_actor_comes_back_whole() {
    let app = TestApp::new().await;

    let made = app.post("/v1/actors", &petro()).await.expect(201);

    let id = made.id();
    assert_eq!(made.header("location"), format!("/v1/actors/{id}"));
    let read = app.get(&format!("/v1/actors/{id}")).await.expect(200);
    assert_eq!(read.etag(), made.etag());
    assert_eq!(read.body, made.body);
    assert_eq!(
        read.body,
        json!({
            "id": id,
            "kind": "person",
            "name": "Gustavo Petro",
            "names": [{"name": "Gustavo Francisco Petro Urrego", "kind": "alias", "lang": "es"}],
            "countries": [{"code": "CO", "role": "nationality"}],
            "identifiers": [
                {"scheme": "passport", "value": "AB123", "country": "CO", "valid_from": null, "valid_until": null}
            ],
            "description": "President of Colombia",
            "began_on": "1960-04-19",
            "ended_on": null,
            "properties": {"position": ["President of Colombia"]},
            "external_keys": [{"scheme": "desk", "value": "petro"}],
            "version": 1,
            "created_at": read.body["created_at"],
            "updated_at": read.body["updated_at"],
        })
    );
}

#[tokio::test]
async fn what_was_read_can_be_put_back_and_nothing_changes() {
    let app = TestApp::new().await;
    let made = app.post("/v1/actors", &petro()).await.expect(201);

    let put = app.put("/v1/actors/desk:petro", &made.body).await.expect(200);

    assert_eq!(put.body, made.body);
    assert_eq!(put.etag(), made.etag());
}
