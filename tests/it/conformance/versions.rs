//! ETags: If-Match, If-None-Match, HEAD.

use demarche::config::Limits;

use super::*;

#[tokio::test]
async fn a_write_with_if_match_succeeds_only_on_that_version() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let patched = app
            .patch(&path, &json!({sample.text: "Patched"}))
            .await
            .expect(200);
        let before = app.state().await;
        let send = async |method: Method, tag: &str| {
            let request = with_header(app, method.clone(), &path, "if-match", tag);
            app.send(if method == Method::DELETE {
                request
            } else {
                request.json(&sample.full)
            })
            .await
        };

        for method in [Method::PUT, Method::PATCH, Method::DELETE] {
            for stale in [created.etag(), "\"garbage\"", "\"2\"", "W/\"3-0011223344556677\""] {
                send(method.clone(), stale)
                    .await
                    .expect_problem(412, "precondition-failed");
            }
            for malformed in ["garbage", "", "1", "*, \"1-a\""] {
                let refused = send(method.clone(), malformed).await;
                refused.expect_problem(400, MALFORMED);
            }
        }
        assert_eq!(app.state().await, before);

        // The form in which a compressing proxy sends it back.
        let put = send(Method::PUT, &format!("W/{}", patched.etag()))
            .await
            .expect(200);
        let listed = format!("\"7-a\", {}", put.etag());
        let patched = send(Method::PATCH, &listed).await.expect(200);
        send(Method::DELETE, patched.etag()).await.expect(204);
        send(Method::DELETE, "*").await.expect_problem(404, "not-found");
    })
    .await;
}

#[tokio::test]
async fn if_match_is_required_if_the_server_is_configured_so() {
    let app = TestApp::with(Limits {
        public_read: true,
        require_if_match: true,
        ..Limits::default()
    })
    .await;
    make_surroundings(&app).await;
    on_every_kind(&app, async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let before = app.state().await;

        for refused in [
            app.put(&path, &sample.full).await,
            app.patch(&path, &json!({})).await,
            app.delete(&path).await,
        ] {
            refused.expect_problem(428, "precondition-required");
        }
        assert_eq!(app.state().await, before);
        let request = with_header(app, Method::DELETE, &path, "if-match", created.etag());
        app.send(request).await.expect(204);
    })
    .await;
}

#[tokio::test]
async fn an_unchanged_record_is_not_sent_again() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let read = app.get(&path).await.expect(200);
        let ask = async |tag: &str| {
            let request = app.request(Method::GET, &path).header("if-none-match", tag);
            app.send(request).await
        };

        for tag in [
            read.etag().to_owned(),
            format!("W/{}", read.etag()),
            "*".to_owned(),
            format!("\"1-0\", {}", read.etag()),
        ] {
            let unchanged = ask(&tag).await.expect(304);
            assert_eq!(unchanged.etag(), read.etag());
            assert_eq!(unchanged.header("vary"), read.header("vary"));
            assert_eq!(unchanged.text, "");
        }
        for tag in ["garbage", "\"1-0\"", ""] {
            assert_eq!(ask(tag).await.expect(200).text, read.text);
        }
        app.patch(&path, &json!({sample.text: "Patched"}))
            .await
            .expect(200);
        ask(read.etag()).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;

        for path in [path_of(sample, &created), format!("{}?limit=1", sample.path())] {
            let get = app.get(&path).await.expect(200);
            let head = app.send(app.request(Method::HEAD, &path)).await.expect(200);
            assert_eq!(head.text, "");
            for name in ["content-type", "etag", "vary", "link", "cache-control"] {
                assert_eq!(head.header(name), get.header(name), "{name}");
            }
            assert_eq!(head.header("content-length"), get.text.len().to_string());
        }
    })
    .await;
}

#[tokio::test]
async fn a_renamed_actor_changes_the_etag_of_records_that_name_it_and_not_their_version() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let names_office = created.text.contains(r#""name":"Office of Samples""#);

        app.patch("/v1/actors/around:office", &json!({"name": "Renamed office"}))
            .await
            .expect(200);
        let read = app.get(&path).await.expect(200);

        assert_eq!(read.body["version"], 1);
        assert_eq!(read.etag() != created.etag(), names_office);
        assert_eq!(read.text.contains("Renamed office"), names_office);
        // A changed name of another record is not a concurrent write: the version that was read is the current one.
        let request = with_header(app, Method::PATCH, &path, "if-match", created.etag());
        app.send(request.json(&json!({sample.text: "Patched"})))
            .await
            .expect(200);
        app.patch("/v1/actors/around:office", &json!({"name": "Office of Samples"}))
            .await
            .expect(200);
    })
    .await;
}

#[tokio::test]
async fn one_of_two_writers_of_the_same_version_is_refused() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let path = path_of(sample, &created);
        let write = async |text: &str| {
            let request = with_header(app, Method::PATCH, &path, "if-match", created.etag());
            app.send(request.json(&json!({sample.text: text}))).await
        };

        let (one, other) = tokio::join!(write("One"), write("Other"));

        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        assert_eq!(app.get(&path).await.expect(200).body["version"], 2);
    })
    .await;
}
