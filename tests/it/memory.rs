//! Reads are answered from memory only while the database confirms that nothing has changed: every response is that of some moment
//! between its request and itself, whoever writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use demarche::config::Limits;
use demarche::vocabulary::UserRole;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::browsers::{decoded, encoded};
use crate::support::{Desk, LONGEST_WAIT, READS, Response, TestApp, wait_until};

fn public() -> Limits {
    Limits {
        public_read: true,
        ..Limits::default()
    }
}

fn forgetful() -> Limits {
    Limits {
        read_memory_megabytes: 0,
        ..public()
    }
}

/// Returns how many reads had this result.
async fn reads(app: &TestApp, result: &str) -> u64 {
    metric(
        app,
        &format!("demarche_read_memory_reads_total{{result=\"{result}\"}}"),
    )
    .await
}

async fn metric(app: &TestApp, series: &str) -> u64 {
    let metrics = app.get("/metrics").await.expect(200).text;
    let value = metrics.lines().find_map(|line| line.strip_prefix(series));
    value.expect("the metric").trim().parse().expect("a number")
}

/// Reads until a response comes from memory, or often enough: other tests write in the same cluster, and their writes may come between
/// every two reads that take long.
async fn from_memory(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    const TRIES: usize = 30;
    let mut tries = 0;
    loop {
        let before = reads(app, "hit").await;
        let mut request = app.request(method.clone(), path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = app.send(request).await;
        tries += 1;
        if tries == TRIES || reads(app, "hit").await > before {
            return response;
        }
    }
}

#[tokio::test]
async fn a_response_from_memory_is_that_of_the_database_in_every_form() {
    let app = TestApp::with_demo().await;
    let plain = app.beside(forgetful()).await;
    let forms: [&[(&str, &str)]; 3] = [
        &[],
        &[("accept", "application/json;q=0.5, */*;q=0.1")],
        &[("x-request-id", "the-same")],
    ];
    for path in READS
        .iter()
        .filter(|path| !path.starts_with("/v1/changes") && **path != "/v1")
    {
        let read = plain.get(path).await.expect(200);
        for form in forms {
            let kept = from_memory(&app, Method::GET, path, form).await.expect(200);
            assert_eq!(kept.text, read.text, "{path}");
            for name in [
                "etag",
                "link",
                "vary",
                "cache-control",
                "content-type",
                "content-location",
            ] {
                assert_eq!(kept.header(name), read.header(name), "{path} {name}");
            }
        }
    }

    let path = "/v1/actors/iso3166:CO";
    let read = plain.get(path).await.expect(200);
    let head = from_memory(&app, Method::HEAD, path, &[]).await.expect(200);
    assert_eq!((head.text.as_str(), head.etag()), ("", read.etag()));
    let unchanged = from_memory(&app, Method::GET, path, &[("if-none-match", read.etag())])
        .await
        .expect(304);
    assert_eq!((unchanged.text.as_str(), unchanged.etag()), ("", read.etag()));
    assert_eq!(unchanged.header("content-type"), "");
    // Names of parameters in another order, and the same text in another encoding, ask for the same.
    wait_until("another order of parameters comes from memory", async || {
        app.get("/v1/actors?sort=name&limit=2").await.expect(200);
        let before = reads(&app, "hit").await;
        app.get("/v1/actors?limit=%32&sort=name").await.expect(200);
        reads(&app, "hit").await > before
    })
    .await;

    // Indented, and compressed: each is what it would be without memory.
    for path in [
        "/v1/actors?limit=20&pretty=true",
        "/v1/actors/iso3166:CO?pretty=true",
        "/v1/actors?limit=20",
    ] {
        let read = plain.get(path).await.expect(200);
        for coding in ["identity", "gzip", "br"] {
            let kept = from_memory(&app, Method::GET, path, &[("accept-encoding", coding)]).await;
            let sent = if coding == "identity" { "" } else { coding };
            assert_eq!(kept.header("content-encoding"), sent, "{path}");
            if coding == "identity" {
                assert_eq!(kept.text, read.text, "{path}");
            }
            let (headers, body) = encoded(&app, path, coding).await;
            assert_eq!(decoded(&headers, &body), read.text.as_bytes(), "{path} {coding}");
        }
    }
    let before = reads(&app, "hit").await;
    for _ in 0..5 {
        app.get("/v1/actors?format=csv").await.expect(200);
        app.get("/v1/actors?format=ndjson").await.expect(200);
        app.get("/v1/changes?limit=2").await.expect(200);
        app.get("/v1/actors?unknown=1").await.expect(400);
        app.get("/v1/actors/iso3166:XX").await.expect(404);
    }
    assert_eq!(reads(&app, "hit").await, before, "streams, the feed and failures");
    assert!(metric(&app, "demarche_read_memory_bytes").await > 10_000);
    assert!(reads(&app, "hit").await > 20);
}

#[tokio::test]
async fn every_write_is_seen_at_once_whoever_writes() {
    let desk = Desk::new().await;
    let (app, other) = (&desk.app, desk.app.beside(public()).await);
    let path = format!("/v1/actors/{}", desk.petro);
    let list = "/v1/actors?kind=person";
    let client = app.client().await;
    let sees = async |name: &str| {
        for server in [app, &other] {
            for _ in 0..2 {
                assert_eq!(server.get(&path).await.expect(200).body["name"], name);
                assert_eq!(server.get(list).await.expect(200).body["items"][0]["name"], name);
            }
        }
    };
    sees("Gustavo Petro").await;
    for round in 0..20 {
        // Each server sees what the other wrote, and both what a hand in psql wrote.
        let name = format!("Gustavo Petro {round}");
        let writer = if round % 2 == 0 { app } else { &other };
        writer.patch(&path, &json!({"name": name})).await.expect(200);
        sees(&name).await;
        let name = format!("Gustavo Petro by hand {round}");
        client
            .execute(
                "update actors set name = $1 where id = $2::text::uuid",
                &[&name, &desk.petro],
            )
            .await
            .expect("written");
        sees(&name).await;
    }

    // A transaction in progress is not seen, whatever it has written; its end is.
    client
        .batch_execute("begin; update actors set name = 'Undone'; savepoint inner_one; update actors set name = 'Undone too'")
        .await
        .expect("written");
    sees("Gustavo Petro by hand 19").await;
    client
        .batch_execute("rollback to inner_one; update actors set name = 'Done' where kind = 'person'; commit")
        .await
        .expect("written");
    sees("Done").await;

    // What no trigger sees: a table that is emptied, and one that is gone for a moment.
    assert_eq!(app.get("/v1/sanctions").await.expect(200).ids(), [""; 0]);
    let id = desk.sanction(json!({})).await;
    assert_eq!(app.get("/v1/sanctions").await.expect(200).ids(), [id]);
    let superuser = app.database.superuser().await;
    superuser
        .batch_execute("set session_replication_role = replica; truncate sanctions cascade")
        .await
        .expect("emptied");
    for server in [app, &other] {
        assert_eq!(server.get("/v1/sanctions").await.expect(200).ids(), [""; 0]);
    }
}

#[tokio::test]
async fn rights_are_checked_before_the_memory_is_asked() {
    let app = TestApp::with(Limits::default()).await;
    let open = app.beside(public()).await;
    let path = "/v1/vocabularies/measures";
    let get = async |server: &TestApp, token: &str| {
        let request = server.request(Method::GET, path).bearer_auth(token);
        server.send(request).await.status.as_u16()
    };
    let guest = app.token("guest", UserRole::Reader).await;
    let writer = app.token("writer", UserRole::Analyst).await;
    assert_eq!(app.get(path).await.status, 401);
    for token in [&guest, &writer, &app.reader] {
        for _ in 0..3 {
            assert_eq!(get(&app, token).await, 200);
        }
    }
    // It is in memory for those who may read, and for nobody else.
    wait_until("it comes from memory", async || {
        let before = reads(&app, "hit").await;
        assert_eq!(get(&app, &guest).await, 200);
        reads(&app, "hit").await > before
    })
    .await;
    assert_eq!(app.get(path).await.status, 401);
    assert_eq!(open.get(path).await.status, 200);
    assert_eq!(get(&app, "dmr_unknown").await, 401);
    assert_eq!(get(&open, "dmr_unknown").await, 401);

    let client = app.client().await;
    client
        .execute(
            "update tokens set revoked_at = now() where user_id = (select id from users where name = 'guest')",
            &[],
        )
        .await
        .expect("revoked");
    assert_eq!(get(&app, &guest).await, 401);
    assert_eq!(
        get(&open, &guest).await,
        401,
        "a token that is sent must be valid"
    );

    // A role that is lowered, and a token that ends by its own clock.
    client
        .batch_execute("update users set role = 'reader' where name = 'writer'")
        .await
        .expect("lowered");
    assert_eq!(get(&app, &writer).await, 200);
    let body = json!({"kind": "person", "name": "Not written"});
    let request = app.request(Method::POST, "/v1/actors").bearer_auth(&writer);
    assert_eq!(app.send(request.json(&body)).await.status, 403);
    client
        .batch_execute(
            "update tokens set expires_at = now() + interval '1 second' \
             where user_id = (select id from users where name = 'writer')",
        )
        .await
        .expect("ends soon");
    wait_until("the token has ended", async || get(&app, &writer).await == 401).await;
    client
        .batch_execute("delete from tokens where user_id = (select id from users where name = 'reader')")
        .await
        .expect("deleted");
    assert_eq!(get(&app, &app.reader).await, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_who_want_the_same_share_one_statement() {
    let app = TestApp::with(public()).await;
    let jam = app.client().await;
    let watcher = app.client().await;
    let waiting = async || -> i64 {
        let sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        watcher.query_one(sql, &[]).await.expect("a count").get(0)
    };
    let mut together = false;
    // A write of another test may come between two of them, and then they don't share.
    for _ in 0..50 {
        jam.batch_execute("begin; lock table sanctions in access exclusive mode")
            .await
            .expect("a lock");
        let read = async || app.get("/v1/sanctions?sort=imposed_on").await.expect(200).text;
        let before = reads(&app, "shared").await;
        let release = async {
            wait_until("a statement waits", async || waiting().await > 0).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            let statements = waiting().await;
            jam.batch_execute("rollback").await.expect("the end");
            statements
        };
        let (one, two, three, statements) = tokio::join!(read(), read(), read(), release);
        assert!(one == two && two == three);
        together = statements == 1 && reads(&app, "shared").await == before + 2;
        if together {
            break;
        }
    }
    assert!(together);
}

/// What has been written: the numbers of versions whose write has begun, and of those whose write has ended.
#[derive(Default)]
struct Written {
    begun: AtomicU64,
    ended: AtomicU64,
}

/// A reader asks for a record, for pages that have it, and for its version, over two servers. Each write sets the names of two records
/// to the next number in one transaction. Every response has a number that had been begun when it came and was not yet replaced when
/// it was asked for, and pages have both records of one moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_response_is_that_of_a_moment_between_request_and_response() {
    let seed: u64 = rand::rng().random();
    println!("seed {seed}");
    let app = Arc::new(TestApp::new().await);
    let other = Arc::new(app.beside(public()).await);
    let mut ids = Vec::new();
    for key in ["one", "two"] {
        let body = json!({
            "kind": "person", "name": "0", "external_keys": [{"scheme": "moment", "value": key}],
        });
        ids.push(app.create("actors", body).await);
    }
    let written = Arc::new(Written::default());
    let stopped = Arc::new(AtomicBool::new(false));
    let reads_seen = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();

    for number in 0..6_u64 {
        let servers = [Arc::clone(&app), Arc::clone(&other)];
        let (written, stopped) = (Arc::clone(&written), Arc::clone(&stopped));
        let reads_seen = Arc::clone(&reads_seen);
        let mut random = StdRng::seed_from_u64(seed.wrapping_add(number));
        let paths = [
            format!("/v1/actors/{}", ids[0]),
            "/v1/actors/moment:two".to_owned(),
            "/v1/actors?kind=person&sort=created_at".to_owned(),
            "/v1/actors?limit=10&kind=person".to_owned(),
            format!("/v1/actors/{}?on=2024-01-01", ids[1]),
        ];
        tasks.spawn(async move {
            while !stopped.load(Ordering::SeqCst) {
                let server = &servers[random.random_range(0..2)];
                let path = &paths[random.random_range(0..paths.len())];
                let least = written.ended.load(Ordering::SeqCst);
                let response = server.get(path).await.expect(200);
                let most = written.begun.load(Ordering::SeqCst);
                let names: Vec<u64> = match response.body["items"].as_array() {
                    Some(items) => items.iter().map(|item| number_of(&item["name"])).collect(),
                    None => vec![number_of(&response.body["name"])],
                };
                assert!(names.iter().all(|name| *name == names[0]), "{path}: {names:?}");
                assert!(
                    (least..=most).contains(&names[0]),
                    "{path} has {}, not {least} to {most}",
                    names[0]
                );
                if response.body["items"].is_null() {
                    let request = server
                        .request(Method::GET, path)
                        .header("if-none-match", response.etag());
                    let least = written.ended.load(Ordering::SeqCst);
                    if server.send(request).await.status == 304 {
                        assert!(names[0] >= least, "{path}: 304 for {}, not {least}", names[0]);
                    }
                }
                reads_seen.fetch_add(1, Ordering::SeqCst);
            }
        });
    }

    let client = app.client().await;
    let noise = app.client().await;
    let servers = [Arc::clone(&app), Arc::clone(&other)];
    let is_enough = async |seen: &AtomicU64, servers: &[Arc<TestApp>]| {
        let mut from_memory = 0;
        for server in servers {
            from_memory += reads(server, "hit").await + reads(server, "shared").await;
        }
        seen.load(Ordering::SeqCst) > 100 && from_memory > 10
    };
    let mut random = StdRng::seed_from_u64(seed);
    let begun = Instant::now();
    let mut next = 0_u64;
    // Long enough that each has had its turn, also on a machine under load.
    while begun.elapsed() < Duration::from_secs(4) || next < 30 || !is_enough(&reads_seen, &servers).await {
        assert!(begun.elapsed() < LONGEST_WAIT, "{next} writes in vain");
        next += 1;
        let name = next.to_string();
        written.begun.store(next, Ordering::SeqCst);
        match random.random_range(0..4) {
            0 | 1 => {
                let server = if next.is_multiple_of(2) { &app } else { &other };
                let operations: Vec<_> = ids
                    .iter()
                    .map(|id| {
                        json!({"method": "PATCH", "resource": "actors", "ref": id, "body": {"name": name}})
                    })
                    .collect();
                server
                    .post("/v1/batch", &json!({"operations": operations}))
                    .await
                    .expect(200);
            }
            2 => {
                client
                    .execute("update actors set name = $1 where kind = 'person'", &[&name])
                    .await
                    .expect("written");
            }
            _ => {
                let in_parts = format!(
                    "begin; savepoint a; update actors set name = 'x'; rollback to a; savepoint b; \
                     update actors set name = '{name}' where kind = 'person'; release b; commit"
                );
                client.batch_execute(&in_parts).await.expect("written");
            }
        }
        written.ended.store(next, Ordering::SeqCst);
        match random.random_range(0..4) {
            // Others have transactions in progress, or end them, which changes nothing here.
            0 => noise
                .batch_execute("rollback; begin; create temporary table noise (x int) on commit drop")
                .await
                .expect("begun"),
            1 => noise.batch_execute("rollback").await.expect("ended"),
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(0..40))).await;
    }
    stopped.store(true, Ordering::SeqCst);
    tasks.join_all().await;
    println!("{next} writes, {} reads", reads_seen.load(Ordering::SeqCst));
}

fn number_of(name: &serde_json::Value) -> u64 {
    name.as_str().expect("a name").parse().expect("a number")
}
