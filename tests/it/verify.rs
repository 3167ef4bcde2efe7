//! `demarche verify`: the hash chain of changes, and tampering with it.

use demarche::db::sequencer;
use serde_json::json;

use crate::support::{TestApp, demarche};

/// Returns a registry with some history, which is numbered.
async fn registry() -> TestApp {
    let app = TestApp::new().await;
    for name in ["Ann", "Bob", "Cid"] {
        let made = app
            .post(
                "/v1/actors",
                &json!({"kind": "person", "name": name, "description": "it's \"quoted\"\n\\u0001 é 𝄞"}),
            )
            .await
            .expect(201);
        app.patch(
            &format!("/v1/actors/{}", made.id()),
            &json!({"description": "changed"}),
        )
        .await
        .expect(200);
    }
    sequencer::bring_up_to_date(&app.db).await.expect("in order");
    app
}

/// Runs SQL as a superuser with triggers disabled.
async fn tamper(app: &TestApp, statements: &str) {
    app.database
        .superuser()
        .await
        .batch_execute(&format!("set session_replication_role = replica; {statements}"))
        .await
        .expect("tampered");
}

async fn verify(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String, String) {
    let all: Vec<&str> = ["verify"].iter().chain(arguments).copied().collect();
    tokio::task::block_in_place(|| demarche(&app.database, &all, ""))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unchanged_history_verifies_and_its_head_is_a_witness() {
    let app = registry().await;

    let (code, head, told) = verify(&app, &[]).await;

    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("changes verified"), "{told}");
    app.post("/v1/actors", &json!({"kind": "person", "name": "Dan"}))
        .await
        .expect(201);
    sequencer::bring_up_to_date(&app.db).await.expect("in order");
    let (code, later, told) = verify(&app, &["--witness", head.trim()]).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("the witness is among them"), "{told}");
    assert_ne!(later, head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edited_revision_is_detected_and_named() {
    let app = registry().await;
    tamper(
        &app,
        r#"update revisions set document = document || '{"name": "Bert"}' where document ->> 'name' = 'Bob' and version = 1"#,
    )
    .await;

    let (code, head, told) = verify(&app, &[]).await;

    assert_eq!((code, head.as_str()), (Some(1), ""));
    let row = app
        .client()
        .await
        .query_one(
            "select change.sequence, change.record_id::text from changes as change \
             join revisions as revision on revision.id = change.revision_id where revision.document ->> 'name' = 'Bert'",
            &[],
        )
        .await
        .expect("the change");
    let (sequence, id): (i64, String) = (row.get(0), row.get(1));
    assert!(
        told.starts_with(&format!("link {sequence} (actors {id}, version 1) is broken: ")),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_other_tampering_is_detected() {
    for (statements, what) in [
        (
            "update revisions set changed_by = 'somebody else' where id = (select max(id) from revisions)",
            "is broken",
        ),
        (
            "update revisions set comment = '' where id = (select max(id) from revisions)",
            "is broken",
        ),
        (
            "update changes set recorded_at = recorded_at - interval '1 day' where sequence = (select max(sequence) from changes)",
            "is broken",
        ),
        (
            "delete from changes where sequence = 5",
            "the change before it is 4",
        ),
        (
            "delete from revisions where id = (select revision_id from changes where sequence = 7)",
            "its revision was deleted",
        ),
        (
            "delete from changes where sequence = (select max(sequence) from changes)",
            "chain_head does not name",
        ),
        ("delete from chain_head", "chain_head does not name"),
        (
            "update changes set record_id = uuid_v7() where sequence = 9",
            "its revision is of another record",
        ),
        (
            "insert into revisions (resource, record_id, version, operation, changed_by) values ('actors', uuid_v7(), 1, 'delete', 'x')",
            "has no sequence number",
        ),
        (
            "update changes set superseded_at = recorded_at + interval '1 second' where sequence = (select max(sequence) from changes)",
            ", but the next change",
        ),
        (
            "update chain_head set horizon = '2999-01-01'",
            "chain_head has the time 2999-01-01T00:00:00.000000Z, which is in the future",
        ),
        (
            "insert into merged_actors (actor_id, into_id) select uuid_v7(), id from actors where name = 'Ann'",
            "and no revision says so",
        ),
        (
            "delete from name_history where plain_name = 'ann'",
            "had the name \"ann\", as its revisions do",
        ),
        (
            "update name_history set superseded_at = recorded_at + interval '1 second' where plain_name = 'ann'",
            "had the name \"ann\", as its revisions do",
        ),
        (
            "delete from search_texts where record_id = (select id from actors where name = 'Ann')",
            "does not have the words of version 1 of actors",
        ),
        (
            "update search_texts set vector = 'zoe' where record_id = (select id from actors where name = 'Ann')",
            "does not have the words of version 1 of actors",
        ),
        (
            "insert into name_history (sequence, position, actor_id, plain_name, recorded_at) values (5, 7, uuid_v7(), 'zoe', now())",
            "had the name \"zoe\", as its revisions do",
        ),
        (
            "update actors set name = 'Anna' where name = 'Ann'",
            "is not what its last revision",
        ),
        (
            "delete from actors where name = 'Ann'",
            "was deleted, but its last revision",
        ),
        (
            "insert into actors (kind, name) values ('person', 'Zoe')",
            "has no revision",
        ),
    ] {
        let app = registry().await;
        tamper(&app, statements).await;

        let (code, _, told) = verify(&app, &[]).await;

        assert_eq!(code, Some(1), "{statements}: {told}");
        assert!(told.contains(what), "{statements}: {told}");
    }
}

/// A revision that is numbered after its successor.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reordered_versions_are_detected() {
    let app = registry().await;
    let client = app.client().await;
    client
        .batch_execute(
            "begin; update actors set description = 'unseen' where name = 'Ann'; set constraints all immediate; \
             delete from outbox; commit",
        )
        .await
        .expect("hidden");
    client
        .batch_execute("update actors set description = 'seen' where name = 'Ann'")
        .await
        .expect("changed");
    sequencer::bring_up_to_date(&app.db).await.expect("in order");
    client
        .batch_execute(
            "insert into outbox select id from revisions as revision \
             where not exists (select from changes as change where change.revision_id = revision.id)",
        )
        .await
        .expect("queued again");
    sequencer::bring_up_to_date(&app.db).await.expect("in order");

    let (code, _, told) = verify(&app, &[]).await;

    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("is version 4, and the change of the record before it version 2"),
        "{told}"
    );
    assert!(
        told.contains("is version 3, and the change of the record before it version 4"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_redirects_of_merged_ids_are_detected() {
    let app = registry().await;
    let id = async |name: &str| {
        app.get(&format!("/v1/actors?name={name}&kind=person"))
            .await
            .ids()[0]
            .clone()
    };
    let (ann, bob, cid) = (id("Ann").await, id("Bob").await, id("Cid").await);
    app.post(&format!("/v1/actors/{ann}/merge"), &json!({"into": bob}))
        .await
        .expect(200);
    sequencer::bring_up_to_date(&app.db).await.expect("in order");
    let (code, _, told) = verify(&app, &[]).await;
    assert_eq!(code, Some(0), "{told}");

    tamper(&app, &format!("update merged_actors set into_id = '{cid}'")).await;
    let (code, _, told) = verify(&app, &[]).await;
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains(&format!(
            "actors {ann} became part of {bob}, as its version 3 says, and merged_actors says of {cid}"
        )),
        "{told}"
    );

    tamper(
        &app,
        "delete from merge_moves; delete from merge_gains; delete from merged_actors",
    )
    .await;
    let (code, _, told) = verify(&app, &[]).await;
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("and merged_actors does not say so"), "{told}");
}

/// Two tables may have a record with the same id.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_of_two_tables_with_one_id_are_two_records() {
    let app = registry().await;
    let id = "11111111-1111-7111-8111-111111111111";
    app.client()
        .await
        .batch_execute(&format!(
            "insert into actors (id, kind, name) values ('{id}', 'person', 'Twin');
             insert into sources (id, kind, title, publisher, reliability) values ('{id}', 'official_statement', 'Twin', 'Desk', 'B');"
        ))
        .await
        .expect("recorded");
    for (resource, body) in [
        ("sources", json!({"title": "Second"})),
        ("actors", json!({"name": "Second"})),
        ("sources", json!({"title": "Third"})),
    ] {
        app.patch(&format!("/v1/{resource}/{id}"), &body)
            .await
            .expect(200);
    }
    sequencer::bring_up_to_date(&app.db).await.expect("in order");

    let (code, _, told) = verify(&app, &[]).await;

    assert_eq!(code, Some(0), "{told}");
    let restored = app
        .post(&format!("/v1/sources/{id}/restore"), &json!({"version": 1}))
        .await
        .expect(200);
    assert_eq!(restored.body["title"], "Twin");
    let diff = app
        .get(&format!("/v1/sources/{id}/history?sort=version"))
        .await
        .expect(200);
    assert_eq!(diff.body["items"].as_array().map(Vec::len), Some(4));
    assert!(
        diff.text.contains("/title") && !diff.text.contains("/name"),
        "{}",
        diff.text
    );
}

/// A chain that is recomputed after a change verifies; only a printed head detects the change.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_witness_detects_a_rebuilt_chain() {
    let app = registry().await;
    let (_, head, _) = verify(&app, &[]).await;
    tamper(
        &app,
        r#"update revisions set document = document || '{"name": "Bert"}' where document ->> 'name' = 'Bob';
           update actors set name = 'Bert' where name = 'Bob';
           insert into outbox select revision_id from changes order by sequence;
           delete from changes;
           update chain_head set sequence = 0, recorded_at = '-infinity', horizon = '-infinity', sha256 = sha256('');
           select sequence_revisions(true, null)"#,
    )
    .await;

    let (_, _, alone) = verify(&app, &[]).await;
    let (code, _, told) = verify(&app, &["--witness", head.trim()]).await;

    assert!(!alone.contains("link"), "{alone}");
    assert_eq!(code, Some(1));
    assert!(told.contains("the witness has another hash"), "{told}");
    tamper(
        &app,
        "delete from changes where sequence > 20; update chain_head set sequence = 20, sha256 = (select sha256 from changes where sequence = 20)",
    )
    .await;
    let (code, _, told) = verify(&app, &["--witness", head.trim()]).await;
    assert_eq!(code, Some(1));
    assert!(told.contains("before the witness's"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalid_witness_is_a_usage_error() {
    let app = TestApp::new().await;

    let (code, _, told) = verify(&app, &["--witness", "12:abc"]).await;

    assert_eq!(code, Some(2));
    assert!(told.contains("is not a head of a chain"), "{told}");
}
