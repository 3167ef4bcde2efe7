//! Migrating while dashboards run queries: it waits for short ones, stops at endless ones with a message that
//! names them, and the views are never missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use demarche::db::migrate::MigrateError;
use demarche::migrating::migrate_with;
use tokio_postgres::Client;

use crate::support::{LONGEST_WAIT, TestDatabase, wait_until};

/// Marks the views as outdated, so that they are rebuilt.
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

/// Runs a query on a view of the contract that takes this long.
async fn ask(reader: Client, seconds: u32) -> Result<i64, tokio_postgres::Error> {
    let sql = format!("select count(*) from bi.measures, pg_sleep({seconds})");
    let row = reader.query_one(&sql, &[]).await?;
    Ok(row.get(0))
}

async fn until_it_runs(owner: &Client, pid: i32) {
    wait_until("the query runs", async || {
        let rows = owner
            .query(
                "select from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'",
                &[&pid],
            )
            .await
            .expect("the list of connections");
        !rows.is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrating_waits_for_a_query_that_ends() {
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
async fn migrating_names_an_endless_query_and_changes_nothing() {
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
    // It waits as long as it may, and reports that; a busy machine adds to it.
    assert!(took.as_secs_f64() >= 2.9 && took < LONGEST_WAIT, "{took:?}");
    assert!((2..=took.as_secs() + 1).contains(seconds), "{took:?}: {refused}");
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
async fn dashboards_always_find_their_views_during_migrating() {
    let database = TestDatabase::new().await;
    drop(database.reader().await);
    let owner = database.target().client().await.expect("a connection");
    let migrated = Arc::new(AtomicBool::new(false));
    let asking: Vec<_> = (0..3)
        .map(|_| {
            let (target, migrated) = (database.reader_target(), Arc::clone(&migrated));
            tokio::spawn(async move {
                let reader = target.client().await.expect("a connection");
                let mut answers = 0;
                while answers < 6 || !migrated.load(Ordering::SeqCst) {
                    reader
                        .query("select count(*) from bi.sanctions, pg_sleep(0.05)", &[])
                        .await?;
                    answers += 1;
                }
                Ok::<_, tokio_postgres::Error>(())
            })
        })
        .collect();

    for _ in 0..2 {
        outdate(&owner).await;
        migrate_with(&database.target(), Duration::from_secs(30))
            .await
            .expect("migrated");
    }

    migrated.store(true, Ordering::SeqCst);

    for dashboard in asking {
        dashboard.await.expect("a task that ends").expect("no failure");
    }
}
