//! Connections: too many, idle, slow, pipelined, and requests that can't be read.

use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Raw, RawAnswer, TestApp, wait_until};

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";

/// Waits a minute for changes that do not come.
const WAITING: &[u8] = b"GET /v1/changes?wait=60&after=9000000000000000000 HTTP/1.1\r\nhost: x\r\n\r\n";

/// Other addresses of this machine, and so other clients. The usual one is that of a trusted proxy, which has no share.
const OTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const GREEDY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

/// Checks a response that no route made: it is a problem document like all others.
#[track_caller]
fn expect_problem(answer: &RawAnswer, status: u16, says: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(body["status"], status, "{body}");
    assert_eq!(body["errors"], json!([]), "{body}");
    let detail = body["detail"].as_str().expect("a detail");
    assert!(detail.contains(says), "{detail}");
    let head = answer.head.to_ascii_lowercase();
    assert!(
        head.contains("content-type: application/problem+json\r\n"),
        "{head}"
    );
    assert!(head.contains("connection: close\r\n"), "{head}");
    let id = body["instance"].as_str().expect("an id");
    assert!(head.contains(&format!("x-request-id: {id}\r\n")), "{head}");
}

async fn until(app: &TestApp, line: &str) {
    wait_until(line, async || app.get("/metrics").await.text.contains(line)).await;
}

/// Returns how many connections the server closed for a reason.
async fn closed(app: &TestApp, reason: &str) -> usize {
    let begin = format!("demarche_http_connections_closed_total{{reason=\"{reason}\"}} ");
    let metrics = app.get("/metrics").await.text;
    let line = metrics.lines().find_map(|line| line.strip_prefix(&begin));
    line.expect("a metric").parse().expect("a number")
}

/// Returns how many files the server has open for connections. One that is closed has no inode, even if the kernel still
/// knows its connection.
#[cfg(target_os = "linux")]
fn open_files(app: &TestApp) -> usize {
    let port: u16 = app
        .address
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port");
    let local = format!(":{port:04X}");
    let table = std::fs::read_to_string("/proc/self/net/tcp").expect("the table of sockets");
    let sockets = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<&str>>());
    sockets
        .filter(|fields| fields[1].ends_with(&local) && fields[3] != "0A" && fields[9] != "0")
        .count()
}

#[tokio::test]
async fn idle_connections_make_room_the_oldest_first() {
    let app = TestApp::with_connections(32).await;
    let mut idle = Vec::new();
    for _ in 0..15 {
        let mut connection = Raw::connect_from(&app, GREEDY).await;
        assert!(connection.write(HEALTH).await);
        assert_eq!(connection.answer().await.expect("an answer").status, 200);
        idle.push(connection);
    }
    // This brings the feed up to date.
    app.get("/v1/changes?limit=1").await.expect(200);
    let head = app
        .client()
        .await
        .query_one("select sequence from chain_head", &[])
        .await;
    let head: i64 = head.expect("the head").get(0);
    let mut others = Raw::connect_from(&app, OTHER).await;
    let waiting = format!("GET /v1/changes?wait=60&after={head} HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(others.write(waiting.as_bytes()).await);
    until(&app, "demarche_http_requests_under_way 2\n").await;

    // Half a request is no request: such connections are idle too.
    let mut more = Vec::new();
    for _ in 0..40 {
        let mut connection = Raw::connect_from(&app, GREEDY).await;
        assert!(connection.write(b"GET /healthz HTTP/1.1\r\nho").await);
        more.push(connection);
    }
    app.get("/healthz").await.expect(200);

    for mut connection in idle {
        assert!(connection.answer().await.is_none());
    }
    // At most 16 are open. The others made room; on a slow machine some were closed before because their heads were late.
    wait_until("connections make room", async || {
        closed(&app, "idle").await + closed(&app, "unreadable_request").await >= 40 - 16
    })
    .await;
    assert!(closed(&app, "idle").await > 0);
    assert_eq!(closed(&app, "refused").await, 0);
    let mut last = Raw::connect_from(&app, GREEDY).await;
    assert!(last.write(HEALTH).await);
    assert_eq!(last.answer().await.expect("an answer").status, 200);
    // The request of another client is not affected: a change ends its wait.
    let actor = json!({"kind": "person", "name": "A Person"});
    app.post("/v1/actors", &actor).await.expect(201);
    assert_eq!(others.answer().await.expect("an answer").status, 200);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn connections_that_linger_after_a_refusal_are_few() {
    let app = TestApp::with_connections(16).await;
    let mut opened = Vec::new();
    for _ in 0..100 {
        let mut connection = Raw::connect_from(&app, OTHER).await;
        assert!(connection.write(b"X\r\n\r\n").await);
        // Those that linger are busy, and take the client's share.
        let status = connection.answer().await.expect("an answer").status;
        assert!([400, 429].contains(&status), "{status}");
        opened.push(connection);
    }

    // 16 and 8 that were told to close, and 8 places to linger.
    let open = open_files(&app);
    assert!((1..=32).contains(&open), "{open} files");
    app.get("/healthz").await.expect(200);
}

/// Returns the eight connections that one client may have of sixteen, each with a request in progress.
async fn busy_connections(app: &TestApp) -> Vec<Raw> {
    let mut busy = Vec::new();
    for _ in 0..8 {
        let mut connection = Raw::connect_from(app, OTHER).await;
        assert!(connection.write(WAITING).await);
        busy.push(connection);
    }
    until(app, "demarche_http_requests_under_way 9\n").await;
    busy
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn connections_that_are_refused_close_at_once_beyond_a_few() {
    let app = TestApp::with_connections(16).await;
    let _busy = busy_connections(&app).await;
    let mut refused = Vec::new();
    for _ in 0..100 {
        let mut connection = Raw::connect_from(&app, OTHER).await;
        let answer = connection.answer().await.expect("an answer");
        assert_eq!(answer.status, 429, "{answer:?}");
        refused.push(connection);
    }

    // 8 busy ones, 8 that linger, and those of this test; not the 24 that a worker has places for.
    let open = open_files(&app);
    assert!((8..=20).contains(&open), "{open} files");
    assert_eq!(closed(&app, "refused").await, 100);
}

#[tokio::test]
async fn a_client_whose_connections_are_all_busy_is_refused_and_others_are_not() {
    let app = TestApp::with_connections(16).await;
    let busy = busy_connections(&app).await;

    let refused = Raw::connect_from(&app, OTHER).await.answer().await;

    let refused = refused.expect("an answer");
    expect_problem(&refused, 429, "connections");
    assert!(refused.head.contains("retry-after: 1\r\n"), "{}", refused.head);
    app.get("/healthz").await.expect(200);
    // A client that hangs up gives its place back, also with a request behind the one in progress.
    for (index, mut connection) in busy.into_iter().enumerate() {
        if index % 2 == 0 {
            assert!(connection.write(HEALTH).await);
        }
        connection.hang_up().await;
        std::mem::forget(connection);
    }
    until(&app, "demarche_http_requests_under_way 1\n").await;
    let mut next = Raw::connect_from(&app, OTHER).await;
    assert!(next.write(HEALTH).await);
    assert_eq!(next.answer().await.expect("an answer").status, 200);
}

#[tokio::test]
async fn what_can_not_be_read_is_a_problem_document() {
    let app = TestApp::new().await;
    let long = "x".repeat(70 * 1024);
    let many: String = (0..200).map(|index| format!("x-{index}: 1\r\n")).collect();
    let get = "GET /healthz HTTP/1.1\r\nhost: x\r\n";
    for (sent, status, says) in [
        ("garbage\r\n\r\n".to_owned(), 400, "request line"),
        ("\u{1}\u{2}\u{3}\r\n\r\n".to_owned(), 400, "request line"),
        ("GET /healthz\r\n\r\n".to_owned(), 400, "HTTP/1.1"),
        ("GET /healthz HTTP/0.9\r\n\r\n".to_owned(), 400, "version"),
        ("GET /healthz HTTP/3.0\r\n\r\n".to_owned(), 400, "version"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), 400, "not HTTP/2"),
        ("\u{16}\u{3}\u{1}\u{2}".to_owned() + "\r\n\r\n", 400, "TLS"),
        ("GET /healthz HTTP/1.1\r\n\r\n".to_owned(), 400, "Host"),
        (format!("{get}no colon\r\n\r\n"), 400, "header"),
        (format!("{get}a b: 1\r\n\r\n"), 400, "header"),
        (format!("{get}a: \u{1}\r\n\r\n"), 400, "control character"),
        (format!("{get}host: y\r\n\r\n"), 400, "Host is sent 2 times"),
        (
            format!("{get}content-length: one\r\n\r\n"),
            400,
            "Content-Length is not a number",
        ),
        (format!("{get}content-length: -1\r\n\r\n"), 400, "Content-Length"),
        (
            format!("{get}content-length: 1\r\ncontent-length: 2\r\n\r\n"),
            400,
            "2 times",
        ),
        (
            format!("{get}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
            400,
            "exclude each other",
        ),
        (
            format!("{get}transfer-encoding: gzip\r\n\r\n"),
            400,
            "must be chunked",
        ),
        (format!("{get}{many}\r\n"), 431, "96 headers"),
        (format!("{get}long: {long}{long}\r\n\r\n"), 431, "128 KiB"),
        (
            format!("GET /v1/actors?q={long}{long} HTTP/1.1\r\nhost: x\r\n\r\n"),
            431,
            "128 KiB",
        ),
        (
            format!("GET /v1/actors?q={long} HTTP/1.1\r\nhost: x\r\n\r\n"),
            400,
            "at most 65534",
        ),
        (
            "POST /v1/actors HTTP/1.0\r\n\r\n".to_owned(),
            400,
            "Content-Length is missing",
        ),
    ] {
        let begin: String = sent.chars().take(80).collect();
        let mut connection = Raw::connect(&app).await;
        assert!(connection.write(sent.as_bytes()).await, "{begin}");
        let answer = connection.answer().await;
        let answer = answer.unwrap_or_else(|| panic!("no answer: {begin}"));
        expect_problem(&answer, status, says);
        assert!(connection.answer().await.is_none(), "{begin}");
    }
    // A long header alone is no fault.
    let mut connection = Raw::connect(&app).await;
    assert!(
        connection
            .write(format!("{get}long: {long}\r\n\r\n").as_bytes())
            .await
    );
    assert_eq!(connection.answer().await.expect("an answer").status, 200);
    // What is wrong with the second request does not take the response from the first.
    assert!(connection.write(HEALTH).await);
    assert!(connection.write(b"garbage\r\n\r\n").await);
    assert_eq!(connection.answer().await.expect("an answer").status, 200);
    expect_problem(
        &connection.answer().await.expect("an answer"),
        400,
        "request line",
    );
}

#[tokio::test]
async fn a_head_that_does_not_arrive_is_a_timeout() {
    let app = TestApp::new().await;
    let mut first = Raw::connect(&app).await;
    let mut second = Raw::connect(&app).await;
    let mut silent = Raw::connect(&app).await;
    assert!(second.write(HEALTH).await);
    assert_eq!(second.answer().await.expect("an answer").status, 200);
    assert!(silent.write(HEALTH).await);
    assert_eq!(silent.answer().await.expect("an answer").status, 200);
    assert!(first.write(b"GET / HTTP/1.1\r\nho").await);
    assert!(second.write(b"GET / HTTP/1.1\r\nhost: x\r\nslow: ").await);

    // A byte now and then does not help.
    let (first, second, silent) = tokio::join!(
        first.answer(),
        second.dribble_until_answered(Duration::from_millis(500), 120),
        silent.answer(),
    );

    expect_problem(&first.expect("an answer"), 408, "did not arrive");
    expect_problem(&second.expect("an answer"), 408, "did not arrive");
    assert!(silent.is_none());
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    const REQUESTS: usize = 10_000;
    let app = TestApp::new().await;
    let connection = Raw::connect(&app).await;
    let (mut reader, mut writer) = connection.split();
    let writing = tokio::spawn(async move {
        for index in 0..REQUESTS {
            let path = if index % 100 == 0 {
                "/v1/vocabularies"
            } else {
                "/healthz"
            };
            let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nx-request-id: {index}\r\n\r\n");
            assert!(writer.write(request.as_bytes()).await);
        }
        writer
    });

    for index in 0..REQUESTS {
        let answer = reader.answer().await.expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(
            answer.head.contains(&format!("x-request-id: {index}\r\n")),
            "{}",
            answer.head
        );
    }

    writing.await.expect("all written");
}
