//! Invalid tokens, missing rights, and the rate limit.

use std::time::Instant;

use demarche::config::Limits;
use demarche::vocabulary::UserRole;
use reqwest::{Method, StatusCode};
use uuid::Uuid;

use super::{JSON, samples};
use crate::support::{TestApp, wait_until};

#[tokio::test]
async fn a_client_without_a_valid_token_reads_public_data_only_and_never_writes() {
    let public = TestApp::new().await;
    let closed = TestApp::with(Limits::default()).await;
    let invented = format!("Bearer dmr_{}", "A".repeat(43));

    for app in [&public, &closed] {
        let is_public = std::ptr::eq(app, &public);
        let client = app.client().await;
        let revoked = app.token("revoked", UserRole::Analyst).await;
        let expired = app.token("expired", UserRole::Analyst).await;
        client
            .batch_execute(
                "update tokens set revoked_at = now() from users where users.id = user_id and users.name = 'revoked'; \
                 update tokens set expires_at = now() from users where users.id = user_id and users.name = 'expired'",
            )
            .await
            .expect("tokens that do not work");
        let mut wrong: Vec<Vec<u8>> = [
            "",
            "Bearer",
            "Bearer ",
            "Bearer dmr_",
            "Bearer x",
            "Basic YTpi",
            "dmr_x",
            &format!("Bearer {}x", app.analyst),
            &format!("Bearer {}", app.analyst.to_uppercase()),
            &format!("Token {}", app.analyst),
            &format!("Bearer dmr_{}", "x".repeat(50_000)),
            &invented,
            &format!("Bearer {revoked}"),
            &format!("Bearer {expired}"),
        ]
        .map(|text| text.as_bytes().to_vec())
        .to_vec();
        wrong.push(b"Bearer dmr_\xff".to_vec());
        let before = app.state().await;

        for (resource, _, sample) in samples() {
            let list = format!("/v1/{resource}");
            let one = format!("/v1/{resource}/{}", Uuid::now_v7());
            let writes = [
                (Method::POST, &list),
                (Method::PUT, &one),
                (Method::PATCH, &one),
                (Method::DELETE, &one),
            ];
            for (method, path) in &writes {
                let request = app.request(method.clone(), path).json(&sample);
                let answer = app.send(request).await.expect_problem(401, "unauthorized");
                assert!(answer.header("www-authenticate").starts_with("Bearer"));
                for authorization in &wrong {
                    let header = reqwest::header::HeaderValue::from_bytes(authorization).expect("a header");
                    let request = app
                        .request(method.clone(), path)
                        .header("authorization", header)
                        .json(&sample);
                    let answer = app.send(request).await.expect_problem(401, "unauthorized");
                    assert!(answer.header("www-authenticate").starts_with("Bearer"));
                }
                let request = app
                    .request(method.clone(), path)
                    .bearer_auth(&app.reader)
                    .json(&sample);
                app.send(request).await.expect_problem(403, "forbidden");
                let request = app
                    .request(method.clone(), path)
                    .bearer_auth(&app.reader)
                    .header("content-type", JSON)
                    .body("no JSON");
                app.send(request).await.expect_problem(403, "forbidden");
            }
            for path in [list.as_str(), "/v1/actors/iso3166:CO", "/"] {
                let answer = app.get(path).await;
                if is_public {
                    answer.expect(200);
                } else {
                    answer.expect_problem(401, "unauthorized");
                }
                for authorization in &wrong {
                    let header = reqwest::header::HeaderValue::from_bytes(authorization).expect("a header");
                    let request = app.request(Method::GET, path).header("authorization", header);
                    app.send(request).await.expect_problem(401, "unauthorized");
                }
                for token in [&app.reader, &app.analyst, &app.admin] {
                    let request = app.request(Method::GET, path).bearer_auth(token);
                    app.send(request).await.expect(200);
                }
            }
        }
        assert_eq!(app.state().await, before);
    }
}

#[tokio::test]
async fn an_admin_and_an_analyst_may_write() {
    let app = TestApp::new().await;

    for (resource, _, sample) in samples() {
        for authorization in [
            format!("Bearer {}", app.analyst),
            format!("bearer  {}", app.analyst),
            format!("BEARER {}", app.admin),
        ] {
            let request = app
                .request(Method::POST, &format!("/v1/{resource}"))
                .header("authorization", authorization)
                .json(&sample);
            app.send(request).await.expect(201);
        }
    }
}

#[tokio::test]
async fn a_client_over_the_rate_limit_gets_429_with_retry_after() {
    const RATE: u32 = 5;
    let app = TestApp::with(Limits {
        public_read: true,
        rate: RATE,
        ..Limits::default()
    })
    .await;
    let invented = |number: usize| format!("Bearer dmr_{number}");
    let crowd = |with: &dyn Fn(usize) -> Option<String>| {
        let requests: Vec<_> = (0..40)
            .map(|number| {
                let request = app.request(Method::GET, "/v1/actors/iso3166:CO");
                app.send(match with(number) {
                    Some(authorization) => request.header("authorization", authorization),
                    None => request,
                })
            })
            .collect();
        let begun = Instant::now();
        async move {
            let answers = futures_util::future::join_all(requests).await;
            (answers, begun.elapsed().as_secs_f64())
        }
    };

    let anonymous = crowd(&|_| None).await;
    let inventors = crowd(&|number| Some(invented(number))).await;
    let reader = crowd(&|_| Some(format!("Bearer {}", app.reader))).await;

    for (answers, seconds) in [anonymous, inventors, reader] {
        let (held, served): (Vec<_>, Vec<_>) = answers
            .into_iter()
            .partition(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS);
        // The limit allows a burst of `RATE` requests, and then `RATE` a second; a token that is new has a burst of its own beside
        // that of its address.
        let most = f64::from(RATE) * (2.0 + seconds) + 1.0;
        assert!(
            (served.len() as f64) < most,
            "{} served in {seconds} s",
            served.len()
        );
        assert!(!held.is_empty(), "{} served in {seconds} s", served.len());
        for answer in held {
            let answer = answer.expect_problem(429, "too-many-requests");
            assert!(
                answer
                    .header("retry-after")
                    .parse::<u32>()
                    .is_ok_and(|wait| wait > 0)
            );
        }
    }
    for answer in futures_util::future::join_all((0..40).map(|_| app.get("/healthz"))).await {
        answer.expect(200);
    }
    // A token that is known to be valid has a limit of its own.
    let analyst = || {
        app.send(
            app.request(Method::GET, "/v1/actors/iso3166:CO")
                .bearer_auth(&app.analyst),
        )
    };
    wait_until("the address may send again", async || {
        analyst().await.status == StatusCode::OK
    })
    .await;
    crowd(&|_| None).await;
    crowd(&|number| Some(invented(number))).await;
    analyst().await.expect(200);
    // Behind a trusted proxy, each client has its own limit.
    let behind_proxy = app
        .request(Method::GET, "/v1/actors/iso3166:CO")
        .header("x-forwarded-for", "203.0.113.5, 198.51.100.1");
    app.send(behind_proxy).await.expect(200);
    wait_until("anonymous requests are served again", async || {
        app.get("/v1/actors/iso3166:CO").await.status == StatusCode::OK
    })
    .await;
}
