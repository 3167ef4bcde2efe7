//! The contract of schema `bi`, which dashboards rely on, kept as a snapshot. Change it deliberately, with
//! `UPDATE_BI_CONTRACT=1 cargo test --test it bi_contract` and a line in the CHANGELOG.

use std::collections::BTreeSet;
use std::fs;

use demarche::db::views::{CONTRACT_VERSION, FUNCTIONS, VIEWS};
use tokio_postgres::Client;

use crate::support::TestDatabase;

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/bi_contract.txt");

const CONTRACT: &str = "select
  case
    when position = 0 then object_kind || ' ' || object || coalesce(' ' || data_type, '')
    else object || '.' || column_name || ' ' || data_type
  end || ': ' || coalesce(comment, '')
from bi.data_dictionary
order by object_kind desc, object, position";

async fn lines(client: &Client, sql: &str) -> Vec<String> {
    let rows = client.query(sql, &[]).await.expect("an answer");
    rows.iter().map(|row| row.get(0)).collect()
}

fn read(name: &str) -> String {
    let path = format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_equals_its_recorded_version() {
    let database = TestDatabase::new().await;
    let reader = database.reader().await;

    let mut found = vec![format!("contract {CONTRACT_VERSION}")];
    found.extend(lines(&reader, CONTRACT).await);

    if std::env::var_os("UPDATE_BI_CONTRACT").is_some() {
        fs::write(SNAPSHOT, found.join("\n") + "\n").expect("the snapshot is written");
        return;
    }
    let snapshot = fs::read_to_string(SNAPSHOT).expect("a snapshot");
    let promised: Vec<&str> = snapshot.lines().collect();
    if found == promised {
        return;
    }
    let is_in = |lines: &BTreeSet<&str>, line: &str| lines.contains(line);
    let (new, old) = (
        found.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        promised.iter().copied().collect::<BTreeSet<_>>(),
    );
    let mut difference: Vec<String> = promised
        .iter()
        .filter(|line| !is_in(&new, line))
        .map(|line| format!("- {line}"))
        .collect();
    difference.extend(
        found
            .iter()
            .filter(|line| !is_in(&old, line))
            .map(|line| format!("+ {line}")),
    );
    if difference.is_empty() {
        let moved = found.iter().zip(&promised).find(|(new, old)| new != old);
        difference.push(format!("the order has changed, first at {moved:?}"));
    }
    panic!(
        "the contract of schema bi has changed:\n{}\nif that is meant: CONTRIBUTING.md, \"The contract of schema bi\"",
        difference.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dictionary_describes_every_view_and_column() {
    let database = TestDatabase::new().await;
    let reader = database.reader().await;

    let objects = lines(
        &reader,
        "select object from bi.data_dictionary where position = 0 order by 1",
    )
    .await;
    let silent = lines(
        &reader,
        "select object || '.' || coalesce(column_name, '') from bi.data_dictionary where coalesce(comment, '') = ''",
    )
    .await;

    let mut contract: Vec<&str> = VIEWS.iter().chain(FUNCTIONS).map(|(name, _)| *name).collect();
    contract.sort_unstable();
    assert_eq!(objects, contract);
    assert!(silent.is_empty(), "{silent:?}");
}

#[tokio::test]
async fn a_key_has_one_name_and_one_type_in_every_view() {
    let database = TestDatabase::new().await;
    let client = database.target().client().await.expect("a connection");

    let odd = lines(
        &client,
        "select column_name || ': ' || string_agg(distinct data_type, ', ')
         from bi.data_dictionary
         where object_kind = 'view' and (column_name like '%\\_id' or column_name like '%\\_code' or column_name in ('day'))
         group by column_name
         having count(distinct data_type) > 1 or column_name = 'id'",
    )
    .await;
    let without = lines(
        &client,
        "select object || '.' || column_name
         from bi.data_dictionary as written
         where object_kind = 'view' and column_name ~ '^[a-z_]+_on$' and data_type = 'text' and not exists (
           select from bi.data_dictionary as day
           where day.object = written.object and day.column_name in (written.column_name || '_earliest', 'day')
             and day.data_type = 'date'
         )",
    )
    .await;

    assert!(odd.is_empty(), "{odd:?}");
    assert!(without.is_empty(), "no day beside the text: {without:?}");
}

#[test]
fn the_changelog_and_the_documentation_name_the_version() {
    let version = format!("contract {CONTRACT_VERSION}");

    assert!(read("CHANGELOG.md").contains(&version), "CHANGELOG.md: {version}");
    assert!(read("docs/bi.md").contains(&version), "docs/bi.md: {version}");
}

#[test]
fn the_documentation_lists_every_view_and_function() {
    let text = read("docs/bi.md");

    let missing: Vec<&str> = VIEWS
        .iter()
        .chain(FUNCTIONS)
        .map(|(name, _)| *name)
        .filter(|name| !text.contains(&format!("| `{name}")))
        .collect();

    assert!(missing.is_empty(), "docs/bi.md has no row for {missing:?}");
}
