//! What one client asks for can't keep others from reading or writing: work that nobody waits for is cancelled, every kind of work
//! has room of its own and has to end, and what finds no room is refused at once.

use demarche::config::Limits;
use reqwest::Method;
use serde_json::json;
use tokio_postgres::Client;

use crate::support::{Raw, Response, TestApp, wait_until};

/// A list that waits for a lock while the test holds it, as a dear one waits for the processor.
const SLOW: &str = "/v1/sanctions?sort=-imposed_on";

/// A transaction that makes every read and write of sanctions wait.
struct Jam(Client);

impl Jam {
    async fn begin(app: &TestApp) -> Self {
        let client = app.client().await;
        client
            .batch_execute("begin; lock table sanctions in access exclusive mode")
            .await
            .expect("a lock");
        Self(client)
    }

    async fn end(self) {
        self.0.batch_execute("rollback").await.expect("the end");
    }
}

/// Returns how many sessions wait for the lock of a jam.
async fn waiting(client: &Client) -> i64 {
    let sql = "select count(*) from pg_stat_activity where datname = current_database() \
               and wait_event_type = 'Lock' and query not like '%pg_stat_activity%'";
    client.query_one(sql, &[]).await.expect("a count").get(0)
}

/// A server that answers nothing from memory, so that requests for the same don't share one statement.
async fn public(limits: Limits) -> TestApp {
    TestApp::with(Limits {
        public_read: true,
        read_memory_megabytes: 0,
        ..limits
    })
    .await
}

/// Sends a GET on so many connections, and reads no response.
async fn ask(app: &TestApp, connections: usize, path: &str) -> Vec<Raw> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: demarche\r\n\r\n");
    let mut clients = Vec::new();
    for _ in 0..connections {
        let mut client = Raw::connect(app).await;
        assert!(client.write(request.as_bytes()).await);
        clients.push(client);
    }
    clients
}

async fn wait_for(client: &Client, what: &str, sessions: i64) {
    wait_until(what, async || waiting(client).await == sessions).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_hangs_up_ends_its_statement() {
    let app = public(Limits::default()).await;
    let watcher = app.client().await;
    for path in [
        SLOW,
        "/v1/sanctions?target_country=CO&count=exact",
        "/v1/sanctions?format=ndjson",
        "/v1/sanctions?format=csv",
        "/v1/sanctions?format=xlsx",
        "/v1/claims",
    ] {
        for resets in [false, true] {
            let jam = Jam::begin(&app).await;
            let clients = ask(&app, 2, path).await;
            wait_for(&watcher, &format!("{path} waits"), 2).await;

            for client in clients {
                client.close(resets);
            }

            wait_for(&watcher, &format!("{path} is cancelled"), 0).await;
            jam.end().await;
            // The places are free again.
            assert_eq!(app.get(path).await.status, 200, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_client_hangs_up_is_written() {
    let app = public(Limits::default()).await;
    let watcher = app.client().await;
    let lock = app.client().await;
    lock.batch_execute("begin; lock table actors in share mode")
        .await
        .expect("a lock");
    let body = json!({"kind": "person", "name": "Written"}).to_string();
    let mut client = Raw::connect(&app).await;
    let request = format!(
        "POST /v1/actors HTTP/1.1\r\nHost: demarche\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        app.analyst,
        body.len()
    );
    assert!(client.write(request.as_bytes()).await);
    wait_for(&watcher, "the write waits", 1).await;

    client.close(true);
    lock.batch_execute("rollback").await.expect("the end");

    wait_until("the actor is there", async || {
        app.get("/v1/actors?name=Written").await.body["items"]
            .as_array()
            .is_some_and(|items| items.len() == 1)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_takes_too_long_says_what_to_narrow() {
    let app = public(Limits {
        read_seconds: 1,
        ..Limits::default()
    })
    .await;
    let watcher = app.client().await;
    let jam = Jam::begin(&app).await;
    for (path, advice) in [
        (
            "/v1/sanctions?target_country=CO&target_country=US&count=exact&limit=200",
            "give fewer than 2 values of target_country, leave count out, give a limit below 200",
        ),
        ("/v1/sanctions?format=ndjson&sort=-imposed_on", "leave sort out"),
        ("/v1/sanctions?format=xlsx&sort=-imposed_on", "leave sort out"),
        ("/v1/claims", "ask for less"),
        (
            "/v1/sanctions/counts?by=imposer,ground",
            "group by fewer fields, or add a filter",
        ),
        (
            "/v1/sanctions/counts?by=ground&or=(measure:travel_ban,has.programme:true)&format=csv",
            "give fewer filters in or",
        ),
        ("/v1/sanctions?facets=ground", "leave facets out"),
        (
            "/v1/sanctions?q=petro&sort=-rank",
            "add a word to q, or write longer words before a *",
        ),
    ] {
        let answer = app.get(path).await;

        assert_eq!(answer.status, 422, "{path}: {}", answer.body);
        assert_eq!(answer.body["type"], "/problems/too-slow");
        let detail = answer.body["detail"].as_str().unwrap_or_default();
        assert!(
            detail.starts_with("the read did not end within 1 seconds and was stopped; ")
                && detail.contains(advice),
            "{path}: {detail}"
        );
        assert_eq!(answer.header("retry-after"), "");
    }
    wait_for(&watcher, "all are cancelled", 0).await;
    jam.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_takes_too_long_changes_nothing() {
    let app = public(Limits {
        write_seconds: 1,
        ..Limits::default()
    })
    .await;
    let watcher = app.client().await;
    let before = app.state().await;
    let jam = Jam::begin(&app).await;
    let batch = json!({"operations": [
        {"method": "POST", "resource": "actors", "as": "a", "body": {"kind": "state", "name": "A"}},
        {"method": "POST", "resource": "actors", "as": "b", "body": {"kind": "person", "name": "B"}},
        {"method": "POST", "resource": "sanctions", "body": {
            "imposer": "@a", "target": "@b", "measures": ["asset_freeze"], "imposed_on": "2025",
        }},
    ]});

    let answer = app.post("/v1/batch", &batch).await;

    assert_eq!(answer.status, 422, "{}", answer.body);
    assert_eq!(
        answer.body["detail"],
        "the write did not end within 1 seconds and was stopped; nothing was changed: divide it into smaller ones"
    );
    wait_for(&watcher, "it is cancelled", 0).await;
    jam.end().await;
    assert_eq!(app.state().await, before);
    assert_eq!(app.post("/v1/batch", &batch).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_that_take_all_places_leave_others_theirs() {
    let app = public(Limits::default()).await;
    let watcher = app.client().await;
    let jam = Jam::begin(&app).await;
    // More than the places and the queue of one client.
    let clients = ask(&app, 50, SLOW).await;
    // Of eight places, an address has half.
    wait_for(&watcher, "lists wait", 4).await;

    let refused = get_anonymously(&app, SLOW).await;
    assert_eq!(refused.status, 429, "{}", refused.body);
    let detail = refused.body["detail"].as_str().unwrap_or_default();
    // The last one depends on whether others have given up waiting by now.
    assert!(
        detail.starts_with("you have 34 lists in progress or waiting, the most that one client may have;")
            || detail.starts_with(
                "you have 4 lists in progress, the most that one client may have, and none ended"
            ),
        "{detail}"
    );
    assert_eq!(refused.header("retry-after"), "1");

    // A client with a token has room, and so has every other kind of work.
    let request = app.request(Method::GET, SLOW).bearer_auth(&app.reader);
    let of_reader = tokio::spawn(request.send());
    wait_for(&watcher, "the reader's list runs", 5).await;
    for path in [
        "/healthz",
        "/readyz",
        "/v1/vocabularies/measures/asset_freeze",
        "/metrics",
    ] {
        let answer = get_anonymously(&app, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
    let written = app
        .post("/v1/actors", &json!({"kind": "person", "name": "Someone"}))
        .await;
    assert_eq!(written.status, 201, "{}", written.body);

    jam.end().await;
    assert_eq!(of_reader.await.expect("a task").expect("an answer").status(), 200);
    drop(clients);
    wait_until("lists are taken on again", async || {
        get_anonymously(&app, SLOW).await.status == 200
    })
    .await;
}

async fn get_anonymously(app: &TestApp, path: &str) -> Response {
    app.send(app.request(Method::GET, path)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exports_that_nobody_reads_end() {
    let app = public(Limits::default()).await;
    let watcher = app.client().await;
    // Exports of one address take half of the places; a token finds others.
    let jam = Jam::begin(&app).await;
    let clients = ask(&app, 20, "/v1/sanctions?format=ndjson").await;
    wait_for(&watcher, "exports wait", 4).await;
    let refused = get_anonymously(&app, "/v1/sanctions?format=csv").await;
    assert_eq!(refused.status, 429, "{}", refused.body);
    let request = app
        .request(Method::GET, "/v1/sanctions?format=csv")
        .bearer_auth(&app.reader);
    let of_reader = tokio::spawn(request.send());
    wait_for(&watcher, "the reader's export runs", 5).await;

    for client in clients {
        client.close(true);
    }

    wait_for(&watcher, "only the reader's goes on", 1).await;
    jam.end().await;
    assert_eq!(of_reader.await.expect("a task").expect("an answer").status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_as_of_a_moment_takes_one_place() {
    let app = public(Limits::default()).await;
    let actor = app
        .create("actors", json!({"kind": "person", "name": "Somebody"}))
        .await;
    let moment = crate::as_of::moment(&app).await;
    let path = format!("/v1/sanctions?target={actor}&known_at={moment}");

    // As many as there are places, and twice as many as one client has: with two each, the first would wait for each other.
    let lists = (0..8).map(|_| get_anonymously(&app, &path));

    for list in futures_util::future::join_all(lists).await {
        assert_eq!(list.status, 200, "{}", list.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_response_has_a_place_until_it_is_sent() {
    let app = public(Limits::default()).await;
    app.client()
        .await
        .batch_execute(
            "insert into actors (kind, name, description) \
             select 'person', 'Many ' || number, repeat('x', 4000) from generate_series(1, 1000) as number",
        )
        .await
        .expect("records");
    let taken = async |work: &str| {
        let metrics = get_anonymously(&app, "/metrics").await;
        let series = format!("demarche_work_places_taken{{work=\"{work}\"}} ");
        let line = metrics.text.lines().find_map(|line| line.strip_prefix(&series));
        line.expect("the metric").parse::<i64>().expect("a number")
    };
    let unread = ask(&app, 1, "/v1/actors?limit=1000&pretty=true").await;
    wait_until("the response has a place", async || {
        taken("long responses").await == 1
    })
    .await;
    // That of the list is free: nothing is read from the database any longer.
    assert_eq!(taken("lists").await, 0);
    // A short one needs none, and a long one that is read has given its place back.
    assert_eq!(get_anonymously(&app, "/v1/actors?limit=1").await.status, 200);
    assert_eq!(get_anonymously(&app, "/v1/actors?limit=1000").await.status, 200);

    unread.into_iter().for_each(|client| client.close(true));

    wait_until("the place is free again", async || {
        taken("long responses").await == 0
    })
    .await;
}

#[tokio::test]
async fn texts_that_are_too_long_are_not_looked_up() {
    let app = public(Limits::default()).await;
    // One letter that stands for eighteen.
    let ligatures = "%EF%B7%BA".repeat(1200);
    for path in [
        format!("/v1/actors?name={ligatures}"),
        format!("/v1/sanctions?target=passport:CO:{ligatures}"),
    ] {
        let answer = get_anonymously(&app, &path).await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        let detail = answer.body["detail"].as_str().unwrap_or_default();
        assert!(detail.ends_with("has more than 20000 letters"), "{detail}");
    }
    let of_path = get_anonymously(&app, &format!("/v1/actors/passport:CO:{ligatures}")).await;
    assert!((400..=422).contains(&of_path.status.as_u16()), "{}", of_path.body);
    let short = get_anonymously(&app, "/v1/actors/passport:CO:%EF%B7%BA").await;
    assert_eq!(short.status, 404, "{}", short.body);
}

#[tokio::test]
async fn equal_records_have_a_bounded_number_of_warnings() {
    let app = public(Limits::default()).await;
    let actor = app.create("actors", json!({"kind": "state", "name": "A"})).await;
    let operation = json!({"method": "POST", "resource": "diplomatic-actions", "body": {
        "type": "protest_note", "title": "T", "occurred_on": "2025-01-01",
        "participants": [{"role": "initiator", "actor": actor}],
    }});
    let operations = vec![operation; 12];

    let answer = app.post("/v1/batch", &json!({"operations": operations})).await;

    assert_eq!(answer.status, 200, "{}", answer.body);
    for result in answer.body["results"].as_array().expect("results") {
        let warnings = result["body"]["warnings"].as_array().expect("warnings");
        let equal = warnings.iter().filter(|warning| {
            warning["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains("says the same"))
        });
        assert_eq!(equal.count(), 3, "{warnings:?}");
    }
}
