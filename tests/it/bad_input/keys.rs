//! Keys and ids that match no record, match several, or are taken.

use reqwest::StatusCode;
use serde_json::json;
use uuid::Uuid;

use super::{person, refused, samples};
use crate::support::{Raw, TestApp};

#[tokio::test]
async fn a_path_that_names_no_record_is_not_found() {
    let app = TestApp::new().await;
    let before = app.state().await;

    for (resource, _, sample) in samples() {
        for reference in [
            Uuid::now_v7().to_string().as_str(),
            "iso3166:ZZ",
            "iso3166:",
            ":CO",
            "unheard_of:x",
            "programme:x",
            "CO",
            "@petro",
            "@",
            "00000000-0000-0000-0000-00000000000",
            "1",
            "-1",
            "*",
            "%20",
            "..%2f..%2fetc%2fpasswd",
            "iso3166:%27%20or%201=1--",
            "%00",
            "iso3166:C%00O",
            "%ff%fe",
            "iso3166:%c3%28",
            "%zz",
            "iso3166:CO%",
            "%2%35",
            "iso3166:%EF%BF%BD",
        ] {
            let path = format!("/v1/{resource}/{reference}");
            // A PUT on an external key creates a record.
            let is_external = match reference.split_once(':') {
                None | Some(("" | "programme", _) | (_, "")) => false,
                Some((scheme, _)) => scheme != "iso3166" || resource != "actors",
            };
            for method in ["GET", "PUT", "PATCH", "DELETE"] {
                if is_external && method == "PUT" {
                    continue;
                }
                // Over a bare connection, because an HTTP client would correct some of these.
                let body = sample.to_string();
                let request = format!(
                    "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
                     Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    app.analyst,
                    body.len()
                );
                let mut connection = Raw::connect(&app).await;
                connection.write(request.as_bytes()).await;
                let answer = connection.answer().await.expect("an answer");
                assert_eq!(answer.status, 404, "{method} {path}: {answer:?}");
                assert!(answer.head.contains("application/problem+json"), "{answer:?}");
            }
        }
    }
    assert_eq!(app.state().await, before);
    app.get("/v1/actors/iso3166%3ACO").await.expect(200);
}

#[tokio::test]
async fn a_key_that_matches_several_records_is_a_conflict_that_names_them() {
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    for (name, country) in [("One", "CO"), ("Two", "VE")] {
        let mut body = person(name);
        body["identifiers"] = json!([{"scheme": "passport", "value": "AB123", "country": country}]);
        ids.push(app.create("actors", body).await);
    }
    let before = app.state().await;

    let path = "/v1/actors/passport:AB123";
    for answer in [
        app.get(path).await,
        app.put(path, &person("x")).await,
        app.patch(path, &json!({"name": "x"})).await,
        app.delete(path).await,
    ] {
        let answer = answer.expect_problem(409, "conflict");
        for named in ids.iter().map(String::as_str).chain(["One", "Two"]) {
            assert!(answer.detail().contains(named), "{}", answer.text);
        }
    }
    assert_eq!(app.state().await, before);
    let one = app.get("/v1/actors/passport:VE:AB123").await.expect(200);
    assert_eq!(one.id(), ids[1]);
}

#[tokio::test]
async fn a_taken_key_is_a_conflict_that_names_its_holder() {
    let app = TestApp::new().await;
    let colombia = app.get("/v1/actors/iso3166:CO").await.expect(200).id();
    let mut body = person("Keeper");
    body["external_keys"] = json!([{"scheme": "desk", "value": "1"}]);
    let keeper = app.create("actors", body).await;

    let mut body = person("Taker");
    body["identifiers"] = json!([
        {"scheme": "passport", "value": "P1"},
        {"scheme": "iso3166", "value": "CO"},
    ]);
    let answer = refused(&app, &body, 409, "conflict", &["/identifiers/1/value"]).await;
    assert!(answer.detail().contains(&colombia), "{}", answer.text);
    assert!(answer.detail().contains("Colombia"), "{}", answer.text);
    let mut body = person("Taker");
    body["external_keys"] = json!([{"scheme": "desk", "value": "2"}, {"scheme": "desk", "value": "1"}]);
    let answer = refused(&app, &body, 409, "conflict", &["/external_keys/1"]).await;
    assert!(answer.detail().contains(&keeper), "{}", answer.text);
    let id = app.create("actors", person("Taker")).await;
    let keys = json!({"external_keys": body["external_keys"]});
    app.patch(&format!("/v1/actors/{id}"), &keys)
        .await
        .expect_problem(409, "conflict");
}

#[tokio::test]
async fn one_of_many_concurrent_writers_gets_a_key() {
    let app = TestApp::new().await;
    let mut body = person("Racer");
    body["identifiers"] = json!([{"scheme": "wikidata", "value": "Q999999999"}]);
    body["external_keys"] = json!([{"scheme": "desk", "value": "race"}]);

    let answers = futures_util::future::join_all((0..8).map(|_| app.post("/v1/actors", &body))).await;

    let (made, refused): (Vec<_>, Vec<_>) = answers
        .into_iter()
        .partition(|answer| answer.status == StatusCode::CREATED);
    assert_eq!(made.len(), 1);
    for answer in refused {
        answer.expect_problem(409, "conflict");
    }
}
