//! Point reads that arrive at the same moment, joined into one statement. Under load most of a point
//! read's price is the round trip and the statement's start, which are then paid once for many.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use diesel::QueryableByName;
use diesel::sql_types;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Db, Statement};
use crate::error::Result;

/// Statements under way at once for one kind of record; what arrives meanwhile waits for the next.
const FLYING: usize = 2;
/// Most ids of one statement.
const MOST: usize = 64;

/// How records of one kind are found by id: `sql` selects `id` and `record`, and ends where the list
/// of ids stands.
pub struct ById {
    pub name: &'static str,
    pub sql: fn() -> &'static str,
}

#[derive(QueryableByName)]
struct FoundRow {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    record: String,
}

type Waiting = (Uuid, oneshot::Sender<Option<String>>);

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    flying: usize,
}

/// The queues of one `Db`.
#[derive(Default)]
pub struct Queues(Mutex<HashMap<&'static str, Queue>>);

impl Queues {
    /// Takes a place in the queue; true where somebody must fly.
    fn wait(&self, name: &'static str, waiting: Waiting) -> bool {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(name).or_default();
        queue.waiting.push(waiting);
        if queue.flying == FLYING {
            return false;
        }
        queue.flying += 1;
        true
    }

    /// Takes who waits; none ends the flight.
    fn take(&self, name: &'static str) -> Vec<Waiting> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(name).or_default();
        if queue.waiting.is_empty() {
            queue.flying -= 1;
        }
        let rest = queue.waiting.split_off(queue.waiting.len().min(MOST));
        std::mem::replace(&mut queue.waiting, rest)
    }
}

impl Db {
    /// The JSON of one record, read together with those that others ask for now.
    pub async fn find_by_id(&self, kind: &'static ById, id: Uuid) -> Result<Option<String>> {
        let (sender, receiver) = oneshot::channel();
        if self.queues().wait(kind.name, (id, sender)) {
            let db = self.clone();
            self.0.runtime.spawn(async move {
                loop {
                    let waiting = db.queues().take(kind.name);
                    if waiting.is_empty() {
                        return;
                    }
                    db.answer(kind, waiting).await;
                }
            });
        }
        match receiver.await {
            Ok(found) => Ok(found),
            // The joint read failed. Alone it is tried once more, and tells why.
            Err(_) => Ok(self
                .read_one::<FoundRow>(statement(kind, vec![id]))
                .await?
                .map(|row| row.record)),
        }
    }

    async fn answer(&self, kind: &'static ById, waiting: Vec<Waiting>) {
        let ids = waiting.iter().map(|(id, _)| *id).collect();
        // On failure the senders are dropped, by which the askers know.
        let Ok(rows) = self.read::<FoundRow>(statement(kind, ids)).await else {
            return;
        };
        let found: HashMap<Uuid, String> = rows.into_iter().map(|row| (row.id, row.record)).collect();
        for (id, sender) in waiting {
            // Who has hung up needs no answer.
            let _ = sender.send(found.get(&id).cloned());
        }
    }
}

fn statement(kind: &ById, ids: Vec<Uuid>) -> Statement {
    Statement::new((kind.sql)())
        .sql(" = any(")
        .bind(ids)
        .sql(")")
        .keep_prepared()
}
