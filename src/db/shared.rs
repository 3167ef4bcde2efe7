//! Shared connections, on which the point reads of many requests are pipelined: a read never waits for a free connection.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

use super::connect::{self, STATEMENT_TIME, Target, Use};
use super::error::unreachable;
use super::retry::{TRIES, is_lost};
use super::statement::Statement;
use crate::error::{Error, Result};

/// A fixed number of connections that reads take in turn.
pub(super) struct Shared {
    target: Target,
    runtime: Handle,
    slots: Vec<Slot>,
    next: AtomicUsize,
}

/// One of the connections. It is made when it is first needed, and again when it is lost.
#[derive(Default)]
struct Slot {
    connection: RwLock<Option<Arc<AsyncPgConnection>>>,
    /// Held while the connection is made: reads that wait for it take it over, or share the failure that is stored here with its
    /// time. Many reads at once thus never become many connections.
    last_failure: Mutex<Option<(Instant, String)>>,
}

impl Slot {
    fn connection(&self) -> Option<Arc<AsyncPgConnection>> {
        self.connection
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, connection: &Arc<AsyncPgConnection>) {
        *self.connection.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(connection));
    }

    /// Removes a lost connection, unless another has replaced it already.
    fn remove(&self, lost: &Arc<AsyncPgConnection>) {
        let mut connection = self.connection.write().unwrap_or_else(PoisonError::into_inner);
        if connection
            .as_ref()
            .is_some_and(|connection| Arc::ptr_eq(connection, lost))
        {
            *connection = None;
        }
    }
}

impl Shared {
    pub fn new(target: &Target, runtime: &Handle, connections: usize) -> Self {
        Self {
            target: target.clone(),
            runtime: runtime.clone(),
            slots: (0..connections.max(1)).map(|_| Slot::default()).collect(),
            next: AtomicUsize::new(0),
        }
    }

    /// Runs one statement; see `Db::read`.
    pub async fn read<Row>(&self, statement: Statement, deadline: Instant) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        let slot = &self.slots[self.next.fetch_add(1, Ordering::Relaxed) % self.slots.len()];
        let mut tries = TRIES;
        loop {
            let connection = match timeout_at(deadline, self.connection(slot)).await {
                Ok(connection) => connection?,
                Err(_) => return Err(unreachable("no connection in time")),
            };
            let begun = Instant::now();
            let read = async {
                let mut lent = &*connection;
                statement.clone().load::<Row>(&mut lent).await
            };
            tries -= 1;
            match timeout_at(deadline, read).await {
                Ok(Err(error)) if is_lost(&error) => {
                    slot.remove(&connection);
                    if tries == 0 {
                        return Err(Error::from(error));
                    }
                }
                Ok(result) => return result.map_err(Error::from),
                Err(_) => {
                    // The time of the request may have been nearly over when the read began: that says nothing of the connection.
                    if begun.elapsed() > STATEMENT_TIME {
                        slot.remove(&connection);
                    }
                    return Err(Error::unavailable(
                        "the database did not respond in time; send the request again in a moment",
                        "no response on a shared connection",
                    ));
                }
            }
        }
    }

    /// Returns the connection of a slot, and makes it if there is none.
    async fn connection(&self, slot: &Slot) -> Result<Arc<AsyncPgConnection>> {
        if let Some(connection) = slot.connection() {
            return Ok(connection);
        }
        let asked = Instant::now();
        let mut last_failure = slot.last_failure.lock().await;
        if let Some(connection) = slot.connection() {
            return Ok(connection);
        }
        if let Some((at, reason)) = last_failure.as_ref()
            && *at > asked
        {
            return Err(unreachable(reason));
        }
        match connect::on(&self.runtime, self.target.clone(), Use::Shared).await {
            Ok(made) => {
                let made = Arc::new(made);
                slot.set(&made);
                Ok(made)
            }
            Err(error) => {
                *last_failure = Some((Instant::now(), error.to_string()));
                Err(unreachable(error))
            }
        }
    }
}
