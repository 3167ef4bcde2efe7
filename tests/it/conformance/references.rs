//! Ids and keys of records: in paths, taken by others, referred to.

use super::*;

#[tokio::test]
async fn a_path_that_names_no_record_is_not_found() {
    for_every_kind(async |app, sample| {
        let before = app.state().await;

        for reference in [
            uuid::Uuid::now_v7().to_string().as_str(),
            "sample:nothing",
            "unheard_of:x",
            "sample:",
            "CO",
            "@alias",
            "1",
            "*",
        ] {
            let path = format!("{}/{reference}", sample.path());
            // A PUT on an external key would create a record.
            if !reference.contains(':') {
                app.put(&path, &sample.full)
                    .await
                    .expect_problem(404, "not-found");
            }
            for response in [
                app.get(&path).await,
                app.patch(&path, &json!({})).await,
                app.delete(&path).await,
                app.get(&format!("{path}/history")).await,
                app.get(&format!("{path}/history/1")).await,
                app.post(&format!("{path}/restore"), &json!({"version": 1})).await,
            ] {
                response.expect_problem(404, "not-found");
            }
        }
        assert_eq!(app.state().await, before);
    })
    .await;
}

#[tokio::test]
async fn an_external_key_that_another_record_has_is_a_conflict_that_names_it() {
    for_every_kind(async |app, sample| {
        let holder = create_full(app, sample).await;
        let other = app.post(&sample.path(), &sample.minimal).await.expect(201);
        let mut body = sample.numbered(2);
        body["external_keys"] =
            json!([{"scheme": "sample", "value": "free"}, sample.full["external_keys"][0]]);
        let before = app.state().await;

        for refused in [
            app.post(&sample.path(), &body).await,
            app.patch(
                &path_of(sample, &other),
                &json!({"external_keys": body["external_keys"]}),
            )
            .await,
        ] {
            let refused = refused.expect_problem(409, "conflict");
            assert_eq!(refused.pointers(), ["/external_keys/1"]);
            assert!(refused.detail().contains(&holder.id()), "{}", refused.text);
        }
        assert_eq!(app.state().await, before);
    })
    .await;
}

#[tokio::test]
async fn one_of_many_concurrent_writers_gets_an_external_key() {
    for_every_kind(async |app, sample| {
        let mut body = sample.minimal.clone();
        body["external_keys"] = json!([{"scheme": "race", "value": sample.kind.path()}]);
        let list = sample.path();

        let responses = futures_util::future::join_all((0..4).map(|_| app.post(&list, &body))).await;

        let (created, refused): (Vec<_>, Vec<_>) =
            responses.into_iter().partition(|response| response.status == 201);
        assert_eq!(created.len(), 1);
        for response in refused {
            response.expect_problem(409, "conflict");
        }
    })
    .await;
}

#[tokio::test]
async fn faults_of_external_keys_are_reported_with_their_pointer() {
    for_every_kind(async |app, sample| {
        let mut body = sample.minimal.clone();
        body["external_keys"] = json!([
            {"scheme": "programme", "value": "reserved"},
            {"scheme": "Desk 1", "value": " "},
            {"scheme": "desk"},
            {"scheme": "desk", "value": "twice"},
            {"scheme": "desk", "value": "twice"},
        ]);

        let refused = app.post(&sample.path(), &body).await.expect_problem(422, INVALID);

        assert_eq!(
            sorted_pointers(&refused),
            [
                "/external_keys/0/scheme",
                "/external_keys/1/scheme",
                "/external_keys/1/value",
                "/external_keys/2/value",
                "/external_keys/4",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn faults_of_properties_are_reported_with_their_pointer() {
    for_every_kind(async |app, sample| {
        for (properties, pointers) in [
            (
                json!({"list": ["a"], "text": "a", "deep": [["a"]], "nothing": null, "a/b~c": [1]}),
                vec![
                    "/properties/a~1b~0c",
                    "/properties/deep",
                    "/properties/nothing",
                    "/properties/text",
                ],
            ),
            (json!([]), vec!["/properties"]),
        ] {
            let mut body = sample.minimal.clone();
            body["properties"] = properties;

            let refused = app.post(&sample.path(), &body).await.expect_problem(422, INVALID);

            assert_eq!(sorted_pointers(&refused), pointers);
        }
    })
    .await;
}

#[tokio::test]
async fn a_record_is_not_deleted_while_others_refer_to_it() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let Some((kind, body, role)) = sample.referrer() else {
            return;
        };
        let referrer = app.create(kind.path(), body).await;
        let before = app.state().await;

        let refused = app.delete(&path).await.expect_problem(409, "conflict");

        assert_eq!(refused.pointers(), [""]);
        let named = format!("/v1/{}/{referrer} refers to it as {role}", kind.path());
        assert!(refused.text.contains(&named), "{}", refused.text);
        assert_eq!(app.state().await, before);
        app.delete(&format!("/v1/{}/{referrer}", kind.path()))
            .await
            .expect(204);
        app.delete(&path).await.expect(204);
    })
    .await;
}
