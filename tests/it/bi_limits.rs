//! How long a BI login may do what it does, and how often at once, whatever it sets for itself.

use std::time::{Duration, Instant};

use demarche::config::{BiLimits, Limits};
use futures_util::future::join_all;
use tokio_postgres::{Client, Error};

use crate::support::{BiLogin, TestApp, TestDatabase, everything_off};

const NO_END: &str = "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; \
     select count(*) from generate_series(1, 1000000000000)";

async fn watching(bi: BiLimits) -> (TestApp, BiLogin) {
    let database = TestDatabase::owned("createrole").await;
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

/// What /metrics has counted.
async fn ended(app: &TestApp, reason: &str, how: &str) -> f64 {
    let numbers = app.get("/metrics").await.expect(200).text;
    let name = format!("demarche_bi_ended_total{{how=\"{how}\",reason=\"{reason}\"}} ");
    let line = numbers.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap_or_else(|| panic!("no {name} in {numbers}"))
        .parse()
        .expect("a number")
}

/// Returns when something was ended so. The one it was done to may know before it is counted.
async fn until_ended(app: &TestApp, reason: &str, how: &str) {
    let begun = Instant::now();
    while ended(app, reason, how).await < 1.0 {
        assert!(begun.elapsed() < Duration::from_secs(10), "no {reason} was {how}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Runs a statement that must fail; how, and after how long.
async fn failed(client: &Client, statement: &str) -> (String, Duration) {
    let begun = Instant::now();
    let error = tokio::time::timeout(Duration::from_secs(60), client.batch_execute(statement))
        .await
        .expect("it ends")
        .expect_err(statement);
    (code(&error).to_owned(), begun.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_without_end_is_cut_by_the_logins_own_timeout() {
    let database = TestDatabase::owned("createrole").await;
    let client = BiLogin::grant(&database, "desk", &["--statement-seconds", "1"])
        .connect()
        .await;

    for endless in [
        "select pg_sleep(600)",
        "select count(*) from generate_series(1, 1000000000000)",
    ] {
        let (code, after) = failed(&client, endless).await;

        assert_eq!(code, "57014", "{endless}");
        assert!(after < Duration::from_secs(20), "{endless}: {after:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_cuts_a_query_whose_timeout_was_lifted() {
    let (app, login) = watching(BiLimits {
        bi_statement_seconds: 1,
        ..everything_off()
    })
    .await;
    let client = login.connect().await;

    let (code, after) = failed(&client, NO_END).await;

    assert_eq!(code, "57014");
    assert!(
        after >= Duration::from_secs(1) && after < Duration::from_secs(20),
        "{after:?}"
    );
    until_ended(&app, "statement", "cancelled").await;
    // The session goes on, and short queries are nobody's business; nor are those of the owner.
    client.batch_execute("select 1").await.expect("it may go on");
    app.client()
        .await
        .batch_execute("select pg_sleep(3)")
        .await
        .expect("the owner is no BI login");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_disconnects_who_takes_no_notice_of_being_cancelled() {
    let (app, login) = watching(BiLimits {
        bi_statement_seconds: 1,
        ..everything_off()
    })
    .await;
    let client = login.connect().await;

    let (_, after) = failed(
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
    assert!(after < Duration::from_secs(30), "{after:?}");
    until_ended(&app, "statement", "terminated").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_disconnects_who_does_nothing_in_a_transaction_and_whose_transaction_does_not_end() {
    let (app, login) = watching(BiLimits {
        bi_statement_seconds: 0,
        bi_idle_seconds: 1,
        bi_transaction_seconds: 4,
    })
    .await;
    let (idle, busy, calm) = (
        login.connect().await,
        login.connect().await,
        login.connect().await,
    );
    let lifted = "set idle_in_transaction_session_timeout = 0; begin; select count(*) from actors";
    idle.batch_execute(lifted).await.expect("a transaction");
    busy.batch_execute(lifted).await.expect("a transaction");

    let begun = Instant::now();
    while busy.batch_execute("select pg_sleep(0.2)").await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it goes on for ever");
    }

    assert!(begun.elapsed() >= Duration::from_secs(3), "{:?}", begun.elapsed());
    assert!(idle.batch_execute("select 1").await.is_err());
    calm.batch_execute("select 1")
        .await
        .expect("idle outside a transaction is no fault");
    until_ended(&app, "idle", "terminated").await;
    until_ended(&app, "transaction", "terminated").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_lets_be_what_it_is_told_to() {
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

/// A role that somebody made a member of the group, and that the server may not touch.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_watch_goes_on_beside_a_session_that_it_may_not_end() {
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
    let asleep = tokio::spawn(async move { client.batch_execute("select pg_sleep(6)").await });
    tokio::time::sleep(Duration::from_millis(1500)).await;

    let (code, _) = failed(&login.connect().await, NO_END).await;

    assert_eq!(code, "57014");
    asleep.await.expect("it ends").expect("it could not be cut");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_connections_are_limited_and_leave_the_api_unharmed() {
    let (app, login) = watching(everything_off()).await;
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    let mut slowest = Duration::ZERO;

    // In waves, so that other tests find room on the cluster that they share.
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
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    app.get("/readyz").await.expect(200);
}
