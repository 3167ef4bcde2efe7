//! The demo's data: it loads completely and only once, and answers the questions that it was made for.

use demarche::demo::load::load;
use serde_json::Value;

use crate::support::{Response, TestApp};

fn texts<'a>(items: &'a Value, path: &str) -> Vec<&'a str> {
    items
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item.pointer(path)?.as_str())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_loads_once_keeps_changes_and_answers_the_six_questions() {
    // The template was loaded by the same function, and asserts the number of records.
    let app = TestApp::with_demo().await;

    let again = load(&app.db).await.expect("the cases are there");

    assert_eq!(again.made, 0);
    is_worth_charting(&app).await;
    who_sanctioned_petro(&app).await;
    what_the_two_did_to_each_other(&app).await;
    what_answered_what(&app).await;
    which_claims_are_not_confirmed(&app).await;
    what_a_state_disputes_by_its_president(&app).await;
    was_he_under_sanctions(&app).await;
    whose_citizens_were_affected(&app).await;
    what_was_known_when(&app).await;
    a_record_that_was_changed_or_deleted_stays_so(&app).await;
}

/// Checks the promised numbers of records, and that every claim has a source.
async fn is_worth_charting(app: &TestApp) {
    let client = app.client().await;
    let count = async |query: &str| {
        client
            .query_one(query, &[])
            .await
            .expect("a count")
            .get::<_, i64>(0)
    };

    let key = "exists (select from external_keys where scheme = 'demo' and actor_id = actors.id)";
    assert!(count(&format!("select count(*) from actors where {key}")).await >= 150);
    assert!(count("select count(*) from sanctions").await >= 120);
    assert!(count("select count(*) from diplomatic_actions").await >= 120);
    assert!(count("select count(*) from relationships").await >= 60);
    for (table, column) in [
        ("sanctions", "sanction_id"),
        ("diplomatic_actions", "action_id"),
        ("relationships", "relationship_id"),
    ] {
        let without = format!(
            "select count(*) from {table} where not exists (select from citations where {column} = {table}.id) \
             and exists (select from external_keys where {column} = {table}.id)"
        );
        assert_eq!(count(&without).await, 0, "{table}");
    }
    for status in ["in_force", "lifted", "expired"] {
        let page = app
            .get(&format!("/v1/sanctions?status={status}&limit=1&count=exact"))
            .await
            .expect(200);
        assert!(page.body["total"].as_i64() > Some(0), "{status}");
    }
    for view in ["actors", "sanctions", "diplomatic_actions"] {
        assert!(
            count(&format!("select count(*) from bi.{view}")).await > 0,
            "{view}"
        );
    }
}

async fn who_sanctioned_petro(app: &TestApp) {
    let answer = app
        .get("/v1/sanctions?target=demo:petro&sort=imposed_on")
        .await
        .expect(200);

    let items = &answer.body["items"];
    assert_eq!(
        texts(items, "/imposer/name"),
        ["US Department of State", "Office of Foreign Assets Control"]
    );
    assert_eq!(items[1]["programmes"][0]["code"], "ILLICIT-DRUGS-EO14059");
    assert_eq!(items[1]["legal_basis"], "Executive Order 14059");
    assert_eq!(items[1]["measures"][0]["measure"], "asset_freeze");
    assert_eq!(items[1]["grounds"][0], "narcotics");
    assert!(
        items[1]["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("cocaine"))
    );
    assert!(texts(&items[1]["citations"], "/grade").contains(&"A1"));
}

async fn what_the_two_did_to_each_other(app: &TestApp) {
    let answer = app
        .get("/v1/dyads/iso3166:US/iso3166:CO/timeline?from=2025-01-01")
        .await
        .expect(200);

    let keys = texts(&answer.body["items"], "/record/external_keys/0/value");
    for wanted in [
        "petro_visa_revoked",
        "ofac_on_petro",
        "ofac_on_alcocer",
        "ofac_sanctions_petro_and_others",
        "colombia_suspends_intelligence_cooperation",
        "petro_accuses_us_of_war_crimes",
        "us_accuses_petro_of_leniency",
    ] {
        assert!(keys.contains(&wanted), "{wanted} in {keys:?}");
    }
    assert!(!keys.contains(&"uk_said_to_suspend_intelligence_cooperation"));
}

async fn what_answered_what(app: &TestApp) {
    let answer = app
        .get("/v1/diplomatic-actions/demo:colombia_suspends_intelligence_cooperation/chain")
        .await
        .expect(200);

    let asked = &answer.body["items"][0];
    assert_eq!(asked["asked"], true);
    assert_eq!(asked["action"]["condition"], "until the attacks cease");
    assert_eq!(asked["link"], "retaliates_for");
    assert_eq!(asked["parent"]["id"], answer.body["root"]["id"]);
    assert_eq!(
        answer.body["root"]["external_keys"][0]["value"],
        "strikes_on_boats"
    );
}

async fn which_claims_are_not_confirmed(app: &TestApp) {
    let answer = app
        .get("/v1/claims?claim_status=unconfirmed&claim_status=disputed&attributed_to=demo:petro")
        .await
        .expect(200);

    let keys = texts(&answer.body["items"], "/record/external_keys/0/value");
    for wanted in [
        "alleged_strikes_on_civilians",
        "strike_on_colombian_fisherman",
        "uk_said_to_suspend_intelligence_cooperation",
    ] {
        assert!(keys.contains(&wanted), "{wanted} in {keys:?}");
    }
    assert!(
        texts(&answer.body["items"], "/attributed_to/0/name")
            .iter()
            .all(|name| *name == "Gustavo Petro")
    );
}

async fn what_a_state_disputes_by_its_president(app: &TestApp) {
    let by_itself = app
        .get("/v1/claims?stance=disputes&attributed_to=iso3166:RU")
        .await
        .expect(200);
    let of_state = app
        .get("/v1/claims?stance=disputes&attributed_to=iso3166:RU&counted=state")
        .await
        .expect(200);

    let speakers = |answer: &Response| -> Vec<String> {
        let items = answer.body["items"].as_array().expect("items");
        let citations = items
            .iter()
            .flat_map(|item| item["record"]["citations"].as_array().expect("citations"));
        citations
            .filter(|citation| citation["stance"] == "disputes")
            .filter_map(|citation| citation["attributed_to"]["name"].as_str().map(str::to_owned))
            .collect()
    };
    assert!(!speakers(&by_itself).contains(&"Vladimir Putin".to_owned()));
    let of_state = speakers(&of_state);
    assert!(of_state.contains(&"Vladimir Putin".to_owned()), "{of_state:?}");
}

async fn was_he_under_sanctions(app: &TestApp) {
    for (day, imposers) in [
        ("2025-08-31", vec![]),
        ("2025-10-01", vec!["US Department of State"]),
        (
            "2025-11-01",
            vec!["US Department of State", "Office of Foreign Assets Control"],
        ),
    ] {
        let answer = app
            .get(&format!(
                "/v1/sanctions?target=demo:petro&in_force_on={day}&sort=imposed_on"
            ))
            .await
            .expect(200);
        assert_eq!(texts(&answer.body["items"], "/imposer/name"), imposers, "{day}");
    }
}

async fn whose_citizens_were_affected(app: &TestApp) {
    let answer = app
        .get("/v1/diplomatic-actions/demo:strikes_on_boats")
        .await
        .expect(200);

    assert_eq!(
        answer.body["countries"],
        serde_json::json!(["VE", "EC", "CO", "TT"])
    );
    assert_eq!(answer.body["fatalities_min"], 75);
    assert_eq!(answer.body["ongoing"], true);
}

/// A sanction is recorded and corrected twice, and a relationship is retracted: was he under sanctions, and
/// could it have been known?
async fn what_was_known_when(app: &TestApp) {
    // A correction that refers to a later record would get a later time than it states.
    let late = app
        .client()
        .await
        .query(
            "select revision.document::text from changes as change join revisions as revision on revision.id = change.revision_id \
             where revision.backdated_to < change.recorded_at",
            &[],
        )
        .await
        .expect("revisions");
    let late: Vec<String> = late.iter().map(|row| row.get(0)).collect();
    assert_eq!(late, Vec::<String>::new());

    let sanctions = async |query: &str| {
        app.get(&format!(
            "/v1/sanctions?target=demo:petro&imposer=demo:ofac&{query}"
        ))
        .await
        .expect(200)
        .body["items"]
            .clone()
    };
    let tie = async |moment: &str| {
        app.get(&format!(
            "/v1/relationships/demo:alcocer_associate_of_petro?known_at={moment}"
        ))
        .await
    };

    // Before it was recorded it is not in an as-of read, whenever it was imposed.
    let before = sanctions("on=2025-10-24&known_at=2025-10-24T15:59:59Z").await;
    assert_eq!(before, serde_json::json!([]));
    let first = sanctions("on=2025-10-25&known_at=2025-10-24T18:00:00%2B02:00").await;
    assert_eq!(texts(&first, "/claim_status"), ["reported"]);
    assert_eq!(texts(&first, "/imposed_on"), ["2025-10"]);
    assert_eq!(first[0]["programmes"], serde_json::json!([]));
    assert_eq!(first[0]["status_certain"], false);
    assert_eq!(
        texts(&first, "/imposer/name"),
        ["Office of Foreign Assets Control"]
    );
    let corrected = sanctions("on=2025-10-23&known_at=2025-11-01T00:00:00Z").await;
    assert_eq!(texts(&corrected, "/claim_status"), ["confirmed"]);
    assert_eq!(texts(&corrected, "/imposed_on"), ["2025-10-24"]);
    assert_eq!(texts(&corrected, "/status"), ["not_yet"]);
    assert_eq!(corrected[0]["action"], Value::Null);
    let now = sanctions("on=2025-11-01").await;
    assert_eq!(texts(&now, "/status"), ["in_force"]);
    assert_eq!(now[0]["citations"].as_array().map(Vec::len), Some(2));

    tie("2025-10-24T16:00:00Z").await.expect(404);
    assert_eq!(
        tie("2025-10-25T00:00:00Z").await.expect(200).body["claim_status"],
        "reported"
    );
    assert_eq!(
        tie("2025-10-26T00:00:00Z").await.expect(200).body["claim_status"],
        "retracted"
    );
}

async fn a_record_that_was_changed_or_deleted_stays_so(app: &TestApp) {
    let changed = serde_json::json!({"description": "changed by hand"});
    app.patch("/v1/actors/demo:petro", &changed).await.expect(200);
    app.client()
        .await
        .batch_execute("delete from loads")
        .await
        .expect("forgotten");

    let loaded = load(&app.db).await.expect("loads again");

    assert_eq!(loaded.made, 0);
    assert_eq!(
        app.get("/v1/actors/demo:petro").await.body["description"],
        "changed by hand"
    );
}
