//! The feed of changes: one order that never changes, nothing missed and nothing twice, by pages, by waiting and as an
//! event stream; with writers that race, a clock that jumps, and readers that stop reading.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use demarche::config::Limits;
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Response, TestApp};

const MALFORMED: &str = "malformed-request";

fn person(name: &str) -> Value {
    json!({"kind": "person", "name": name})
}

fn items(page: &Response) -> Vec<Value> {
    page.body["items"].as_array().expect("items").clone()
}

fn next(page: &Response) -> i64 {
    page.body["next"].as_i64().expect("a sequence")
}

/// The last sequence by now.
async fn head(app: &TestApp) -> i64 {
    let page = app.get("/v1/changes?after=9000000000000000000").await.expect(200);
    assert_eq!(items(&page), Vec::<Value>::new());
    let client = app.client().await;
    client
        .query_one("select sequence from chain_head", &[])
        .await
        .expect("the head")
        .get(0)
}

async fn after(app: &TestApp, sequence: i64, query: &str) -> Response {
    app.get(&format!("/v1/changes?after={sequence}{query}"))
        .await
        .expect(200)
}

/// What a list of changes says in short.
fn told(changes: &[Value]) -> Vec<(&str, &str, &str, i64)> {
    changes
        .iter()
        .map(|change| {
            let text = |name: &str| change[name].as_str().unwrap_or_default();
            (
                text("resource"),
                text("id"),
                text("operation"),
                change["version"].as_i64().unwrap_or_default(),
            )
        })
        .collect()
}

/// An event stream as a browser reads it.
struct Events {
    response: reqwest::Response,
    text: String,
}

#[derive(Debug)]
struct Event {
    id: i64,
    name: String,
    data: Value,
}

impl Events {
    async fn open(app: &TestApp, path: &str, last: Option<i64>) -> Self {
        let mut request = app
            .request(Method::GET, path)
            .header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self {
            response,
            text: String::new(),
        }
    }

    /// The next event; none where the stream ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    block
                        .lines()
                        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                };
                if let Some(data) = field("data") {
                    return Some(Event {
                        id: field("id")?.parse().ok()?,
                        name: field("event")?.to_owned(),
                        data: serde_json::from_str(data).ok()?,
                    });
                }
            }
            let piece = self.response.chunk().await.ok()??;
            self.text.push_str(std::str::from_utf8(&piece).expect("text"));
        }
    }

    /// The next event, which comes soon.
    async fn soon(&mut self) -> Event {
        timeout(Duration::from_secs(5), self.next())
            .await
            .expect("an event in time")
            .expect("a stream that goes on")
    }
}

#[tokio::test]
async fn changes_are_told_whole_in_the_order_in_which_they_were_made() {
    let app = TestApp::new().await;
    let start = head(&app).await;
    let imposer = app.create("actors", person("Imposer")).await;
    let target = app.create("actors", person("Target")).await;
    let sanction = app
        .create("sanctions", json!({"imposer": imposer, "target": target}))
        .await;
    app.patch(&format!("/v1/actors/{target}"), &json!({"name": "Another"}))
        .await
        .expect(200);
    app.delete(&format!("/v1/sanctions/{sanction}")).await.expect(204);

    let page = after(&app, start, "").await;

    let changes = items(&page);
    assert_eq!(
        told(&changes),
        [
            ("actors", imposer.as_str(), "create", 1),
            ("actors", target.as_str(), "create", 1),
            ("sanctions", sanction.as_str(), "create", 1),
            ("actors", target.as_str(), "update", 2),
            ("sanctions", sanction.as_str(), "delete", 2),
        ]
    );
    let sequences: Vec<i64> = changes
        .iter()
        .map(|change| change["sequence"].as_i64().expect("one"))
        .collect();
    assert_eq!(sequences, (start + 1..=start + 5).collect::<Vec<i64>>());
    assert_eq!(next(&page), start + 5);
    let fields: BTreeSet<&str> = changes[2]
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        fields,
        [
            "at",
            "backdated",
            "by",
            "code",
            "comment",
            "id",
            "merged_into",
            "operation",
            "record",
            "resource",
            "sequence",
            "version"
        ]
        .into()
    );
    assert_eq!(changes[2]["by"], "analyst");
    assert_eq!(changes[2]["code"], Value::Null);
    assert_eq!(changes[2]["backdated"], false);
    assert_eq!(changes[2]["record"]["target"], json!({"id": target}));
    assert_eq!(changes[3]["record"]["name"], "Another");
    assert_eq!(changes[4]["record"], Value::Null);
    let times: Vec<DateTime<Utc>> = changes
        .iter()
        .map(|change| change["at"].as_str().expect("a time").parse().expect("a time"))
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    let again = after(&app, start, "").await;
    assert_eq!(again.body, page.body);
}

#[tokio::test]
async fn pages_follow_each_other_from_the_first_change_without_gap_or_double() {
    let app = TestApp::new().await;
    let whole = app.get("/v1/changes?limit=1000").await.expect(200);

    let mut walked = Vec::new();
    let mut position = 0;
    while walked.len() < 1000 {
        let page = after(&app, position, "&limit=170").await;
        assert!(items(&page).len() <= 170);
        walked.extend(items(&page));
        position = next(&page);
    }

    walked.truncate(1000);
    assert_eq!(walked, items(&whole));
    assert_eq!(walked[0]["sequence"], 1);
    let hundred = app.get("/v1/changes").await.expect(200);
    assert_eq!(items(&hundred).len(), 100);
    assert_eq!(next(&hundred), 100);
}

#[tokio::test]
async fn a_filter_by_resource_leaves_the_others_out_and_moves_on() {
    let app = TestApp::new().await;
    let start = head(&app).await;
    let actor = app.create("actors", person("Somebody")).await;
    let source = app
        .create("sources", json!({"kind": "report", "title": "A report"}))
        .await;
    let action = app
        .create("diplomatic-actions", json!({"type": "visit", "title": "A visit"}))
        .await;
    app.create("actors", person("Another")).await;

    let actions = after(&app, start, "&resource=diplomatic-actions").await;
    let both = after(&app, start, "&resource=sources&resource=actors&limit=2").await;
    let none = after(&app, start, "&resource=sanctions").await;

    assert_eq!(
        told(&items(&actions)),
        [("diplomatic-actions", action.as_str(), "create", 1)]
    );
    assert_eq!(
        next(&actions),
        start + 4,
        "what comes after it was looked through"
    );
    assert_eq!(
        told(&items(&both)),
        [
            ("actors", actor.as_str(), "create", 1),
            ("sources", source.as_str(), "create", 1)
        ]
    );
    assert_eq!(next(&both), start + 2);
    assert_eq!(none.body, json!({"items": [], "next": start + 4}));
    let first = app
        .get("/v1/changes?resource=vocabularies/measures&limit=3")
        .await
        .expect(200);
    for change in items(&first) {
        assert_eq!(change["resource"], "vocabularies/measures");
        let path = format!(
            "/v1/vocabularies/measures/{}",
            change["code"].as_str().expect("a code")
        );
        app.get(&path).await.expect(200);
    }
}

#[tokio::test]
async fn entries_of_vocabularies_are_told_by_their_code_deleted_ones_too() {
    let app = TestApp::new().await;
    let start = head(&app).await;
    let admin = |method: Method, path: &str| app.request(method, path).bearer_auth(&app.admin);
    let body = json!({"code": "silence", "label": "Silence"});
    app.send(admin(Method::POST, "/v1/vocabularies/measures").json(&body))
        .await
        .expect(201);
    app.send(admin(Method::DELETE, "/v1/vocabularies/measures/silence"))
        .await
        .expect(204);

    let page = after(&app, start, "&resource=vocabularies").await;

    let changes = items(&page);
    let short: Vec<(&Value, &Value, &Value)> = changes
        .iter()
        .map(|change| (&change["resource"], &change["code"], &change["operation"]))
        .collect();
    let word = |text: &str| Value::from(text);
    let (resource, code) = (word("vocabularies/measures"), word("silence"));
    assert_eq!(
        short,
        [
            (&resource, &code, &word("create")),
            (&resource, &code, &word("delete"))
        ]
    );
    assert_eq!(changes[0]["record"]["label"], "Silence");
    assert_eq!(changes[1]["record"], Value::Null);
}

#[tokio::test]
async fn what_somebody_writes_past_the_api_is_told_under_their_role() {
    let app = TestApp::new().await;
    let start = head(&app).await;
    let client = app.client().await;
    client
        .batch_execute("insert into actors (kind, name) values ('person', 'By hand')")
        .await
        .expect("written");

    let page = after(&app, start, "").await;

    let changes = items(&page);
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert!(
        changes[0]["by"]
            .as_str()
            .is_some_and(|by| by.starts_with("role:"))
    );
    assert_eq!(changes[0]["record"]["name"], "By hand");
}

#[tokio::test]
async fn a_page_ends_early_where_its_records_are_large() {
    let app = TestApp::new().await;
    let start = head(&app).await;
    let client = app.client().await;
    // Of letters by chance, which are kept nearly as large as they are.
    client
        .batch_execute(
            "insert into actors (kind, name, description)
             select 'person', 'Large ' || n, (
               select string_agg(md5(random()::text || n || m), '') from generate_series(1, 20000) as m
             )
             from generate_series(1, 20) as n",
        )
        .await
        .expect("written");

    let mut position = start;
    let mut pages = Vec::new();
    while position < start + 20 {
        let page = after(&app, position, "&limit=1000").await;
        assert!(page.text.len() < 12_000_000, "{}", page.text.len());
        pages.push(items(&page).len());
        position = next(&page);
    }

    assert_eq!(pages.iter().sum::<usize>(), 20);
    assert!(pages.len() > 1, "{pages:?}");
}

#[tokio::test]
async fn who_waits_is_answered_when_something_comes_or_the_time_is_over() {
    let app = Arc::new(TestApp::new().await);
    let start = head(&app).await;
    let begun = Instant::now();

    let nothing = after(&app, start, "&wait=1").await;

    assert_eq!(nothing.body, json!({"items": [], "next": start}));
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());

    let waiting = {
        let app = Arc::clone(&app);
        tokio::spawn(async move { after(&app, start, "&wait=30&resource=sources").await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    // What is filtered out does not answer it.
    app.create("actors", person("Nobody waits for")).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    let written = Instant::now();
    let source = app
        .create("sources", json!({"kind": "report", "title": "Awaited"}))
        .await;
    let page = waiting.await.expect("an answer");
    assert!(
        written.elapsed() < Duration::from_secs(2),
        "{:?}",
        written.elapsed()
    );
    assert_eq!(told(&items(&page)), [("sources", source.as_str(), "create", 1)]);

    let waiting = {
        let app = Arc::clone(&app);
        tokio::spawn(async move { after(&app, start + 2, "&wait=30").await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    let written = Instant::now();
    let client = app.client().await;
    client
        .batch_execute("insert into actors (kind, name) values ('person', 'Past the API')")
        .await
        .expect("written");
    let page = waiting.await.expect("an answer");
    assert_eq!(items(&page).len(), 1);
    assert!(
        written.elapsed() < Duration::from_secs(2),
        "{:?}",
        written.elapsed()
    );
}

#[tokio::test]
async fn who_waits_holds_no_connection_and_is_no_slow_request() {
    let app = Arc::new(TestApp::new().await);
    let start = head(&app).await;

    // More than the pool has.
    let waiting: Vec<_> = (0..12)
        .map(|_| {
            let app = Arc::clone(&app);
            tokio::spawn(async move { after(&app, start, "&wait=30").await })
        })
        .collect();
    let begun = Instant::now();
    let mut numbers = String::new();
    while !numbers.contains("demarche_change_followers{how=\"wait\"} 12\n") {
        assert!(begun.elapsed() < Duration::from_secs(10), "{numbers}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        numbers = app.get("/metrics").await.expect(200).text;
    }
    tokio::time::sleep(Duration::from_millis(1500)).await;
    app.get("/v1/actors?count=exact&name=x").await.expect(200);
    app.create("actors", person("Awaited")).await;

    for one in waiting {
        assert_eq!(items(&one.await.expect("an answer")).len(), 1);
    }
    let numbers = app.get("/metrics").await.expect(200).text;
    assert!(
        numbers.contains("demarche_change_followers{how=\"wait\"} 0\n"),
        "{numbers}"
    );
    let quick = "demarche_http_request_seconds_bucket{method=\"GET\",route=\"/v1/changes\",le=\"1\"} 13\n";
    assert!(numbers.contains(quick), "{numbers}");
}

#[tokio::test]
async fn as_many_wait_as_the_server_lets() {
    let app = Arc::new(
        TestApp::with(Limits {
            public_read: true,
            followers: 1,
            ..Limits::default()
        })
        .await,
    );
    let start = head(&app).await;
    let mut stream = Events::open(&app, &format!("/v1/changes?after={start}"), None).await;

    let refused = app.get(&format!("/v1/changes?after={start}&wait=5")).await;

    let refused = refused.expect_problem(503, "unavailable");
    assert!(refused.detail().contains("FOLLOWERS"), "{}", refused.text);
    assert_ne!(refused.header("retry-after"), "");
    let request = app
        .request(Method::GET, "/v1/changes")
        .header("accept", "text/event-stream");
    app.send(request).await.expect_problem(503, "unavailable");
    after(&app, start, "").await;
    app.create("actors", person("Told all the same")).await;
    assert_eq!(stream.soon().await.id, start + 1);
}

#[tokio::test]
async fn an_event_stream_tells_what_is_there_and_what_comes() {
    let app = TestApp::new().await;
    let start = head(&app).await;
    let first = app.create("actors", person("First")).await;

    let mut stream = Events::open(&app, &format!("/v1/changes?after={start}"), None).await;
    let old = stream.soon().await;
    let second = app.create("actors", person("Second\nline")).await;
    let new = stream.soon().await;

    let page = after(&app, start, "").await;
    let changes = items(&page);
    assert_eq!(
        (old.id, old.name.as_str(), &old.data),
        (start + 1, "change", &changes[0])
    );
    assert_eq!(
        (new.id, new.name.as_str(), &new.data),
        (start + 2, "change", &changes[1])
    );
    assert_eq!(changes[0]["id"], first);
    assert_eq!(changes[1]["id"], second);
}

#[tokio::test]
async fn a_range_with_a_wildcard_gets_a_page_of_json() {
    let app = TestApp::new().await;

    for accept in ["text/*", "*/*", "text/html"] {
        let response = app
            .request(Method::GET, "/v1/changes")
            .header("accept", accept)
            .send()
            .await
            .expect("a response");
        assert_eq!(response.headers()["content-type"], "application/json", "{accept}");
    }
}

#[tokio::test]
async fn an_event_stream_goes_on_after_the_last_id_that_came() {
    let app = TestApp::new().await;
    let start = head(&app).await;
    for name in ["One", "Two", "Three"] {
        app.create("actors", person(name)).await;
    }

    let mut again = Events::open(&app, "/v1/changes?after=0&resource=actors", Some(start + 2)).await;

    assert_eq!(again.soon().await.data["record"]["name"], "Three");
    let mut from_the_first = Events::open(&app, "/v1/changes", None).await;
    for sequence in 1..=500 {
        assert_eq!(from_the_first.soon().await.id, sequence);
    }
}

#[tokio::test]
async fn an_event_stream_of_some_resources_tells_no_others() {
    let app = TestApp::new().await;
    let start = head(&app).await;
    let path = format!("/v1/changes?after={start}&resource=sources");

    let mut stream = Events::open(&app, &path, None).await;
    for number in 0..3 {
        app.create("actors", person("Left out")).await;
        let body = json!({"kind": "report", "title": format!("Report {number}")});
        app.create("sources", body).await;
    }

    for number in 1..=3 {
        let event = stream.soon().await;
        assert_eq!(event.id, start + 2 * number);
        assert_eq!(event.data["resource"], "sources");
    }
}

#[tokio::test]
async fn streams_and_waiting_requests_end_when_the_server_stops() {
    let app = Arc::new(TestApp::new().await);
    let start = head(&app).await;
    let mut stream = Events::open(&app, &format!("/v1/changes?after={start}"), None).await;
    let waiting = {
        let app = Arc::clone(&app);
        tokio::spawn(async move { after(&app, start, "&wait=60").await })
    };
    tokio::time::sleep(Duration::from_millis(500)).await;
    let begun = Instant::now();

    app.stop().await;

    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(items(&waiting.await.expect("an answer")), Vec::<Value>::new());
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_told() {
    let app = TestApp::new().await;

    for (query, pointer) in [
        ("after=-1", "?after"),
        ("after=x", "?after"),
        ("after=99999999999999999999", "?after"),
        ("after=1&after=2", "?after"),
        ("limit=0", "?limit"),
        ("limit=1001", "?limit"),
        ("wait=61", "?wait"),
        ("wait=-1", "?wait"),
        ("wait=1.5", "?wait"),
        ("resource=users", "?resource"),
        ("resource=diplomatic_actions", "?resource"),
        ("resource=vocabularies/users", "?resource"),
        ("cursor=x", "?cursor"),
        ("since=1", "?since"),
    ] {
        let refused = app.get(&format!("/v1/changes?{query}")).await;
        assert_eq!(
            refused.expect_problem(400, MALFORMED).pointers(),
            [pointer],
            "{query}"
        );
    }
    let unknown = app.get("/v1/changes?sinc=1").await.expect(400);
    assert!(
        unknown.detail().contains("after, resource, limit, wait"),
        "{}",
        unknown.text
    );
    for last in ["x", "-5", "1.5"] {
        let request = app
            .request(Method::GET, "/v1/changes")
            .header("accept", "text/event-stream")
            .header("last-event-id", last);
        let refused = app.send(request).await.expect_problem(400, MALFORMED);
        assert!(refused.detail().contains("Last-Event-ID"), "{}", refused.text);
    }
    let request = app
        .request(Method::GET, "/v1/changes")
        .header("accept", "text/csv");
    app.send(request).await.expect_problem(406, "not-acceptable");
    app.send(
        app.request(Method::HEAD, "/v1/changes")
            .header("accept", "text/event-stream"),
    )
    .await
    .expect(200);
}

#[tokio::test]
async fn who_may_not_read_reads_no_changes() {
    let app = TestApp::with(Limits::default()).await;

    app.get("/v1/changes").await.expect_problem(401, "unauthorized");

    let request = app.request(Method::GET, "/v1/changes").bearer_auth(&app.reader);
    app.send(request).await.expect(200);
}

/// Where nobody waits long for who doesn't read.
async fn quick_to_send_away() -> TestApp {
    TestApp::with(Limits {
        public_read: true,
        stalled_seconds: 2,
        ..Limits::default()
    })
    .await
}

/// An event stream that was asked for and that nobody reads.
async fn unread_stream(app: &TestApp, start: i64) -> TcpStream {
    let address = app.address.trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).await.expect("a connection");
    let request = format!(
        "GET /v1/changes?after={start} HTTP/1.1\r\nhost: {address}\r\naccept: text/event-stream\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).await.expect("sent");
    connection
}

#[tokio::test]
async fn a_reader_who_stops_reading_harms_nobody_and_is_sent_away() {
    let app = quick_to_send_away().await;
    let start = head(&app).await;
    let client = app.client().await;
    // More than the buffers on the way take.
    client
        .batch_execute(
            "insert into actors (kind, name, description)
             select 'person', 'Large ' || n, repeat(md5(n::text), 20000)
             from generate_series(1, 60) as n",
        )
        .await
        .expect("written");
    let mut stalled = Vec::new();
    for _ in 0..6 {
        stalled.push(unread_stream(&app, start).await);
    }
    let following = "demarche_change_followers{how=\"stream\"}";
    let begun = Instant::now();
    until(&app, &format!("{following} 6\n")).await;

    let mut reader = Events::open(&app, &format!("/v1/changes?after={}", start + 60), None).await;
    for number in 1..=10 {
        app.create("actors", person("Read by others")).await;
        assert_eq!(reader.soon().await.id, start + 60 + number);
        app.get("/v1/actors?count=exact&name=others").await.expect(200);
    }
    until(&app, &format!("{following} 1\n")).await;

    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    until(&app, "demarche_change_streams_stalled_total 6\n").await;
    let busy: i64 = client
        .query_one(
            "select count(*) from pg_stat_activity \
             where datname = current_database() and xact_start < now() - interval '1 second'",
            &[],
        )
        .await
        .expect("a count")
        .get(0);
    assert_eq!(busy, 0);
    // The connection itself is ended too, where the kernel can.
    if cfg!(target_os = "linux") {
        for mut connection in stalled {
            let mut taken = 0;
            let mut buffer = vec![0; 1 << 20];
            let ended = timeout(Duration::from_secs(10), async {
                while let Ok(read @ 1..) = connection.read(&mut buffer).await {
                    taken += read;
                }
            });
            ended.await.expect("the connection ends");
            assert!(taken < 38_000_000, "{taken} is everything");
        }
    }
}

#[tokio::test]
async fn who_never_reads_is_counted_though_all_would_fit_into_the_buffers_of_the_kernel() {
    let app = quick_to_send_away().await;
    let start = head(&app).await;
    let client = app.client().await;
    client
        .batch_execute(
            "insert into actors (kind, name, description)
             select 'person', 'Middling ' || n, repeat(md5(n::text), 1000)
             from generate_series(1, 70) as n",
        )
        .await
        .expect("written");

    let connection = unread_stream(&app, start).await;

    until(&app, "demarche_change_followers{how=\"stream\"} 1\n").await;
    until(&app, "demarche_change_streams_stalled_total 1\n").await;
    until(&app, "demarche_change_followers{how=\"stream\"} 0\n").await;
    drop(connection);
}

async fn until(app: &TestApp, words: &str) {
    let begun = Instant::now();
    loop {
        let numbers = app.get("/metrics").await.expect(200).text;
        if numbers.contains(words) {
            return;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(15),
            "no {words} in {numbers}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_clock_that_jumps_backwards_does_not_reorder_the_feed() {
    let app = TestApp::new().await;
    let before = app.create("actors", person("Before")).await;
    let start = head(&app).await;
    // As if the clock had been an hour ahead until now.
    let client = app.database.superuser().await;
    client
        .batch_execute(
            "set session_replication_role = replica; \
             update chain_head set recorded_at = now() + interval '1 hour', horizon = now() + interval '1 hour'",
        )
        .await
        .expect("an hour ahead");

    app.patch(&format!("/v1/actors/{before}"), &json!({"name": "After"}))
        .await
        .expect(200);
    let new = app.create("actors", person("New")).await;
    app.delete(&format!("/v1/actors/{before}")).await.expect(204);

    let page = after(&app, start, "").await;
    let changes = items(&page);
    assert_eq!(
        told(&changes),
        [
            ("actors", before.as_str(), "update", 2),
            ("actors", new.as_str(), "create", 1),
            ("actors", before.as_str(), "delete", 3),
        ]
    );
    let times: Vec<DateTime<Utc>> = changes
        .iter()
        .map(|change| change["at"].as_str().expect("a time").parse().expect("a time"))
        .collect();
    assert!(times.windows(2).all(|two| two[0] < two[1]), "{times:?}");
    assert!(times[0] > Utc::now() + chrono::Duration::minutes(59), "{times:?}");
    assert!(changes.iter().all(|change| change["backdated"] == false));
    let disordered: i64 = client
        .query_one(
            "select count(*) from (
               select recorded_at, lag(recorded_at) over (order by sequence) as before from changes where not is_backdated
             ) as change where recorded_at < before",
            &[],
        )
        .await
        .expect("a count")
        .get(0);
    assert_eq!(disordered, 0);
    app.get("/v1/actors").await.expect(200);
}

/// Writes as nobody on the API does: transactions of several records that stay open for a while, and commit in another
/// order than they began.
async fn write_by_hand(app: &TestApp, writer: usize, rounds: usize) {
    let client = app.client().await;
    for round in 0..rounds {
        let pause = |least: u64| least + u64::try_from((writer * 7 + round * 13) % 40).unwrap_or_default();
        let name = format!("hand {writer} {round}");
        client.batch_execute("begin").await.expect("begun");
        let subject: uuid::Uuid = client
            .query_one(
                "insert into actors (kind, name) values ('person', $1) returning id",
                &[&name],
            )
            .await
            .expect("written")
            .get(0);
        tokio::time::sleep(Duration::from_millis(pause(0))).await;
        let tied = client
            .execute(
                "insert into relationships (subject_id, kind, object_id) \
                 select $1, 'associate_of', id from actors where name like 'api %' or name = 'root' \
                 order by created_at desc limit 1",
                &[&subject],
            )
            .await;
        tokio::time::sleep(Duration::from_millis(pause(5))).await;
        // Whom it was tied to may have gone meanwhile.
        if round % 5 == 4 || tied.is_err() {
            client.batch_execute("rollback").await.expect("undone");
        } else {
            client.batch_execute("commit").await.expect("committed");
            if round % 3 == 0 {
                client
                    .batch_execute(&format!(
                        "begin; delete from relationships where subject_id = '{subject}'; select pg_sleep(0.02); \
                         delete from actors where id = '{subject}'; commit"
                    ))
                    .await
                    .expect("deleted");
            }
        }
    }
}

async fn write_by_api(app: &TestApp, writer: usize, rounds: usize) {
    for round in 0..rounds {
        let id = app
            .create("actors", person(&format!("api {writer} {round}")))
            .await;
        let path = format!("/v1/actors/{id}");
        app.patch(&path, &json!({"description": "seen"}))
            .await
            .expect(200);
        // By hand somebody may have tied it to another by now, and then it stays.
        if round % 4 == 0 {
            let gone = app.delete(&path).await;
            assert!(gone.status == 204 || gone.status == 409, "{}", gone.text);
        }
    }
}

/// Follows by waiting, forgetting everything but the last sequence now and then.
async fn follow_by_waiting(app: Arc<TestApp>, start: i64, done: Arc<AtomicBool>) -> Vec<Value> {
    let mut seen = Vec::new();
    let mut position = start;
    loop {
        let was_done = done.load(Ordering::SeqCst);
        let wait = if was_done { 0 } else { 1 };
        let page = after(&app, position, &format!("&wait={wait}&limit=7")).await;
        if items(&page).is_empty() && was_done {
            return seen;
        }
        seen.extend(items(&page));
        position = next(&page);
    }
}

/// Follows the event stream, connecting anew after every few events.
async fn follow_by_stream(app: Arc<TestApp>, start: i64, most: usize, done: Arc<AtomicBool>) -> Vec<Value> {
    let mut seen = Vec::new();
    let mut position = start;
    loop {
        let was_done = done.load(Ordering::SeqCst);
        let mut stream = Events::open(&app, "/v1/changes?limit=5", Some(position)).await;
        for _ in 0..most {
            match timeout(Duration::from_millis(500), stream.next()).await {
                Ok(Some(event)) => {
                    position = event.id;
                    seen.push(event.data);
                }
                Ok(None) => break,
                Err(_) if was_done => return seen,
                Err(_) => break,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_writers_race_every_follower_sees_every_change_once_and_in_one_order() {
    let app = Arc::new(TestApp::new().await);
    app.create("actors", person("root")).await;
    let start = head(&app).await;
    let done = Arc::new(AtomicBool::new(false));
    let followers = [
        tokio::spawn(follow_by_waiting(Arc::clone(&app), start, Arc::clone(&done))),
        tokio::spawn(follow_by_stream(Arc::clone(&app), start, 23, Arc::clone(&done))),
        tokio::spawn(follow_by_stream(Arc::clone(&app), start, 400, Arc::clone(&done))),
    ];

    let writers = (0..8).map(|writer| {
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            if writer < 5 {
                write_by_hand(&app, writer, 25).await;
            } else {
                write_by_api(&app, writer, 25).await;
            }
        })
    });
    let mut writing: futures_util::stream::FuturesUnordered<_> = writers.collect();
    while let Some(written) = writing.next().await {
        written.expect("a writer that ends well");
    }
    done.store(true, Ordering::SeqCst);
    let mut seen = Vec::new();
    for follower in followers {
        seen.push(follower.await.expect("a follower that ends well"));
    }

    let client = app.client().await;
    let rows = client
        .query(
            "select revision.record_id, revision.version from revisions as revision \
             where revision.id > (select revision_id from changes where sequence = $1) \
             or revision.id not in (select revision_id from changes where sequence <= $1)",
            &[&start],
        )
        .await
        .expect("revisions");
    let written: BTreeSet<(String, i64)> = rows
        .iter()
        .map(|row| {
            (
                row.get::<_, uuid::Uuid>(0).to_string(),
                i64::from(row.get::<_, i32>(1)),
            )
        })
        .collect();
    assert!(written.len() > 300, "{}", written.len());
    for changes in &seen {
        let sequences: Vec<i64> = changes
            .iter()
            .map(|change| change["sequence"].as_i64().expect("a sequence"))
            .collect();
        let wanted: Vec<i64> = (start + 1..).take(written.len()).collect();
        assert_eq!(sequences, wanted);
        let of_records: BTreeSet<(String, i64)> = told(changes)
            .iter()
            .map(|(_, id, _, version)| ((*id).to_owned(), *version))
            .collect();
        assert_eq!(of_records, written);
        assert_eq!(changes, &seen[0]);
    }
    assert_sensible(&seen[0]);
    // The numbers of revisions alone would have been another order: the race was one.
    let out_of_order: i64 = client
        .query_one(
            "select count(*) from (
               select revision.written_in, lag(revision.written_in) over (order by change.sequence) as before
               from changes as change join revisions as revision on revision.id = change.revision_id
               where change.sequence > $1
             ) as change where written_in < before",
            &[&start],
        )
        .await
        .expect("a count")
        .get(0);
    assert!(out_of_order > 20, "{out_of_order}");
}

/// Versions of a record ascend, what a record refers to is there before it, and nothing is gone that something still
/// refers to.
fn assert_sensible(changes: &[Value]) {
    let mut versions: BTreeMap<&str, i64> = BTreeMap::new();
    let mut referred: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut alive: BTreeSet<&str> = BTreeSet::new();
    for change in changes {
        let id = change["id"].as_str().expect("an id");
        let version = change["version"].as_i64().expect("a version");
        assert_eq!(version, versions.get(id).map_or(1, |last| last + 1), "{change}");
        versions.insert(id, version);
        if change["record"].is_null() {
            alive.remove(id);
            referred.remove(id);
            let who = referred.iter().find(|(_, references)| references.contains(&id));
            assert!(who.is_none(), "{who:?} refers to what is gone: {change}");
            continue;
        }
        alive.insert(id);
        let references: Vec<&str> = ["subject", "object"]
            .iter()
            .filter_map(|end| change["record"][end]["id"].as_str())
            .collect();
        for reference in &references {
            assert!(
                alive.contains(reference) || !versions.contains_key(reference),
                "{change} refers to what is not there"
            );
        }
        if !references.is_empty() {
            referred.insert(id, references);
        }
    }
}
