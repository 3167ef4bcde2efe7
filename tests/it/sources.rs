//! Sources over HTTP.

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
async fn all_faults_of_a_source_are_reported_at_once() {
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
async fn a_time_outside_the_range_of_json_dates_is_refused() {
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
async fn pages_hold_every_source_once_under_every_sort() {
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
