//! Bodies that can't be read as a record.

use super::*;

/// Sends a body as a new record, a replacement and a patch.
async fn send_everywhere(
    app: &TestApp,
    sample: &Sample,
    id: &str,
    content_type: &str,
    body: &str,
) -> Vec<Response> {
    let list = sample.path();
    let one = format!("{list}/{id}");
    let mut responses = Vec::new();
    for (method, path) in [(Method::POST, &list), (Method::PUT, &one), (Method::PATCH, &one)] {
        responses.push(app.send_body(method, path, content_type, body.to_owned()).await);
    }
    responses
}

#[tokio::test]
async fn a_body_that_can_not_be_read_is_malformed_and_changes_nothing() {
    for_every_kind(async |app, sample| {
        let id = create_full(app, sample).await.id();
        let before = app.state().await;
        let text = sample.text;

        for (body, pointers) in [
            (String::new(), vec![]),
            ("{".to_owned(), vec![]),
            ("null".to_owned(), vec![]),
            ("[]".to_owned(), vec![]),
            ("{} {}".to_owned(), vec![]),
            (r#"{"unheard_of": 1}"#.to_owned(), vec!["/unheard_of".to_owned()]),
            (format!(r#"{{"{text}": 5}}"#), vec![format!("/{text}")]),
            (
                format!(r#"{{"{text}": "a", "{text}": "b"}}"#),
                vec![format!("/{text}")],
            ),
            (
                r#"{"properties": {"a": ["1"], "a": ["2"]}}"#.to_owned(),
                vec!["/properties/a".to_owned()],
            ),
            (
                r#"{"external_keys": [{"scheme": 5}]}"#.to_owned(),
                vec!["/external_keys/0/scheme".to_owned()],
            ),
        ] {
            for refused in send_everywhere(app, sample, &id, "application/json", &body).await {
                assert_eq!(
                    refused.expect_problem(400, MALFORMED).pointers(),
                    pointers,
                    "{body}"
                );
            }
        }
        assert_eq!(app.state().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_nul_character_is_reported_with_its_pointer() {
    for_every_kind(async |app, sample| {
        let id = create_full(app, sample).await.id();
        let before = app.state().await;
        let mut body = sample.numbered(2);
        body[sample.text] = json!("a\u{0}b");
        body["properties"] = json!({"a": ["\u{0}"]});

        for refused in send_everywhere(app, sample, &id, "application/json", &body.to_string()).await {
            let refused = refused.expect_problem(422, INVALID);
            let mut expected = [format!("/{}", sample.text), "/properties/a/0".to_owned()];
            expected.sort();
            assert_eq!(sorted_pointers(&refused), expected);
        }
        assert_eq!(app.state().await, before);
    })
    .await;
}

#[tokio::test]
async fn only_json_is_accepted_and_a_merge_patch_only_by_patch() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let before = app.state().await;
        let body = sample.full.to_string();

        for content_type in ["text/plain", "application/x-www-form-urlencoded", "text/json", ""] {
            for refused in send_everywhere(app, sample, &created.id(), content_type, &body).await {
                refused.expect_problem(415, "unsupported-media-type");
            }
        }
        app.send_body(Method::PUT, &path, "application/merge-patch+json", body)
            .await
            .expect_problem(415, "unsupported-media-type");
        assert_eq!(app.state().await, before);
        for content_type in ["application/merge-patch+json", "Application/JSON; charset=UTF-8"] {
            app.send_body(Method::PATCH, &path, content_type, "{}")
                .await
                .expect(200);
        }
    })
    .await;
}

#[tokio::test]
async fn a_write_takes_no_query_parameters() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let before = app.state().await;

        for refused in [
            app.post(&format!("{}?dry_run=true", sample.path()), &sample.numbered(2))
                .await,
            app.put(&format!("{path}?dry_run=true"), &sample.full).await,
            app.patch(&format!("{path}?dry_run=true"), &json!({})).await,
            app.delete(&format!("{path}?dry_run=true")).await,
        ] {
            assert_eq!(refused.expect_problem(400, MALFORMED).pointers(), ["?dry_run"]);
        }
        assert_eq!(app.state().await, before);
    })
    .await;
}
