//! The database is stopped, frozen, disconnected or altered during requests. They get 503 within a bound, nothing is half
//! written, and the server works again without a restart.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use demarche::db::Statement;
use demarche::error::Problem;
use diesel::QueryableByName;
use nix::sys::signal::{Signal, kill};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{LONGEST_WAIT, Private, Raw, TestApp, wait_until};

/// The longest time that a request may take: above the server's own ten seconds by what a busy machine adds.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

/// A request of a load and its response.
#[derive(Debug, Clone)]
struct Exchange {
    begun: Instant,
    took: Duration,
    is_write: bool,
    status: u16,
    body: Value,
    retry_after: String,
}

impl Exchange {
    fn succeeded(&self) -> bool {
        self.status < 300
    }
}

/// Clients that read and write until the load ends.
struct Load {
    stop: Arc<AtomicBool>,
    /// In the order in which the responses came.
    exchanges: Arc<Mutex<Vec<Exchange>>>,
    clients: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    fn start(app: &Arc<TestApp>, readers: usize, writers: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let exchanges = Arc::new(Mutex::new(Vec::new()));
        let clients = (0..readers + writers)
            .map(|number| {
                let (app, stop, exchanges) = (Arc::clone(app), Arc::clone(&stop), Arc::clone(&exchanges));
                tokio::spawn(async move {
                    while !stop.load(Ordering::Relaxed) {
                        let exchange = Self::request(&app, number >= readers).await;
                        exchanges.lock().expect("exchanges").push(exchange);
                        sleep(10).await;
                    }
                })
            })
            .collect();
        Self {
            stop,
            exchanges,
            clients,
        }
    }

    async fn request(app: &TestApp, is_write: bool) -> Exchange {
        let begun = Instant::now();
        let response = if is_write {
            let body = json!({"kind": "person", "name": "Load", "names": [{"name": "L", "kind": "alias"}]});
            app.post("/v1/actors", &body).await
        } else {
            let request = app
                .request(Method::GET, "/v1/actors/iso3166:CO")
                .bearer_auth(&app.reader);
            app.send(request).await
        };
        Exchange {
            begun,
            took: begun.elapsed(),
            is_write,
            status: response.status.as_u16(),
            retry_after: response.header("retry-after").to_owned(),
            body: response.body,
        }
    }

    /// Returns the exchanges up to now.
    fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().expect("exchanges").clone()
    }

    /// Waits until this holds for the exchanges up to then.
    async fn until(&self, what: &str, holds: impl Fn(&[Exchange]) -> bool) {
        wait_until(what, async || holds(&self.exchanges.lock().expect("exchanges"))).await;
    }

    /// Waits for this number of responses from now on.
    async fn responses(&self, number: usize) {
        let before = self.exchanges().len();
        self.until("responses", |exchanges| exchanges.len() >= before + number)
            .await;
    }

    /// Waits until ten reads and ten writes in a row, all begun after `moment`, have succeeded.
    async fn recovery(&self, moment: Instant) {
        self.until("requests succeed again", |exchanges| {
            [false, true].into_iter().all(|is_write| {
                let mut latest = exchanges
                    .iter()
                    .rev()
                    .filter(|one| one.is_write == is_write && one.begun > moment)
                    .take_while(|one| one.succeeded());
                latest.nth(9).is_some()
            })
        })
        .await;
    }

    /// Ends the load and returns its exchanges. Each has succeeded, or is a 503 that says when to try again.
    async fn end(self) -> Vec<Exchange> {
        self.stop.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.await.expect("a client ends");
        }
        let exchanges = std::mem::take(&mut *self.exchanges.lock().expect("exchanges"));
        for one in &exchanges {
            let success = if one.is_write { 201 } else { 200 };
            assert!(one.status == success || one.status == 503, "{one:?}");
            assert!(one.took < LONGEST_REQUEST, "{one:?}");
            if one.status == 503 {
                assert_eq!(one.body["type"], "/problems/unavailable", "{one:?}");
                assert!(
                    one.retry_after.parse::<u32>().is_ok_and(|wait| wait > 0),
                    "{one:?}"
                );
            }
        }
        exchanges
    }
}

/// Checks that of the requests begun after `back` each client gets at most one 503, and none after `recovered`.
fn assert_recovered(
    exchanges: &[Exchange],
    back: Instant,
    recovered: Instant,
    readers: usize,
    writers: usize,
) {
    for (is_write, clients) in [(false, readers), (true, writers)] {
        let begun_after = |moment: Instant| {
            exchanges
                .iter()
                .filter(move |one| one.is_write == is_write && one.begun > moment)
        };
        // An attempt to connect that began before may fail for all who wait for it.
        let refused: Vec<_> = begun_after(back).filter(|one| !one.succeeded()).collect();
        assert!(refused.len() <= clients, "{refused:?}");
        assert!(begun_after(recovered).count() >= 10);
        assert!(begun_after(recovered).all(Exchange::succeeded), "{refused:?}");
    }
}

async fn sleep(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_succeed_again_after_the_database_restarts() {
    let mut private = Private::start("stopped").await;
    let app = Arc::new(private.app().await);
    let load = Load::start(&app, 6, 3);
    load.recovery(Instant::now()).await;

    private.stop().await;
    let away = Instant::now();
    app.get("/healthz").await.expect(200);
    app.get("/readyz").await.expect_problem(503, "unavailable");
    app.get("/").await.expect_problem(503, "unavailable");
    app.get("/v1/actors?count=exact")
        .await
        .expect_problem(503, "unavailable");
    app.get("/v1/actors?format=csv")
        .await
        .expect_problem(503, "unavailable");
    load.until("reads and writes get 503", |exchanges| {
        let refused = |is_write| {
            exchanges
                .iter()
                .any(|one| one.is_write == is_write && one.begun > away && one.status == 503)
        };
        refused(false) && refused(true)
    })
    .await;
    private.resume().await;
    let back = Instant::now();
    load.recovery(back).await;
    let recovered = Instant::now();
    app.get("/readyz").await.expect(200);
    load.recovery(recovered).await;

    let exchanges = load.end().await;
    assert_recovered(&exchanges, back, recovered, 6, 3);
    // A write that got 201 is recorded. One that got 503 may be, but then as a whole.
    let row = app
        .client()
        .await
        .query_one(
            "select count(*), coalesce(sum((select count(*) from actor_names where actor_id = actors.id)), 0)::bigint \
             from actors where name = 'Load'",
            &[],
        )
        .await
        .expect("counts");
    let (records, names): (i64, i64) = (row.get(0), row.get(1));
    let acknowledged = exchanges.iter().filter(|one| one.status == 201).count();
    assert!(
        usize::try_from(records).is_ok_and(|records| records >= acknowledged),
        "{records} of {acknowledged}"
    );
    assert_eq!(names, records);
    drop(app);
    private.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_get_503_while_the_database_does_not_respond() {
    let mut private = Private::start("silent").await;
    let app = Arc::new(private.app().await);
    let load = Load::start(&app, 3, 2);
    load.recovery(Instant::now()).await;

    let frozen = private.processes();
    for pid in &frozen {
        kill(*pid, Signal::SIGSTOP).expect("stopped");
    }
    let silent = Instant::now();
    // A health check does not wait: it says so once the server knows that the silence is more than a delay.
    let unready = wait_until("the server is unready", async || {
        app.get("/readyz").await.status == 503
    });
    let ((), list, one) = tokio::join!(
        unready,
        app.get("/v1/actors?limit=1"),
        app.get("/v1/actors/iso3166:CO"),
    );
    list.expect_problem(503, "unavailable");
    one.expect_problem(503, "unavailable");
    assert!(silent.elapsed() < LONGEST_REQUEST);
    load.until("a request of the load gets 503", |exchanges| {
        exchanges.iter().any(|one| one.status == 503)
    })
    .await;
    for pid in &frozen {
        kill(*pid, Signal::SIGCONT).expect("continued");
    }
    let back = Instant::now();
    load.recovery(back).await;
    let recovered = Instant::now();
    load.recovery(recovered).await;

    assert_recovered(&load.end().await, back, recovered, 3, 2);
    drop(app);
    private.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminated_connection_is_replaced() {
    let app = Arc::new(TestApp::new().await);
    let load = Load::start(&app, 4, 2);
    let superuser = app.database.maintenance().await;
    let mut terminated = 0;

    while terminated < 20 {
        // All six clients have reconnected by then.
        load.responses(60).await;
        let rows = superuser
            .query(
                "select pg_terminate_backend(pid) from pg_stat_activity \
                 where datname = $1 and application_name = 'demarche' order by random() limit 1",
                &[&app.database.name],
            )
            .await
            .expect("terminated");
        terminated += rows.len();
    }

    let exchanges = load.end().await;
    let reads = || exchanges.iter().filter(|one| !one.is_write);
    let refused = reads().filter(|one| one.status == 503).count();
    assert!(refused * 4 < reads().count(), "{refused} of {}", reads().count());
    app.get("/v1/actors/iso3166:CO").await.expect(200);
}

#[derive(QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    number: i32,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_prepared_plan_is_prepared_again() {
    let app = Arc::new(TestApp::new().await);
    let client = app.client().await;
    client
        .batch_execute("create table probe (number integer); insert into probe values (7)")
        .await
        .expect("a table");
    let probe = || Statement::new("select * from probe").keep_prepared();
    let write = || {
        app.db.write("tests", move |write| {
            Box::pin(async move { write.load::<NumberRow>(probe()).await })
        })
    };
    for _ in 0..3 {
        assert_eq!(
            app.db.read::<NumberRow>(probe()).await.expect("read")[0].number,
            7
        );
        assert_eq!(
            app.db.read_slowly::<NumberRow>(probe()).await.expect("read")[0].number,
            7
        );
        assert_eq!(write().await.expect("written")[0].number, 7);
    }
    let load = Load::start(&app, 4, 2);

    for column in 0..5 {
        client
            .batch_execute(&format!("alter table probe add column column_{column} text"))
            .await
            .expect("altered");
        assert_eq!(
            app.db.read::<NumberRow>(probe()).await.expect("read")[0].number,
            7
        );
        assert_eq!(
            app.db.read_slowly::<NumberRow>(probe()).await.expect("read")[0].number,
            7
        );
        // The server can't know whether a write may be repeated: it fails, and its connection and the idle ones are closed.
        let mut failures = 0;
        while let Err(error) = write().await {
            assert_eq!(error.problem(), Problem::Unavailable, "{error}");
            failures += 1;
            assert!(
                failures <= 2,
                "connections with the stale plan are left in the pool"
            );
        }
        // The requests of the load select this column when they look their token up.
        for r#type in ["varchar", "text"] {
            client
                .batch_execute(&format!("alter table users alter column name type {type}"))
                .await
                .expect("altered");
            load.responses(12).await;
        }
    }

    let exchanges = load.end().await;
    assert!(exchanges.iter().all(|one| one.is_write || one.status == 200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_client_disconnects_is_recorded_whole_or_not_at_all() {
    let app = TestApp::new().await;
    let names: Vec<Value> = (0..20)
        .map(|number| json!({"name": format!("n{number}"), "kind": "alias"}))
        .collect();
    let request = |name: &str, key: &str| {
        let body = json!({
            "kind": "person",
            "name": name,
            "names": names,
            "countries": [{"code": "CO", "role": "nationality"}],
            "external_keys": [{"scheme": "desk", "value": key}],
        })
        .to_string();
        format!(
            "POST /v1/actors HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nIdempotency-Key: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            app.analyst,
            body.len()
        )
    };

    let client = app.client().await;
    let recorded = async || {
        client
            .query_one("select count(*) from actors where name in ('Whole', 'Half')", &[])
            .await
            .expect("a count")
            .get::<_, i64>(0)
    };
    let deadline = Instant::now() + LONGEST_WAIT;
    // A slow machine needs longer pauses until the server has read any request at all.
    let mut number = 0u64;
    while number < 60 || recorded().await == 0 {
        assert!(Instant::now() < deadline, "no request is recorded");
        let mut connection = Raw::connect(&app).await;
        let key = format!("{number}");
        if number % 4 == 3 {
            let request = request("Half", &key);
            connection.write(&request.as_bytes()[..request.len() - 10]).await;
        } else {
            connection.write(request("Whole", &key).as_bytes()).await;
        }
        tokio::time::sleep(Duration::from_micros(number * 500)).await;
        drop(connection);
        number += 1;
    }
    let busy = "select count(*) from pg_stat_activity \
                where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()";
    let mut quiet = 0;
    wait_until("the requests of disconnected clients end", async || {
        let metrics = app.get("/metrics").await.expect(200);
        let is_idle = client
            .query_one(busy, &[])
            .await
            .expect("a count")
            .get::<_, i64>(0)
            == 0;
        // The only request in progress is the one for the metrics.
        let is_quiet = is_idle && metrics.text.contains("demarche_http_requests_under_way 1\n");
        quiet = if is_quiet { quiet + 1 } else { 0 };
        quiet == 25
    })
    .await;

    let rows = client
        .query(
            "select name, \
               (select count(*) from actor_names where actor_id = actors.id), \
               (select count(*) from actor_countries where actor_id = actors.id), \
               (select count(*) from external_keys where actor_id = actors.id) \
             from actors where name in ('Whole', 'Half')",
            &[],
        )
        .await
        .expect("records");
    for row in &rows {
        assert_eq!(row.get::<_, String>(0), "Whole");
        let children: (i64, i64, i64) = (row.get(1), row.get(2), row.get(3));
        assert_eq!(children, (20, 1, 1));
    }
    assert!(!rows.is_empty());
    let kept = client
        .query_one("select count(*), count(status) from idempotency_keys", &[])
        .await
        .expect("keys");
    assert_eq!(usize::try_from(kept.get::<_, i64>(0)), Ok(rows.len()));
    assert_eq!(kept.get::<_, i64>(0), kept.get::<_, i64>(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_readers_of_streams_leave_connections_for_other_requests() {
    let app = TestApp::new().await;
    let client = app.client().await;
    client
        .batch_execute(
            "insert into actors (kind, name, description) \
             select 'person', 'Many ' || number, repeat('x', 2000) from generate_series(1, 20000) as number",
        )
        .await
        .expect("records");
    // Connections whose reader does not read.
    let streaming = async || {
        client
            .query_one(
                "select count(*) from pg_stat_activity \
                 where datname = current_database() and wait_event = 'ClientWrite'",
                &[],
            )
            .await
            .expect("a count")
            .get::<_, i64>(0)
    };
    let mut slow = Vec::new();
    for _ in 0..6 {
        let mut connection = Raw::connect(&app).await;
        connection
            .write(b"GET /v1/actors?format=ndjson HTTP/1.1\r\nHost: x\r\n\r\n")
            .await;
        slow.push(connection);
    }
    // Of eight places for exports, one client has half.
    wait_until("streams hold their places", async || streaming().await >= 4).await;

    // Each gets 503 if no connection is free.
    for number in 0..4 {
        app.create(
            "actors",
            json!({"kind": "person", "name": format!("Writer {number}")}),
        )
        .await;
    }
    app.get("/v1/actors?count=exact&limit=1").await.expect(200);

    assert_eq!(streaming().await, 4);
    drop(slow);
    let all = app.get("/v1/actors?kind=person&format=ndjson").await.expect(200);
    assert_eq!(all.text.lines().count(), 20_004);
}

#[tokio::test]
async fn an_interrupted_stream_ends_with_an_error() {
    let app = TestApp::new().await;
    let client = app.client().await;
    client
        .batch_execute(
            "insert into actors (kind, name, description) \
             select 'person', 'Many ' || number, repeat('x', 2000) from generate_series(1, 20000) as number",
        )
        .await
        .expect("records");
    let superuser = app.database.maintenance().await;

    for format in ["csv", "ndjson"] {
        let path = format!("/v1/actors?format={format}&kind=person");
        let mut response = app.request(Method::GET, &path).send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), 200);
        response.chunk().await.expect("a piece").expect("a piece");
        superuser
            .execute(
                "select pg_terminate_backend(pid) from pg_stat_activity \
                 where datname = $1 and application_name = 'demarche'",
                &[&app.database.name],
            )
            .await
            .expect("terminated");
        let mut length = 0;
        let broken = loop {
            match response.chunk().await {
                Ok(Some(piece)) => length += piece.len(),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        assert!(broken, "{format}: ended without an error after {length} bytes");
    }
    let id = Uuid::now_v7();
    app.get(&format!("/v1/actors/{id}")).await.expect(404);
}
