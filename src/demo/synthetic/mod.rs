//! Synthetic data: a registry of any size in the shape of a real one, to try dashboards at that size. All of it is invented:
//! it has a database of its own, names and titles say so, and every claim cites a source that says so.
//!
//! The rows are written with COPY as superuser, without foreign keys and triggers, and the indexes are built last. A test
//! checks that the rows satisfy the foreign keys.

mod copy;
mod error;
mod shape;
mod tables;
mod world;

use indicatif::ProgressBar;
use private_postgres::Endpoint;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio_postgres::Client;

use crate::db::Target;
use crate::demo::progress::step;
pub use error::SyntheticError;
use world::World;

/// Name of the database.
pub const DATABASE: &str = "demarche_synthetic";
/// Number of actions for each sanction.
const ACTIONS: u64 = 5;
/// Number of sanctions, with their actions, that are made and sent together.
const CHUNK: u64 = 10_000;
/// A fixed seed: every run makes the same data.
const SEED: u64 = 0x00DE_3A2C_4E00;
/// Name of the row in table `loads` that says how many sanctions were made.
const LOAD: &str = "synthetic";

/// When the database was filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    /// By this call.
    Now,
    /// By an earlier call.
    Before,
}

/// Drops the synthetic database of a cluster: if it is incomplete, or `in_any_case`.
///
/// # Errors
/// If the cluster can't be reached.
pub async fn forget(endpoint: &Endpoint, in_any_case: bool) -> Result<(), SyntheticError> {
    let cluster = Target::new(endpoint.connection("postgres")).client().await?;
    let there = cluster
        .query_opt("select from pg_database where datname = $1", &[&DATABASE])
        .await?;
    if there.is_none() {
        return Ok(());
    }
    let is_finished = async {
        let client = Target::new(endpoint.connection(DATABASE)).client().await?;
        let is_migrated = client
            .query_one("select to_regclass('public.loads') is not null", &[])
            .await?;
        if !is_migrated.get::<_, bool>(0) {
            return Ok(false);
        }
        let filled = client
            .query_opt("select from public.loads where name = $1", &[&LOAD])
            .await?;
        Ok::<bool, tokio_postgres::Error>(filled.is_some())
    };
    if in_any_case || !is_finished.await? {
        cluster
            .batch_execute(&format!("drop database {DATABASE} with (force)"))
            .await?;
    }
    Ok(())
}

/// Fills a migrated database with this number of sanctions and five times as many actions; `client` is its superuser. A
/// database that was filled with the same number is kept.
///
/// # Errors
/// [`SyntheticError::Other`] if it was filled with another number.
pub async fn fill(client: &Client, sanctions: u64) -> Result<Filled, SyntheticError> {
    let before = client
        .query_opt("select sha256 from public.loads where name = $1", &[&LOAD])
        .await?;
    if let Some(row) = before {
        let there: String = row.get(0);
        return if there == sanctions.to_string() {
            Ok(Filled::Before)
        } else {
            Err(SyntheticError::Other {
                there,
                asked: sanctions,
            })
        };
    }
    let progress = progress(sanctions);
    client
        .batch_execute("set session_replication_role = replica; set synchronous_commit = off; set statement_timeout = 0; set maintenance_work_mem = '512MB'")
        .await?;
    let indexes = drop_indexes(client).await?;
    let mut world = World::new(
        client,
        StdRng::seed_from_u64(SEED),
        sanctions,
        sanctions * ACTIONS,
    )
    .await?;
    let mut done = 0;
    while done < sanctions {
        let next = (done + CHUNK).min(sanctions);
        world.make(done..next, done * ACTIONS..next * ACTIONS);
        world.send(client).await?;
        progress.set_position(next);
        done = next;
    }
    progress.finish_and_clear();
    let progress = step("making the indexes", indexes.len() as u64);
    for index in indexes {
        client.batch_execute(&index).await?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    tracing::info!("gathering statistics");
    client.batch_execute("vacuum analyze").await?;
    client
        .execute(
            "insert into public.loads (name, sha256) values ($1, $2)",
            &[&LOAD, &sanctions.to_string()],
        )
        .await?;
    client
        .batch_execute("reset session_replication_role; reset synchronous_commit; reset statement_timeout; reset maintenance_work_mem")
        .await?;
    Ok(Filled::Now)
}

/// Drops the indexes that belong to no constraint. Returns the statements that create them again.
async fn drop_indexes(client: &Client) -> Result<Vec<String>, tokio_postgres::Error> {
    let rows = client
        .query(
            "select index.indexrelid::regclass::text, pg_get_indexdef(index.indexrelid)
             from pg_index as index
             join pg_class as filled on filled.oid = index.indrelid
             where filled.relnamespace = 'public'::regnamespace
               and filled.relname = any($1)
               and not exists (select from pg_constraint where conindid = index.indexrelid)
             order by 1",
            &[&tables::TABLES.as_slice()],
        )
        .await?;
    let mut definitions = Vec::with_capacity(rows.len());
    for row in rows {
        client
            .batch_execute(&format!("drop index {}", row.get::<_, String>(0)))
            .await?;
        definitions.push(row.get(1));
    }
    Ok(definitions)
}

fn progress(sanctions: u64) -> ProgressBar {
    tracing::info!(sanctions, actions = sanctions * ACTIONS, "making synthetic data");
    step("sanctions, each with five actions", sanctions)
}
