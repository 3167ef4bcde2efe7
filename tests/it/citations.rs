//! One citation of a claim at a time, the same for everything that somebody claims.

use reqwest::Method;
use serde_json::json;

use crate::support::Desk;

#[tokio::test]
async fn whoever_adds_or_removes_a_citation_learns_what_the_claim_is_at() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let sanction = desk.sanction(json!({})).await;
    let tie = app
        .create(
            "relationships",
            json!({"subject": desk.petro, "kind": "head_of_state_of", "object": "iso3166:CO"}),
        )
        .await;

    for path in [
        format!("/v1/sanctions/{sanction}"),
        format!("/v1/relationships/{tie}"),
        format!("/v1/diplomatic-actions/{}", desk.action),
    ] {
        let first = app.get(&path).await.expect(200);
        let added = app
            .post(&format!("{path}/citations"), &json!({"source": desk.source}))
            .await
            .expect(201);
        let with_it = app.get(&path).await.expect(200);
        let citation = format!("{path}/citations/{}", added.id());
        let remove = |etag: &str| {
            let request = app
                .request(Method::DELETE, &citation)
                .bearer_auth(&app.analyst)
                .header("if-match", etag);
            app.send(request)
        };
        remove(first.etag())
            .await
            .expect_problem(412, "precondition-failed");
        let removed = remove(added.etag()).await.expect(204);
        let without_it = app.get(&path).await.expect(200);

        assert_eq!(added.header("location"), path);
        assert_eq!(added.etag(), with_it.etag());
        assert_eq!(removed.etag(), without_it.etag());
        assert_eq!(without_it.body["version"], 3);
    }
}

#[tokio::test]
async fn the_document_tells_of_the_etags_of_citations() {
    let desk = Desk::new().await;

    let document = desk.app.get("/openapi.json").await.expect(200).body;

    for resource in ["sanctions", "relationships", "diplomatic-actions"] {
        let adding = &document["paths"][format!("/v1/{resource}/{{ref}}/citations")]["post"];
        let removing = &document["paths"][format!("/v1/{resource}/{{ref}}/citations/{{id}}")]["delete"];
        let parameters = removing["parameters"].as_array().expect("parameters");
        assert!(adding["responses"]["201"]["headers"]["ETag"].is_object());
        assert!(removing["responses"]["204"]["headers"]["ETag"].is_object());
        assert!(
            parameters.iter().any(|parameter| parameter["name"] == "If-Match"),
            "{resource}"
        );
    }
}
