//! Lists of diplomatic actions: filters, order, pages.

use serde_json::{Value, json};

use crate::support::{TestApp, rank};

const PATH: &str = "/v1/diplomatic-actions";

/// Records an action with these fields besides its title.
async fn action(app: &TestApp, title: &str, fields: Value) {
    let mut body = json!({"type": "public_statement", "title": title});
    for (name, value) in fields.as_object().expect("an object") {
        body[name] = value.clone();
    }
    app.create("diplomatic-actions", body).await;
}

/// Returns the titles of a list in alphabetical order.
async fn titles(app: &TestApp, query: &str) -> Vec<String> {
    let page = app.get(&format!("{PATH}?count=exact&{query}")).await.expect(200);
    let mut titles: Vec<String> = page.body["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["title"].as_str().unwrap_or_default().to_owned())
        .collect();
    titles.sort_unstable();
    assert_eq!(page.body["total"], titles.len(), "{query}");
    titles
}

#[tokio::test]
async fn a_list_is_filtered_by_type_place_and_claim_status() {
    let app = TestApp::new().await;
    action(
        &app,
        "strike",
        json!({"type": "airstrike", "countries": ["VE", "US"], "claim_status": "confirmed"}),
    )
    .await;
    action(
        &app,
        "talks",
        json!({"type": "negotiation", "countries": ["CO"], "modality": "planned"}),
    )
    .await;
    action(
        &app,
        "protest",
        json!({"type": "protest_note", "countries": ["CO", "VE"], "modality": "alleged", "claim_status": "denied"}),
    )
    .await;
    action(&app, "aid", json!({"type": "aid"})).await;

    for (query, expected) in [
        ("", vec!["aid", "protest", "strike", "talks"]),
        ("type=airstrike", vec!["strike"]),
        ("type=airstrike&type=aid", vec!["aid", "strike"]),
        ("country=CO", vec!["protest", "talks"]),
        ("country=iso3166:CO", vec!["protest", "talks"]),
        ("country=CO&country=US", vec!["protest", "strike", "talks"]),
        ("quad_class=1", vec!["talks"]),
        ("quad_class=2&quad_class=4", vec!["aid", "strike"]),
        ("quad_class=3", vec!["protest"]),
        ("modality=actual", vec!["aid", "strike"]),
        ("modality=planned&modality=alleged", vec!["protest", "talks"]),
        ("claim_status=confirmed", vec!["strike"]),
        (
            "claim_status=confirmed&claim_status=denied",
            vec!["protest", "strike"],
        ),
        ("country=VE&modality=alleged&quad_class=3", vec!["protest"]),
        ("country=VE&modality=planned", vec![]),
    ] {
        assert_eq!(titles(&app, query).await, expected, "{query}");
    }
    // A misspelt code must not give an empty list.
    for query in ["type=no_such_type", "type=%27%3B%20drop%20table%20actors"] {
        let refused = app
            .get(&format!("/v1/diplomatic-actions?{query}"))
            .await
            .expect(422);
        assert_eq!(refused.pointers(), ["?type"], "{query}");
    }
}

#[tokio::test]
async fn a_list_is_filtered_by_speaker() {
    let app = TestApp::new().await;
    let speaker = app
        .create("actors", json!({"kind": "person", "name": "Gustavo Petro"}))
        .await;
    let speech = app
        .create(
            "sources",
            json!({
                "kind": "speech", "title": "Speech",
                "external_keys": [{"scheme": "desk", "value": "speech"}],
            }),
        )
        .await;
    let article = app
        .create("sources", json!({"kind": "news_article", "title": "Article"}))
        .await;
    action(
        &app,
        "his word",
        json!({"citations": [{"source": speech, "attributed_to": speaker}, {"source": article}]}),
    )
    .await;
    action(&app, "reported", json!({"citations": [{"source": article}]})).await;
    action(&app, "bare", json!({})).await;

    for (query, expected) in [
        ("source=desk:speech".to_owned(), vec!["his word"]),
        (format!("source={article}"), vec!["his word", "reported"]),
        (format!("attributed_to={speaker}"), vec!["his word"]),
        ("attributed_to=iso3166:CO".to_owned(), vec![]),
        (format!("source={article}&claim_status=confirmed"), vec![]),
    ] {
        assert_eq!(titles(&app, &query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_list_is_filtered_by_day_with_partial_dates() {
    let app = TestApp::new().await;
    for (title, fields) in [
        ("about", json!({"occurred_on": "2025-11-11~"})),
        ("between", json!({"occurred_on": "1960/1962"})),
        ("day", json!({"occurred_on": "2025-09-23"})),
        ("ended", json!({"occurred_on": "2024-05", "ended_on": "2024-08"})),
        ("end only", json!({"ended_on": "2025-06"})),
        ("month", json!({"occurred_on": "2025-09"})),
        ("ongoing", json!({"occurred_on": "2023-01", "ongoing": true})),
        ("ongoing, undated", json!({"ongoing": true})),
        ("undated", json!({})),
        ("until", json!({"occurred_on": "../2025-03-10"})),
    ] {
        action(&app, title, fields).await;
    }

    for (query, expected) in [
        (
            "from=2025-09-15",
            vec!["about", "day", "month", "ongoing", "ongoing, undated"],
        ),
        ("from=2025-11-12", vec!["ongoing", "ongoing, undated"]),
        (
            "to=2024-06-01",
            vec![
                "between",
                "end only",
                "ended",
                "ongoing",
                "ongoing, undated",
                "until",
            ],
        ),
        (
            "from=2024-06-01&to=2024-07-01",
            vec!["end only", "ended", "ongoing", "ongoing, undated", "until"],
        ),
        (
            "from=2024-09-01&to=2024-09-01",
            vec!["end only", "ongoing", "ongoing, undated", "until"],
        ),
        (
            "from=2025-09-23&to=2025-09-23",
            vec!["day", "month", "ongoing", "ongoing, undated"],
        ),
        (
            "from=1960-12-31&to=1961-01-01",
            vec!["between", "end only", "ongoing, undated", "until"],
        ),
        ("from=9999-12-31", vec!["ongoing", "ongoing, undated"]),
    ] {
        assert_eq!(titles(&app, query).await, expected, "{query}");
    }
}

/// OFAC acts for the United States; a president acts for Colombia from August 2022 on.
async fn acting_for_states(app: &TestApp) {
    for (key, kind, countries) in [
        ("ofac", "government_body", json!([])),
        ("president", "person", json!([])),
        (
            "citizen",
            "person",
            json!([{"code": "CO", "role": "nationality"}]),
        ),
        (
            "dual",
            "person",
            json!([{"code": "CO", "role": "nationality"}, {"code": "VE", "role": "nationality"}]),
        ),
        ("resident", "person", json!([{"code": "CO", "role": "residence"}])),
    ] {
        app.create(
            "actors",
            json!({
                "kind": kind, "name": key, "countries": countries,
                "external_keys": [{"scheme": "desk", "value": key}],
            }),
        )
        .await;
    }
    for relationship in [
        json!({"subject": "desk:ofac", "kind": "agency_of", "object": "iso3166:US"}),
        json!({
            "subject": "desk:president", "kind": "head_of_state_of", "object": "iso3166:CO", "started_on": "2022-08-07",
        }),
        json!({"subject": "desk:resident", "kind": "supports", "object": "iso3166:CO"}),
    ] {
        app.create("relationships", relationship).await;
    }
    for (title, occurred_on, participants) in [
        ("by Colombia", Some("2025"), vec![("initiator", "iso3166:CO")]),
        (
            "by him before office",
            Some("2010"),
            vec![("initiator", "desk:president"), ("target", "iso3166:US")],
        ),
        (
            "by him in office",
            Some("2025-09-23"),
            vec![("initiator", "desk:president"), ("target", "iso3166:US")],
        ),
        (
            "by him, not later than",
            Some("../2022-09"),
            vec![("initiator", "desk:president")],
        ),
        ("by him, undated", None, vec![("initiator", "desk:president")]),
        (
            "on a citizen",
            Some("2025"),
            vec![("initiator", "desk:ofac"), ("target", "desk:citizen")],
        ),
        ("on a citizen of two", Some("2025"), vec![("target", "desk:dual")]),
        ("on a resident", Some("2025"), vec![("target", "desk:resident")]),
        (
            "on him in office",
            Some("2025-10-24"),
            vec![("initiator", "desk:ofac"), ("target", "desk:president")],
        ),
        ("by a citizen", Some("2025"), vec![("initiator", "desk:citizen")]),
        (
            "through a citizen",
            Some("2025"),
            vec![("mediator", "desk:citizen")],
        ),
        ("through him", Some("2025"), vec![("mediator", "desk:president")]),
    ] {
        let participants: Vec<Value> = participants
            .iter()
            .map(|(role, actor)| json!({"role": role, "actor": actor}))
            .collect();
        let fields = json!({"occurred_on": occurred_on, "participants": participants});
        action(app, title, fields).await;
    }
}

#[tokio::test]
async fn a_list_is_filtered_by_participant() {
    let app = TestApp::new().await;
    acting_for_states(&app).await;

    for (query, expected) in [
        ("initiator=iso3166:CO", vec!["by Colombia"]),
        (
            "initiator=iso3166:CO&initiator=desk:citizen",
            vec!["by Colombia", "by a citizen"],
        ),
        ("initiator=iso3166:CO&counted=exact", vec!["by Colombia"]),
        ("target=iso3166:CO", vec![]),
        (
            "target=iso3166:US",
            vec!["by him before office", "by him in office"],
        ),
        (
            "participant=desk:citizen",
            vec!["by a citizen", "on a citizen", "through a citizen"],
        ),
        (
            "participant=desk:president&target=iso3166:US",
            vec!["by him before office", "by him in office"],
        ),
        (
            "initiator=desk:ofac&target=desk:president",
            vec!["on him in office"],
        ),
    ] {
        assert_eq!(titles(&app, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn actions_of_bodies_and_officials_count_for_their_state_on_request() {
    let app = TestApp::new().await;
    acting_for_states(&app).await;

    for (query, expected) in [
        (
            "initiator=iso3166:CO",
            vec![
                "by Colombia",
                "by him in office",
                "by him, not later than",
                "by him, undated",
            ],
        ),
        ("initiator=iso3166:US", vec!["on a citizen", "on him in office"]),
        ("initiator=iso3166:VE", vec![]),
        ("initiator=desk:ofac", vec!["on a citizen", "on him in office"]),
        ("target=iso3166:CO", vec!["on a citizen", "on him in office"]),
        ("target=iso3166:VE", vec![]),
        ("target=desk:citizen", vec!["on a citizen"]),
        (
            "target=iso3166:CO&target=iso3166:US",
            vec![
                "by him before office",
                "by him in office",
                "on a citizen",
                "on him in office",
            ],
        ),
        (
            "participant=iso3166:CO",
            vec![
                "by Colombia",
                "by him in office",
                "by him, not later than",
                "by him, undated",
                "on a citizen",
                "on him in office",
                "through him",
            ],
        ),
        (
            "initiator=iso3166:US&target=iso3166:CO",
            vec!["on a citizen", "on him in office"],
        ),
        ("initiator=iso3166:CO&target=iso3166:US", vec!["by him in office"]),
    ] {
        assert_eq!(
            titles(&app, &format!("counted=state&{query}")).await,
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn unknown_filters_are_refused_by_name() {
    let app = TestApp::new().await;
    for (query, pointer) in [
        ("quad_class=0", "?quad_class"),
        ("quad_class=5", "?quad_class"),
        ("quad_class=x", "?quad_class"),
        ("quad_class=99999999999", "?quad_class"),
        ("quad_class=verbal_cooperation", "?quad_class"),
        ("modality=maybe", "?modality"),
        ("claim_status=sure", "?claim_status"),
        ("counted=all", "?counted"),
        ("counted=state&counted=exact", "?counted"),
        ("from=soon", "?from"),
        ("to=2025/..", "?to"),
        ("from=2025-02-30", "?from"),
        ("from=2025-01-01&from=2025-01-02", "?from"),
        ("to=", "?to"),
        ("to=infinity", "?to"),
        ("sort=goldstein", "?sort"),
        ("sort=title,title", "?sort"),
        ("type=%00", "?type"),
        ("action=x", "?action"),
        ("attributed_to=", "?attributed_to"),
    ] {
        let refused = app.get(&format!("{PATH}?{query}")).await.expect(400);

        assert_eq!(refused.pointers(), [pointer], "{query}");
    }
    for (query, pointers) in [
        ("initiator=iso3166:ZZ", vec!["?initiator"]),
        ("target=Colombia", vec!["?target"]),
        (
            "participant=@petro&source=desk:none",
            vec!["?participant", "?source"],
        ),
        ("attributed_to=nobody", vec!["?attributed_to"]),
    ] {
        let refused = app.get(&format!("{PATH}?{query}")).await.expect(422);

        assert_eq!(refused.pointers(), pointers, "{query}");
    }
    for (query, detail) in [
        (
            "quad_class=verbal_cooperation",
            "quad_class must be one of 1 (verbal cooperation), 2 (material cooperation), 3 (verbal conflict), \
             4 (material conflict)",
        ),
        (
            "modality=`x`, expected `y`",
            "modality must be one of actual, alleged, planned, threatened, hypothetical, not \"`x`, expected `y`\"; for several \
             values repeat the parameter: modality=`x`&modality=expected `y`",
        ),
        ("counted=all", "counted must be one of exact, state, not \"all\""),
        (
            "counted=state&counted=exact",
            "counted is given twice; send it once",
        ),
        (
            "from=soon",
            "from must be a day, a month or a year such as 2025-11-01, 2025-11 or 2025, not \"soon\"",
        ),
        ("on=2025", "on must be a day such as 2025-11-01, not \"2025\""),
        (
            "limit=many",
            "limit must be a whole number from 1 to 1000, not \"many\"",
        ),
        (
            "limit=%2B5",
            "limit must be a whole number from 1 to 1000, not \"+5\"",
        ),
    ] {
        let refused = app.get(&format!("{PATH}?{query}")).await.expect(400);

        assert_eq!(refused.detail(), detail, "{query}");
    }
    let unknown = app.get(&format!("{PATH}?action=x")).await;
    let detail = unknown.detail();
    for part in [
        "action is not a parameter of this path; known are fields, include, q, sort, limit, cursor, count, facets, format, or, type, initiator, target, participant, counted, from, to, country, ",
        ", occurred_from, occurred_to, ",
        ", property.<name>, not.<filter>, all.<filter>, has.<field>, on, known_at, list, ",
    ] {
        assert!(detail.contains(part), "{detail}");
    }
}

#[tokio::test]
async fn pages_hold_every_action_once_under_every_sort() {
    let app = TestApp::new().await;
    let dates = [
        json!("2025"),
        json!("../2025-03-10"),
        Value::Null,
        json!("1960/1962"),
        json!("2025-01-01"),
        json!("2025-11-11~"),
        json!("../1950"),
    ];
    for number in 0..27 {
        let fields = json!({
            "type": if number % 9 == 0 { "aid" } else { "airstrike" },
            "occurred_on": dates[number % dates.len()],
        });
        action(&app, &format!("title {}", number % 5), fields).await;
    }

    for filter in ["", "type=airstrike"] {
        app.assert_pages_are_whole(
            PATH,
            filter,
            &["occurred_on", "title", "created_at", "updated_at"],
            "id",
            rank,
        )
        .await;
    }
}

#[tokio::test]
async fn pages_under_two_sorts_hold_every_action_once() {
    let app = TestApp::new().await;
    for number in 0..12 {
        let occurred_on = [json!("2025"), Value::Null, json!("../2025-01-01")][number % 3].clone();
        action(
            &app,
            &format!("title {}", number % 4),
            json!({"occurred_on": occurred_on}),
        )
        .await;
    }

    for sort in [
        "occurred_on,-title",
        "-title,occurred_on",
        "-occurred_on,title",
        "title,-occurred_on",
    ] {
        let whole = app.walk(PATH, &format!("sort={sort}"), 1000).await;
        let by_pages = app.walk(PATH, &format!("sort={sort}"), 5).await;

        assert_eq!(by_pages, whole, "{sort}");
        assert_eq!(whole.len(), 12);
    }
}
