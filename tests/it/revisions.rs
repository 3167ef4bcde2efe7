//! Revisions: what the database keeps of every change, whatever wrote it, and in which order.

use reqwest::Method;
use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::support::{Desk, TestApp};

/// Returns version, operation, writer and name of every revision of a record that ever had this name; the writer of a
/// change past the API is `role`.
async fn told(client: &Client, name: &str) -> Vec<String> {
    client
        .query(
            "select format('%s %s %s %s', version, operation, \
               case when changed_by = 'role:' || session_user then 'role' else changed_by end, coalesce(document ->> 'name', '-')) \
             from revisions where record_id in (select record_id from revisions where document ->> 'name' = $1) \
             order by version",
            &[&name],
        )
        .await
        .expect("revisions")
        .iter()
        .map(|row| row.get(0))
        .collect()
}

/// Runs each statement in a transaction of its own, except between begin and commit.
async fn separately(client: &Client, statements: &[&str]) {
    for statement in statements {
        client.batch_execute(statement).await.expect(statement);
    }
}

#[tokio::test]
async fn a_transaction_makes_one_revision_of_a_record_for_any_writer() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let made = app
        .post(
            "/v1/actors",
            &json!({"kind": "person", "name": "Ann", "names": [{"name": "Annie", "kind": "alias"}]}),
        )
        .await
        .expect(201);
    let address = format!("/v1/actors/{}", made.id());
    let patch = json!({"name": "Anna", "names": [], "countries": [{"code": "CO", "role": "nationality"}]});
    app.patch(&address, &patch).await.expect(200);

    // An added alias alone is a revision of its actor.
    separately(
        &client,
        &[
            "insert into actor_names (actor_id, position, name, kind) select id, 0, 'By hand', 'alias' from actors where name = 'Anna'",
            "begin",
            "update actors set name = 'Anne' where name = 'Anna'",
            "delete from actor_names where actor_id = (select id from actors where name = 'Anne')",
            "update actors set description = 'twice' where name = 'Anne'",
            "commit",
        ],
    )
    .await;
    app.delete(&address).await.expect(204);

    assert_eq!(
        told(&client, "Ann").await,
        [
            "1 create analyst Ann",
            "2 update analyst Anna",
            "3 update role Anna",
            "4 update role Anne",
            "5 delete analyst -",
        ]
    );
}

#[tokio::test]
async fn a_request_that_changes_nothing_and_a_write_that_fails_leave_no_revision() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let made = app
        .post("/v1/actors", &json!({"kind": "person", "name": "Ann"}))
        .await
        .expect(201);
    let address = format!("/v1/actors/{}", made.id());

    app.patch(&address, &json!({"name": "Ann"})).await.expect(200);
    app.patch(&address, &json!({"kind": "nothing"})).await.expect(422);
    separately(
        &client,
        &[
            "begin",
            "update actors set name = 'Bob' where name = 'Ann'",
            "rollback",
            "begin",
            "insert into actors (kind, name) values ('person', 'Ghost')",
            "delete from actors where name = 'Ghost'",
            "commit",
        ],
    )
    .await;

    assert_eq!(told(&client, "Ann").await, ["1 create analyst Ann"]);
    assert_eq!(told(&client, "Ghost").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_change_after_early_deferred_triggers_is_another_version() {
    let app = TestApp::new().await;
    let client = app.client().await;

    separately(
        &client,
        &[
            "begin",
            "insert into actors (kind, name) values ('person', 'Ann')",
            "set constraints all immediate",
            "set constraints all deferred",
            "update actors set name = 'Anna' where name = 'Ann'",
            "set constraints all immediate",
            "set constraints all deferred",
            "insert into actor_names (actor_id, position, name, kind) select id, 0, 'Late', 'alias' from actors where name = 'Anna'",
            "commit",
        ],
    )
    .await;

    let row = client
        .query_one(
            "select count(*), max(revision.version), (array_agg(revision.document order by revision.version desc))[1] = actors_document(actor.id) \
             from actors as actor join revisions as revision on revision.record_id = actor.id where actor.name = 'Anna' group by actor.id",
            &[],
        )
        .await
        .expect("revisions");
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i32>(1)), (3, 3));
    assert!(row.get::<_, bool>(2));
}

#[tokio::test]
async fn a_record_created_again_under_its_id_continues_its_versions() {
    let app = TestApp::new().await;
    let client = app.client().await;

    separately(
        &client,
        &[
            "insert into actors (kind, name) values ('person', 'Ann')",
            "delete from actors where name = 'Ann'",
            "insert into actors (id, kind, name) select record_id, 'person', 'Ann again' from revisions where document ->> 'name' = 'Ann'",
            "begin",
            "delete from actors where name = 'Ann again'",
            "insert into actors (id, kind, name) select record_id, 'person', 'Ann at last' from revisions where document ->> 'name' = 'Ann'",
            "commit",
        ],
    )
    .await;

    assert_eq!(
        told(&client, "Ann").await,
        [
            "1 create role Ann",
            "2 delete role -",
            "3 create role Ann again",
            "4 create role Ann at last"
        ]
    );
}

#[tokio::test]
async fn revisions_can_not_be_changed_and_tables_can_not_be_truncated() {
    let app = TestApp::new().await;
    let client = app.client().await;
    app.post("/v1/actors", &json!({"kind": "person", "name": "Ann"}))
        .await
        .expect(201);

    for statement in [
        "update revisions set comment = 'better'",
        "delete from revisions",
        "truncate revisions cascade",
        "update changes set recorded_at = now()",
        "delete from changes",
        "truncate changes cascade",
        "update name_history set plain_name = 'bob'",
        "delete from name_history",
        "truncate name_history",
        "update changes set superseded_at = '2999-12-01' where superseded_at = 'infinity' and resource = 'actors'",
        "update name_history set superseded_at = '2999-12-01'",
        "delete from chain_head",
        "truncate chain_head",
        "update chain_head set sequence = 0",
        "update chain_head set horizon = '2999-01-01'",
        "truncate actors cascade",
        "truncate outbox",
        "truncate actor_names",
        "truncate citations",
        "truncate measures cascade",
        "update actors set id = uuid_v7() where name = 'Ann'",
        "update measures set code = 'something_else' where code = 'tariff'",
    ] {
        let refused = client.batch_execute(statement).await.expect_err(statement);

        let code = refused.code().map(|code| code.code().to_owned());
        assert_eq!(code.as_deref(), Some("23001"), "{statement}: {refused:?}");
    }
}

#[tokio::test]
async fn a_new_record_has_version_1_and_no_creation_time_in_the_future() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let id = "33333333-3333-7333-8333-333333333333";
    client
        .batch_execute(&format!(
            "insert into actors (id, kind, name, version) values ('{id}', 'person', 'Ann', 2147483647);
             insert into measures (code, label, version) values ('probe', 'Probe', 77)"
        ))
        .await
        .expect("recorded");
    let path = format!("/v1/actors/{id}");
    let changed = app.patch(&path, &json!({"name": "Anna"})).await.expect(200);
    assert_eq!(changed.body["version"], 2);
    app.delete(&path).await.expect(204);
    client
        .batch_execute(&format!(
            "insert into actors (id, kind, name, version) values ('{id}', 'person', 'Ann', 9)"
        ))
        .await
        .expect("made again");
    assert_eq!(app.get(&path).await.expect(200).body["version"], 4);
    let entry = app.get("/v1/vocabularies/measures/probe").await.expect(200);
    assert_eq!(entry.body["version"], 1);

    let refused = client
        .batch_execute("begin; set local demarche.backdated_to = '2300-01-01'; insert into actors (kind, name) values ('person', 'Bob'); commit")
        .await
        .expect_err("a time to come");
    let refused = refused.as_db_error().expect("of the database");
    assert_eq!(refused.constraint(), Some("revisions_backdated_to_is_past_check"));
}

#[tokio::test]
async fn an_entry_of_a_vocabulary_has_revisions_too() {
    let app = TestApp::new().await;
    let client = app.client().await;

    let request = app
        .request(Method::PATCH, "/v1/vocabularies/measures/tariff")
        .bearer_auth(&app.admin)
        .json(&json!({"label": "Customs duty"}));
    app.send(request).await.expect(200);

    let rows = client
        .query(
            "select operation::text, document ->> 'label', version from revisions \
             where record_id = entry_id('measures', 'tariff') order by version",
            &[],
        )
        .await
        .expect("revisions");
    let told: Vec<(String, String, i32)> = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].0, "baseline");
    assert_eq!(told[1], ("update".into(), "Customs duty".into(), 2));
}

/// A document equals the record of the API, without names of other records and derived fields.
#[tokio::test]
async fn a_document_refers_to_other_records_by_id() {
    let desk = Desk::new().await;
    let client = desk.app.client().await;
    let id = desk
        .sanction(json!({
            "programmes": ["programme:ILLICIT-DRUGS-EO14059"],
            "measures": [{"measure": "asset_freeze", "until": "2026"}],
            "grounds": ["narcotics"],
            "objectives": ["policy_change"],
            "reason": "as stated",
            "imposed_on": "2025-10",
            "action": desk.action,
            "external_keys": [{"scheme": "desk", "value": "s1"}],
            "properties": {"note": ["one"]},
            "citations": [{"source": desk.source, "credibility": 1, "attributed_to": "desk:petro"}],
        }))
        .await;
    let sanction = desk
        .app
        .get(&format!("/v1/sanctions/{id}"))
        .await
        .expect(200)
        .body;

    let row = client
        .query_one(
            "select document::text from revisions where record_id = ($1::text)::uuid",
            &[&id],
        )
        .await
        .expect("a revision");
    let document: Value = serde_json::from_str(&row.get::<_, String>(0)).expect("JSON");

    for field in ["status", "status_certain"] {
        assert_eq!(document.get(field), None, "{field}");
    }
    assert_eq!(document["imposer"], json!({"id": sanction["imposer"]["id"]}));
    assert_eq!(document["target"], json!({"id": sanction["target"]["id"]}));
    for field in [
        "id",
        "measures",
        "grounds",
        "objectives",
        "reason",
        "imposed_on",
        "claim_status",
        "properties",
        "version",
    ] {
        assert_eq!(document[field], sanction[field], "{field}");
    }
    assert_eq!(document["programmes"], json!([{"id": desk.programme}]));
    assert_eq!(
        document["citations"][0]["attributed_to"],
        json!({"id": desk.petro})
    );
    assert_eq!(document["external_keys"], sanction["external_keys"]);
    for field in document.as_object().expect("an object").keys() {
        assert!(sanction.get(field).is_some(), "{field} is no field of the API");
    }
}
