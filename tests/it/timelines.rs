//! Timelines of actors and dyads, and the states for which acts count.

use serde_json::{Value, json};

use crate::support::TestApp;

/// A president in office from 2022-08-07, an agency of the United States, and what they did.
struct Story {
    app: TestApp,
    president: String,
    agency: String,
}

impl Story {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let president = app
            .create("actors", json!({"kind": "person", "name": "President"}))
            .await;
        let agency = app
            .create("actors", json!({"kind": "government_body", "name": "Agency"}))
            .await;
        let office = app
            .create("actors", json!({"kind": "government_body", "name": "Office"}))
            .await;
        app.create(
            "relationships",
            json!({"subject": president, "kind": "head_of_state_of", "object": "iso3166:CO", "started_on": "2022-08-07"}),
        )
        .await;
        app.create(
            "relationships",
            json!({"subject": agency, "kind": "agency_of", "object": office}),
        )
        .await;
        app.create(
            "relationships",
            json!({"subject": office, "kind": "agency_of", "object": "iso3166:US"}),
        )
        .await;
        Self {
            app,
            president,
            agency,
        }
    }

    async fn act(&self, title: &str, day: &str, initiator: &str, target: &str) -> String {
        let body = json!({
            "type": "accusation", "title": title, "occurred_on": day,
            "participants": [{"role": "initiator", "actor": initiator}, {"role": "target", "actor": target}],
        });
        self.app.create("diplomatic-actions", body).await
    }

    async fn dyad(&self, query: &str) -> Vec<String> {
        let path = format!("/v1/dyads/iso3166:US/iso3166:CO/timeline{query}");
        told(&self.app.get(&path).await.expect(200).body)
    }
}

fn told(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|item| {
            let name = item["record"]["title"]
                .as_str()
                .or(item["record"]["reason"].as_str())
                .unwrap_or_default();
            format!("{} {}", item["event"].as_str().unwrap_or_default(), name)
        })
        .collect()
}

#[tokio::test]
async fn a_dyad_has_acts_of_agencies_and_officials_by_day() {
    let story = Story::new().await;
    story
        .act("second", "2023-02-01", &story.president, &story.agency)
        .await;
    story
        .act("first", "2023-01", &story.agency, &story.president)
        .await;
    story
        .act("third", "../2023-03-01", "iso3166:US", "iso3166:CO")
        .await;
    story
        .app
        .create(
            "sanctions",
            json!({"imposer": story.agency, "target": story.president, "reason": "freeze",
                   "imposed_on": "2023-01-15", "lifted_on": "2023-02-15"}),
        )
        .await;

    let timeline = story.dyad("").await;

    assert_eq!(
        timeline,
        [
            "occurred first",
            "imposed freeze",
            "occurred second",
            "lifted freeze",
            "occurred third"
        ]
    );
    assert!(
        story
            .dyad("?counted=exact")
            .await
            .contains(&"occurred third".to_owned())
    );
    assert_eq!(story.dyad("?counted=exact").await.len(), 1);
}

#[tokio::test]
async fn an_official_counts_only_while_in_office() {
    let story = Story::new().await;
    story
        .act("before", "2022-08-06", &story.agency, &story.president)
        .await;
    story
        .act("on the day", "2022-08-07", &story.agency, &story.president)
        .await;
    story
        .act("some time that year", "2022", &story.agency, &story.president)
        .await;

    let timeline = story.dyad("").await;

    assert_eq!(timeline, ["occurred some time that year", "occurred on the day"]);
}

#[tokio::test]
async fn a_denied_relationship_does_not_count_acts_for_a_state() {
    let story = Story::new().await;
    let ties = story
        .app
        .get(&format!("/v1/relationships?subject={}", story.president))
        .await
        .expect(200);
    let tie = ties.body["items"][0]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    story
        .act("accuses", "2023-01-01", &story.president, &story.agency)
        .await;

    story
        .app
        .patch(
            &format!("/v1/relationships/{tie}"),
            &json!({"claim_status": "denied"}),
        )
        .await
        .expect(200);

    assert_eq!(story.dyad("").await, Vec::<String>::new());
}

#[tokio::test]
async fn an_act_between_bodies_of_one_state_is_not_between_states() {
    let story = Story::new().await;
    let other = story
        .app
        .create("actors", json!({"kind": "government_body", "name": "Other"}))
        .await;
    story
        .app
        .create(
            "relationships",
            json!({"subject": other, "kind": "agency_of", "object": "iso3166:US"}),
        )
        .await;
    story.act("at home", "2023-01-01", &story.agency, &other).await;

    assert_eq!(story.dyad("").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_joint_act_is_in_the_timeline_of_each_pair_that_acts() {
    let story = Story::new().await;
    let joint = async |title: &str, participants: Value| {
        let body = json!({"type": "agreement_signed", "title": title, "occurred_on": "2023-03-01", "participants": participants});
        story.app.create("diplomatic-actions", body).await
    };
    let role = |role: &str, actor: &str| json!({"role": role, "actor": actor});
    joint(
        "agreement",
        json!([
            role("initiator", &story.agency),
            role("initiator", &story.president),
            role("initiator", "iso3166:US"),
            role("mediator", "iso3166:FR"),
            role("affected", "iso3166:VE"),
        ]),
    )
    .await;
    joint(
        "against a third",
        json!([
            role("initiator", "iso3166:US"),
            role("initiator", "iso3166:CO"),
            role("target", "iso3166:VE")
        ]),
    )
    .await;

    assert_eq!(story.dyad("").await, ["occurred agreement"]);
    assert_eq!(story.dyad("?counted=exact").await, [""; 0]);
    for (path, expected) in [
        ("iso3166:CO/iso3166:US", vec!["occurred agreement"]),
        ("iso3166:CO/iso3166:FR", vec![]),
        ("iso3166:CO/iso3166:VE", vec!["occurred against a third"]),
    ] {
        let page = story
            .app
            .get(&format!("/v1/dyads/{path}/timeline"))
            .await
            .expect(200);
        assert_eq!(told(&page.body), expected, "{path}");
    }
    let people = format!(
        "/v1/dyads/{}/{}/timeline?counted=exact",
        story.agency, story.president
    );
    assert_eq!(
        told(&story.app.get(&people).await.expect(200).body),
        ["occurred agreement"]
    );
}

#[tokio::test]
async fn causes_come_before_effects_and_announcements_before_sanctions_within_a_day() {
    let story = Story::new().await;
    let act = async |title: &str, day: &str, initiator: &str, target: &str, links: Value| {
        let body = json!({
            "type": "accusation", "title": title, "occurred_on": day, "links": links,
            "participants": [{"role": "initiator", "actor": initiator}, {"role": "target", "actor": target}],
        });
        story.app.create("diplomatic-actions", body).await
    };
    let (us, co) = ("iso3166:US", "iso3166:CO");
    // Effects are recorded before their causes.
    let last = act("4 last", "2025-01-26", co, us, json!([])).await;
    let answer = act("3 answer", "2025-01-26", co, us, json!([])).await;
    let cause = act("1 cause", "2025-01-26", us, co, json!([])).await;
    // A link by way of an act that is not between the two.
    let between = act(
        "between",
        "2025-01-26",
        "iso3166:FR",
        "iso3166:VE",
        json!([{"kind": "escalates", "action": answer}]),
    )
    .await;
    let link = async |id: &str, kind: &str, to: &str| {
        story
            .app
            .patch(
                &format!("/v1/diplomatic-actions/{id}"),
                &json!({"links": [{"kind": kind, "action": to}]}),
            )
            .await
            .expect(200);
    };
    link(&answer, "retaliates_for", &cause).await;
    link(&last, "responds_to", &between).await;
    let sanction = async |reason: &str, imposer: &str, target: &str, imposed_on: &str, action: &str| {
        story
            .app
            .create(
                "sanctions",
                json!({"imposer": imposer, "target": target, "reason": reason, "imposed_on": imposed_on, "action": action}),
            )
            .await
    };
    let freeze = sanction("2 freeze", us, co, "2025-01-26", &cause).await;
    let tariff = sanction("3 tariff", co, us, "2025-01-26", &answer).await;
    let later = sanction("5 later", us, co, "2025-02-01", &cause).await;
    sanction("6 of another", us, co, "2025-02-02", &between).await;

    let expected = [
        "occurred 1 cause",
        "imposed 2 freeze",
        "occurred 3 answer",
        "imposed 3 tariff",
        "occurred 4 last",
        "imposed 5 later",
        "imposed 6 of another",
    ];
    assert_eq!(story.dyad("").await, expected);
    let mut backwards = expected;
    backwards.reverse();
    assert_eq!(story.dyad("?sort=-on").await, backwards);
    let path = "/v1/dyads/iso3166:US/iso3166:CO/timeline";
    for (query, expected) in [
        ("", &expected[..]),
        (
            "&announcements=fold",
            &[
                "occurred 1 cause",
                "occurred 3 answer",
                "occurred 4 last",
                "imposed 6 of another",
            ],
        ),
    ] {
        let mut paged = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = story
                .app
                .get(&format!("{path}?limit=1&count=exact{query}{cursor}"))
                .await
                .expect(200);
            assert_eq!(page.body["total"], expected.len(), "{query}");
            paged.extend(told(&page.body));
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(paged, expected, "{query}");
    }
    let folded = story
        .app
        .get(&format!("{path}?announcements=fold"))
        .await
        .expect(200);
    let announced: Vec<Vec<&str>> = folded.body["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| {
            let list = item["announced"].as_array().expect("a list");
            list.iter().filter_map(|one| one["id"].as_str()).collect()
        })
        .collect();
    assert_eq!(
        announced,
        [
            vec![freeze.as_str(), later.as_str()],
            vec![tariff.as_str()],
            vec![],
            vec![]
        ]
    );
    assert_eq!(
        folded.body["items"][0]["announced"][0],
        story
            .app
            .get(&format!("/v1/sanctions/{freeze}"))
            .await
            .expect(200)
            .body
    );
    // Where the act is filtered out, its sanction stays an entry of its own.
    assert_eq!(
        story.dyad("?announcements=fold&from=2025-02-01").await,
        ["imposed 5 later", "imposed 6 of another"]
    );
    assert_eq!(story.dyad("?announcements=fold&event=imposed").await.len(), 4);
    assert!(
        story.app.get(path).await.expect(200).body["items"][0]
            .get("announced")
            .is_none()
    );
    let csv = story
        .app
        .get(&format!("{path}?announcements=fold&format=csv"))
        .await
        .expect(200);
    assert_eq!(csv.text.lines().count(), 1 + 4);
    assert!(csv.text.contains(&freeze.to_string()), "{}", csv.text);
    story
        .app
        .get(&format!("{path}?announcements=folded"))
        .await
        .expect(400);
    let own = story
        .app
        .get("/v1/actors/iso3166:CO/timeline?announcements=fold")
        .await
        .expect(200);
    assert_eq!(told(&own.body).len(), 4);
}

#[tokio::test]
async fn an_act_against_a_citizen_counts_against_their_only_state() {
    let story = Story::new().await;
    for (name, countries) in [("one", vec!["CO"]), ("two", vec!["CO", "ES"])] {
        let countries: Vec<Value> = countries
            .into_iter()
            .map(|code| json!({"code": code, "role": "nationality"}))
            .collect();
        let citizen = story
            .app
            .create(
                "actors",
                json!({"kind": "person", "name": name, "countries": countries}),
            )
            .await;
        story
            .act(&format!("to {name}"), "2023", &story.agency, &citizen)
            .await;
        story
            .act(&format!("by {name}"), "2023", &citizen, &story.agency)
            .await;
    }

    let timeline = story.dyad("").await;

    assert_eq!(timeline, ["occurred to one"]);
}

#[tokio::test]
async fn a_dyad_is_symmetric_and_paged() {
    let story = Story::new().await;
    for day in 1..=9 {
        story
            .act(
                &format!("{day}"),
                &format!("2023-01-0{day}"),
                &story.agency,
                &story.president,
            )
            .await;
    }
    let mut titles = Vec::new();
    let mut path = "/v1/dyads/iso3166:CO/iso3166:US/timeline?limit=4&sort=-on".to_owned();

    loop {
        let page = story.app.get(&path).await.expect(200);
        titles.extend(told(&page.body));
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            break;
        };
        path = format!("/v1/dyads/iso3166:CO/iso3166:US/timeline?limit=4&sort=-on&cursor={cursor}");
    }

    let expected: Vec<String> = (1..=9).rev().map(|day| format!("occurred {day}")).collect();
    assert_eq!(titles, expected);
}

#[tokio::test]
async fn a_timeline_filters_by_day_event_modality_and_status() {
    let story = Story::new().await;
    let alleged = story
        .act("alleged", "2023-05-01", &story.agency, &story.president)
        .await;
    story
        .app
        .patch(
            &format!("/v1/diplomatic-actions/{alleged}"),
            &json!({"modality": "alleged", "claim_status": "disputed"}),
        )
        .await
        .expect(200);
    story
        .act("actual", "2023-06", &story.agency, &story.president)
        .await;
    story
        .app
        .create(
            "sanctions",
            json!({"imposer": story.agency, "target": story.president, "reason": "visa",
                   "imposed_on": "2023-07-01", "expires_on": "2023-12-31"}),
        )
        .await;

    assert_eq!(story.dyad("?modality=alleged").await, ["occurred alleged"]);
    assert_eq!(story.dyad("?claim_status=disputed").await, ["occurred alleged"]);
    assert_eq!(
        story.dyad("?from=2023-06-30&to=2023-07-01").await,
        ["occurred actual", "imposed visa"]
    );
    assert_eq!(story.dyad("?event=expired").await, ["expired visa"]);
    assert_eq!(
        story.dyad("?event=expired&on=2023-12-31").await,
        Vec::<String>::new()
    );
    let wrong = story
        .app
        .get("/v1/dyads/iso3166:US/iso3166:CO/timeline?from=2023-02-30")
        .await
        .expect(400);
    assert_eq!(wrong.pointers(), ["?from"]);
}

#[tokio::test]
async fn a_timeline_has_operators_full_text_and_facets() {
    let story = Story::new().await;
    let announcement = story
        .act(
            "ultimatum over cocaine",
            "2023-05-01",
            &story.agency,
            &story.president,
        )
        .await;
    let threat = story
        .act("warning", "2024-06", &story.agency, &story.president)
        .await;
    story
        .app
        .patch(
            &format!("/v1/diplomatic-actions/{threat}"),
            &json!({"modality": "threatened", "properties": {"desk_note": ["urgent"]}}),
        )
        .await
        .expect(200);
    story
        .app
        .create(
            "sanctions",
            json!({"imposer": story.agency, "target": story.president, "reason": "cocaine smuggling",
                   "imposed_on": "2023-05-02", "lifted_on": "2024-01-31", "action": announcement}),
        )
        .await;

    for (query, expected) in [
        (
            "not.event=occurred",
            &["imposed cocaine smuggling", "lifted cocaine smuggling"][..],
        ),
        (
            "or=(event:lifted,modality:threatened)",
            &["lifted cocaine smuggling", "occurred warning"],
        ),
        (
            "or=(and(from:2023-05,to:2023-05),modality:threatened)",
            &[
                "occurred ultimatum over cocaine",
                "imposed cocaine smuggling",
                "occurred warning",
            ],
        ),
        (
            "not.from=2024",
            &["occurred ultimatum over cocaine", "imposed cocaine smuggling"],
        ),
        ("from=2024-06-30&to=2024", &["occurred warning"]),
        ("has.on=false", &[]),
        ("property.desk_note=urgent", &["occurred warning"]),
        (
            "q=cocaine&sort=on",
            &[
                "occurred ultimatum over cocaine",
                "imposed cocaine smuggling",
                "lifted cocaine smuggling",
            ],
        ),
        // What the act announced is in it where the act is found, and else an entry of its own.
        (
            "q=cocaine&sort=on&announcements=fold&not.event=lifted",
            &["occurred ultimatum over cocaine"],
        ),
        (
            "q=smuggling&announcements=fold&not.event=lifted",
            &["imposed cocaine smuggling"],
        ),
        (
            "q=smuggling&announcements=fold&event=imposed",
            &["imposed cocaine smuggling"],
        ),
        (
            "q=ultimatum+-smuggling&event=occurred",
            &["occurred ultimatum over cocaine"],
        ),
        ("q=unheardof", &[]),
    ] {
        assert_eq!(story.dyad(&format!("?{query}")).await, expected, "{query}");
    }
    let path = "/v1/dyads/iso3166:US/iso3166:CO/timeline";
    let page = story
        .app
        .get(&format!("{path}?q=cocaine&facets=event,on.year&count=exact"))
        .await
        .expect(200);
    assert_eq!(page.body["total"], 3);
    assert_eq!(
        page.body["facets"],
        json!({
            "event": {"values": [
                {"value": "imposed", "count": 1}, {"value": "lifted", "count": 1}, {"value": "occurred", "count": 1},
            ], "total": 3},
            "on.year": {"values": [{"value": "2023", "count": 2}, {"value": "2024", "count": 1}], "total": 2},
        })
    );
    let snippet = page.body["items"][0]["match"]["snippet"]
        .as_str()
        .unwrap_or_default();
    assert!(snippet.contains("<mark>cocaine</mark>"), "{snippet}");
    let csv = story
        .app
        .get(&format!("{path}?q=cocaine&format=csv"))
        .await
        .expect(200);
    assert!(
        csv.text
            .lines()
            .next()
            .is_some_and(|header| header.ends_with("announced,rank,snippet")),
        "{}",
        csv.text
    );
    for (query, pointer) in [
        ("not.counted=state", "?not.counted"),
        ("or=(announcements:fold)", "?or"),
        ("not.event=unheard", "?not.event"),
        ("facets=unheard", "?facets"),
        ("q=", "?q"),
    ] {
        let refused = story.app.get(&format!("{path}?{query}")).await;
        assert_eq!(
            refused.expect_problem(400, "malformed-request").pointers(),
            [pointer],
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_period_that_ends_before_it_begins_is_refused_by_every_list() {
    let app = TestApp::new().await;

    for (path, from, to) in [
        ("/v1/sanctions", "imposed_from", "imposed_to"),
        ("/v1/actors/iso3166:CO/sanctions", "imposed_from", "imposed_to"),
        ("/v1/diplomatic-actions", "from", "to"),
        ("/v1/actors/iso3166:CO/timeline", "from", "to"),
        ("/v1/dyads/iso3166:US/iso3166:CO/timeline", "from", "to"),
    ] {
        let reversed = app
            .get(&format!("{path}?{from}=2025-02-02&{to}=2025-02-01"))
            .await
            .expect(422);
        let day = app
            .get(&format!("{path}?{from}=2025-02-02&{to}=2025-02-02"))
            .await;

        assert_eq!(reversed.pointers(), [format!("?{to}")], "{path}");
        assert_eq!(
            reversed.detail(),
            format!("?{to} 2025-02-01 is before {from} 2025-02-02")
        );
        day.expect(200);
    }
}

#[tokio::test]
async fn the_timeline_of_an_actor_has_acts_by_it_and_against_it() {
    let story = Story::new().await;
    story
        .act("to", "2023-01-01", &story.agency, &story.president)
        .await;
    story
        .act("by", "2023-01-02", &story.president, &story.agency)
        .await;
    let path = format!("/v1/actors/{}/timeline", story.president);

    let own = told(&story.app.get(&path).await.expect(200).body);
    let of_the_state = told(
        &story
            .app
            .get("/v1/actors/iso3166:CO/timeline?counted=state")
            .await
            .expect(200)
            .body,
    );
    let of_the_state_alone = told(
        &story
            .app
            .get("/v1/actors/iso3166:CO/timeline")
            .await
            .expect(200)
            .body,
    );

    assert_eq!(own, ["occurred to", "occurred by"]);
    assert_eq!(of_the_state, ["occurred to", "occurred by"]);
    assert_eq!(of_the_state_alone, Vec::<String>::new());
}

#[tokio::test]
async fn a_dyad_needs_two_known_actors() {
    let app = TestApp::new().await;

    app.get("/v1/dyads/iso3166:US/iso3166:US/timeline")
        .await
        .expect(422);
    app.get("/v1/dyads/iso3166:US/iso3166:ZZ/timeline")
        .await
        .expect(404);
    app.get("/v1/actors/01a20368-e023-755a-b6b7-116b7c0273fe/timeline")
        .await
        .expect(404);
}

#[tokio::test]
async fn a_timeline_is_also_csv() {
    let story = Story::new().await;
    story
        .act("told", "2023-01-01", &story.agency, &story.president)
        .await;

    let table = story
        .app
        .get("/v1/dyads/iso3166:US/iso3166:CO/timeline?format=csv")
        .await
        .expect(200);

    let mut lines = table.text.lines();
    assert_eq!(
        lines.next(),
        Some(
            "on,event,resource,id,type,title,initiators,targets,goldstein,modality,claim_status,reason,announced"
        )
    );
    let line = lines.next().unwrap_or_default();
    assert!(
        line.starts_with("2023-01-01,occurred,diplomatic-actions,"),
        "{line}"
    );
    assert!(
        line.ends_with(",accusation,told,Agency,President,-2.0,actual,reported,,"),
        "{line}"
    );
    assert_eq!(lines.next(), None);
}
