//! Who may read and write, and which methods a path has.

use demarche::config::Limits;

use super::*;

#[tokio::test]
async fn analysts_and_admins_write_and_readers_read() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let (list, one) = (sample.path(), path_of(sample, &created));
        let before = app.state().await;
        let writes = [
            (Method::POST, list.clone(), sample.numbered(2)),
            (Method::PUT, one.clone(), sample.full.clone()),
            (Method::PATCH, one.clone(), json!({})),
            (Method::DELETE, one.clone(), json!({})),
            (Method::POST, format!("{one}/restore"), json!({"version": 1})),
        ];

        for (method, path, body) in &writes {
            let request = || app.request(method.clone(), path).json(body);
            let anonymous = app.send(request()).await.expect_problem(401, "unauthorized");
            assert!(anonymous.header("www-authenticate").starts_with("Bearer"));
            let unknown = request().bearer_auth(format!("dmr_{}", "A".repeat(43)));
            app.send(unknown).await.expect_problem(401, "unauthorized");
            let reader = request().bearer_auth(&app.reader);
            app.send(reader).await.expect_problem(403, "forbidden");
            // The role is checked before the body is read.
            let reader = app
                .request(method.clone(), path)
                .bearer_auth(&app.reader)
                .header("content-type", "application/json")
                .body("no JSON");
            app.send(reader).await.expect_problem(403, "forbidden");
            // The client is known before anything else is looked at.
            let faulty = |token: &str| {
                app.request(method.clone(), &format!("{path}?unknown=1"))
                    .header("if-match", "no tag")
                    .header("idempotency-key", "")
                    .bearer_auth(token)
                    .json(body)
            };
            app.send(faulty("dmr_unknown"))
                .await
                .expect_problem(401, "unauthorized");
            app.send(faulty(&app.reader))
                .await
                .expect_problem(403, "forbidden");
            app.send(faulty(&app.analyst)).await.expect(400);
        }
        assert_eq!(app.state().await, before);
        for path in [
            &list,
            &one,
            &format!("{one}/history"),
            &format!("{one}/history/1"),
        ] {
            app.get(path).await.expect(200);
            for token in [&app.reader, &app.analyst, &app.admin] {
                let request = app.request(Method::GET, path).bearer_auth(token);
                app.send(request).await.expect(200);
            }
            for path in [path, &format!("{path}?unknown=1&known_at=never")] {
                let unknown = app.request(Method::GET, path).bearer_auth("dmr_unknown");
                app.send(unknown).await.expect_problem(401, "unauthorized");
            }
        }
        let admin = app.request(Method::POST, &list).bearer_auth(&app.admin);
        app.send(admin.json(&sample.numbered(2))).await.expect(201);
    })
    .await;
}

#[tokio::test]
async fn a_server_without_public_reading_requires_a_token() {
    let app = TestApp::with(Limits::default()).await;
    make_surroundings(&app).await;
    on_every_kind(&app, async |app, sample| {
        let created = create_full(app, sample).await;
        let one = path_of(sample, &created);

        for path in [
            &sample.path(),
            &one,
            &format!("{one}/history"),
            &format!("{one}/history/1"),
        ] {
            app.get(path).await.expect_problem(401, "unauthorized");
            app.get(&format!("{path}?unknown=1&known_at=never"))
                .await
                .expect_problem(401, "unauthorized");
            let reader = app.request(Method::GET, path).bearer_auth(&app.reader);
            let read = app.send(reader).await.expect(200);
            assert!(read.header("cache-control").contains("private"), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_unsupported_method_gets_405_with_the_supported_methods() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let one = path_of(sample, &created);
        for (path, allow) in [
            (sample.path(), "GET, HEAD, POST"),
            (one.clone(), "GET, HEAD, PUT, PATCH, DELETE"),
            (format!("{one}/history"), "GET, HEAD"),
            (format!("{one}/history/1"), "GET, HEAD"),
            (format!("{one}/restore"), "POST"),
        ] {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
                if allow.split(", ").any(|known| known == method) {
                    continue;
                }
                let method = Method::from_bytes(method.as_bytes()).expect("a method");
                let refused = app.send(app.request(method, &path)).await;
                let refused = refused.expect_problem(405, "method-not-allowed");
                assert_eq!(refused.header("allow"), allow, "{path}");
            }
            let options = app.send(app.request(Method::OPTIONS, &path)).await.expect(204);
            assert_eq!(options.header("allow"), allow, "{path}");
        }
    })
    .await;
}
