//! Point reads that arrive at the same moment, joined into one statement that asks which revision each record has; a
//! record is made only where that revision is not kept here already. Under load most of a point read's price is the
//! round trip, the statement's start and the record's making: the first two are then paid once for many, the last once
//! a revision. Nothing is answered from memory that the database has not confirmed for that very read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use diesel::QueryableByName;
use diesel::sql_types;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Db, Statement};
use crate::error::Result;

/// Statements under way at once for one kind of record; what arrives meanwhile waits for the next. One more would
/// halve what each has to carry.
const FLYING: usize = 1;
/// Most ids of one statement.
const MOST: usize = 64;
/// How many bytes of records are kept.
const KEPT_BYTES: u64 = 32 << 20;
/// What a kept record takes beside its text.
const KEPT_BESIDE: u64 = 256;

/// How records of one kind are found by id.
pub struct ById {
    pub table: &'static str,
    /// Selects id, version, written_by (the xmin of the row) and record, and ends where the list of ids stands.
    pub sql: fn() -> &'static str,
    /// The statement of as-of reads, where a revision keeps the whole record.
    pub sql_of_the_past: &'static str,
    /// The record as it is answered, from the record as the database makes it.
    pub render: fn(&str) -> Result<String>,
}

/// One revision of a record. Two that have the same version and were written by the same transaction are the same: every
/// change of a record or of its children moves both. By PostgreSQL's own mark of who wrote the row, which nobody can set.
#[derive(Debug)]
pub struct Kept {
    pub id: Uuid,
    pub version: i32,
    pub record: String,
    /// Kept for whoever answers with it.
    pub etag: OnceLock<String>,
    written_by: i64,
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

#[derive(QueryableByName)]
struct FoundRow {
    #[diesel(embed)]
    revision: RevisionRow,
    #[diesel(sql_type = sql_types::Text)]
    record: String,
}

type Waiting = (Uuid, oneshot::Sender<Option<Arc<Kept>>>);
type Key = (&'static str, Uuid);

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    flying: usize,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Arc<Kept>> for Weight {
    fn weight(&self, _: &Key, kept: &Arc<Kept>) -> u64 {
        kept.record.len() as u64 + KEPT_BESIDE
    }
}

/// The queues of one `Db`, and the records that it keeps.
pub struct Queues {
    queues: Mutex<HashMap<&'static str, Queue>>,
    kept: Cache<Key, Arc<Kept>, Weight>,
}

impl Default for Queues {
    fn default() -> Self {
        let about = usize::try_from(KEPT_BYTES / 1024).unwrap_or(usize::MAX);
        Self {
            queues: Mutex::default(),
            kept: Cache::with_weighter(about, KEPT_BYTES, Weight),
        }
    }
}

impl Queues {
    fn queue<T>(&self, name: &'static str, work: impl FnOnce(&mut Queue) -> T) -> T {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        work(queues.entry(name).or_default())
    }

    /// Takes a place in the queue; true where somebody must fly.
    fn wait(&self, name: &'static str, waiting: Waiting) -> bool {
        self.queue(name, |queue| {
            queue.waiting.push(waiting);
            let must_fly = queue.flying < FLYING;
            queue.flying += usize::from(must_fly);
            must_fly
        })
    }

    /// Takes who waits; none ends the flight.
    fn take(&self, name: &'static str) -> Vec<Waiting> {
        self.queue(name, |queue| {
            if queue.waiting.is_empty() {
                queue.flying -= 1;
            }
            let rest = queue.waiting.split_off(queue.waiting.len().min(MOST));
            std::mem::replace(&mut queue.waiting, rest)
        })
    }
}

/// Ends a flight that panicked, or was dropped with its runtime: who waits is let go to ask alone.
struct Flight {
    db: Db,
    name: &'static str,
    landed: bool,
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.landed {
            self.db.queues().queue(self.name, |queue| {
                queue.flying -= 1;
                queue.waiting.clear();
            });
        }
    }
}

impl Db {
    /// One record, read together with those that others ask for now; of the past alone, and kept by nobody.
    pub async fn find_by_id(&self, kind: &'static ById, id: Uuid) -> Result<Option<Arc<Kept>>> {
        if self.is_as_of() {
            return self
                .make_all(kind, vec![id])
                .await
                .map(|mut made| made.pop().map(Arc::new));
        }
        let (sender, receiver) = oneshot::channel();
        if self.queues().wait(kind.table, (id, sender)) {
            let flight = Flight {
                db: self.clone(),
                name: kind.table,
                landed: false,
            };
            self.doors.runtime.spawn(async move {
                let mut flight = flight;
                loop {
                    let waiting = flight.db.queues().take(kind.table);
                    if waiting.is_empty() {
                        flight.landed = true;
                        return;
                    }
                    flight.db.answer(kind, waiting).await;
                }
            });
        }
        match receiver.await {
            Ok(found) => Ok(found),
            // The joint read failed. Alone it is tried once more, and tells why.
            Err(_) => Ok(self.find_all(kind, vec![id]).await?.remove(&id)),
        }
    }

    async fn answer(&self, kind: &'static ById, waiting: Vec<Waiting>) {
        let mut ids: Vec<Uuid> = waiting.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        // On failure the senders are dropped, by which the askers know.
        let Ok(found) = self.find_all(kind, ids).await else {
            return;
        };
        for (id, sender) in waiting {
            // Who has hung up needs no answer.
            let _ = sender.send(found.get(&id).cloned());
        }
    }

    async fn find_all(&self, kind: &'static ById, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Arc<Kept>>> {
        let kept = &self.queues().kept;
        let mut found = HashMap::with_capacity(ids.len());
        let mut unknown = Vec::new();
        let revisions = Statement::new(format!(
            "select id, version, xmin::text::bigint as written_by from {} where id",
            kind.table
        ));
        for row in self.read::<RevisionRow>(among(revisions, ids)).await? {
            match kept.get(&(kind.table, row.id)) {
                Some(known) if (known.version, known.written_by) == (row.version, row.written_by) => {
                    found.insert(row.id, known);
                }
                _ => unknown.push(row.id),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        for made in self.make_all(kind, unknown).await? {
            let made = Arc::new(made);
            kept.insert((kind.table, made.id), Arc::clone(&made));
            found.insert(made.id, made);
        }
        Ok(found)
    }

    async fn make_all(&self, kind: &'static ById, ids: Vec<Uuid>) -> Result<Vec<Kept>> {
        let sql = if self.is_as_of() {
            kind.sql_of_the_past
        } else {
            (kind.sql)()
        };
        let records = among(Statement::new(sql), ids);
        let rows: Vec<FoundRow> = self.read(records).await?;
        rows.into_iter()
            .map(|FoundRow { revision, record }| {
                Ok(Kept {
                    id: revision.id,
                    version: revision.version,
                    record: (kind.render)(&record)?,
                    etag: OnceLock::new(),
                    written_by: revision.written_by,
                })
            })
            .collect()
    }
}

fn among(statement: Statement, ids: Vec<Uuid>) -> Statement {
    statement.sql(" = any(").bind(ids).sql(")").keep_prepared()
}
