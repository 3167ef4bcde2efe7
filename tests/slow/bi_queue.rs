//! Notifications of a BI login fill a queue on disk that all databases of a cluster share, so this test has a cluster of its own.

use demarche::config::{BiLimits, Limits};

use crate::support::{BiLogin, Private, TestApp, TestDatabase, everything_off, wait_until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_terminates_a_session_that_lets_the_queue_for_notifications_fill_up() {
    let private = Private::start("queue").await;
    let database = TestDatabase::of_cluster(private.cluster()).await;
    let limits = BiLimits {
        bi_idle_seconds: 3600,
        ..everything_off()
    };
    let app = TestApp::watching(database, Limits::default(), limits).await;
    let login = BiLogin::grant(&app.database, "desk", &[]);
    let (holder, writer, calm) = (
        login.connect().await,
        login.connect().await,
        login.connect().await,
    );
    // Each by itself: it listens once that transaction has ended.
    for statement in [
        "set idle_in_transaction_session_timeout = 0",
        "listen x",
        "begin",
        "select 1",
    ] {
        holder.batch_execute(statement).await.expect(statement);
    }

    // 160 MB, two percent of the queue.
    writer
        .batch_execute("select count(pg_notify('x', repeat('y', 7900) || number)) from generate_series(1, 20000) as number")
        .await
        .expect("notifications");

    let ended = "demarche_bi_ended_total{how=\"terminated\",reason=\"notify\"} 1";
    wait_until("the session that holds the queue is gone", async || {
        app.get("/metrics").await.expect(200).text.contains(ended)
    })
    .await;
    let client = app.client().await;
    wait_until("the queue is empty again", async || {
        // The queue is cut when somebody notifies.
        client.batch_execute("notify x").await.expect("a notification");
        let row = client
            .query_one("select pg_notification_queue_usage()", &[])
            .await;
        row.expect("the usage").get::<_, f64>(0) < 0.01
    })
    .await;
    assert!(holder.batch_execute("select 1").await.is_err());
    for session in [&writer, &calm] {
        session
            .batch_execute("select 1")
            .await
            .expect("a session outside a transaction goes on");
    }
}
