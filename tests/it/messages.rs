//! Messages say what is wrong in a request and what to write instead.

use serde_json::{Value, json};

use crate::support::{Response, TestApp};

fn told(answer: &Response) -> Vec<(&str, &str)> {
    let errors = answer.body["errors"].as_array().map(Vec::as_slice);
    errors
        .unwrap_or_default()
        .iter()
        .map(|error| {
            let text = |name: &str| error[name].as_str().unwrap_or_default();
            (text("pointer"), text("detail"))
        })
        .collect()
}

#[tokio::test]
async fn an_element_that_should_be_an_object_is_shown_as_one() {
    let app = TestApp::new().await;

    for (resource, field, shape) in [
        (
            "actors",
            "names",
            r#"{"name":"Gustavo Petro Urrego","kind":"alias"}"#,
        ),
        ("actors", "countries", r#"{"code":"CO","role":"nationality"}"#),
        ("actors", "identifiers", r#"{"scheme":"imo","value":"9074729"}"#),
        ("actors", "external_keys", r#"{"scheme":"gsdb","value":"1021"}"#),
        (
            "diplomatic-actions",
            "participants",
            r#"{"role":"initiator","actor":"iso3166:CO"}"#,
        ),
        (
            "diplomatic-actions",
            "links",
            r#"{"kind":"responds_to","action":"an id"}"#,
        ),
        ("sanctions", "citations", r#"{"source":"an id","credibility":2}"#),
    ] {
        let refused = app
            .post(&format!("/v1/{resource}"), &json!({field: ["CO"]}))
            .await
            .expect(400);

        let detail = format!("must be an object such as {shape}, not \"CO\"");
        assert_eq!(
            told(&refused),
            [(format!("/{field}/0").as_str(), detail.as_str())]
        );
    }
}

#[tokio::test]
async fn a_key_in_the_wrong_case_gets_the_right_case_in_the_message() {
    let app = TestApp::new().await;
    app.create(
        "actors",
        json!({
            "kind": "person", "name": "Jane Doe", "external_keys": [{"scheme": "desk", "value": "jane"}],
        }),
    )
    .await;
    let before = app.state().await;
    let tie = json!({"subject": "desk:JANE", "kind": "family_of", "object": "iso3166:zz"});

    let filter = app
        .get("/v1/sanctions?target=iso3166:us&target=ISO3166:US")
        .await
        .expect(422);
    let path = app.get("/v1/actors/igo:nato").await.expect(404);
    let written = app.patch("/v1/actors/igo:nato", &json!({})).await.expect(404);
    let body = app.post("/v1/relationships", &tie).await.expect(422);

    assert_eq!(
        told(&filter),
        [
            (
                "?target",
                "iso3166:us names no actor; keys are case-sensitive, and iso3166:US exists"
            ),
            (
                "?target",
                "ISO3166:US names no actor; keys are case-sensitive, and iso3166:US exists"
            ),
        ]
    );
    let nato = "igo:nato names no actor; keys are case-sensitive, and igo:NATO exists";
    assert_eq!((path.detail(), written.detail()), (nato, nato));
    assert_eq!(
        told(&body),
        [
            (
                "/subject",
                "desk:JANE names no actor; keys are case-sensitive, and desk:jane exists"
            ),
            (
                "/object",
                "iso3166:zz names no actor; /v1/actors?name=… finds actors by name"
            ),
        ]
    );
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_name_in_place_of_a_reference_gets_the_search_by_name_in_the_message() {
    let app = TestApp::new().await;

    let actor = app.get("/v1/sanctions?target=Gustavo%20Petro").await.expect(422);
    let path = app.get("/v1/actors/petro").await.expect(404);
    let programme = app
        .get("/v1/sanctions?programme=ILLICIT-DRUGS-EO14059")
        .await
        .expect(422);
    let source = app.get("/v1/claims?source=ofac").await.expect(422);

    assert_eq!(
        told(&actor),
        [(
            "?target",
            "Gustavo Petro is neither an id nor a key scheme:value such as iso3166:CO; \
             /v1/actors?name=Gustavo+Petro finds actors by name"
        )]
    );
    assert!(
        path.detail().contains("/v1/actors?name=petro"),
        "{}",
        path.detail()
    );
    assert_eq!(
        told(&programme),
        [(
            "?programme",
            "ILLICIT-DRUGS-EO14059 is neither an id nor a key scheme:value such as programme:ILLICIT-DRUGS-EO14059"
        )]
    );
    assert_eq!(
        told(&source),
        [(
            "?source",
            "ofac is neither an id nor a key scheme:value of its external_keys"
        )]
    );
    app.get("/v1/actors?name=Gustavo+Petro").await.expect(200);
}

#[tokio::test]
async fn an_identifier_of_an_unknown_scheme_is_refused_in_a_filter() {
    let app = TestApp::new().await;

    let refused = app.get("/v1/actors?identifier=iso:CO").await.expect(422);
    let none = app.get("/v1/actors?identifier=iso3166:ZZ").await.expect(200);

    assert_eq!(refused.pointers(), ["?identifier"]);
    assert!(
        refused.detail().contains("/v1/vocabularies/identifier_schemes"),
        "{}",
        refused.text
    );
    assert_eq!(none.body["items"], json!([]));
}

#[tokio::test]
async fn an_outdated_body_gets_the_fields_to_leave_out_in_the_message() {
    let app = TestApp::new().await;
    let source = app
        .create("sources", json!({"kind": "report", "title": "Report"}))
        .await;
    let made = app
        .post(
            "/v1/relationships",
            &json!({"subject": "iso3166:CO", "kind": "member_of", "object": "igo:UN", "citations": [{"source": source}]}),
        )
        .await
        .expect(201);
    let path = format!("/v1/relationships/{}", made.id());
    let changed = app
        .patch(&path, &json!({"citations": [], "role": "member"}))
        .await
        .expect(200);

    let undo = app.put(&path, &made.body).await.expect(422);
    let mut mended: Value = made.body.clone();
    let fields = mended.as_object_mut().expect("an object");
    fields.remove("version");
    fields.remove("updated_at");
    fields["citations"][0]
        .as_object_mut()
        .expect("a citation")
        .remove("id");
    let undone = app.put(&path, &mended).await.expect(200);

    let updated = format!(
        "is read-only and its value is {}; send that value, or leave the field out",
        changed.body["updated_at"]
    );
    let mut faults = told(&undo);
    faults.sort_unstable();
    assert_eq!(
        faults,
        [
            (
                "/citations/0/id",
                "is the id of no citation that this record has now; leave it out, and the citation is a new one"
            ),
            ("/updated_at", updated.as_str()),
            (
                "/version",
                "is read-only and its value is 2; send that value, or leave the field out"
            ),
        ]
    );
    assert_eq!(undone.body["role"], json!(null));
    assert_eq!(undone.body["citations"][0]["source"]["id"], source);
}
