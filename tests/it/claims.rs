//! Claims across resources.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn claims_of_all_kinds_have_their_status_grade_and_speakers() {
    let app = TestApp::new().await;
    let person = app
        .create("actors", json!({"kind": "person", "name": "Speaker"}))
        .await;
    let office = app
        .create("actors", json!({"kind": "government_body", "name": "Office"}))
        .await;
    let article = app
        .create(
            "sources",
            json!({"kind": "news_article", "title": "Article", "reliability": "C"}),
        )
        .await;
    let statement = app
        .create(
            "sources",
            json!({"kind": "official_statement", "title": "Statement", "reliability": "A"}),
        )
        .await;
    let action = app
        .create(
            "diplomatic-actions",
            json!({"type": "accusation", "title": "An accusation", "claim_status": "unconfirmed",
            "participants": [{"role": "target", "actor": office}],
            "citations": [
                {"source": article, "credibility": 3, "attributed_to": person},
                {"source": statement, "credibility": 2, "stance": "disputes"},
            ]}),
        )
        .await;
    let sanction = app
        .create(
            "sanctions",
            json!({"imposer": office, "target": person, "claim_status": "confirmed",
                   "citations": [{"source": article, "credibility": 1}, {"source": statement, "credibility": 2}]}),
        )
        .await;
    app.create(
        "relationships",
        json!({"subject": person, "kind": "official_of", "object": office}),
    )
    .await;

    let all = app.get("/v1/claims?count=exact").await.expect(200);
    let unconfirmed = app.get("/v1/claims?claim_status=unconfirmed").await.expect(200);

    // One relationship comes with the schema: the Security Council is part of the United Nations.
    assert_eq!(all.body["total"], 4);
    let record = app
        .get(&format!("/v1/diplomatic-actions/{action}"))
        .await
        .expect(200)
        .body;
    assert_eq!(
        unconfirmed.body["items"],
        json!([{
            "resource": "diplomatic-actions",
            "id": action,
            "summary": "An accusation",
            "claim_status": "unconfirmed",
            "grade": "C3",
            "attributed_to": [{"id": person, "name": "Speaker", "kind": "person"}],
            "record": record,
        }])
    );
    let table = app
        .get("/v1/claims?claim_status=unconfirmed&format=csv")
        .await
        .expect(200);
    assert_eq!(
        table.text,
        format!(
            "resource,id,summary,claim_status,grade,attributed_to,citations,stances,grades\r\n\
             diplomatic-actions,{action},An accusation,unconfirmed,C3,Speaker,Article;Statement,supports;disputes,C3;A2\r\n"
        )
    );
    let of_sanctions = app.get("/v1/claims?resource=sanctions").await.expect(200);
    assert_eq!(of_sanctions.body["items"][0]["id"], sanction);
    assert_eq!(of_sanctions.body["items"][0]["grade"], "A2");
    assert_eq!(
        of_sanctions.body["items"][0]["summary"],
        "Office sanctions Speaker"
    );
}

#[tokio::test]
async fn claims_are_found_by_actor_source_and_speaker() {
    let app = TestApp::new().await;
    let one = app
        .create("actors", json!({"kind": "person", "name": "One"}))
        .await;
    let two = app
        .create("actors", json!({"kind": "person", "name": "Two"}))
        .await;
    let source = app
        .create("sources", json!({"kind": "speech", "title": "Speech"}))
        .await;
    let tie = app
        .create(
            "relationships",
            json!({"subject": one, "kind": "family_of", "object": two,
                   "citations": [{"source": source, "attributed_to": two}]}),
        )
        .await;
    let other = app
        .create(
            "sanctions",
            json!({"imposer": "iso3166:US", "target": one, "reason": "because"}),
        )
        .await;
    let ids = |page: &serde_json::Value| -> Vec<String> {
        let items = page["items"].as_array().cloned().unwrap_or_default();
        items
            .iter()
            .map(|item| item["id"].as_str().unwrap_or_default().to_owned())
            .collect()
    };

    let about_one = app.get(&format!("/v1/claims?actor={one}")).await.expect(200);
    let about_two = app.get(&format!("/v1/claims?actor={two}")).await.expect(200);
    let of_source = app.get(&format!("/v1/claims?source={source}")).await.expect(200);
    let of_speaker = app
        .get(&format!("/v1/claims?attributed_to={two}"))
        .await
        .expect(200);

    assert_eq!(ids(&about_one.body), [tie.clone(), other]);
    for found in [about_two, of_source, of_speaker] {
        assert_eq!(ids(&found.body), std::slice::from_ref(&tie));
    }
    let unknown = app.get("/v1/claims?actor=iso3166:ZZ").await.expect(422);
    assert_eq!(unknown.pointers(), ["?actor"]);
}
