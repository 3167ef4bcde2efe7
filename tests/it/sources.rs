//! Sources over HTTP.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, rank};

const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn announcement() -> Value {
    json!({
        "kind": "official_statement",
        "title": "Treasury Sanctions Colombian President Gustavo Petro",
        "publisher": "US Department of the Treasury",
        "author": "Office of Public Affairs",
        "url": "https://home.treasury.gov/news",
        "archive_url": "https://web.archive.org/",
        "published_on": "2025-10-24",
        "retrieved_at": "2025-10-24T13:05:00-05:00",
        "language": "en",
        "reliability": "A",
        "content_sha256": DIGEST,
        "notes": "Read on the day",
        "properties": {"topic": ["sanctions"]},
        "external_keys": [{"scheme": "desk", "value": "announcement"}],
    })
}

#[tokio::test]
async fn a_source_comes_back_whole() {
    let app = TestApp::new().await;

    let made = app.post("/v1/sources", &announcement()).await.expect(201);

    let id = made.id();
    assert_eq!(made.header("location"), format!("/v1/sources/{id}"));
    let read = app.get(&format!("/v1/sources/{id}")).await.expect(200);
    assert_eq!(read.etag(), made.etag());
    assert_eq!(read.body, made.body);
    assert_eq!(
        read.body,
        json!({
            "id": id,
            "kind": "official_statement",
            "title": "Treasury Sanctions Colombian President Gustavo Petro",
            "publisher": "US Department of the Treasury",
            "author": "Office of Public Affairs",
            "url": "https://home.treasury.gov/news",
            "archive_url": "https://web.archive.org/",
            "published_on": "2025-10-24",
            "retrieved_at": "2025-10-24T18:05:00Z",
            "language": "en",
            "reliability": "A",
            "content_sha256": DIGEST,
            "notes": "Read on the day",
            "properties": {"topic": ["sanctions"]},
            "external_keys": [{"scheme": "desk", "value": "announcement"}],
            "version": 1,
            "created_at": read.body["created_at"],
            "updated_at": read.body["updated_at"],
        })
    );
}

#[tokio::test]
async fn a_source_of_two_fields_has_null_and_empty_for_the_rest() {
    let app = TestApp::new().await;

    let made = app
        .post("/v1/sources", &json!({"kind": "other", "title": "A note"}))
        .await
        .expect(201);

    let fields = made.body.as_object().expect("an object");
    let nulls: Vec<&str> = fields
        .iter()
        .filter(|(_, value)| value.is_null())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        nulls,
        [
            "archive_url",
            "author",
            "content_sha256",
            "language",
            "notes",
            "published_on",
            "publisher",
            "reliability",
            "retrieved_at",
            "url"
        ]
    );
    assert_eq!(made.body["properties"], json!({}));
    assert_eq!(made.body["external_keys"], json!([]));
}

#[tokio::test]
async fn what_was_read_can_be_put_back_and_nothing_changes() {
    let app = TestApp::new().await;
    let made = app.post("/v1/sources", &announcement()).await.expect(201);

    let put = app
        .put("/v1/sources/desk:announcement", &made.body)
        .await
        .expect(200);

    assert_eq!(put.body, made.body);
    assert_eq!(put.etag(), made.etag());
}

#[tokio::test]
async fn put_replaces_the_source_whole() {
    let app = TestApp::new().await;
    let id = app.create("sources", announcement()).await;

    let put = app
        .put(
            &format!("/v1/sources/{id}"),
            &json!({"kind": "report", "title": "Another"}),
        )
        .await
        .expect(200);

    assert_eq!(put.body["version"], 2);
    assert_eq!(put.body["publisher"], Value::Null);
    assert_eq!(put.body["external_keys"], json!([]));
    app.get("/v1/sources/desk:announcement").await.expect(404);
}

#[tokio::test]
async fn a_patch_removes_with_null_replaces_arrays_and_merges_properties() {
    let app = TestApp::new().await;
    let id = app.create("sources", announcement()).await;

    let patched = app
        .patch(
            &format!("/v1/sources/{id}"),
            &json!({
                "reliability": null,
                "properties": {"program": ["EO14059"]},
                "external_keys": [{"scheme": "desk", "value": "one"}, {"scheme": "desk", "value": "two"}],
            }),
        )
        .await
        .expect(200);

    assert_eq!(patched.body["reliability"], Value::Null);
    assert_eq!(
        patched.body["properties"],
        json!({"topic": ["sanctions"], "program": ["EO14059"]})
    );
    assert_eq!(
        patched.body["external_keys"],
        json!([{"scheme": "desk", "value": "one"}, {"scheme": "desk", "value": "two"}])
    );
    assert_eq!(patched.body["title"], announcement()["title"]);
    assert_eq!(patched.body["version"], 2);
}

#[tokio::test]
async fn a_patch_that_changes_nothing_keeps_version_and_etag() {
    let app = TestApp::new().await;
    let made = app.post("/v1/sources", &announcement()).await.expect(201);

    let patched = app
        .patch(
            &format!("/v1/sources/{}", made.id()),
            &json!({"retrieved_at": "2025-10-24T19:05:00.0000001+01:00", "language": "en"}),
        )
        .await
        .expect(200);

    assert_eq!(patched.etag(), made.etag());
}

#[tokio::test]
async fn every_fault_of_a_source_is_told_at_once() {
    let app = TestApp::new().await;

    let told = app
        .post(
            "/v1/sources",
            &json!({
                "id": "0199f000-0000-7000-8000-000000000000",
                "kind": "rumour",
                "title": " ",
                "publisher": "x".repeat(501),
                "url": "ftp://example.org",
                "archive_url": "https://",
                "published_on": "2025-13",
                "retrieved_at": "yesterday",
                "language": "English",
                "reliability": "G",
                "content_sha256": DIGEST.to_uppercase(),
                "properties": {"topic": "sanctions"},
                "external_keys": [{"scheme": "Desk", "value": ""}],
            }),
        )
        .await
        .expect(422);

    assert_eq!(
        told.pointers(),
        [
            "/id",
            "/kind",
            "/title",
            "/publisher",
            "/url",
            "/archive_url",
            "/published_on",
            "/retrieved_at",
            "/language",
            "/reliability",
            "/content_sha256",
            "/properties/topic",
            "/external_keys/0/scheme",
            "/external_keys/0/value"
        ]
    );
}

#[tokio::test]
async fn a_required_field_cannot_be_patched_away() {
    let app = TestApp::new().await;
    let id = app.create("sources", announcement()).await;

    let told = app
        .patch(
            &format!("/v1/sources/{id}"),
            &json!({"kind": null, "title": null}),
        )
        .await
        .expect(422);

    assert_eq!(told.pointers(), ["/kind", "/title"]);
}

#[tokio::test]
async fn an_unknown_field_is_a_fault_of_structure() {
    let app = TestApp::new().await;

    let told = app
        .post(
            "/v1/sources",
            &json!({"kind": "other", "title": "A note", "isbn": "1"}),
        )
        .await
        .expect(400);

    assert_eq!(told.pointers(), ["/isbn"]);
}

#[tokio::test]
async fn a_time_outside_of_what_json_can_tell_is_refused() {
    let app = TestApp::new().await;

    for moment in [
        "2025-10-24",
        "2025-10-24T18:05:00",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2025-02-29T00:00:00Z",
    ] {
        let told = app
            .post(
                "/v1/sources",
                &json!({"kind": "other", "title": "A note", "retrieved_at": moment}),
            )
            .await
            .expect(422);
        assert_eq!(told.pointers(), ["/retrieved_at"], "{moment}");
    }
    let kept = app
        .post(
            "/v1/sources",
            &json!({"kind": "other", "title": "A note", "retrieved_at": "2016-12-31T23:59:60.5Z"}),
        )
        .await
        .expect(201);
    assert_eq!(kept.body["retrieved_at"], "2017-01-01T00:00:00.500Z");
}

#[tokio::test]
async fn if_match_decides_who_was_first() {
    let app = TestApp::new().await;
    let made = app.post("/v1/sources", &announcement()).await.expect(201);
    let path = format!("/v1/sources/{}", made.id());
    app.patch(&path, &json!({"notes": "Read twice"}))
        .await
        .expect(200);

    let late = app
        .send(
            app.request(Method::DELETE, &path)
                .bearer_auth(&app.analyst)
                .header("if-match", made.etag()),
        )
        .await;

    late.expect(412);
    app.get(&path).await.expect(200);
}

#[tokio::test]
async fn a_key_that_another_source_has_is_a_conflict() {
    let app = TestApp::new().await;
    app.create("sources", announcement()).await;

    let told = app.post("/v1/sources", &announcement()).await.expect(409);

    assert_eq!(told.pointers(), ["/external_keys/0"]);
}

#[tokio::test]
async fn a_source_that_claims_cite_is_not_deleted() {
    let app = TestApp::new().await;
    let id = app.create("sources", announcement()).await;
    let path = format!("/v1/sources/{id}");
    let tie = json!({
        "subject": "iso3166:US", "kind": "allied_with", "object": "iso3166:CO",
        "citations": [{"source": id, "locator": "p. 1"}, {"source": id, "locator": "p. 2"}],
    });
    let tie = app.create("relationships", tie).await;

    let told = app.delete(&path).await.expect(409);

    assert_eq!(
        told.body["errors"],
        json!([{"pointer": "", "detail": format!("/v1/relationships/{tie} has it as source")}])
    );
    app.delete(&format!("/v1/relationships/{tie}")).await.expect(204);
    app.delete(&path).await.expect(204);
    app.get(&path).await.expect(404);
}

async fn several(app: &TestApp) {
    let kinds = ["report", "official_list", "news_article"];
    let dates = [
        json!("2025-10"),
        Value::Null,
        json!("../2024-06-01"),
        json!("2025-10-24~"),
    ];
    for number in 0..24_usize {
        let source = json!({
            "kind": kinds[number % 3],
            "title": format!("source {:02}", number / 2),
            "publisher": if number % 4 == 0 { json!("Reuters") } else { json!(format!("publisher {}", number % 4)) },
            "published_on": dates[number % 4],
            "reliability": if number % 5 == 0 { json!("B") } else { Value::Null },
        });
        app.create("sources", source).await;
    }
}

#[tokio::test]
async fn pages_of_sources_lose_and_repeat_nothing_under_any_sort() {
    let app = TestApp::new().await;
    several(&app).await;

    app.assert_pages_are_whole(
        "/v1/sources",
        "",
        &["title", "published_on", "kind", "created_at", "updated_at"],
        "id",
        |field, source| {
            let order = ["official_list", "news_article", "report"];
            match field {
                // In the order of the vocabulary, not of the alphabet.
                "kind" => order
                    .iter()
                    .position(|kind| source["kind"] == *kind)
                    .map(|place| place.to_string()),
                _ => rank(field, source),
            }
        },
    )
    .await;
}

#[tokio::test]
async fn sources_are_filtered_by_kind_publisher_and_reliability() {
    let app = TestApp::new().await;
    several(&app).await;
    let count = async |query: &str| -> usize {
        let page = app
            .get(&format!("/v1/sources?count=exact&{query}"))
            .await
            .expect(200);
        let found = page.body["items"].as_array().expect("items").len();
        assert_eq!(page.body["total"], found);
        found
    };

    assert_eq!(count("").await, 24);
    assert_eq!(count("kind=report").await, 8);
    assert_eq!(count("kind=report&kind=official_list").await, 16);
    assert_eq!(count("publisher=Reuters").await, 6);
    assert_eq!(count("publisher=reuters").await, 0);
    assert_eq!(count("publisher=Reuters&publisher=publisher+1").await, 12);
    assert_eq!(count("reliability=B").await, 5);
    assert_eq!(count("reliability=B&kind=report").await, 2);
    let told = app.get("/v1/sources?kind=rumour").await.expect(400);
    assert_eq!(told.pointers(), ["?kind"]);
}

#[tokio::test]
async fn sources_stream_as_csv_and_ndjson() {
    let app = TestApp::new().await;
    let made = app.post("/v1/sources", &announcement()).await.expect(201);

    let csv = app.get("/v1/sources?format=csv").await.expect(200);
    let ndjson = app.get("/v1/sources?format=ndjson").await.expect(200);

    let lines: Vec<&str> = csv.text.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "id,kind,title,publisher,author,url,archive_url,published_on,retrieved_at,language,reliability,\
         content_sha256,notes,properties,external_keys,version,created_at,updated_at"
    );
    assert!(lines[1].starts_with(&format!(
        "{},official_statement,Treasury Sanctions Colombian President Gustavo Petro,US Department of the Treasury,\
         Office of Public Affairs,https://home.treasury.gov/news,https://web.archive.org/,2025-10-24,\
         2025-10-24T18:05:00.000000Z,en,A,{DIGEST},Read on the day,topic=sanctions,desk:announcement,1,",
        made.id()
    )));
    assert_eq!(
        serde_json::from_str::<Value>(&ndjson.text).expect("one line"),
        made.body
    );
}

#[tokio::test]
async fn readers_read_sources_and_do_not_write_them() {
    let app = TestApp::new().await;

    let written = app
        .send(
            app.request(Method::POST, "/v1/sources")
                .bearer_auth(&app.reader)
                .json(&announcement()),
        )
        .await;
    let anonymous = app
        .send(app.request(Method::POST, "/v1/sources").json(&announcement()))
        .await;

    written.expect(403);
    anonymous.expect(401);
    app.send(app.request(Method::GET, "/v1/sources").bearer_auth(&app.reader))
        .await
        .expect(200);
}
