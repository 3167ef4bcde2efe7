//! Reads of records by id. Reads that arrive while a statement is in flight are combined into the next one, which asks only for
//! the revision of each record; a record is built only if that revision is not in the cache.
//!
//! Most of the cost of a point read under load is the round trip, the start of the statement and the building of the record.
//! Combined reads share the first two, and the cache pays the third once per revision. Nothing is returned from the cache unless
//! the database has confirmed its revision for that very read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use diesel::QueryableByName;
use diesel::sql_types;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

use super::retry::DEADLINE;
use super::shared::Shared;
use super::statement::Statement;
use crate::error::Result;

/// Statements in flight at once for one kind of record; reads that arrive meanwhile wait for the next. A second statement would
/// halve how many reads each combines.
const IN_FLIGHT_LIMIT: usize = 1;
/// Most ids of one statement.
const BATCH_SIZE: usize = 64;
/// Size of the cache, in bytes.
const CACHE_BYTES: u64 = 32 << 20;
/// What a cached record takes beside its text, in bytes.
const OVERHEAD_BYTES: u64 = 256;

/// How records of one kind are loaded by id.
pub struct LoadById {
    /// The table of the records
    pub table: &'static str,
    /// Returns SQL that selects id, version, written_by (the xmin of the row) and record, and ends with the column of the id
    pub sql: fn() -> &'static str,
    /// The same for as-of reads, where the mirror of the table has the whole record
    pub sql_as_of: fn() -> &'static str,
    /// Turns the record that the database builds into the text of a response
    pub render: fn(&str) -> Result<String>,
}

/// One revision of a record. Revisions with the same version that were written by the same transaction are the same, because every
/// change of a record or of its children increases the version. PostgreSQL itself notes the transaction (xmin), so no writer
/// can forge it.
#[derive(Debug)]
pub struct LoadedRecord {
    /// The id of the record
    pub id: Uuid,
    /// The version of the record
    pub version: i32,
    /// The record as the text of a response
    pub record: String,
    /// The ETag of the response, computed when it is first needed
    pub etag: OnceLock<String>,
    written_by: i64,
}

impl LoadedRecord {
    /// Returns a record that was read alone and is not cached.
    pub fn new(id: Uuid, version: i32, record: String) -> Self {
        Self {
            id,
            version,
            record,
            etag: OnceLock::new(),
            written_by: 0,
        }
    }
}

#[derive(QueryableByName)]
struct RevisionRow {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql_types::Integer)]
    version: i32,
    #[diesel(sql_type = sql_types::BigInt)]
    written_by: i64,
}

/// A record as the database builds it.
#[derive(QueryableByName)]
pub(super) struct RecordRow {
    #[diesel(embed)]
    revision: RevisionRow,
    #[diesel(sql_type = sql_types::Text)]
    record: String,
}

impl LoadById {
    /// Returns a statement that selects one record in an as-of read.
    pub(super) fn select_as_of(&self, id: Uuid) -> Statement {
        with_ids(Statement::new((self.sql_as_of)()), vec![id])
    }

    /// Returns the records of rows.
    pub(super) fn records(&self, rows: Vec<RecordRow>) -> Result<Vec<LoadedRecord>> {
        rows.into_iter()
            .map(|RecordRow { revision, record }| {
                Ok(LoadedRecord {
                    id: revision.id,
                    version: revision.version,
                    record: (self.render)(&record)?,
                    etag: OnceLock::new(),
                    written_by: revision.written_by,
                })
            })
            .collect()
    }
}

type Waiting = (Uuid, oneshot::Sender<Option<Arc<LoadedRecord>>>);
type Key = (&'static str, Uuid);

/// The reads of one kind of record that wait for a statement, and how many statements are in flight.
#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    in_flight: usize,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Arc<LoadedRecord>> for Weight {
    fn weight(&self, _: &Key, record: &Arc<LoadedRecord>) -> u64 {
        record.record.len() as u64 + OVERHEAD_BYTES
    }
}

/// Combines reads by id, and caches the records that they return.
pub(super) struct Loader {
    shared: Arc<Shared>,
    runtime: Handle,
    queues: Mutex<HashMap<&'static str, Queue>>,
    cache: Cache<Key, Arc<LoadedRecord>, Weight>,
}

/// A task that sends statements for one queue. If it panics or is dropped with its runtime, the waiting reads continue alone.
struct Flight {
    loader: Arc<Loader>,
    table: &'static str,
    has_ended: bool,
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.has_ended {
            self.loader.with_queue(self.table, |queue| {
                queue.in_flight -= 1;
                queue.waiting.clear();
            });
        }
    }
}

impl Loader {
    pub fn new(shared: Arc<Shared>, runtime: Handle) -> Self {
        let records = usize::try_from(CACHE_BYTES / 1024).unwrap_or(usize::MAX);
        Self {
            shared,
            runtime,
            queues: Mutex::default(),
            cache: Cache::with_weighter(records, CACHE_BYTES, Weight),
        }
    }

    /// Returns one record; see `Db::find_by_id`.
    pub async fn find(
        self: &Arc<Self>,
        kind: &'static LoadById,
        id: Uuid,
    ) -> Result<Option<Arc<LoadedRecord>>> {
        let (sender, receiver) = oneshot::channel();
        if self.enqueue(kind.table, (id, sender)) {
            let flight = Flight {
                loader: Arc::clone(self),
                table: kind.table,
                has_ended: false,
            };
            self.runtime.spawn(async move {
                // Moves it whole: the block would otherwise capture a copy of its field.
                let mut flight = flight;
                loop {
                    let waiting = flight.loader.dequeue(kind.table);
                    if waiting.is_empty() {
                        flight.has_ended = true;
                        return;
                    }
                    flight.loader.respond(kind, waiting).await;
                }
            });
        }
        match receiver.await {
            Ok(found) => Ok(found),
            // The combined read failed. Alone it is tried once more, and returns its own error.
            Err(_) => Ok(self.find_all(kind, vec![id]).await?.remove(&id)),
        }
    }

    fn with_queue<T>(&self, table: &'static str, work: impl FnOnce(&mut Queue) -> T) -> T {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        work(queues.entry(table).or_default())
    }

    /// Adds a read to the queue, and returns whether the caller must start a flight.
    fn enqueue(&self, table: &'static str, waiting: Waiting) -> bool {
        self.with_queue(table, |queue| {
            queue.waiting.push(waiting);
            let starts = queue.in_flight < IN_FLIGHT_LIMIT;
            queue.in_flight += usize::from(starts);
            starts
        })
    }

    /// Takes reads from the queue; if there are none, the flight has ended.
    fn dequeue(&self, table: &'static str) -> Vec<Waiting> {
        self.with_queue(table, |queue| {
            if queue.waiting.is_empty() {
                queue.in_flight -= 1;
            }
            let rest = queue.waiting.split_off(queue.waiting.len().min(BATCH_SIZE));
            std::mem::replace(&mut queue.waiting, rest)
        })
    }

    async fn respond(&self, kind: &'static LoadById, waiting: Vec<Waiting>) {
        let mut ids: Vec<Uuid> = waiting.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        // On failure the senders are dropped, which the waiting reads notice.
        let Ok(found) = self.find_all(kind, ids).await else {
            return;
        };
        for (id, sender) in waiting {
            // Fails if the client has disconnected, which is no fault.
            let _ = sender.send(found.get(&id).cloned());
        }
    }

    async fn find_all(
        &self,
        kind: &'static LoadById,
        ids: Vec<Uuid>,
    ) -> Result<HashMap<Uuid, Arc<LoadedRecord>>> {
        let mut found = HashMap::with_capacity(ids.len());
        let mut missing = Vec::new();
        let revisions = Statement::new(format!(
            "select id, version, xmin::text::bigint as written_by from {} where id",
            kind.table
        ));
        let deadline = Instant::now() + DEADLINE;
        let rows = self
            .shared
            .read::<RevisionRow>(with_ids(revisions, ids), deadline)
            .await?;
        for row in rows {
            match self.cache.get(&(kind.table, row.id)) {
                Some(cached) if (cached.version, cached.written_by) == (row.version, row.written_by) => {
                    found.insert(row.id, cached);
                }
                _ => missing.push(row.id),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let rows = self
            .shared
            .read(with_ids(Statement::new((kind.sql)()), missing), deadline)
            .await?;
        for record in kind.records(rows)? {
            let record = Arc::new(record);
            self.cache.insert((kind.table, record.id), Arc::clone(&record));
            found.insert(record.id, record);
        }
        Ok(found)
    }
}

fn with_ids(statement: Statement, ids: Vec<Uuid>) -> Statement {
    statement.sql(" = any(").bind(ids).sql(")").keep_prepared()
}
