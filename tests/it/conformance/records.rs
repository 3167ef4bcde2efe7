//! Creating, reading, replacing, patching and deleting a record.

use super::*;

#[tokio::test]
async fn a_record_is_returned_as_it_was_created() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;

        let path = path_of(sample, &created);
        assert_eq!(created.header("location"), path);
        assert_eq!(created.body["version"], 1);
        for path in [path, format!("{}/{}", sample.path(), sample.reference())] {
            let read = app.get(&path).await.expect(200);
            assert_eq!(read.text, created.text);
            assert_eq!(read.etag(), created.etag());
        }
        for (field, sent) in sample.full.as_object().expect("an object") {
            let found = &created.body[field];
            assert!(
                !found.is_null() && *found != json!([]) && *found != json!({}),
                "{field} is kept"
            );
            let is_reference = found.is_object() && sent.is_string();
            // A time comes back in UTC; elements of lists are given in short forms.
            if !is_reference && !sent.is_array() && field != "retrieved_at" {
                assert_eq!(found, sent, "{field}");
            }
        }
        assert_eq!(created.body["external_keys"], sample.full["external_keys"]);
    })
    .await;
}

#[tokio::test]
async fn a_record_may_be_read_as_of_a_day() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;

        let read = app
            .get(&format!("{}?on=2030-01-01", path_of(sample, &created)))
            .await
            .expect(200);

        assert_eq!(read.body["id"], created.body["id"]);
        assert_eq!(read.body["version"], 1);
    })
    .await;
}

#[tokio::test]
async fn the_required_fields_are_enough_and_none_of_them_may_be_missing() {
    for_every_kind(async |app, sample| {
        let list = sample.path();
        let fields: Vec<&str> = sample
            .minimal
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(fields, sample.required_fields());
        app.post(&list, &sample.minimal).await.expect(201);
        let before = app.state().await;

        let problem = app.post(&list, &json!({})).await.expect_problem(422, INVALID);
        let pointers: Vec<String> = fields.iter().map(|field| format!("/{field}")).collect();
        assert_eq!(sorted_pointers(&problem), pointers);
        for field in fields {
            let mut without = sample.numbered(2);
            without.as_object_mut().expect("an object").remove(field);
            let mut with_null = sample.numbered(2);
            with_null[field] = Value::Null;
            for body in [without, with_null] {
                let problem = app.post(&list, &body).await.expect_problem(422, INVALID);
                assert_eq!(problem.pointers(), [format!("/{field}")]);
            }
        }
        assert_eq!(app.state().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_record_that_was_read_can_be_put_back_and_nothing_changes() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;

        for path in [
            path_of(sample, &created),
            format!("{}/{}", sample.path(), sample.reference()),
        ] {
            let put = app.put(&path, &created.body).await.expect(200);
            assert_eq!(put.text, created.text);
            assert_eq!(put.etag(), created.etag());
        }
    })
    .await;
}

#[tokio::test]
async fn a_record_that_was_read_can_be_edited_and_put_back() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let mut edited = created.body.clone();
        edited[sample.text] = json!("Edited");

        let put = app.put(&path_of(sample, &created), &edited).await.expect(200);

        assert_eq!(put.body["version"], 2);
        assert_eq!(without_version(&put.body), without_version(&edited));
    })
    .await;
}

#[tokio::test]
async fn a_put_removes_fields_that_it_leaves_out() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;

        let put = app
            .put(&path_of(sample, &created), &sample.minimal)
            .await
            .expect(200);

        assert_eq!(put.body["version"], 2);
        assert_eq!(put.body["created_at"], created.body["created_at"]);
        let fresh = app.post(&sample.path(), &sample.numbered(2)).await.expect(201);
        for (field, value) in fresh.body.as_object().expect("a record") {
            if !["id", "version", "created_at", "updated_at", "code", "warnings"].contains(&field.as_str()) {
                assert_eq!(&put.body[field], value, "{field}");
            }
        }
        app.get(&format!("{}/{}", sample.path(), sample.reference()))
            .await
            .expect_problem(404, "not-found");
    })
    .await;
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let mut expected = created.body.clone();
        expected[sample.text] = json!("Patched");
        expected["properties"]["added"] = json!(["one"]);

        let patch = json!({sample.text: "Patched", "properties": {"added": ["one"]}});
        let patched = app.patch(&path, &patch).await.expect(200);
        let read = app.get(&path).await.expect(200);

        assert_eq!(patched.body["version"], 2);
        assert_eq!(without_version(&patched.body), without_version(&expected));
        assert_eq!(read.text, patched.text);
        assert_eq!(read.etag(), patched.etag());
        assert_ne!(patched.etag(), created.etag());
    })
    .await;
}

#[tokio::test]
async fn a_patch_replaces_lists_whole_and_merges_properties() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let (name, _) = sample.full["properties"]
            .as_object()
            .and_then(|properties| properties.iter().next())
            .expect("a property");

        let patch = json!({
            "properties": {name: null, "other": ["1", "2"]},
            "external_keys": [{"scheme": "one", "value": sample.kind.path()}, {"scheme": "two", "value": sample.kind.path()}],
        });
        let patched = app.patch(&path_of(sample, &created), &patch).await.expect(200);

        assert_eq!(patched.body["properties"], json!({"other": ["1", "2"]}));
        assert_eq!(patched.body["external_keys"], patch["external_keys"]);
    })
    .await;
}

#[tokio::test]
async fn null_removes_optional_fields_and_is_refused_for_required_ones() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let (required, optional): (Vec<_>, Vec<_>) = sample
            .full
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            .partition(|field| sample.required_fields().contains(field));
        let null = |fields: &[&str]| -> Value {
            fields
                .iter()
                .map(|field| ((*field).to_owned(), Value::Null))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };

        let refused = app
            .patch(&path, &null(&required))
            .await
            .expect_problem(422, INVALID);
        let emptied = app.patch(&path, &null(&optional)).await.expect(200);

        let pointers: Vec<String> = required.iter().map(|field| format!("/{field}")).collect();
        assert_eq!(sorted_pointers(&refused), pointers);
        let mut replacement = sample.full.clone();
        for field in optional {
            replacement.as_object_mut().expect("an object").remove(field);
        }
        let put = app.put(&path, &replacement).await.expect(200);
        assert_eq!(put.text, emptied.text, "null is the same as left out");
    })
    .await;
}

#[tokio::test]
async fn a_patch_that_changes_nothing_keeps_version_and_etag() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let before = app.state().await;

        let mut patches = vec![json!({}), created.body.clone()];
        for (field, value) in sample.full.as_object().expect("an object") {
            // A citation without its id is a new one.
            if field != "citations" {
                patches.push(json!({field: value}));
            }
        }
        for patch in patches {
            let patched = app.patch(&path, &patch).await.expect(200);
            assert_eq!(patched.text, created.text, "{patch}");
            assert_eq!(patched.etag(), created.etag(), "{patch}");
        }
        assert_eq!(app.state().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_write_increases_the_version_once_for_any_part() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let mut version = 1;
        let lists = sample
            .full
            .as_object()
            .expect("an object")
            .iter()
            .filter(|(_, value)| value.is_array())
            .map(|(field, _)| json!({field: []}));

        for patch in lists.chain([json!({sample.text: "Patched"}), sample.full.clone()]) {
            let patched = app.patch(&path, &patch).await.expect(200);
            version += 1;
            assert_eq!(patched.body["version"], version, "{patch}");
        }
    })
    .await;
}

#[tokio::test]
async fn read_only_fields_are_accepted_only_unchanged() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let before = app.state().await;
        let protocol = [
            ("id", json!(uuid::Uuid::nil())),
            ("version", json!(2)),
            ("version", json!("1")),
            ("version", json!(1.5)),
            ("created_at", json!("2020-01-01T00:00:00Z")),
            ("updated_at", Value::Null),
        ];

        for (field, value) in protocol.into_iter().chain(sample.derived.clone()) {
            let mut body = created.body.clone();
            body[field] = value.clone();
            let refused = app.put(&path, &body).await.expect_problem(422, INVALID);
            assert_eq!(refused.pointers(), [format!("/{field}")]);
            let refused = app.patch(&path, &json!({field: value})).await;
            assert_eq!(
                refused.expect_problem(422, INVALID).pointers(),
                [format!("/{field}")]
            );
        }
        for (field, _) in &sample.derived {
            let patch = json!({*field: created.body[field]});
            app.patch(&path, &patch).await.expect(200);
        }
        assert_eq!(app.state().await, before);
    })
    .await;
}

#[tokio::test]
async fn every_fault_of_a_body_is_reported_at_once() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let before = app.state().await;

        for refused in [
            app.post(&sample.path(), &sample.invalid).await,
            app.put(&path_of(sample, &created), &sample.invalid).await,
        ] {
            let refused = refused.expect_problem(422, INVALID);
            assert_eq!(sorted_pointers(&refused), sample.faults);
        }
        assert_eq!(app.state().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_record_is_gone_and_its_keys_are_free() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);

        let deleted = app.delete(&path).await.expect(204);

        assert_eq!(deleted.text, "");
        app.put(&path, &sample.full)
            .await
            .expect_problem(404, "not-found");
        for path in [path, format!("{}/{}", sample.path(), sample.reference())] {
            for response in [
                app.get(&path).await,
                app.patch(&path, &json!({})).await,
                app.delete(&path).await,
            ] {
                response.expect_problem(404, "not-found");
            }
        }
        let again = create_full(app, sample).await;
        assert_ne!(again.id(), created.id());
    })
    .await;
}

#[tokio::test]
async fn text_is_returned_unchanged() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);

        for text in [
            "'; drop table actors; --",
            "$1 %s {0} \\x00",
            "<script>alert('1')</script>",
            "lines\nof\n\ntext",
            "Ünïcödé עברית\u{200f}! 日本語 می\u{200c}خواهم é",
        ] {
            let patched = app.patch(&path, &json!({sample.text: text})).await.expect(200);
            assert_eq!(patched.body[sample.text], text);
        }
    })
    .await;
}
