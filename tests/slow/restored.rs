//! A database that goes back to an earlier state: its numbers of transactions repeat, and what was kept in memory of the time between
//! must not return.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::support::{Private, TestApp, wait_until};

/// The snapshot that the server asks for.
const SNAPSHOT: &str = "select pg_current_snapshot()::text";

async fn text(client: &tokio_postgres::Client) -> String {
    client.query_one(SNAPSHOT, &[]).await.expect("a snapshot").get(0)
}

/// Returns how many reads came from memory.
async fn hits(app: &TestApp) -> u64 {
    let metrics = app.get("/metrics").await.expect(200).text;
    let series = "demarche_read_memory_reads_total{result=\"hit\"}";
    let value = metrics.lines().find_map(|line| line.strip_prefix(series));
    value.expect("the metric").trim().parse().expect("a number")
}

async fn name(app: &TestApp, path: &str) -> String {
    let mut name = String::new();
    wait_until("the database responds", async || {
        let response = app.get(path).await;
        name = response.body["name"].as_str().unwrap_or_default().to_owned();
        response.status == 200
    })
    .await;
    name
}

/// Copies a directory with the owners of its files.
fn copy(from: &Path, to: &PathBuf) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(copied.expect("cp").success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_backup_brings_nothing_back_from_memory() {
    let mut private = Private::start("restored").await;
    // Threads that have not read anything before connect to the database of the new time first.
    let app = private.app_with_workers(4).await;
    let body = json!({"kind": "person", "name": "of the backup"});
    let path = format!("/v1/actors/{}", app.create("actors", body).await);
    let data = private.place().join("data");
    let backup = private.place().join("backup");
    private.stop().await;
    copy(&data, &backup);
    private.resume().await;

    app.patch(&path, &json!({"name": "lost"})).await.expect(200);
    let client = app.client().await;
    let mut lost = String::new();
    wait_until("it comes from memory", async || {
        lost = text(&client).await;
        let before = hits(&app).await;
        assert_eq!(name(&app, &path).await, "lost");
        hits(&app).await > before && text(&client).await == lost
    })
    .await;

    private.kill();
    std::fs::remove_dir_all(&data).expect("removed");
    copy(&backup, &data);
    private.resume().await;
    // The transactions of the new time get the numbers of the lost ones. The first read comes at the very snapshot of the last one.
    let client = app.client().await;
    let mut steps = 0;
    while text(&client).await != lost {
        steps += 1;
        assert!(steps < 10_000, "the snapshot {lost} did not come again");
        client
            .execute("select pg_current_xact_id()", &[])
            .await
            .expect("a transaction");
    }
    for _ in 0..8 {
        // A connection of its own, which is another thread's.
        let fresh = reqwest::Client::new();
        let response = fresh
            .get(format!("{}{path}", app.address))
            .send()
            .await
            .expect("a response");
        if response.status() == 200 {
            let body: serde_json::Value = response.json().await.expect("JSON");
            assert_eq!(body["name"], "of the backup");
        }
    }
    wait_until("it comes from memory again", async || {
        let before = hits(&app).await;
        assert_eq!(name(&app, &path).await, "of the backup");
        hits(&app).await > before
    })
    .await;
}
