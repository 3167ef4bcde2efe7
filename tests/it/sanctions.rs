//! Sanctions over HTTP: what is written, what is refused, and what stays as it was.

use serde_json::{Value, json};

use crate::support::TestApp;

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
