//! Migrating while dashboards ask: it waits for short queries, gives up on endless ones with a message that
//! names them, and never leaves a moment without views.

use std::time::{Duration, Instant};

use demarche::db::migrate::MigrateError;
use demarche::migrating::migrate_with;
use tokio_postgres::Client;

use crate::support::TestDatabase;

/// Makes the views need rebuilding.
async fn outdate(owner: &Client) {
    owner
        .batch_execute("comment on schema bi is 'built by hand'")
        .await
        .expect("a comment");
}

async fn pid(client: &Client) -> i32 {
    client
        .query_one("select pg_backend_pid()", &[])
        .await
        .expect("a pid")
        .get(0)
}

/// A query on a view of the contract that takes so long.
async fn ask(reader: Client, seconds: u32) -> Result<i64, tokio_postgres::Error> {
    let sql = format!("select count(*) from bi.measures, pg_sleep({seconds})");
    let row = reader.query_one(&sql, &[]).await?;
    Ok(row.get(0))
}

async fn until_it_runs(owner: &Client, pid: i32) {
    for _ in 0..500 {
        let rows = owner
            .query(
                "select from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'",
                &[&pid],
            )
            .await
            .expect("the list of connections");
        if !rows.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the query does not run");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_ends_soon_is_waited_for() {
    let database = TestDatabase::new().await;
    let reader = database.reader().await;
    let owner = database.target().client().await.expect("a connection");
    outdate(&owner).await;
    let running = pid(&reader).await;
    let asked = tokio::spawn(ask(reader, 3));
    until_it_runs(&owner, running).await;

    let done = migrate_with(&database.target(), Duration::from_secs(30))
        .await
        .expect("migrated");

    assert!(done.views_rebuilt);
    let answer = asked.await.expect("a task that ends");
    assert!(answer.expect("the dashboard has its answer") > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_without_end_is_named_and_nothing_is_changed() {
    let database = TestDatabase::new().await;
    let reader = database.reader().await;
    let owner = database.target().client().await.expect("a connection");
    outdate(&owner).await;
    let running = pid(&reader).await;
    let asked = tokio::spawn(ask(reader, 600));
    until_it_runs(&owner, running).await;

    let begun = Instant::now();
    let refused = migrate_with(&database.target(), Duration::from_secs(3))
        .await
        .expect_err("refused");

    let took = begun.elapsed();
    let MigrateError::Busy { seconds, .. } = &refused else {
        panic!("{refused}");
    };
    // What it is told, and what a busy machine may add.
    assert!((2.9..5.0).contains(&took.as_secs_f64()), "{took:?}");
    assert!(
        took.abs_diff(Duration::from_secs(*seconds)) < Duration::from_secs(1),
        "{took:?}: {refused}"
    );
    let message = refused.to_string();
    for part in [
        format!("process {running} of {}_reader", database.name),
        "(dashboard)".to_owned(),
        "since 20".to_owned(),
    ] {
        assert!(message.contains(&part), "{part}: {message}");
    }
    let another = database.reader_target().client().await.expect("a connection");
    let there = ask(another, 0).await.expect("the views are there");
    assert!(there > 0);
    owner
        .execute("select pg_terminate_backend($1)", &[&running])
        .await
        .expect("ended");
    assert!(asked.await.expect("a task that ends").is_err());
    let done = migrate_with(&database.target(), Duration::from_secs(30))
        .await
        .expect("migrated");
    assert!(done.views_rebuilt);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dashboards_that_ask_all_the_time_see_no_moment_without_views() {
    let database = TestDatabase::new().await;
    drop(database.reader().await);
    let owner = database.target().client().await.expect("a connection");
    let asking: Vec<_> = (0..3)
        .map(|_| {
            let target = database.reader_target();
            tokio::spawn(async move {
                let reader = target.client().await.expect("a connection");
                let begun = Instant::now();
                let mut answers = 0;
                while begun.elapsed() < Duration::from_secs(4) {
                    reader
                        .query("select count(*) from bi.sanctions, pg_sleep(0.05)", &[])
                        .await?;
                    answers += 1;
                }
                Ok::<_, tokio_postgres::Error>(answers)
            })
        })
        .collect();

    for _ in 0..2 {
        outdate(&owner).await;
        migrate_with(&database.target(), Duration::from_secs(30))
            .await
            .expect("migrated");
    }

    for dashboard in asking {
        let answers = dashboard.await.expect("a task that ends").expect("no failure");
        assert!(answers > 5, "{answers}");
    }
}
