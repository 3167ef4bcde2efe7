//! A desk with what sanctions refer to: an imposer, a target, a programme, an action, a source.

use serde_json::{Value, json};

use super::{Response, TestApp, wait_until};

/// What the sanctions of tests refer to, and the server that has it.
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

    pub async fn actor(&self, body: Value) -> String {
        self.app.create("actors", body).await
    }

    pub async fn programme(&self, code: &str, name: &str) -> String {
        let body = json!({"code": code, "name": name, "imposer": "desk:ofac"});
        self.app.create("programmes", body).await
    }

    pub async fn action(&self, title: &str) -> String {
        let body = json!({"type": "sanctions_imposed", "title": title});
        self.app.create("diplomatic-actions", body).await
    }

    pub async fn source(&self, title: &str) -> String {
        let body = json!({"kind": "official_statement", "title": title, "reliability": "A"});
        self.app.create("sources", body).await
    }

    /// Records a confirmed relationship between the two days.
    pub async fn tie(
        &self,
        subject: &str,
        kind: &str,
        object: &str,
        from: Option<&str>,
        until: Option<&str>,
    ) {
        let body = json!({
            "subject": subject, "kind": kind, "object": object, "started_on": from, "ended_on": until,
            "claim_status": "confirmed",
        });
        self.app.create("relationships", body).await;
    }

    /// Records a sanction with only its ends and these fields; returns its id.
    pub async fn sanction(&self, fields: Value) -> String {
        let mut body = json!({"imposer": "desk:ofac", "target": "desk:petro"});
        for (name, value) in fields.as_object().expect("an object") {
            body[name] = value.clone();
        }
        self.app.create("sanctions", body).await
    }

    /// Returns the names of those of these sanctions that a list has.
    pub async fn listed(&self, named: &[(&'static str, String)], path: &str) -> Vec<&'static str> {
        let answer = self.app.get(path).await.expect(200);
        answer
            .ids()
            .iter()
            .map(|id| {
                named
                    .iter()
                    .find(|(_, known)| known == id)
                    .map_or("unknown", |(name, _)| *name)
            })
            .collect()
    }

    pub async fn patch_if(&self, path: &str, etag: &str, body: Value) -> Response {
        let request = self
            .app
            .request(reqwest::Method::PATCH, path)
            .bearer_auth(&self.app.analyst)
            .header("if-match", etag)
            .json(&body);
        self.app.send(request).await
    }

    /// Waits until a statement of this database waits for another transaction.
    pub async fn until_somebody_waits(&self) {
        let client = self.app.client().await;
        wait_until("a statement waits for a lock", async || {
            let waiting = client
                .query(
                    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
                    &[],
                )
                .await
                .expect("the list of connections");
            !waiting.is_empty()
        })
        .await;
    }
}
