//! Batches: several writes, applied as a whole or not at all.

use super::*;

#[tokio::test]
async fn a_batch_does_what_single_requests_do() {
    for_every_kind(async |app, sample| {
        let resource = sample.kind.path();
        let reference = sample.reference();
        let batch = json!({"operations": [
            {"method": "POST", "resource": resource, "as": "new", "body": sample.full},
            {"method": "PATCH", "resource": resource, "ref": "@new", "body": {sample.text: "Patched"}},
            {"method": "PUT", "resource": resource, "ref": reference, "body": sample.full},
            {"method": "POST", "resource": resource, "as": "other", "body": sample.numbered(2)},
            {"method": "DELETE", "resource": resource, "ref": "@other"},
        ]});

        let done = app.post("/v1/batch", &batch).await.expect(200);

        let results = done.body["results"].as_array().expect("results");
        let statuses: Vec<&Value> = results.iter().map(|result| &result["status"]).collect();
        assert_eq!(statuses, [201, 200, 200, 201, 204]);
        assert_eq!(results[1]["body"][sample.text], "Patched");
        // One transaction makes one version.
        assert_eq!(results[2]["body"]["version"], 1);
        let id = results[0]["id"].as_str().expect("an id");
        let read = app.get(&format!("{}/{id}", sample.path())).await.expect(200);
        assert_eq!(read.body, results[2]["body"]);
        let gone = results[3]["id"].as_str().expect("an id");
        app.get(&format!("{}/{gone}", sample.path())).await.expect(404);
    })
    .await;
}

#[tokio::test]
async fn a_batch_with_a_fault_changes_nothing_and_reports_where_it_is() {
    for_every_kind(async |app, sample| {
        let resource = sample.kind.path();
        let created = create_full(app, sample).await;
        let id = created.id();
        let stale = "\"9-0a\"";
        let before = app.state().await;

        for (operation, status, pointers) in [
            (
                json!({"method": "POST", "body": sample.invalid}),
                422,
                sample.faults.iter().map(|fault| format!("body{fault}")).collect(),
            ),
            (
                json!({"method": "PATCH", "ref": id, "body": {"unheard_of": 1}}),
                400,
                vec!["body/unheard_of".to_owned()],
            ),
            (
                json!({"method": "PATCH", "ref": uuid::Uuid::nil(), "body": {}}),
                404,
                vec!["ref".to_owned()],
            ),
            (
                json!({"method": "DELETE", "ref": id, "if_match": stale}),
                412,
                vec!["if_match".to_owned()],
            ),
            (
                json!({"method": "PUT", "ref": id, "if_match": "1", "body": sample.full}),
                400,
                vec!["if_match".to_owned()],
            ),
        ] {
            let mut operation = operation;
            operation["resource"] = json!(resource);
            let first = json!({"method": "POST", "resource": resource, "body": sample.numbered(3)});

            let refused = app
                .post("/v1/batch", &json!({"operations": [first, operation]}))
                .await
                .expect(status);

            let pointers: Vec<String> = pointers
                .iter()
                .map(|pointer| format!("/operations/1/{pointer}"))
                .collect();
            assert_eq!(sorted_pointers(&refused), pointers, "{}", refused.text);
        }
        assert_eq!(app.state().await, before);
    })
    .await;
}
