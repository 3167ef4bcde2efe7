//! Batches of writes.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, TestApp};

#[tokio::test]
async fn later_operations_refer_to_records_of_earlier_ones() {
    let app = TestApp::new().await;
    let batch = json!({"operations": [
        {"method": "POST", "resource": "sources", "as": "note",
         "body": {"kind": "official_statement", "title": "Note", "reliability": "A"}},
        {"method": "POST", "resource": "actors", "as": "office", "body": {"kind": "government_body", "name": "Office"}},
        {"method": "POST", "resource": "programmes", "as": "programme",
         "body": {"code": "P-1", "name": "Programme", "imposer": "@office"}},
        {"method": "POST", "resource": "actors", "as": "petro", "body": {"kind": "person", "name": "Petro"}},
        {"method": "POST", "resource": "diplomatic-actions", "as": "announced",
         "body": {"type": "sanctions_imposed", "title": "Announced",
                  "participants": [{"role": "initiator", "actor": "@office"}]}},
        {"method": "POST", "resource": "sanctions",
         "body": {"imposer": "@office", "target": "@petro", "programmes": ["@programme"], "action": "@announced",
                  "citations": [{"source": "@note", "attributed_to": "@petro"}]}},
        {"method": "PATCH", "resource": "actors", "ref": "@petro", "body": {"name": "Gustavo Petro"}},
        {"method": "DELETE", "resource": "sources", "ref": "@unused"},
    ]});
    let mut whole = batch.clone();
    whole["operations"][7] =
        json!({"method": "POST", "resource": "actors", "body": {"kind": "person", "name": "Last"}});

    let failed = app.post("/v1/batch", &batch).await.expect(404);
    let done = app.post("/v1/batch", &whole).await.expect(200);

    assert_eq!(failed.pointers(), ["/operations/7/ref"]);
    assert_eq!(
        failed.detail(),
        "no earlier operation of the batch has \"as\": \"unused\" and creates a source"
    );
    let results = done.body["results"].as_array().cloned().unwrap_or_default();
    let statuses: Vec<u64> = results
        .iter()
        .filter_map(|result| result["status"].as_u64())
        .collect();
    assert_eq!(statuses, [201, 201, 201, 201, 201, 201, 200, 201]);
    let sanction = &results[5]["body"];
    assert_eq!(sanction["target"]["name"], "Petro");
    assert_eq!(sanction["citations"][0]["grade"], json!(null));
    // Created and renamed in one transaction: one version.
    let petro = app
        .get(&format!(
            "/v1/actors/{}",
            results[3]["id"].as_str().unwrap_or_default()
        ))
        .await
        .expect(200);
    assert_eq!(petro.body["name"], "Gustavo Petro");
    assert_eq!(petro.body["version"], 1);
    assert_eq!(petro.body, results[6]["body"]);
}

#[tokio::test]
async fn a_deletion_names_the_first_hundred_of_many_referrers() {
    let app = TestApp::new().await;
    let mut operations = vec![json!({
        "method": "POST", "resource": "actors", "as": "office", "body": {"kind": "government_body", "name": "Office"},
    })];
    operations.extend((0..=100).map(|number| {
        json!({
            "method": "POST", "resource": "programmes",
            "body": {"code": format!("P-{number}"), "name": "Programme", "imposer": "@office"},
        })
    }));
    let made = app
        .post("/v1/batch", &json!({"operations": operations}))
        .await
        .expect(200);
    let office = made.body["results"][0]["id"].as_str().unwrap_or_default();

    let refused = app.delete(&format!("/v1/actors/{office}")).await.expect(409);

    assert_eq!(
        refused.detail(),
        "the actor is still referred to by more than 100 records; errors names the first 100"
    );
    assert_eq!(refused.pointers().len(), 100);
}

#[tokio::test]
async fn a_batch_is_applied_as_a_whole_or_not_at_all() {
    let app = TestApp::new().await;
    let before = app.get("/v1/actors?count=exact&limit=1").await.body["total"].clone();

    let failed = app
        .post(
            "/v1/batch",
            &json!({"operations": [
                {"method": "POST", "resource": "actors", "body": {"kind": "person", "name": "First"}},
                {"method": "POST", "resource": "actors", "body": {"kind": "person", "name": "", "began_on": "2025-13"}},
            ]}),
        )
        .await
        .expect(422);

    assert_eq!(
        failed.pointers(),
        ["/operations/1/body/name", "/operations/1/body/began_on"]
    );
    assert_eq!(
        app.get("/v1/actors?count=exact&limit=1").await.body["total"],
        before
    );
}

#[tokio::test]
async fn invalid_operations_are_reported_before_any_is_performed() {
    let app = TestApp::new().await;

    let failed = app
        .post(
            "/v1/batch",
            &json!({"operations": [
                {"method": "POST", "resource": "actors", "ref": "iso3166:CO", "as": "a", "body": {}},
                {"method": "POST", "resource": "actors", "as": "a", "if_match": "\"1-x\"", "body": {}},
                {"method": "PUT", "resource": "actors"},
                {"method": "DELETE", "resource": "actors", "ref": "iso3166:CO", "body": {}, "as": "not a name"},
            ]}),
        )
        .await
        .expect(422);

    assert_eq!(
        failed.pointers(),
        [
            "/operations/0/ref",
            "/operations/1/if_match",
            "/operations/1/as",
            "/operations/2/ref",
            "/operations/2/body",
            "/operations/3/body",
            "/operations/3/as",
        ]
    );
    let country = json!({"code": "CO", "role": "residence"});
    let twice = json!({"kind": "person", "name": "A", "countries": [country, country]});
    let twice = app
        .post(
            "/v1/batch",
            &json!({"operations": [{"method": "POST", "resource": "actors", "body": twice}]}),
        )
        .await;
    // The fault is about the whole request, so its own pointer is the only one.
    assert_eq!(
        twice.expect(422).detail(),
        "/operations/0/body/countries/1 is given twice, first as element 0 of this list"
    );
    let structure = app
        .post(
            "/v1/batch",
            &json!({"operations": [{"method": "GET", "resource": "actors"}]}),
        )
        .await;
    assert_eq!(structure.expect(400).pointers(), ["/operations/0/method"]);
    let resource = app
        .post(
            "/v1/batch",
            &json!({"operations": [{"method": "POST", "resource": "users"}]}),
        )
        .await;
    assert_eq!(resource.expect(400).pointers(), ["/operations/0/resource"]);
}

#[tokio::test]
async fn a_batch_checks_versions_and_is_idempotent_under_its_key() {
    let app = TestApp::new().await;
    let id = app
        .create("actors", json!({"kind": "person", "name": "One"}))
        .await;
    let etag = app.get(&format!("/v1/actors/{id}")).await.etag().to_owned();
    let patch = json!({"operations": [
        {"method": "PATCH", "resource": "actors", "ref": id, "if_match": etag, "body": {"name": "Two"}},
        {"method": "POST", "resource": "actors", "body": {"kind": "person", "name": "Made once"}},
    ]});
    let send = || {
        let request = app
            .request(Method::POST, "/v1/batch")
            .bearer_auth(&app.analyst)
            .json(&patch);
        app.send(request.header("Idempotency-Key", "batch-1"))
    };

    let first = send().await.expect(200);
    let again = send().await.expect(200);
    let stale = app.post("/v1/batch", &patch).await.expect(412);

    assert_eq!(first.text, again.text);
    assert_eq!(stale.pointers(), ["/operations/0/if_match"]);
    let made = app
        .get("/v1/actors?name=made%20once&count=exact")
        .await
        .expect(200);
    assert_eq!(made.body["total"], 1);
}

#[tokio::test]
async fn a_wrong_reference_or_version_is_reported_with_its_pointer() {
    let app = TestApp::new().await;
    let id = app
        .create("actors", json!({"kind": "person", "name": "One"}))
        .await;
    let nobody = "00000000-0000-7000-8000-000000000000";
    for name in ["First", "Second"] {
        let passport = json!([{"scheme": "passport", "value": "AB1", "country": if name == "First" { "CO" } else { "US" }}]);
        app.create(
            "actors",
            json!({"kind": "person", "name": name, "identifiers": passport}),
        )
        .await;
    }
    app.create(
        "relationships",
        json!({"subject": id, "kind": "family_of", "object": "passport:CO:AB1"}),
    )
    .await;

    for (operation, status, pointer) in [
        (json!({"method": "PATCH", "ref": nobody, "body": {}}), 404, "ref"),
        (
            json!({"method": "PUT", "ref": "iso3166:QQ", "body": {}}),
            404,
            "ref",
        ),
        (json!({"method": "DELETE", "ref": "@unused"}), 404, "ref"),
        (
            json!({"method": "PATCH", "ref": "passport:AB1", "body": {}}),
            409,
            "ref",
        ),
        (json!({"method": "DELETE", "ref": id}), 409, "ref"),
        (
            json!({"method": "PATCH", "ref": id, "if_match": "1", "body": {}}),
            400,
            "if_match",
        ),
        (
            json!({"method": "PATCH", "ref": id, "if_match": "\"9-x\"", "body": {}}),
            412,
            "if_match",
        ),
        (
            json!({"method": "PATCH", "ref": id, "body": {"name": ""}}),
            422,
            "body/name",
        ),
    ] {
        let mut operation = operation;
        operation["resource"] = json!("actors");

        let failed = app
            .post("/v1/batch", &json!({"operations": [operation]}))
            .await
            .expect(status);

        assert_eq!(
            failed.pointers(),
            [format!("/operations/0/{pointer}")],
            "{operation}"
        );
    }
}

#[tokio::test]
async fn a_batch_that_deadlocks_with_another_writer_is_retried() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let (ofac, petro) = (desk.ofac.clone(), desk.petro.clone());
    // The other writer locks the records in the opposite order of a batch.
    assert!(ofac < petro);
    let batch = json!({"operations": [
        {"method": "PATCH", "resource": "actors", "ref": petro, "body": {"description": "By the batch"}},
        {"method": "PATCH", "resource": "actors", "ref": ofac, "body": {"description": "By the batch"}},
    ]});
    let mut client = app.client().await;
    let other = client.transaction().await.expect("a transaction");
    let touch = |id: &str| format!("update actors set name = 'By the other' where id = '{id}'");
    // PostgreSQL rolls back the transaction that detects the deadlock, and this one does not check for deadlocks.
    other
        .batch_execute("set local deadlock_timeout = '60s'")
        .await
        .expect("a setting");
    other.batch_execute(&touch(&petro)).await.expect("a lock");

    let (answer, ()) = tokio::join!(app.post("/v1/batch", &batch), async {
        desk.until_somebody_waits().await;
        other.batch_execute(&touch(&ofac)).await.expect("the other lock");
        other.commit().await.expect("a commit");
    });

    let answer = answer.expect(200);
    for result in [
        &answer.body["results"][0]["body"],
        &answer.body["results"][1]["body"],
    ] {
        assert_eq!(result["name"], "By the other");
        assert_eq!(result["description"], "By the batch");
        assert_eq!(result["version"], 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_that_change_the_same_records_in_opposite_orders_all_succeed() {
    let app = TestApp::new().await;
    let mut named = Vec::new();
    for number in 0..10 {
        let actor = json!({"kind": "person", "name": "One of many",
                           "external_keys": [{"scheme": "race", "value": format!("actor-{number}")}]});
        let source = json!({"kind": "report", "title": "One of many"});
        app.create("actors", actor).await;
        named.push(("actors", format!("race:actor-{number}"), "description"));
        named.push(("sources", app.create("sources", source).await, "publisher"));
    }
    let batch = |writer: usize, round: usize| {
        let mut operations: Vec<_> = named
            .iter()
            .map(|(resource, reference, field)| {
                json!({"method": "PATCH", "resource": resource, "ref": reference,
                       "body": {*field: format!("By writer {writer} in round {round}")}})
            })
            .collect();
        if writer % 2 == 1 {
            operations.reverse();
        }
        json!({"operations": operations})
    };

    for round in 0..5 {
        let batches = [0, 1, 2, 3].map(|writer| batch(writer, round));
        let answers = tokio::join!(
            app.post("/v1/batch", &batches[0]),
            app.post("/v1/batch", &batches[1]),
            app.post("/v1/batch", &batches[2]),
            app.post("/v1/batch", &batches[3]),
        );

        for answer in [answers.0, answers.1, answers.2, answers.3] {
            answer.expect(200);
        }
    }

    for (resource, reference, _) in &named {
        let record = app.get(&format!("/v1/{resource}/{reference}")).await.expect(200);
        assert_eq!(record.body["version"], 1 + 5 * 4, "{reference}");
    }
    let deadlocks: i64 = app
        .client()
        .await
        .query_one(
            "select deadlocks from pg_stat_database where datname = current_database()",
            &[],
        )
        .await
        .expect("the statistics")
        .get(0);
    assert_eq!(deadlocks, 0);
}

#[tokio::test]
async fn records_swap_their_keys_in_one_batch() {
    let app = TestApp::new().await;
    let actor = |name: &str, value: &str, key: &str| {
        json!({
            "kind": "person", "name": name, "identifiers": [{"scheme": "wikidata", "value": value}],
            "external_keys": [{"scheme": "list", "value": key}],
        })
    };
    let one = app.create("actors", actor("One", "Q900000111", "1")).await;
    let other = app.create("actors", actor("Other", "Q900000222", "2")).await;
    let programme = |code: &str| json!({"code": code, "name": code, "imposer": one});
    let first = app.create("programmes", programme("FIRST")).await;
    let second = app.create("programmes", programme("SECOND")).await;
    let entry = |uid: &str| json!({"imposer": one, "target": other, "list_code": "a_list", "list_uid": uid, "imposed_on": "2020"});
    let e1 = app.create("sanctions", entry("e1")).await;
    let e2 = app.create("sanctions", entry("e2")).await;
    let patch = |resource: &str, id: &str, body: Value| json!({"method": "PATCH", "resource": resource, "ref": id, "body": body});
    let keys = |value: &str, key: &str| {
        json!({
            "identifiers": [{"scheme": "wikidata", "value": value}], "external_keys": [{"scheme": "list", "value": key}],
        })
    };

    let swapped = app
        .post(
            "/v1/batch",
            &json!({"operations": [
                patch("sanctions", &e1, json!({"list_uid": "e2"})),
                patch("sanctions", &e2, json!({"list_uid": "e1"})),
                patch("actors", &one, keys("Q900000222", "2")),
                patch("actors", &other, keys("Q900000111", "1")),
                patch("programmes", &first, json!({"code": "SECOND"})),
                patch("programmes", &second, json!({"code": "FIRST"})),
            ]}),
        )
        .await
        .expect(200);

    assert_eq!(swapped.body["results"][0]["body"]["list_uid"], "e2");
    for (path, id) in [
        ("/v1/actors/wikidata:Q900000222", &one),
        ("/v1/actors/list:1", &other),
        ("/v1/programmes/programme:FIRST", &second),
    ] {
        assert_eq!(app.get(path).await.expect(200).id(), *id, "{path}");
    }

    // What is taken at the end is a fault of the last operation that wrote it.
    for (operations, pointer) in [
        (
            json!([
                patch("sanctions", &e1, json!({"list_uid": "e1"})),
                patch("actors", &one, json!({"name": "x"})),
            ]),
            "/operations/0/body/list_uid",
        ),
        (
            json!([
                patch("programmes", &first, json!({"name": "x"})),
                patch("programmes", &second, json!({"code": "SECOND"})),
            ]),
            "/operations/1/body/code",
        ),
        (
            json!([
                {"method": "POST", "resource": "actors", "body": actor("New", "Q900000333", "3")},
                {"method": "POST", "resource": "actors", "body": actor("Newer", "Q900000333", "4")},
            ]),
            "/operations/1/body/identifiers/0/value",
        ),
        (
            json!([{"method": "POST", "resource": "actors", "body": actor("New", "Q900000444", "1")}]),
            "/operations/0/body/external_keys/0",
        ),
    ] {
        let told = app
            .post("/v1/batch", &json!({"operations": operations}))
            .await
            .expect(409);
        assert_eq!(told.pointers(), [pointer]);
    }
    let unchanged = app.get(&format!("/v1/actors/{one}")).await.expect(200);
    assert_eq!(unchanged.body["name"], "One");
    // A single write is checked at once.
    let told = app
        .patch(&format!("/v1/sanctions/{e1}"), &json!({"list_uid": "e1"}))
        .await
        .expect(409);
    assert!(told.text.contains(&e2), "{}", told.text);
}
