//! The database away, silent, cut off or changed while requests are under way: what is answered then is 503 and
//! soon, nothing is half written, and when the database is back nobody has to start the server again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use demarche::db::Statement;
use demarche::error::Problem;
use diesel::QueryableByName;
use nix::sys::signal::{Signal, kill};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Private, Raw, TestApp};

/// Longer than this nobody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// One request of a load.
#[derive(Debug)]
struct Asked {
    begun: Instant,
    took: Duration,
    writes: bool,
    status: u16,
    body: Value,
    retry_after: String,
}

/// Requests that go on until they are told to stop.
struct Load {
    stop: Arc<AtomicBool>,
    tasks: Vec<tokio::task::JoinHandle<Vec<Asked>>>,
}

impl Load {
    fn start(app: &Arc<TestApp>, readers: usize, writers: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let tasks = (0..readers + writers)
            .map(|number| tokio::spawn(Self::ask(Arc::clone(app), Arc::clone(&stop), number >= readers)))
            .collect();
        Self { stop, tasks }
    }

    async fn ask(app: Arc<TestApp>, stop: Arc<AtomicBool>, writes: bool) -> Vec<Asked> {
        let mut asked = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let begun = Instant::now();
            let answer = if writes {
                let body =
                    json!({"kind": "person", "name": "Load", "names": [{"name": "L", "kind": "alias"}]});
                app.post("/v1/actors", &body).await
            } else {
                let request = app
                    .request(Method::GET, "/v1/actors/iso3166:CO")
                    .bearer_auth(&app.reader);
                app.send(request).await
            };
            asked.push(Asked {
                begun,
                took: begun.elapsed(),
                writes,
                status: answer.status.as_u16(),
                retry_after: answer.header("retry-after").to_owned(),
                body: answer.body,
            });
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        asked
    }

    /// All that was asked; every answer is one that may be.
    async fn end(self) -> Vec<Asked> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Vec::new();
        for task in self.tasks {
            all.extend(task.await.expect("a task that ends"));
        }
        for one in &all {
            let good = if one.writes { 201 } else { 200 };
            assert!(one.status == good || one.status == 503, "{one:?}");
            assert!(one.took < PATIENCE, "{one:?}");
            if one.status == 503 {
                assert_eq!(one.body["type"], "/problems/unavailable", "{one:?}");
                assert!(
                    one.retry_after.parse::<u32>().is_ok_and(|wait| wait > 0),
                    "{one:?}"
                );
            }
        }
        all
    }
}

async fn sleep(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_stops_and_comes_back_is_waited_for() {
    let mut private = Private::start("stopped").await;
    let app = Arc::new(private.app().await);
    let load = Load::start(&app, 6, 3);
    sleep(1000).await;

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
    sleep(1500).await;
    private.resume().await;
    let back = Instant::now();
    sleep(3000).await;

    let asked = load.end().await;
    app.get("/readyz").await.expect(200);
    for writes in [false, true] {
        let of_this_sort = || asked.iter().filter(|one| one.writes == writes);
        assert!(of_this_sort().any(|one| one.begun < away && one.status < 300));
        assert!(of_this_sort().any(|one| one.begun > away && one.begun < back && one.status == 503));
        let late = of_this_sort().filter(|one| one.begun > back + Duration::from_secs(1));
        let (mut served, mut refused) = (0, 0);
        for one in late {
            if one.status < 300 {
                served += 1
            } else {
                refused += 1
            }
        }
        assert!(
            served > 10 && refused == 0,
            "writes {writes}: {served} served, {refused} refused"
        );
    }
    // Whoever was told so has their record; who was not may have it, but whole.
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
    let told = asked.iter().filter(|one| one.status == 201).count();
    assert!(
        usize::try_from(records).is_ok_and(|records| records >= told),
        "{records} of {told}"
    );
    assert_eq!(names, records);
    drop(app);
    private.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_falls_silent_is_given_up_in_time() {
    let mut private = Private::start("silent").await;
    let app = Arc::new(private.app().await);
    let load = Load::start(&app, 3, 2);
    sleep(500).await;

    let frozen = private.processes();
    for pid in &frozen {
        kill(*pid, Signal::SIGSTOP).expect("stopped");
    }
    let silent = Instant::now();
    let (ready, list) = tokio::join!(app.get("/readyz"), app.get("/v1/actors?limit=1"));
    ready.expect_problem(503, "unavailable");
    list.expect_problem(503, "unavailable");
    assert!(silent.elapsed() < PATIENCE);
    for pid in &frozen {
        kill(*pid, Signal::SIGCONT).expect("continued");
    }
    let back = Instant::now();
    sleep(3000).await;

    let asked = load.end().await;
    assert!(asked.iter().any(|one| one.status == 503));
    for writes in [false, true] {
        let late = |one: &&Asked| one.writes == writes && one.begun > back + Duration::from_secs(1);
        assert!(asked.iter().filter(late).count() > 10);
        assert!(asked.iter().filter(late).all(|one| one.status < 300));
    }
    drop(app);
    private.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_cut_is_replaced() {
    let app = Arc::new(TestApp::new().await);
    let load = Load::start(&app, 4, 2);
    let killer = app.database.maintenance().await;
    let mut cut = 0;

    for _ in 0..20 {
        sleep(250).await;
        let rows = killer
            .query(
                "select pg_terminate_backend(pid) from pg_stat_activity \
                 where datname = $1 and application_name = 'demarche' order by random() limit 1",
                &[&app.database.name],
            )
            .await
            .expect("terminated");
        cut += rows.len();
    }

    let asked = load.end().await;
    assert!(cut >= 10, "{cut} connections were cut");
    let reads = || asked.iter().filter(|one| !one.writes);
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
async fn a_plan_that_a_changed_table_made_stale_is_made_anew() {
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
        // Of a write nobody knows whether it may be done twice: it is told, and the connection given up.
        let mut tries = 0;
        while let Err(error) = write().await {
            assert_eq!(error.problem(), Problem::Unavailable, "{error}");
            tries += 1;
            assert!(tries <= 2, "every connection of the pool is given up by then");
        }
        // What the look-up of a token selects, in the requests of the load.
        for r#type in ["varchar", "text"] {
            client
                .batch_execute(&format!("alter table users alter column name type {type}"))
                .await
                .expect("altered");
            sleep(50).await;
        }
    }

    let asked = load.end().await;
    assert!(asked.len() > 20);
    assert!(asked.iter().all(|one| one.writes || one.status == 200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_hangs_up_leaves_a_whole_record_or_none() {
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

    for number in 0..60u64 {
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
    }
    let client = app.client().await;
    let busy = "select count(*) from pg_stat_activity \
                where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()";
    let deadline = Instant::now() + PATIENCE;
    let mut quiet = 0;
    while quiet < 5 {
        assert!(
            Instant::now() < deadline,
            "requests of clients that are gone are still under way"
        );
        let numbers = app.get("/metrics").await.expect(200);
        let is_idle = client
            .query_one(busy, &[])
            .await
            .expect("a count")
            .get::<_, i64>(0)
            == 0;
        // The only one under way is the one that asks.
        let is_quiet = is_idle && numbers.text.contains("demarche_http_requests_under_way 1\n");
        quiet = if is_quiet { quiet + 1 } else { 0 };
        sleep(100).await;
    }

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
async fn slow_readers_of_streams_leave_connections_to_others() {
    let app = TestApp::new().await;
    let client = app.client().await;
    client
        .batch_execute(
            "insert into actors (kind, name, description) \
             select 'person', 'Many ' || number, repeat('x', 2000) from generate_series(1, 20000) as number",
        )
        .await
        .expect("records");
    let mut slow = Vec::new();
    for _ in 0..6 {
        let mut connection = Raw::connect(&app).await;
        connection
            .write(b"GET /v1/actors?format=ndjson HTTP/1.1\r\nHost: x\r\n\r\n")
            .await;
        slow.push(connection);
    }
    sleep(500).await;

    let begun = Instant::now();
    for number in 0..4 {
        app.create(
            "actors",
            json!({"kind": "person", "name": format!("Writer {number}")}),
        )
        .await;
    }
    app.get("/v1/actors?count=exact&limit=1").await.expect(200);

    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    drop(slow);
    let all = app.get("/v1/actors?kind=person&format=ndjson").await.expect(200);
    assert_eq!(all.text.lines().count(), 20_004);
}

#[tokio::test]
async fn a_stream_that_breaks_does_not_end_well() {
    let app = TestApp::new().await;
    let client = app.client().await;
    client
        .batch_execute(
            "insert into actors (kind, name, description) \
             select 'person', 'Many ' || number, repeat('x', 2000) from generate_series(1, 20000) as number",
        )
        .await
        .expect("records");
    let killer = app.database.maintenance().await;

    for format in ["csv", "ndjson"] {
        let path = format!("/v1/actors?format={format}&kind=person");
        let mut response = app.request(Method::GET, &path).send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), 200);
        response.chunk().await.expect("a piece").expect("a piece");
        killer
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
        assert!(broken, "{format}: ended well after {length} bytes");
    }
    let id = Uuid::now_v7();
    app.get(&format!("/v1/actors/{id}")).await.expect(404);
}
