//! Large bodies: how many are taken on at a time, and where the reading of one of a wrong shape ends.

use demarche::config::Limits;
use reqwest::Method;
use serde_json::json;

use crate::support::{Raw, Response, TestApp, wait_until};

/// More than what is read without a place.
const LARGE: usize = 100_000;

async fn app(large_bodies: usize) -> TestApp {
    TestApp::with(Limits {
        public_read: true,
        large_bodies,
        ..Limits::default()
    })
    .await
}

fn head(token: &str, length: &str) -> String {
    format!(
        "POST /v1/actors HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         {length}\r\n\r\n"
    )
}

/// Returns the value of a metric.
async fn metric(app: &TestApp, name: &str) -> String {
    let metrics = app.get("/metrics").await.text;
    let value = metrics
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.expect("the metric").to_owned()
}

async fn taken(app: &TestApp) -> String {
    metric(app, "demarche_work_places_taken{work=\"large bodies\"}").await
}

async fn create_large(app: &TestApp, token: &str) -> Response {
    let body = json!({"kind": "person", "name": "Large", "description": "x".repeat(LARGE)});
    let request = app.request(Method::POST, "/v1/actors");
    app.send(request.bearer_auth(token).json(&body)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_arrive_slowly_take_only_the_share_of_their_client() {
    let app = app(2).await;
    // The first declares its length, the second does not; both wait for the rest. The client has half of the places.
    let mut declared = Raw::connect(&app).await;
    let begun = head(&app.analyst, &format!("Content-Length: {LARGE}"));
    assert!(declared.write(begun.as_bytes()).await);
    wait_until("the body has a place", async || taken(&app).await == "1").await;
    declared.close(true);
    wait_until("the place is free", async || taken(&app).await == "0").await;
    let mut chunked = Raw::connect(&app).await;
    let mut begun = head(&app.analyst, "Transfer-Encoding: chunked").into_bytes();
    begun.extend_from_slice(format!("{LARGE:x}\r\n").as_bytes());
    begun.resize(begun.len() + LARGE, b' ');
    assert!(chunked.write(&begun).await);
    wait_until("the body has a place", async || taken(&app).await == "1").await;
    // Others of the client wait, and take the share of the queue.
    let mut waiting = Vec::new();
    for _ in 0..4 {
        let mut connection = Raw::connect(&app).await;
        let begun = head(&app.analyst, &format!("Content-Length: {LARGE}"));
        assert!(connection.write(begun.as_bytes()).await);
        waiting.push(connection);
    }
    let refusals = "demarche_work_refused_total{why=\"share\",work=\"large bodies\"}";
    wait_until("one of them is refused", async || {
        metric(&app, refusals).await == "1"
    })
    .await;

    let refused = create_large(&app, &app.analyst).await;
    let small = app
        .post("/v1/actors", &json!({"kind": "person", "name": "Small"}))
        .await;
    let of_another = create_large(&app, &app.admin).await;

    refused.expect_problem(429, "too-many-requests");
    small.expect(201);
    of_another.expect(201);

    for connection in waiting {
        connection.close(true);
    }
    chunked.close(true);
    wait_until("the places are free", async || taken(&app).await == "0").await;
    create_large(&app, &app.analyst).await.expect(201);
    assert_eq!(taken(&app).await, "0");
}

#[tokio::test]
async fn the_first_wrong_shape_of_a_large_body_ends_its_reading() {
    let app = app(8).await;
    let before = app.state().await;
    let repeated = |text: &str, bytes: usize| text.repeat(bytes / text.len());
    let record =
        |properties: &str| format!(r#"{{"kind": "person", "name": "x", "properties": {properties}}}"#);
    let operation = |record: &str| {
        format!(r#"{{"operations": [{{"method": "POST", "resource": "actors", "body": {record}}}]}}"#)
    };
    let large = 800 * 1024;
    let nests = [
        (format!("[{}[]]", repeated("[],", large)), "/properties/199996"),
        (
            format!("[{}0]", repeated("{\"\":0},", large)),
            "/properties/19999",
        ),
        (format!("[{}0]", repeated("1,", large)), "/properties/199996"),
        (
            format!("{}{}", repeated("[", large / 2), repeated("]", large / 2)),
            "the body is not JSON: recursion limit exceeded",
        ),
        (
            format!("{{\"{}\": []}}", repeated("n", 2000)),
            "… is a name of 2000 bytes, at most 1000 are allowed",
        ),
    ];
    for (nest, fault) in nests {
        let alone = app
            .send_body(Method::POST, "/v1/actors", "application/json", record(&nest))
            .await
            .expect_problem(400, "malformed-request");
        assert!(alone.detail().contains(fault), "{}", alone.detail());
        let in_batch = app
            .send_body(
                Method::POST,
                "/v1/batch",
                "application/json",
                operation(&record(&nest)),
            )
            .await
            .expect_problem(400, "malformed-request");
        assert_eq!(in_batch.pointers().len(), 1, "{}", in_batch.detail());
        assert!(
            in_batch.pointers()[0].starts_with("/operations/0/body"),
            "{}",
            in_batch.text
        );
    }
    // Long, and of the right shape.
    let digits = format!(
        r#"{{"kind": "person", "name": "x", "nationality": {}}}"#,
        "1".repeat(large)
    );
    let escapes = format!(
        r#"{{"kind": "person", "name": "x", "description": "{}"}}"#,
        repeated("\\u0041", large)
    );
    let many = format!(r#"{{"operations": [{}"#, repeated("1,", 8 * 1024 * 1024));
    let (digits, escapes, many, health) = tokio::join!(
        app.send_body(Method::POST, "/v1/actors", "application/json", digits),
        app.send_body(Method::POST, "/v1/actors", "application/json", escapes),
        app.send_body(Method::POST, "/v1/batch", "application/json", many),
        app.get("/healthz"),
    );
    digits.expect(400);
    escapes.expect(201);
    health.expect(200);
    let many = many.expect_problem(400, "malformed-request");
    assert_eq!(many.detail(), "/operations/0 must be an object, not 1");
    let too_long = operation(&record(&format!(
        "{{\"a\": [\"{}\"]}}",
        "x".repeat(Limits::default().body)
    )));
    let too_long = app
        .send_body(Method::POST, "/v1/batch", "application/json", too_long)
        .await
        .expect_problem(413, "too-large");
    assert_eq!(too_long.pointers(), ["/operations/0/body"]);
    assert_ne!(app.state().await, before, "the long text is written");
}
