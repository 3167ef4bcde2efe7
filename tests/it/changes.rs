//! The feed of changes: one order that never changes, no gap and no duplicate, in pages, in waiting requests and as an
//! event stream; with racing writers, a clock set back, and stalled readers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use demarche::config::Limits;
use demarche::vocabulary::UserRole;
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{LONGEST_WAIT, Response, TestApp, wait_until};

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

/// Returns the last sequence number.
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

/// Returns changes in short: resource, id, operation, version.
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
        let last = last.map(|last| last.to_string());
        Self::open_with(app, path, last.as_deref()).await
    }

    /// Opens a stream with this text as Last-Event-ID.
    async fn open_with(app: &TestApp, path: &str, last: Option<&str>) -> Self {
        let mut request = app
            .request(Method::GET, path)
            .header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
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

    /// Returns the next event, or `None` when the stream ends.
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

    /// Waits for the next event.
    async fn event(&mut self) -> Event {
        timeout(LONGEST_WAIT, self.next())
            .await
            .expect("an event comes")
            .expect("the stream goes on")
    }
}

#[tokio::test]
async fn the_feed_has_whole_changes_in_commit_order() {
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
async fn pages_of_the_feed_have_no_gap_and_no_duplicate() {
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
async fn a_filter_by_resource_skips_other_changes_and_advances() {
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
async fn changes_of_vocabulary_entries_have_their_code_even_when_deleted() {
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
async fn a_write_past_the_api_is_in_the_feed_under_its_role() {
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
async fn a_page_of_large_records_ends_early() {
    let app = TestApp::new().await;
    let start = head(&app).await;
    let client = app.client().await;
    // Random letters, which compression hardly shortens.
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
async fn a_waiting_request_ends_with_the_first_change_or_its_time() {
    let app = Arc::new(TestApp::new().await);
    let start = head(&app).await;
    let begun = Instant::now();

    let nothing = after(&app, start, "&wait=1").await;

    assert_eq!(nothing.body, json!({"items": [], "next": start}));
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert!(begun.elapsed() < LONGEST_WAIT / 2, "{:?}", begun.elapsed());

    let followers = "demarche_change_followers{how=\"wait\"}";
    let waiting = {
        let app = Arc::clone(&app);
        tokio::spawn(async move { after(&app, start, "&wait=60&resource=sources").await })
    };
    until(&app, &format!("{followers} 1\n")).await;
    // A change that the filter leaves out does not end the wait.
    app.create("actors", person("Nobody waits for")).await;
    assert_eq!(items(&after(&app, start, "&wait=60").await).len(), 1);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    let written = Instant::now();
    let source = app
        .create("sources", json!({"kind": "report", "title": "Awaited"}))
        .await;
    let page = waiting.await.expect("an answer");
    assert!(written.elapsed() < LONGEST_WAIT / 2, "{:?}", written.elapsed());
    assert_eq!(told(&items(&page)), [("sources", source.as_str(), "create", 1)]);

    let waiting = {
        let app = Arc::clone(&app);
        tokio::spawn(async move { after(&app, start + 2, "&wait=60").await })
    };
    until(&app, &format!("{followers} 1\n")).await;
    let written = Instant::now();
    let client = app.client().await;
    client
        .batch_execute("insert into actors (kind, name) values ('person', 'Past the API')")
        .await
        .expect("written");
    let page = waiting.await.expect("an answer");
    assert_eq!(items(&page).len(), 1);
    assert!(written.elapsed() < LONGEST_WAIT / 2, "{:?}", written.elapsed());
}

#[tokio::test]
async fn a_waiting_request_holds_no_connection_and_is_not_counted_as_slow() {
    let app = Arc::new(TestApp::new().await);
    let start = head(&app).await;

    // More than the pool has.
    let waiting: Vec<_> = (0..12)
        .map(|_| {
            let app = Arc::clone(&app);
            tokio::spawn(async move { after(&app, start, "&wait=60").await })
        })
        .collect();
    until(&app, "demarche_change_followers{how=\"wait\"} 12\n").await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    app.get("/v1/actors?count=exact&name=x").await.expect(200);
    app.create("actors", person("Awaited")).await;

    for one in waiting {
        assert_eq!(items(&one.await.expect("an answer")).len(), 1);
    }
    until(&app, "demarche_change_followers{how=\"wait\"} 0\n").await;
    let metrics = app.get("/metrics").await.expect(200).text;
    let measured = |suffix: &str| -> f64 {
        let name = format!("demarche_http_request_seconds_{suffix}{{method=\"GET\",route=\"/v1/changes\"}} ");
        let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
        line.unwrap_or_else(|| panic!("no {name} in {metrics}"))
            .parse()
            .expect("a number")
    };
    assert!((measured("count") - 13.0).abs() < f64::EPSILON, "{metrics}");
    // Twelve waits of more than a second and a half are not part of it.
    assert!(measured("sum") < 18.0, "{metrics}");
}

#[tokio::test]
async fn followers_over_the_limit_are_refused() {
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

    let of_the_client = app.get(&format!("/v1/changes?after={start}&wait=5")).await;
    let request = app
        .request(Method::GET, "/v1/changes")
        .bearer_auth(&app.reader)
        .header("accept", "text/event-stream");
    let of_another = app.send(request).await;

    let of_the_client = of_the_client.expect_problem(429, "too-many-requests");
    assert!(
        of_the_client.detail().contains("1 followers of the feed"),
        "{}",
        of_the_client.text
    );
    let of_another = of_another.expect_problem(503, "overloaded");
    assert_ne!(of_another.header("retry-after"), "");
    after(&app, start, "").await;
    app.create("actors", person("Told all the same")).await;
    assert_eq!(stream.event().await.id, start + 1);
}

#[tokio::test]
async fn followers_without_a_token_leave_places_to_those_with_one() {
    let app = Arc::new(
        TestApp::with(Limits {
            public_read: true,
            followers: 4,
            ..Limits::default()
        })
        .await,
    );
    let start = head(&app).await;
    let path = format!("/v1/changes?after={start}&wait=60");
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let request = app.request(Method::GET, &path);
            tokio::spawn(request.send())
        })
        .collect();
    until(
        &app,
        "demarche_work_refused_total{why=\"share\",work=\"followers of the feed\"} 2\n",
    )
    .await;
    let following = app.request(Method::GET, &path).bearer_auth(&app.reader);
    let following = tokio::spawn(following.send());
    until(&app, "demarche_change_followers{how=\"wait\"} 3\n").await;

    app.create("actors", person("Awaited")).await;

    assert_eq!(following.await.expect("a task").expect("an answer").status(), 200);
    let mut statuses = Vec::new();
    for one in waiting {
        statuses.push(one.await.expect("a task").expect("an answer").status().as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 429, 429]);
    until(
        &app,
        "demarche_work_places_taken{work=\"followers of the feed\"} 0\n",
    )
    .await;
}

#[tokio::test]
async fn a_follower_ends_soon_after_its_token() {
    for public_read in [false, true] {
        let app = Arc::new(
            TestApp::with(Limits {
                public_read,
                ..Limits::default()
            })
            .await,
        );
        let client = app.client().await;
        let of = |name: &str, what: &str| {
            what.replace("USER", &format!("(select id from users where name = '{name}')"))
        };
        let ends = [
            (
                "revoked",
                "update tokens set revoked_at = now() where user_id = USER",
            ),
            (
                "expired",
                "update tokens set expires_at = now() where user_id = USER",
            ),
            ("lowered", "update users set role = 'reader' where id = USER"),
            ("removed", "delete from users where id = USER"),
        ];
        let mut others = Vec::new();
        let mut followers = Vec::new();
        for (name, end) in ends {
            let token = app.token(name, UserRole::Analyst).await;
            followers.push((name, end, follow(&app, &token).await));
        }
        others.push(follow(&app, &app.analyst).await);
        let begun = Instant::now();
        for (name, end, _) in &followers {
            client
                .batch_execute(&of(name, end))
                .await
                .expect("the end of a token");
        }

        for (name, _, (mut stream, waiting)) in followers {
            assert!(stream.next().await.is_none(), "{name}");
            let answer = waiting.await.expect("a task").expect("an answer");
            assert_eq!(answer.status(), 401, "{name}");
            assert_eq!(answer.headers()["content-type"], "application/problem+json");
        }
        assert!(begun.elapsed() < LONGEST_WAIT, "{:?}", begun.elapsed());

        // Whose token is still valid follows on.
        app.create("actors", person("Awaited")).await;
        for (mut stream, waiting) in others {
            assert!(stream.next().await.is_some());
            let answer = waiting.await.expect("a task").expect("an answer");
            assert_eq!(answer.status(), 200);
        }
    }
}

/// Follows with a token, as an event stream and in a request that waits.
async fn follow(
    app: &TestApp,
    token: &str,
) -> (
    Events,
    tokio::task::JoinHandle<reqwest::Result<reqwest::Response>>,
) {
    let start: i64 = app
        .client()
        .await
        .query_one("select sequence from chain_head", &[])
        .await
        .expect("the head")
        .get(0);
    let path = format!("/v1/changes?after={start}&wait=60");
    let stream = app
        .request(Method::GET, &path)
        .bearer_auth(token)
        .header("accept", "text/event-stream");
    let stream = stream.send().await.expect("an answer");
    assert_eq!(stream.status(), 200);
    let waiting = tokio::spawn(app.request(Method::GET, &path).bearer_auth(token).send());
    let stream = Events {
        response: stream,
        text: String::new(),
    };
    (stream, waiting)
}

#[tokio::test]
async fn an_event_stream_sends_past_and_new_changes() {
    let app = TestApp::new().await;
    let start = head(&app).await;
    let first = app.create("actors", person("First")).await;

    let mut stream = Events::open(&app, &format!("/v1/changes?after={start}"), None).await;
    let old = stream.event().await;
    let second = {
        let mut body = person("Second");
        body["description"] = json!("two\nlines");
        app.create("actors", body).await
    };
    let new = stream.event().await;

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
async fn an_event_stream_continues_after_the_last_event_id() {
    let app = TestApp::new().await;
    let start = head(&app).await;
    for name in ["One", "Two", "Three"] {
        app.create("actors", person(name)).await;
    }

    let mut again = Events::open(&app, "/v1/changes?after=0&resource=actors", Some(start + 2)).await;

    assert_eq!(again.event().await.data["record"]["name"], "Three");
    let mut from_the_first = Events::open(&app, "/v1/changes", None).await;
    for sequence in 1..=500 {
        assert_eq!(from_the_first.event().await.id, sequence);
    }
}

#[tokio::test]
async fn an_event_stream_with_a_filter_sends_no_other_changes() {
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
        let event = stream.event().await;
        assert_eq!(event.id, start + 2 * number);
        assert_eq!(event.data["resource"], "sources");
    }
}

#[tokio::test]
async fn an_empty_last_event_id_counts_as_absent() {
    let app = TestApp::new().await;
    let since = head(&app).await;
    let id = app
        .create("actors", json!({"kind": "person", "name": "Sample"}))
        .await;
    let path = format!("/v1/changes?after={since}");

    for empty in ["", "  "] {
        let mut events = Events::open_with(&app, &path, Some(empty)).await;
        assert_eq!(events.event().await.data["record"]["id"], id, "after counts");
        let page = app.request(Method::GET, &path).header("last-event-id", empty);
        let page = app.send(page).await.expect(200);
        assert_eq!(page.body["items"][0]["record"]["id"], id);
    }

    let document = app.get("/openapi.json").await.expect(200);
    let parameters = document.body["paths"]["/v1/changes"]["get"]["parameters"].as_array();
    let header = parameters.and_then(|all| all.iter().find(|one| one["name"] == "Last-Event-ID"));
    let header = header.expect("the header");
    assert_eq!(header["required"], false);
    assert_eq!(
        header["schema"],
        json!({"oneOf": [
            {"type": "integer", "format": "int64", "minimum": 0},
            {"type": "string", "maxLength": 0},
        ]})
    );
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
    until(&app, "demarche_change_followers{how=\"wait\"} 1\n").await;
    until(&app, "demarche_change_followers{how=\"stream\"} 1\n").await;
    let begun = Instant::now();

    app.stop().await;

    assert!(begun.elapsed() < LONGEST_WAIT / 2, "{:?}", begun.elapsed());
    assert_eq!(items(&waiting.await.expect("an answer")), Vec::<Value>::new());
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn invalid_requests_of_the_feed_are_refused_with_a_reason() {
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
        unknown
            .detail()
            .contains("known are limit, after, resource, wait"),
        "{}",
        unknown.text
    );
    for last in ["x", "-5", "+5", "1.5", "null"] {
        for accept in ["text/event-stream", "application/json"] {
            let request = app
                .request(Method::GET, "/v1/changes")
                .header("accept", accept)
                .header("last-event-id", last);
            let refused = app.send(request).await.expect_problem(400, MALFORMED);
            assert!(refused.detail().contains("Last-Event-ID"), "{}", refused.text);
        }
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
async fn the_feed_needs_the_right_to_read() {
    let app = TestApp::with(Limits::default()).await;

    app.get("/v1/changes").await.expect_problem(401, "unauthorized");

    let request = app.request(Method::GET, "/v1/changes").bearer_auth(&app.reader);
    app.send(request).await.expect(200);
}

/// Returns a server that soon disconnects a stalled reader.
async fn quick_to_send_away() -> TestApp {
    TestApp::with(Limits {
        public_read: true,
        stalled_seconds: 2,
        ..Limits::default()
    })
    .await
}

/// Requests an event stream and never reads it.
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
async fn a_stalled_reader_is_disconnected_and_does_not_affect_others() {
    let app = quick_to_send_away().await;
    let start = head(&app).await;
    let client = app.client().await;
    // More than the buffers between server and reader hold.
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
    until(&app, &format!("{following} 6\n")).await;

    let mut reader = Events::open(&app, &format!("/v1/changes?after={}", start + 60), None).await;
    for number in 1..=10 {
        app.create("actors", person("Read by others")).await;
        assert_eq!(reader.event().await.id, start + 60 + number);
        app.get("/v1/actors?count=exact&name=others").await.expect(200);
    }
    until(&app, &format!("{following} 1\n")).await;

    until(&app, "demarche_change_streams_stalled_total 6\n").await;
    wait_until("no transaction stays open", async || {
        let busy: i64 = client
            .query_one(
                "select count(*) from pg_stat_activity \
                 where datname = current_database() and xact_start < now() - interval '1 second'",
                &[],
            )
            .await
            .expect("a count")
            .get(0);
        busy == 0
    })
    .await;
    // On Linux the kernel closes the connection too.
    if cfg!(target_os = "linux") {
        for mut connection in stalled {
            let mut taken = 0;
            let mut buffer = vec![0; 1 << 20];
            let ended = timeout(LONGEST_WAIT, async {
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
async fn a_reader_that_never_reads_is_counted_although_the_kernel_buffers_everything() {
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

/// Waits until /metrics contains this line.
async fn until(app: &TestApp, line: &str) {
    wait_until(line, async || {
        app.get("/metrics").await.expect(200).text.contains(line)
    })
    .await;
}

#[tokio::test]
async fn a_clock_set_back_does_not_reorder_the_feed() {
    let app = TestApp::new().await;
    let before = app.create("actors", person("Before")).await;
    let start = head(&app).await;
    // The state after a clock that was an hour ahead.
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

/// Writes past the API: transactions of several records that stay open for a while and commit in another
/// order than that in which they began.
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
        // The other end of the relationship may have been deleted meanwhile.
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
        // A writer past the API may have related it to another actor, and then it stays.
        if round % 4 == 0 {
            let gone = app.delete(&path).await;
            assert!(gone.status == 204 || gone.status == 409, "{}", gone.text);
        }
    }
}

/// Returns the changes up to sequence `last`, which is `i64::MAX` until the writers end, from pages that wait.
async fn follow_by_waiting(app: Arc<TestApp>, start: i64, last: Arc<AtomicI64>) -> Vec<Value> {
    let mut seen = Vec::new();
    let mut position = start;
    while position < last.load(Ordering::SeqCst) {
        let page = after(&app, position, "&wait=1&limit=7").await;
        seen.extend(items(&page));
        position = next(&page);
    }
    seen
}

/// Returns the same changes from event streams, each of which it leaves after `most` events.
async fn follow_by_stream(app: Arc<TestApp>, start: i64, most: usize, last: Arc<AtomicI64>) -> Vec<Value> {
    let mut seen = Vec::new();
    let mut position = start;
    while position < last.load(Ordering::SeqCst) {
        let mut stream = Events::open(&app, "/v1/changes?limit=5", Some(position)).await;
        for _ in 0..most {
            match timeout(Duration::from_millis(500), stream.next()).await {
                Ok(Some(event)) => {
                    position = event.id;
                    seen.push(event.data);
                }
                Ok(None) | Err(_) => break,
            }
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_follower_sees_every_change_of_racing_writers_once_in_one_order() {
    let app = Arc::new(TestApp::new().await);
    app.create("actors", person("root")).await;
    let start = head(&app).await;
    let last = Arc::new(AtomicI64::new(i64::MAX));
    let followers = [
        tokio::spawn(follow_by_waiting(Arc::clone(&app), start, Arc::clone(&last))),
        tokio::spawn(follow_by_stream(Arc::clone(&app), start, 23, Arc::clone(&last))),
        tokio::spawn(follow_by_stream(Arc::clone(&app), start, 400, Arc::clone(&last))),
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
        written.expect("a writer ends");
    }
    last.store(head(&app).await, Ordering::SeqCst);
    let mut seen = Vec::new();
    for follower in followers {
        seen.push(follower.await.expect("a follower ends"));
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
    // Transactions committed in another order than they began, so the writers did race.
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

/// Checks that versions of a record ascend, that references come before the records that have them, and that nothing is
/// deleted while something refers to it.
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
