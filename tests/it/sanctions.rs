//! Sanctions over HTTP: what is written, and what stays as it was.

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
async fn a_sanction_comes_back_whole() {
    let desk = Desk::new().await;

    let made = desk.app.post("/v1/sanctions", &whole(&desk)).await.expect(201);

    let id = made.id();
    assert_eq!(made.header("location"), format!("/v1/sanctions/{id}"));
    let read = desk.app.get("/v1/sanctions/desk:ofac-petro").await.expect(200);
    assert_eq!(read.text, made.text);
    assert_eq!(read.etag(), made.etag());
    let united_states = desk.app.get("/v1/actors/iso3166:US").await.expect(200).body;
    assert_eq!(
        read.body,
        json!({
            "id": id,
            "imposer": {"id": desk.ofac, "name": "Office of Foreign Assets Control", "kind": "government_body"},
            "target": {"id": desk.petro, "name": "Gustavo Petro", "kind": "person"},
            "programmes": [{"id": desk.programme, "code": "ILLICIT-DRUGS-EO14059", "name": "Illicit drugs"}],
            "measures": [
                {"measure": "asset_freeze", "from": null, "until": null},
                {"measure": "travel_ban", "from": "2025-10", "until": "2026~"},
            ],
            "grounds": ["narcotics", "retaliation"],
            "objectives": [
                {"objective": "policy_change", "outcome": null},
                {"objective": "other", "outcome": "ongoing"},
            ],
            "reason": "Let cartels flourish",
            "legal_basis": "Executive Order 14059",
            "provisions": "All property is blocked",
            "announced_on": "2025-10-24",
            "imposed_on": "2025-10-24",
            "effective_on": null,
            "expires_on": null,
            "lifted_on": null,
            "lift_reason": null,
            "status": "in_force",
            "status_certain": true,
            "claim_status": "confirmed",
            "action": {"id": desk.action, "title": "The Treasury sanctions Gustavo Petro"},
            "list_code": "us_ofac_sdn",
            "list_part": null,
            "list_uid": "55555",
            "citations": [{
                "id": read.body["citations"][0]["id"],
                "source": {"id": desk.source, "title": "Announcement of the Treasury"},
                "credibility": 1,
                "grade": "A1",
                "stance": "supports",
                "locator": "paragraph 2",
                "quote": "today",
                "attributed_to": {"id": united_states["id"], "name": united_states["name"], "kind": "state"},
            }],
            "properties": {"program": ["ILLICIT-DRUGS-EO14059"]},
            "external_keys": [{"scheme": "desk", "value": "ofac-petro"}],
            "version": 1,
            "created_at": read.body["created_at"],
            "updated_at": read.body["updated_at"],
        })
    );
}

#[tokio::test]
async fn fields_stand_in_the_order_of_the_contract() {
    let desk = Desk::new().await;

    let made = desk.app.post("/v1/sanctions", &whole(&desk)).await.expect(201);

    let mut places: Vec<usize> = Vec::new();
    for name in [
        "id",
        "imposer",
        "target",
        "programmes",
        "measures",
        "grounds",
        "objectives",
        "reason",
        "legal_basis",
        "provisions",
        "announced_on",
        "imposed_on",
        "effective_on",
        "expires_on",
        "lifted_on",
        "lift_reason",
        "status",
        "status_certain",
        "claim_status",
        "action",
        "list_code",
        "list_part",
        "list_uid",
        "citations",
        "properties",
        "external_keys",
        "version",
        "created_at",
        "updated_at",
    ] {
        places.push(made.text.find(&format!("\"{name}\":")).expect(name));
    }
    assert!(places.is_sorted(), "{}", made.text);
}

#[tokio::test]
async fn what_was_read_can_be_put_back_and_nothing_changes() {
    let desk = Desk::new().await;
    let made = desk.app.post("/v1/sanctions", &whole(&desk)).await.expect(201);

    let put = desk
        .app
        .put("/v1/sanctions/desk:ofac-petro", &made.body)
        .await
        .expect(200);

    assert_eq!(put.text, made.text);
    assert_eq!(put.etag(), made.etag());
}

#[tokio::test]
async fn what_was_read_can_be_edited_and_put_back() {
    let desk = Desk::new().await;
    let mut body = desk
        .app
        .post("/v1/sanctions", &whole(&desk))
        .await
        .expect(201)
        .body;
    body["citations"][0]["credibility"] = json!(2);
    body["citations"][0]["grade"] = json!("A1");
    body["lifted_on"] = json!("2025-11-30");
    body["measures"][1]["until"] = json!("2025-11-30");

    let put = desk
        .app
        .put("/v1/sanctions/desk:ofac-petro", &body)
        .await
        .expect(200);

    body["citations"][0]["grade"] = json!("A2");
    body["status"] = json!("lifted");
    body["version"] = json!(2);
    body["updated_at"] = put.body["updated_at"].clone();
    assert_eq!(put.body, body);
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let desk = Desk::new().await;
    let mut body = desk
        .app
        .post("/v1/sanctions", &whole(&desk))
        .await
        .expect(201)
        .body;

    let patched = desk
        .app
        .patch(
            "/v1/sanctions/desk:ofac-petro",
            &json!({
                "reason": null,
                "measures": ["visa_ban"],
                "properties": {"program": null, "note": ["new"]},
            }),
        )
        .await
        .expect(200);

    body["reason"] = Value::Null;
    body["measures"] = json!([{"measure": "visa_ban", "from": null, "until": null}]);
    body["properties"] = json!({"note": ["new"]});
    body["version"] = json!(2);
    body["updated_at"] = patched.body["updated_at"].clone();
    assert_eq!(patched.body, body);
}

#[tokio::test]
async fn null_empties_what_may_be_empty_and_is_refused_where_something_must_stand() {
    let desk = Desk::new().await;
    desk.app.post("/v1/sanctions", &whole(&desk)).await.expect(201);

    let emptied = desk
        .app
        .patch(
            "/v1/sanctions/desk:ofac-petro",
            &json!({
                "programmes": null, "measures": null, "grounds": null, "objectives": null, "citations": null,
                "action": null, "claim_status": null, "list_code": null, "list_uid": null, "properties": null,
            }),
        )
        .await
        .expect(200);
    let refused = desk
        .app
        .patch(
            "/v1/sanctions/desk:ofac-petro",
            &json!({"imposer": null, "target": null}),
        )
        .await
        .expect(422);

    for name in ["programmes", "measures", "grounds", "objectives", "citations"] {
        assert_eq!(emptied.body[name], json!([]), "{name}");
    }
    assert_eq!(emptied.body["action"], Value::Null);
    assert_eq!(emptied.body["claim_status"], "reported");
    assert_eq!(emptied.body["properties"], json!({}));
    assert_eq!(refused.pointers(), ["/imposer", "/target"]);
}

#[tokio::test]
async fn a_patch_that_changes_nothing_keeps_version_and_etag() {
    let desk = Desk::new().await;
    let made = desk.app.post("/v1/sanctions", &whole(&desk)).await.expect(201);

    let patched = desk
        .app
        .patch(
            "/v1/sanctions/desk:ofac-petro",
            &json!({
                "imposer": "desk:ofac",
                "target": {"id": desk.petro},
                "measures": ["asset_freeze", {"measure": "travel_ban", "from": "2025-10", "until": "2026~"}],
                "citations": made.body["citations"],
                "status": "in_force",
                "version": 1,
            }),
        )
        .await
        .expect(200);

    assert_eq!(patched.text, made.text);
    assert_eq!(patched.etag(), made.etag());
}

#[tokio::test]
async fn the_version_moves_once_a_request_also_where_only_a_child_changes() {
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
async fn what_follows_from_other_fields_can_not_be_written() {
    let desk = Desk::new().await;
    let made = desk.app.post("/v1/sanctions", &whole(&desk)).await.expect(201);

    for change in [
        json!({"status": "lifted"}),
        json!({"status_certain": false}),
        json!({"version": 2}),
        json!({"id": desk.petro}),
    ] {
        let refused = desk
            .app
            .patch("/v1/sanctions/desk:ofac-petro", &change)
            .await
            .expect(422);

        let name = change
            .as_object()
            .and_then(|change| change.keys().next())
            .expect("a name");
        assert_eq!(refused.pointers(), [format!("/{name}")]);
    }
    let after = desk.app.get("/v1/sanctions/desk:ofac-petro").await.expect(200);
    assert_eq!(after.text, made.text);
}

#[tokio::test]
async fn a_sanction_recorded_by_mistake_can_be_deleted() {
    let desk = Desk::new().await;
    let id = desk
        .app
        .post("/v1/sanctions", &whole(&desk))
        .await
        .expect(201)
        .id();

    desk.app.delete(&format!("/v1/sanctions/{id}")).await.expect(204);

    desk.app.get(&format!("/v1/sanctions/{id}")).await.expect(404);
    desk.app.delete(&format!("/v1/sanctions/{id}")).await.expect(404);
    desk.app
        .delete(&format!("/v1/actors/{}", desk.petro))
        .await
        .expect(204);
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
