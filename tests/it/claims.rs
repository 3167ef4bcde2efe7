//! Claims across resources.

use serde_json::json;

use crate::as_of::moment;
use crate::support::{Desk, TestApp};

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
                {"source": statement, "credibility": 2, "stance": "disputes", "attributed_to": office},
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
            "attributed_to": [
                {"id": office, "name": "Office", "kind": "government_body"},
                {"id": person, "name": "Speaker", "kind": "person"},
            ],
            "disputed_by": [{"id": office, "name": "Office", "kind": "government_body"}],
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
            "resource,id,summary,claim_status,grade,disputed_by,citations,stances,grades,attributed_to\r\n\
             diplomatic-actions,{action},An accusation,unconfirmed,C3,Office,Article;Statement,supports;disputes,C3;A2,\
             Speaker;Office\r\n"
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

/// Returns the summaries of the claims that a list has, in order of their summaries.
async fn summaries(app: &TestApp, query: &str) -> Vec<String> {
    let page = app.get(&format!("/v1/claims?{query}")).await.expect(200);
    let items = page.body["items"].as_array().expect("items");
    let mut found: Vec<String> = items
        .iter()
        .map(|item| item["summary"].as_str().expect("a summary").to_owned())
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn who_disputes_what_is_one_call() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let minister = desk.actor(json!({"kind": "person", "name": "Minister"})).await;
    let ministry = desk
        .actor(json!({"kind": "government_body", "name": "Ministry"}))
        .await;
    desk.tie(&minister, "official_of", &ministry, Some("2018"), Some("2022"))
        .await;
    desk.tie(&ministry, "agency_of", "iso3166:CO", None, None).await;
    let source = async |title: &str, published_on: Option<&str>| {
        let body = json!({"kind": "speech", "title": title, "published_on": published_on});
        app.create("sources", body).await
    };
    let in_office = source("In office", Some("2020-05-01")).await;
    let afterwards = source("Afterwards", Some("2024-05")).await;
    let undated = source("Undated", None).await;
    let action = async |title: &str, citations: serde_json::Value| {
        let body = json!({"type": "accusation", "title": title, "citations": citations});
        app.create("diplomatic-actions", body).await
    };
    action(
        "disputed in office",
        json!([{"source": in_office, "stance": "disputes", "attributed_to": minister}]),
    )
    .await;
    action(
        "disputed afterwards",
        json!([{"source": afterwards, "stance": "disputes", "attributed_to": minister}]),
    )
    .await;
    action(
        "disputed without a date",
        json!([{"source": undated, "stance": "disputes", "attributed_to": minister}]),
    )
    .await;
    action(
        "disputed by the state",
        json!([{"source": afterwards, "stance": "disputes", "attributed_to": "iso3166:CO"}]),
    )
    .await;
    action(
        "supported by the minister, disputed by others",
        json!([{"source": in_office, "attributed_to": minister}, {"source": in_office, "stance": "disputes"}]),
    )
    .await;
    action(
        "mentioned",
        json!([{"source": in_office, "stance": "mentions", "attributed_to": ministry}]),
    )
    .await;

    let found = |query: &'static str| summaries(app, query);
    assert_eq!(found("stance=mentions").await, ["mentioned"]);
    assert_eq!(found("stance=supports&stance=mentions").await.len(), 2);
    assert_eq!(
        found("stance=disputes&attributed_to=iso3166:CO").await,
        ["disputed by the state"]
    );
    assert_eq!(
        found("stance=disputes&attributed_to=iso3166:CO&counted=exact").await,
        ["disputed by the state"]
    );
    let disputed = [
        "disputed by the state",
        "disputed in office",
        "disputed without a date",
    ];
    assert_eq!(
        found("stance=disputes&attributed_to=iso3166:CO&counted=state").await,
        disputed
    );
    assert_eq!(
        found("attributed_to=iso3166:CO&counted=state").await,
        [
            "disputed by the state",
            "disputed in office",
            "disputed without a date",
            "mentioned",
            "supported by the minister, disputed by others",
        ]
    );
    for list in ["diplomatic-actions", "sanctions"] {
        let expected = if list == "sanctions" { 0 } else { 3 };
        let page = app
            .get(&format!(
                "/v1/{list}?stance=disputes&attributed_to=iso3166:CO&counted=state"
            ))
            .await
            .expect(200);
        assert_eq!(page.ids().len(), expected, "{list}");
    }
    let one_citation = format!("source={in_office}&stance=disputes&attributed_to={minister}");
    assert_eq!(summaries(app, &one_citation).await, ["disputed in office"]);

    let before = moment(app).await;
    app.client()
        .await
        .batch_execute("update relationships set claim_status = 'denied' where kind = 'official_of'")
        .await
        .expect("denied");
    assert_eq!(
        found("stance=disputes&attributed_to=iso3166:CO&counted=state").await,
        ["disputed by the state"]
    );
    let then = format!("stance=disputes&attributed_to=iso3166:CO&counted=state&known_at={before}");
    assert_eq!(summaries(app, &then).await, disputed);
    let wrong = app.get("/v1/claims?stance=doubts").await.expect(400);
    assert_eq!(wrong.pointers(), ["?stance"]);
}

#[tokio::test]
async fn claims_about_a_state_include_those_about_its_bodies_if_the_state_counts() {
    let desk = Desk::new().await;
    let soldier = desk.actor(json!({"kind": "person", "name": "Soldier"})).await;
    desk.tie(&desk.ofac, "agency_of", "iso3166:US", None, None).await;
    desk.tie(&soldier, "official_of", "desk:ofac", Some("2020"), Some("2021"))
        .await;
    desk.sanction(json!({})).await;
    for (title, day) in [("in office", "2020-06-01"), ("afterwards", "2023-06-01")] {
        let body = json!({"type": "accusation", "title": title, "occurred_on": day,
                          "participants": [{"role": "initiator", "actor": soldier}]});
        desk.app.create("diplomatic-actions", body).await;
    }
    let sanction = "Office of Foreign Assets Control sanctions Gustavo Petro";

    assert_eq!(
        summaries(&desk.app, "actor=iso3166:US").await,
        ["Office of Foreign Assets Control agency of United States"]
    );
    assert_eq!(
        summaries(&desk.app, "actor=iso3166:US&counted=state").await,
        [
            "Office of Foreign Assets Control agency of United States",
            sanction,
            "Soldier official of Office of Foreign Assets Control",
            "in office",
        ]
    );
    assert_eq!(
        summaries(&desk.app, "actor=iso3166:CO").await,
        Vec::<String>::new()
    );
    // Its national, by the one country.
    assert_eq!(
        summaries(&desk.app, "actor=iso3166:CO&counted=state").await,
        [sanction]
    );
}

#[tokio::test]
async fn a_citation_says_who_published_its_source_when_and_where() {
    let app = TestApp::new().await;
    let known = json!({"title": "Statement", "publisher": "Ministry", "published_on": "2025-09",
                       "url": "https://example.org/statement"});
    let mut body = known.clone();
    body["kind"] = json!("official_statement");
    let statement = app.create("sources", body).await;
    let speech = app
        .create("sources", json!({"kind": "speech", "title": "Speech"}))
        .await;
    let action = app
        .create(
            "diplomatic-actions",
            json!({"type": "accusation", "title": "An accusation",
                   "citations": [{"source": statement}, {"source": speech}]}),
        )
        .await;
    let path = format!("/v1/diplomatic-actions/{action}");

    let read = app.get(&path).await.expect(200);
    let claim = app
        .get("/v1/claims?resource=diplomatic-actions")
        .await
        .expect(200);

    let mut first = known;
    first["id"] = json!(statement);
    assert_eq!(read.body["citations"][0]["source"], first);
    assert_eq!(
        read.body["citations"][1]["source"],
        json!({"id": speech, "title": "Speech", "publisher": null, "published_on": null, "url": null})
    );
    assert_eq!(
        claim.body["items"][0]["record"]["citations"],
        read.body["citations"]
    );
    // What was read can be sent back.
    let same = app.put(&path, &read.body).await.expect(200);
    assert_eq!(same.etag(), read.etag());
}
