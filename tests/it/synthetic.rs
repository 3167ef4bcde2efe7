//! Synthetic data is inserted without foreign keys and triggers; the tests check their rules on it.

use std::collections::BTreeSet;

use demarche::config;
use demarche::demo::synthetic::{Filled, SyntheticError, fill};
use tokio_postgres::Client;

use crate::support::{TestApp, TestDatabase};

const SANCTIONS: u64 = 600;

async fn column(client: &Client, query: &str) -> BTreeSet<String> {
    let rows = client.query(query, &[]).await.expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn synthetic_data_satisfies_every_rule_of_the_registry() {
    let database = TestDatabase::new().await;
    let client = database.superuser().await;
    let indexes = "select indexdef from pg_indexes where schemaname = 'public'";
    let before = column(&client, indexes).await;

    let filled = fill(&client, SANCTIONS).await.expect("filled");

    assert_eq!(filled, Filled::Now);
    assert_eq!(column(&client, indexes).await, before);
    let keys = client
        .query(
            "select
               format('%s, %s', conrelid::regclass, conname),
               format(
                 'select count(*) from %s as child where (%s) is not null and not exists (select from %s as parent where (%s) = (%s))',
                 conrelid::regclass,
                 (select string_agg(format('child.%I', attname), ', ' order by place) from unnest(conkey) with ordinality as key (number, place)
                  join pg_attribute on attrelid = conrelid and attnum = number),
                 confrelid::regclass,
                 (select string_agg(format('parent.%I', attname), ', ' order by place) from unnest(confkey) with ordinality as key (number, place)
                  join pg_attribute on attrelid = confrelid and attnum = number),
                 (select string_agg(format('child.%I', attname), ', ' order by place) from unnest(conkey) with ordinality as key (number, place)
                  join pg_attribute on attrelid = conrelid and attnum = number)
               )
             from pg_constraint
             where contype = 'f' and connamespace = 'public'::regnamespace",
            &[],
        )
        .await
        .expect("foreign keys");
    assert!(keys.len() > 30);
    for key in keys {
        let orphans: i64 = client
            .query_one(key.get::<_, &str>(1), &[])
            .await
            .expect("a count")
            .get(0);
        assert_eq!(orphans, 0, "{}", key.get::<_, &str>(0));
    }
    let counts = client
        .query_one(
            "select
               (select count(*) from sanctions),
               (select count(*) from diplomatic_actions),
               (select count(*) from sanctions as sanction where not exists (
                 select from citations where citations.sanction_id = sanction.id)),
               (select count(*) from action_links),
               (select count(*) from actors where properties ? 'synthetic' and name not like 'Synthetic %'),
               (select count(*) from actors where properties ? 'synthetic' and id > first_id_since(now() - interval '23 hours'))",
            &[],
        )
        .await
        .expect("counts");
    assert_eq!(counts.get::<_, i64>(0), 600);
    assert_eq!(counts.get::<_, i64>(1), 3000);
    assert_eq!(counts.get::<_, i64>(2), 0);
    assert!(counts.get::<_, i64>(3) > 10);
    assert_eq!(counts.get::<_, i64>(4), 0);
    // However quickly many are made, none has an id of the future.
    assert_eq!(counts.get::<_, i64>(5), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn synthetic_data_is_generated_once_and_served() {
    let database = TestDatabase::new().await;
    let client = database.superuser().await;
    fill(&client, SANCTIONS).await.expect("filled");

    let again = fill(&client, SANCTIONS).await.expect("there");
    let other = fill(&client, 7).await.expect_err("another number");

    assert_eq!(again, Filled::Before);
    assert!(matches!(other, SyntheticError::Other { .. }), "{other}");
    let limits = config::Limits {
        public_read: true,
        ..config::Limits::default()
    };
    let app = TestApp::on(database, limits).await;
    let sanctions = app
        .get("/v1/sanctions?target_country=RU&sort=-imposed_on&count=exact")
        .await
        .expect(200);
    assert!(sanctions.body["total"].as_i64().is_some_and(|total| total > 50));
    let timeline = app
        .get("/v1/dyads/iso3166:US/iso3166:RU/timeline")
        .await
        .expect(200);
    assert_eq!(timeline.body["items"].as_array().map(Vec::len), Some(50));
}
