//! The handle that the server reads and writes through.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Object;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::as_of::AsOf;
use super::connect::Target;
use super::loader::{LoadById, LoadedRecord, Loader};
use super::pool::Pooled;
use super::shared::Shared;
use super::statement::Statement;
use super::stream::{Streaming, Streams};
use super::transaction::{self, Write};
use crate::context;
use crate::error::{Error, Result};

/// How many connections a [`Db`] opens at most. As-of reads may open half of `pool` beside it.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Connections that reads share; at least 1
    pub shared: usize,
    /// Connections of the pool for writes, slow reads and streams; streams take at most half
    pub pool: usize,
}

/// A handle to the database, cheap to clone. It reads the present, or as of one moment ([`Db::as_of`]).
#[derive(Clone)]
pub struct Db {
    connections: Arc<Connections>,
    /// The moment as of which this handle reads; `None` reads the present.
    as_of: Option<DateTime<Utc>>,
}

struct Connections {
    target: Target,
    runtime: Handle,
    shared: Arc<Shared>,
    loader: Arc<Loader>,
    pool: Arc<Pooled>,
    streams: Streams,
    as_of: AsOf,
    written: Notify,
    sequenced: watch::Sender<()>,
}

impl Db {
    /// Returns a handle to the database of `target`. Connections are made when they are first needed, so that a server can
    /// start while the database is away.
    ///
    /// Connections belong to the current runtime, which must outlive every other that uses the handle.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn new(target: Target, sizes: Sizes) -> Self {
        let runtime = Handle::current();
        let half_of_pool = (sizes.pool / 2).max(1);
        let shared = Arc::new(Shared::new(&target, &runtime, sizes.shared));
        let connections = Connections {
            loader: Arc::new(Loader::new(Arc::clone(&shared), runtime.clone())),
            shared,
            pool: Arc::new(Pooled::new(&target, &runtime, sizes.pool)),
            streams: Streams::new(half_of_pool),
            as_of: AsOf::new(&target, &runtime, half_of_pool),
            written: Notify::new(),
            sequenced: watch::Sender::new(()),
            target,
            runtime,
        };
        Self {
            connections: Arc::new(connections),
            as_of: None,
        }
    }

    /// Returns what the handle connects to.
    pub fn target(&self) -> &Target {
        &self.connections.target
    }

    /// Returns the runtime that the connections belong to.
    pub fn runtime(&self) -> &Handle {
        &self.connections.runtime
    }

    /// Returns the signal that every committed write of this program sends; it wakes the sequencer.
    pub fn written(&self) -> &Notify {
        &self.connections.written
    }

    /// Returns the signal that this program sends when it has put changes in order. Other programs may do that too, without a
    /// signal here.
    pub fn sequenced(&self) -> &watch::Sender<()> {
        &self.connections.sequenced
    }

    /// Runs one statement on a shared connection, or as of the handle's moment. A lost connection is replaced and the statement
    /// tried again, at most three times in all; a read changes nothing, so that is safe.
    ///
    /// # Errors
    ///
    /// 503 if no rows came within ten seconds or the connection was lost three times; otherwise the error of the statement.
    pub async fn read<Row>(&self, statement: Statement) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        match self.as_of {
            Some(moment) => self.connections.as_of.read(moment, statement).await,
            None => self.connections.shared.read(statement).await,
        }
    }

    /// Runs a statement that selects at most one row, as [`Db::read`] does; `None` if it selects none.
    ///
    /// # Errors
    ///
    /// As [`Db::read`].
    pub async fn read_one<Row>(&self, statement: Statement) -> Result<Option<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        Ok(self.read(statement).await?.pop())
    }

    /// Runs one slow statement on a connection of the pool, or as of the handle's moment. A lost connection is replaced as in
    /// [`Db::read`].
    ///
    /// # Errors
    ///
    /// 503 if no connection came free within ten seconds, if the statement took longer than the connection allows (a minute) or
    /// the connection was lost three times; otherwise the error of the statement.
    pub async fn read_slowly<Row>(&self, statement: Statement) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        match self.as_of {
            Some(moment) => self.connections.as_of.read(moment, statement).await,
            None => self.connections.pool.read(statement).await,
        }
    }

    /// Returns one record, read together with those that other callers ask for now; `None` if no record has the id. As of a
    /// moment the record is read alone and not cached.
    ///
    /// # Errors
    ///
    /// As [`Db::read`].
    pub async fn find_by_id(&self, kind: &'static LoadById, id: Uuid) -> Result<Option<Arc<LoadedRecord>>> {
        match self.as_of {
            Some(moment) => {
                let rows = self.connections.as_of.read(moment, kind.select_as_of(id)).await?;
                Ok(kind.records(rows)?.pop().map(Arc::new))
            }
            None => self.connections.loader.find(kind, id).await,
        }
    }

    /// Takes a connection of the pool, for several statements or a transaction of the caller's own.
    ///
    /// # Errors
    ///
    /// 503 if the database can't be reached or no connection came free within ten seconds.
    pub async fn pooled(&self) -> Result<Object<AsyncPgConnection>> {
        self.connections.pool.take().await
    }

    /// Takes a connection for a stream, whose reader may be slow. It reads as of the handle's moment, if there is one.
    ///
    /// # Errors
    ///
    /// 503 if the database can't be reached, or no stream ended or no connection came free within ten seconds.
    pub async fn streaming(&self) -> Result<Streaming> {
        self.connections
            .streams
            .open(&self.connections.pool, self.as_of)
            .await
    }

    /// Runs `work` in a transaction and commits it; `by` is recorded as the writer of what it changes.
    ///
    /// The transaction runs in a task of its own, so that a client that disconnects can't interrupt it. If it collides with
    /// another write (a deadlock, or a record that it found is deleted meanwhile), it is rolled back and `work` starts again, at
    /// most three times in all.
    ///
    /// # Errors
    ///
    /// The error of `work`, after a rollback; 503 if no transaction began within ten seconds, or the commit's response was lost,
    /// in which case the changes may or may not be committed.
    pub async fn write<T, Work>(&self, by: &str, work: Work) -> Result<T>
    where
        T: Send + 'static,
        Work: for<'w> FnOnce(&'w mut Write<'_>) -> BoxFuture<'w, Result<T>> + Clone + Send + 'static,
    {
        let connections = Arc::clone(&self.connections);
        let by = by.to_owned();
        let (sender, receiver) = oneshot::channel();
        let task = self.in_own_task(Box::pin(async move {
            let done = transaction::run(&connections.pool, &by, work).await;
            if done.is_ok() {
                connections.written.notify_one();
            }
            // Fails if the client has disconnected, which is no fault.
            drop(sender.send(done));
        }));
        match receiver.await {
            Ok(done) => done,
            Err(_) => Err(match task.await {
                Err(error) => Error::internal(format_args!("a write panicked: {error}")),
                Ok(()) => Error::internal("a write ended without a result"),
            }),
        }
    }

    /// The future is boxed, so that the code of a task is compiled once and not for every write.
    fn in_own_task(&self, write: BoxFuture<'static, ()>) -> JoinHandle<()> {
        self.connections
            .runtime
            .spawn(context::scope(context::request(), write))
    }

    /// Returns a handle that reads as of `moment`. The caller first makes sure that reads of this moment can no longer
    /// change (`sequencer::bring_up_to`).
    #[must_use]
    pub fn as_of(&self, moment: DateTime<Utc>) -> Self {
        Self {
            connections: Arc::clone(&self.connections),
            as_of: Some(moment),
        }
    }

    /// Returns whether this handle reads as of a moment instead of the present.
    pub fn is_as_of(&self) -> bool {
        self.as_of.is_some()
    }

    /// Returns the moment as of which this handle reads; `None` for the present.
    pub fn moment(&self) -> Option<DateTime<Utc>> {
        self.as_of
    }

    /// Returns whether reads as of `moment` are known to be final.
    pub fn is_final(&self, moment: DateTime<Utc>) -> bool {
        self.connections.as_of.is_final(moment)
    }

    /// Remembers that reads as of `moment`, and of earlier moments, are final.
    pub fn note_final(&self, moment: DateTime<Utc>) {
        self.connections.as_of.note_final(moment);
    }
}
