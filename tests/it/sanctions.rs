//! Sanctions over HTTP: versions, and actors that can't be deleted.

use serde_json::{Value, json};

use crate::support::Desk;

fn whole(desk: &Desk) -> Value {
    json!({
        "imposer": "desk:ofac",
        "target": "desk:petro",
        "programmes": ["programme:ILLICIT-DRUGS-EO14059"],
        "measures": ["asset_freeze", {"measure": "travel_ban", "from": "2025-10", "until": "2026~"}],
        "grounds": ["narcotics", "retaliation"],
        "objectives": ["policy_change", {"objective": "other", "outcome": "ongoing"}],
        "reason": "Let cartels flourish",
        "legal_basis": "Executive Order 14059",
        "provisions": "All property is blocked",
        "announced_on": "2025-10-24",
        "imposed_on": "2025-10-24",
        "claim_status": "confirmed",
        "action": desk.action,
        "list_code": "us_ofac_sdn",
        "list_uid": "55555",
        "citations": [{
            "source": desk.source, "credibility": 1, "locator": "paragraph 2", "quote": "today",
            "attributed_to": "iso3166:US",
        }],
        "properties": {"program": ["ILLICIT-DRUGS-EO14059"]},
        "external_keys": [{"scheme": "desk", "value": "ofac-petro"}],
    })
}

#[tokio::test]
async fn a_request_that_changes_only_a_child_increases_the_version_once() {
    let desk = Desk::new().await;
    desk.app.post("/v1/sanctions", &whole(&desk)).await.expect(201);
    let other = desk.programme("GLOMAG", "Global Magnitsky").await;

    for (place, change) in [
        json!({"programmes": [other, desk.programme]}),
        json!({"measures": ["travel_ban", "asset_freeze"]}),
        json!({"grounds": []}),
        json!({"objectives": [{"objective": "policy_change", "outcome": "failed"}]}),
        json!({"citations": []}),
        json!({"external_keys": [{"scheme": "desk", "value": "ofac-petro"}, {"scheme": "desk", "value": "2"}]}),
        json!({"reason": "none", "measures": [], "grounds": ["other"], "objectives": [], "programmes": []}),
    ]
    .into_iter()
    .enumerate()
    {
        let patched = desk.app.patch("/v1/sanctions/desk:ofac-petro", &change).await.expect(200);

        assert_eq!(patched.body["version"], json!(place + 2), "{change}");
    }
}

#[tokio::test]
async fn an_actor_of_a_sanction_can_not_be_deleted() {
    let desk = Desk::new().await;
    let id = desk.sanction(json!({})).await;

    let refused = desk
        .app
        .delete(&format!("/v1/actors/{}", desk.petro))
        .await
        .expect(409);

    assert!(refused.text.contains(&id), "{}", refused.text);
}
