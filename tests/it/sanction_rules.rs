//! Rules of a sanction, and how violations are reported.

use serde_json::json;

use crate::support::Desk;

#[tokio::test]
async fn the_first_structural_fault_is_reported_with_its_pointer() {
    let desk = Desk::new().await;

    for (field, value, pointer) in [
        ("measures", json!("asset_freeze"), "/measures"),
        ("measures", json!(["asset_freeze", 5]), "/measures/1"),
        ("measures", json!([null]), "/measures/0"),
        ("measures", json!([{"measure": 5}]), "/measures/0/measure"),
        (
            "measures",
            json!([{"measure": "tariff", "since": "2025"}]),
            "/measures/0/since",
        ),
        (
            "objectives",
            json!([{"objective": "other", "outcome": false}]),
            "/objectives/0/outcome",
        ),
        ("grounds", json!([{"ground": "other"}]), "/grounds/0"),
        ("programmes", json!([7]), "/programmes/0"),
        ("imposed_on", json!(2025), "/imposed_on"),
        ("imposd_on", json!("2025"), "/imposd_on"),
    ] {
        let mut body = json!({"imposer": "desk:ofac", "target": "desk:petro"});
        body[field] = value;

        let refused = desk.app.post("/v1/sanctions", &body).await.expect(400);

        assert_eq!(refused.pointers(), [pointer], "{}", refused.text);
    }
}

#[tokio::test]
async fn all_violated_rules_are_reported_at_once() {
    let desk = Desk::new().await;

    let refused = desk
        .app
        .post(
            "/v1/sanctions",
            &json!({
                "target": "iso3166:XX",
                "programmes": ["programme:ILLICIT-DRUGS-EO14059", "programme:NONE", desk.programme],
                "measures": ["bad", {}, "tariff", {"measure": "bad2"}, {"measure": "tariff"},
                             {"measure": "visa_ban", "from": "2025-02", "until": "2025-01"}],
                "grounds": ["narcotics", "", "narcotics", "greed"],
                "objectives": [{"objective": "other", "outcome": "mixed"}, {"outcome": "failed"}, "other"],
                "imposed_on": "2025-13",
                "claim_status": "true",
                "action": "nothing",
                "list_uid": " ",
                "citations": [{"credibility": 7}],
                "properties": {"a": "b"},
                "status": "in_force",
            }),
        )
        .await
        .expect(422);

    let mut pointers = refused.pointers();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "/action",
            "/citations/0/credibility",
            "/citations/0/source",
            "/claim_status",
            "/grounds/1",
            "/grounds/2",
            "/grounds/3",
            "/imposed_on",
            "/imposer",
            "/list_code",
            "/list_uid",
            "/measures/0",
            "/measures/1/measure",
            "/measures/3/measure",
            "/measures/4",
            "/measures/5/until",
            "/objectives/0/outcome",
            "/objectives/1/objective",
            "/objectives/2",
            "/programmes/1",
            "/programmes/2",
            "/properties/a",
            "/status",
            "/target",
        ],
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn an_actor_does_not_sanction_itself_under_any_reference() {
    let desk = Desk::new().await;

    let refused = desk
        .app
        .post(
            "/v1/sanctions",
            &json!({"imposer": desk.petro, "target": "desk:petro"}),
        )
        .await
        .expect(422);

    assert_eq!(refused.pointers(), ["/target"]);
}

#[tokio::test]
async fn a_sanction_does_not_end_before_it_begins() {
    let desk = Desk::new().await;

    for (dates, pointers) in [
        (
            json!({"imposed_on": "2025-02", "lifted_on": "2025-01"}),
            vec!["/lifted_on"],
        ),
        (
            json!({"effective_on": "2025-02", "lifted_on": "2025-01"}),
            vec!["/lifted_on"],
        ),
        (
            json!({"announced_on": "2025-02", "lifted_on": "2025-01"}),
            vec!["/lifted_on"],
        ),
        (
            json!({"imposed_on": "2025-02", "expires_on": "2025-01"}),
            vec!["/expires_on"],
        ),
        (
            json!({"effective_on": "2025-02", "expires_on": "2025-01"}),
            vec!["/expires_on"],
        ),
        (
            json!({"imposed_on": "2025-02", "expires_on": "2025-01", "lifted_on": "2024"}),
            vec!["/lifted_on", "/expires_on"],
        ),
    ] {
        let mut body = json!({"imposer": "desk:ofac", "target": "desk:petro"});
        for (name, date) in dates.as_object().expect("an object") {
            body[name] = date.clone();
        }

        let refused = desk.app.post("/v1/sanctions", &body).await.expect(422);

        assert_eq!(refused.pointers(), pointers, "{dates}");
    }
    // Withdrawn before it took effect; and dates that may be in the right order.
    desk.sanction(
        json!({"imposed_on": "2025-01-01", "effective_on": "2025-03-01", "lifted_on": "2025-02-01"}),
    )
    .await;
    desk.sanction(json!({"imposed_on": "2025-06", "lifted_on": "2025", "expires_on": "../2025-06-30"}))
        .await;
}
