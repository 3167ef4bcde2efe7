//! Sanctions over HTTP: what is written, what is refused, and what stays as it was.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

/// What the sanctions of these tests refer to.
pub struct Desk {
    pub app: TestApp,
    pub ofac: String,
    pub petro: String,
    pub programme: String,
    pub action: String,
    pub source: String,
}

impl Desk {
    pub async fn new() -> Self {
        let app = TestApp::new().await;
        let ofac = app
            .create(
                "actors",
                json!({
                    "kind": "government_body",
                    "name": "Office of Foreign Assets Control",
                    "external_keys": [{"scheme": "desk", "value": "ofac"}],
                }),
            )
            .await;
        let petro = app
            .create(
                "actors",
                json!({
                    "kind": "person",
                    "name": "Gustavo Petro",
                    "countries": [{"code": "CO", "role": "nationality"}],
                    "external_keys": [{"scheme": "desk", "value": "petro"}],
                }),
            )
            .await;
        let mut desk = Self {
            app,
            ofac,
            petro,
            programme: String::new(),
            action: String::new(),
            source: String::new(),
        };
        desk.programme = desk.programme("ILLICIT-DRUGS-EO14059", "Illicit drugs").await;
        desk.action = desk.action("The Treasury sanctions Gustavo Petro").await;
        desk.source = desk.source("Announcement of the Treasury").await;
        desk
    }

    pub async fn insert(&self, sql: &str, values: &[&str]) -> String {
        let values: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> = values
            .iter()
            .map(|value| value as &(dyn tokio_postgres::types::ToSql + Sync))
            .collect();
        let client = self.app.client().await;
        let row = client.query_one(sql, &values).await.expect("inserted");
        row.get(0)
    }

    pub async fn programme(&self, code: &str, name: &str) -> String {
        self.insert(
            "insert into programmes (code, name, imposer_id) values ($1, $2, $3::text::uuid) returning id::text",
            &[code, name, &self.ofac],
        )
        .await
    }

    pub async fn action(&self, title: &str) -> String {
        self.insert(
            "insert into diplomatic_actions (type, title) values ('sanctions_imposed', $1) returning id::text",
            &[title],
        )
        .await
    }

    pub async fn source(&self, title: &str) -> String {
        self.insert(
            "insert into sources (kind, title, reliability) values ('official_statement', $1, 'A') returning id::text",
            &[title],
        )
        .await
    }

    /// A sanction with nothing but its ends and these fields; its id.
    pub async fn sanction(&self, fields: Value) -> String {
        let mut body = json!({"imposer": "desk:ofac", "target": "desk:petro"});
        for (name, value) in fields.as_object().expect("an object") {
            body[name] = value.clone();
        }
        self.app.create("sanctions", body).await
    }

    pub async fn patch_if(&self, path: &str, etag: &str, body: Value) -> Answer {
        let request = self
            .app
            .request(reqwest::Method::PATCH, path)
            .bearer_auth(&self.app.analyst)
            .header("if-match", etag)
            .json(&body);
        self.app.send(request).await
    }

    /// Returns when a statement of this database waits for another transaction.
    pub async fn until_somebody_waits(&self) {
        let client = self.app.client().await;
        for _ in 0..500 {
            let waiting = client
                .query(
                    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
                    &[],
                )
                .await
                .expect("the list of connections");
            if !waiting.is_empty() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("nobody waits");
    }

    fn whole(&self) -> Value {
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
            "action": self.action,
            "list_code": "us_ofac_sdn",
            "list_uid": "55555",
            "citations": [{
                "source": self.source, "credibility": 1, "locator": "paragraph 2", "quote": "today",
                "attributed_to": "iso3166:US",
            }],
            "properties": {"program": ["ILLICIT-DRUGS-EO14059"]},
            "external_keys": [{"scheme": "desk", "value": "ofac-petro"}],
        })
    }
}

#[tokio::test]
async fn a_sanction_comes_back_whole() {
    let desk = Desk::new().await;

    let made = desk.app.post("/v1/sanctions", &desk.whole()).await.expect(201);

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

    let made = desk.app.post("/v1/sanctions", &desk.whole()).await.expect(201);

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
    let made = desk.app.post("/v1/sanctions", &desk.whole()).await.expect(201);

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
        .post("/v1/sanctions", &desk.whole())
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
        .post("/v1/sanctions", &desk.whole())
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
    desk.app.post("/v1/sanctions", &desk.whole()).await.expect(201);

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
    let made = desk.app.post("/v1/sanctions", &desk.whole()).await.expect(201);

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
    desk.app.post("/v1/sanctions", &desk.whole()).await.expect(201);
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
async fn the_first_fault_of_structure_is_told_with_its_place() {
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
async fn every_fault_of_rule_is_told_at_once() {
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
async fn nobody_sanctions_themselves_under_whatever_name() {
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
async fn nothing_ends_before_it_begins() {
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
    // Withdrawn before it took effect; and dates that may be in order.
    desk.sanction(
        json!({"imposed_on": "2025-01-01", "effective_on": "2025-03-01", "lifted_on": "2025-02-01"}),
    )
    .await;
    desk.sanction(json!({"imposed_on": "2025-06", "lifted_on": "2025", "expires_on": "../2025-06-30"}))
        .await;
}

#[tokio::test]
async fn what_follows_from_other_fields_can_not_be_written() {
    let desk = Desk::new().await;
    let made = desk.app.post("/v1/sanctions", &desk.whole()).await.expect(201);

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
        .post("/v1/sanctions", &desk.whole())
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
