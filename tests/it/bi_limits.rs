//! Limits of BI logins on the duration and number of their sessions, whatever settings a login chooses.

use std::time::{Duration, Instant};

use demarche::config::{BiLimits, Limits};
use futures_util::future::join_all;
use tokio_postgres::{Client, Error};

use crate::support::{BiLogin, LONGEST_WAIT, TestApp, TestDatabase, everything_off, wait_until};

const NO_END: &str = "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; \
     select count(*) from generate_series(1, 1000000000000)";

async fn watching(bi: BiLimits) -> (TestApp, BiLogin) {
    let database = TestDatabase::owned().await;
    let limits = Limits {
        public_read: true,
        ..Limits::default()
    };
    let app = TestApp::watching(database, limits, bi).await;
    let login = BiLogin::grant(&app.database, "desk", &[]);
    (app, login)
}

fn code(error: &Error) -> &str {
    error.code().map_or("the session is gone", |code| code.code())
}

/// Returns a counter of /metrics.
async fn ended(app: &TestApp, reason: &str, how: &str) -> f64 {
    let numbers = app.get("/metrics").await.expect(200).text;
    let name = format!("demarche_bi_ended_total{{how=\"{how}\",reason=\"{reason}\"}} ");
    let line = numbers.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap_or_else(|| panic!("no {name} in {numbers}"))
        .parse()
        .expect("a number")
}

/// Waits until /metrics counts a session or statement that was ended so. Its client may notice before that.
async fn until_ended(app: &TestApp, reason: &str, how: &str) {
    wait_until(&format!("{reason} {how}"), async || {
        ended(app, reason, how).await >= 1.0
    })
    .await;
}

/// Runs a statement that must fail; returns its SQLSTATE and how long it took.
async fn failed(client: &Client, statement: &str) -> (String, Duration) {
    let begun = Instant::now();
    let error = tokio::time::timeout(LONGEST_WAIT, client.batch_execute(statement))
        .await
        .expect("it ends")
        .expect_err(statement);
    (code(&error).to_owned(), begun.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_query_is_cancelled_by_the_statement_timeout_of_its_login() {
    let database = TestDatabase::owned().await;
    let client = BiLogin::grant(&database, "desk", &["--statement-seconds", "1"])
        .connect()
        .await;

    for endless in [
        "select pg_sleep(600)",
        "select count(*) from generate_series(1, 1000000000000)",
    ] {
        let (code, _) = failed(&client, endless).await;

        assert_eq!(code, "57014", "{endless}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_cancels_a_query_that_lifted_its_timeout() {
    let (app, login) = watching(BiLimits {
        bi_statement_seconds: 1,
        ..everything_off()
    })
    .await;
    let client = login.connect().await;

    let (code, after) = failed(&client, NO_END).await;

    assert_eq!(code, "57014");
    assert!(after >= Duration::from_secs(1), "{after:?}");
    until_ended(&app, "statement", "cancelled").await;
    // The session continues. The server cancels neither short queries nor those of the owner.
    client.batch_execute("select 1").await.expect("it may go on");
    app.client()
        .await
        .batch_execute("select pg_sleep(3)")
        .await
        .expect("the owner is no BI login");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_terminates_a_session_that_ignores_cancelling() {
    let (app, login) = watching(BiLimits {
        bi_statement_seconds: 1,
        ..everything_off()
    })
    .await;
    let client = login.connect().await;

    failed(
        &client,
        "set statement_timeout = 0;
         do $$ begin
           loop
             begin
               perform pg_sleep(600);
             exception when query_canceled then
               null;
             end;
           end loop;
         end $$",
    )
    .await;

    assert!(client.is_closed() || client.batch_execute("select 1").await.is_err());
    until_ended(&app, "statement", "terminated").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_terminates_sessions_that_are_idle_or_too_long_in_a_transaction() {
    let (app, login) = watching(BiLimits {
        bi_statement_seconds: 0,
        bi_idle_seconds: 1,
        bi_transaction_seconds: 4,
        ..everything_off()
    })
    .await;
    let (idle, busy, calm) = (
        login.connect().await,
        login.connect().await,
        login.connect().await,
    );
    let lifted = "set idle_in_transaction_session_timeout = 0; begin; select count(*) from actors";
    idle.batch_execute(lifted).await.expect("a transaction");
    let begun = Instant::now();
    busy.batch_execute(lifted).await.expect("a transaction");

    while busy.batch_execute("select pg_sleep(0.2)").await.is_ok() {
        assert!(begun.elapsed() < LONGEST_WAIT, "the transaction does not end");
    }

    assert!(begun.elapsed() >= Duration::from_secs(4), "{:?}", begun.elapsed());
    until_ended(&app, "idle", "terminated").await;
    assert!(idle.batch_execute("select 1").await.is_err());
    calm.batch_execute("select 1")
        .await
        .expect("a session may be idle outside a transaction");
    until_ended(&app, "transaction", "terminated").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_terminates_a_session_that_takes_too_much_memory() {
    let (app, login) = watching(BiLimits {
        bi_memory_megabytes: 64,
        ..everything_off()
    })
    .await;
    let (greedy, calm) = (login.connect().await, login.connect().await);
    let sort = "select count(*) from (select md5(number::text) as text from generate_series(1, 30000000) as number order by text) as sorted";

    failed(&greedy, &format!("set work_mem = '2GB'; {sort}")).await;

    until_ended(&app, "memory", "terminated").await;
    assert!(greedy.batch_execute("select 1").await.is_err());
    calm.batch_execute("select count(*) from actors")
        .await
        .expect("a session with little memory goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_ends_nothing_when_its_limits_are_off() {
    let (app, login) = watching(everything_off()).await;
    let client = login.connect().await;

    client
        .batch_execute("select pg_sleep(2)")
        .await
        .expect("it sleeps");

    for (reason, how) in [
        ("statement", "cancelled"),
        ("idle", "terminated"),
        ("transaction", "terminated"),
    ] {
        assert!(ended(&app, reason, how).await.abs() < f64::EPSILON);
    }
}

/// A role that an administrator added to the group, and whose sessions the server may not end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_watch_continues_beside_a_session_that_it_may_not_end() {
    let (app, login) = watching(BiLimits {
        bi_statement_seconds: 1,
        ..everything_off()
    })
    .await;
    let superuser = app.database.superuser().await;
    let foreign = format!("{}_foreign", app.database.name);
    superuser
        .batch_execute(&format!(
            "create role {foreign} login password 'foreign login'; grant {}_bi to {foreign}",
            app.database.name
        ))
        .await
        .expect("a role");
    let mut configuration: tokio_postgres::Config = login.url.parse().expect("a URL");
    configuration.user(&foreign).password("foreign login");
    let (client, connection) = configuration
        .connect(tokio_postgres::NoTls)
        .await
        .expect("it works");
    tokio::spawn(connection);
    let asleep = tokio::spawn(async move { client.batch_execute("select pg_sleep(600)").await });
    let overdue = format!(
        "from pg_stat_activity where usename = '{foreign}' and query_start < now() - interval '1 second'"
    );
    wait_until("the query of the foreign role is overdue", async || {
        let rows = superuser.query(&format!("select {overdue}"), &[]).await;
        !rows.expect("an answer").is_empty()
    })
    .await;

    let (code, _) = failed(&login.connect().await, NO_END).await;

    assert_eq!(code, "57014");
    let running = superuser
        .query(
            &format!("select pg_terminate_backend(pid) {overdue} and state = 'active'"),
            &[],
        )
        .await
        .expect("an answer");
    assert_eq!(running.len(), 1, "the server ended the session of another role");
    assert!(asleep.await.expect("it ends").is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_connection_attempts_are_limited_and_do_not_affect_the_api() {
    let (app, login) = watching(everything_off()).await;
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    let mut slowest = Duration::ZERO;

    // In waves, so that other tests find free connections on the shared cluster.
    for _ in 0..5 {
        let wave = join_all((0..40).map(|_| login.try_connect()));
        let asking = async {
            let begun = Instant::now();
            app.get("/v1/actors?limit=1").await.expect(200);
            app.create(
                "actors",
                serde_json::json!({"kind": "person", "name": "Jane Doe"}),
            )
            .await;
            begun.elapsed()
        };
        let (connected, took) = tokio::join!(wave, asking);
        slowest = slowest.max(took);
        for connection in connected {
            match connection {
                Ok(client) => kept.push(client),
                Err(error) => refused.push(error),
            }
        }
    }

    assert_eq!((kept.len(), refused.len()), (10, 190));
    for error in &refused {
        assert_eq!(code(error), "53300", "{error:?}");
        let message = error.as_db_error().expect("an answer of the server").message();
        assert_eq!(
            message,
            format!("too many connections for role \"{}\"", login.name)
        );
    }
    assert!(slowest < LONGEST_WAIT, "{slowest:?}");
    app.get("/readyz").await.expect(200);
}
