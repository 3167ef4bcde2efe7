//! The handle that the server reads and writes through.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Object;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::as_of::AsOf;
use super::capacity::{Capacity, Class};
use super::connect::Target;
use super::health::Healths;
use super::pool::Pooled;
use super::retry::DEADLINE;
use super::shared::Shared;
use super::snapshot::{Run, Snapshots};
use super::statement::Statement;
use super::stream::Streaming;
use super::transaction::{self, Terms, Write};
use crate::admission::{Counts, Place, Places};
use crate::context::{self, Client};
use crate::error::{Error, Result};

/// A handle to the database, cheap to clone. It reads the present, or as of one moment ([`Db::as_of`]).
#[derive(Clone)]
pub struct Db {
    connections: Arc<Connections>,
    /// The moment as of which this handle reads; `None` reads the present.
    as_of: Option<DateTime<Utc>>,
    /// The place of the request that this handle serves; `None` if each read takes its own.
    request_place: Option<RequestPlace>,
}

struct Connections {
    target: Target,
    runtime: Handle,
    capacity: Capacity,
    shared: Shared,
    run: Arc<Run>,
    pool: Arc<Pooled>,
    as_of: AsOf,
    health: Arc<Healths>,
    places: [Places; Class::ALL.len()],
    counts: Counts,
    written: Notify,
    sequenced: watch::Sender<()>,
    sequencing: Arc<tokio::sync::Mutex<()>>,
}

/// The place that a request has for its reads, one after the other. A read that runs has it; where the read is given up, the place
/// follows its statement and is free once that is cancelled.
#[derive(Clone, Default)]
pub struct RequestPlace(Arc<Mutex<Option<Place>>>);

impl RequestPlace {
    fn take(&self) -> Option<Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put_back(&self, place: Option<Place>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }
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
    pub fn new(target: Target, capacity: Capacity) -> Self {
        let counts = Counts::new().expect("the names of metrics are valid");
        let runtime = Handle::current();
        let health = Arc::new(Healths::new(capacity.read_time));
        let connections = Connections {
            shared: Shared::new(&target, &runtime, capacity.shared),
            run: Arc::new(Run::new(&target)),
            pool: Arc::new(Pooled::new(
                &target,
                &runtime,
                capacity.pooled(),
                capacity.statement_time(),
            )),
            as_of: AsOf::new(&target, &runtime, &health, capacity.statement_time()),
            health,
            places: Class::ALL.map(|class| Places::new(class.words(), capacity.room(class), &counts)),
            written: Notify::new(),
            sequenced: watch::Sender::new(()),
            sequencing: Arc::default(),
            counts,
            capacity,
            target,
            runtime,
        };
        Self {
            connections: Arc::new(connections),
            as_of: None,
            request_place: None,
        }
    }

    /// Returns the health of the database, as `db::monitor` sees it.
    pub fn health(&self) -> &Healths {
        &self.connections.health
    }

    /// Returns the metrics of the places of requests.
    pub fn counts(&self) -> &Counts {
        &self.connections.counts
    }

    /// Takes a place of a kind of work for the current request; `None` if the program itself works, which needs none.
    async fn place(&self, class: Class) -> Result<Option<Place>> {
        match context::client() {
            Client::Program => Ok(None),
            client => match self.connections.places[class as usize].take(client).await {
                Ok(place) => Ok(Some(place)),
                // If the database does not respond, requests that wait for it take the places: the cause is the database, not the load.
                Err(error) => Err(self.connections.health.instead_of(error)),
            },
        }
    }

    /// Returns how long the reads of a request may take.
    pub fn read_time(&self) -> Duration {
        self.connections.capacity.read_time
    }

    /// Returns the time by which a read must end.
    fn deadline(&self) -> Instant {
        context::deadline().unwrap_or_else(|| Instant::now() + self.read_time())
    }

    /// Takes the place of a list or of an as-of read for the current request, before it does anything else: where there is none,
    /// nothing was done in vain.
    ///
    /// # Errors
    ///
    /// Overloaded or too many requests if there is no room.
    pub async fn begin_list(&self, place: &RequestPlace, is_as_of: bool) -> Result<()> {
        let class = if is_as_of { Class::AsOf } else { Class::Lists };
        place.put_back(self.place(class).await?);
        Ok(())
    }

    /// Returns a handle whose slow reads have this place.
    #[must_use]
    pub fn with_place(&self, place: RequestPlace) -> Self {
        Self {
            request_place: Some(place),
            ..self.clone()
        }
    }

    /// Takes the place of a stream for the current request; see [`Db::streaming`].
    ///
    /// # Errors
    ///
    /// Overloaded or too many requests if there is no room.
    pub async fn begin_stream(&self, place: &RequestPlace) -> Result<()> {
        place.put_back(self.place(Class::Streams).await?);
        Ok(())
    }

    /// Returns the lock of those who put changes in order: one at a time, so that they take one connection.
    pub fn sequencing(&self) -> &Arc<tokio::sync::Mutex<()>> {
        &self.connections.sequencing
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
    /// 503 if no rows came in time, the connection was lost three times or the server is busy; otherwise the error of the statement.
    pub async fn read<Row>(&self, statement: Statement) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        if self.as_of.is_some() {
            return self.read_slowly(statement).await;
        }
        let _place = self.place(Class::Points).await?;
        self.connections.shared.read(statement, self.deadline()).await
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

    /// Runs one statement that may be slow on a connection of the pool, or as of the handle's moment. A lost connection is replaced
    /// as in [`Db::read`]. A caller that goes away, and the end of the time, cancel the statement.
    ///
    /// # Errors
    ///
    /// Too slow if the statement did not end in time; 503 if the server is busy, the database can't be reached or the connection
    /// was lost three times; otherwise the error of the statement.
    pub async fn read_slowly<Row>(&self, statement: Statement) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        let kept = self.request_place.as_ref().and_then(RequestPlace::take);
        let place = match (kept, self.as_of) {
            (Some(place), _) => Some(place),
            (None, Some(_)) => self.place(Class::AsOf).await?,
            (None, None) => self.place(Class::Lists).await?,
        };
        let connections = &self.connections;
        let deadline = self.deadline();
        let (rows, place) = match self.as_of {
            Some(moment) => connections.as_of.read(moment, statement, place, deadline).await?,
            None => {
                let pool = &connections.pool;
                pool.read(statement, place, deadline, &connections.health).await?
            }
        };
        if let Some(of_request) = &self.request_place {
            of_request.put_back(place);
        }
        Ok(rows)
    }

    /// Returns the snapshots of the current thread. They have a connection of their own.
    pub fn snapshots(&self) -> Snapshots {
        Snapshots::new(&self.connections.run)
    }

    /// Takes a connection of the pool for the program's own work, for several statements or a transaction of the caller's own.
    ///
    /// # Errors
    ///
    /// 503 if the database can't be reached or no connection came free within ten seconds.
    pub async fn pooled(&self) -> Result<Object<AsyncPgConnection>> {
        self.connections.pool.take(Instant::now() + DEADLINE).await
    }

    /// Takes a connection for a stream, whose reader may be slow. It reads as of the handle's moment, if there is one.
    ///
    /// # Errors
    ///
    /// 503 if the server is busy or the database can't be reached in time.
    pub async fn streaming(&self) -> Result<Streaming> {
        let place = match self.request_place.as_ref().and_then(RequestPlace::take) {
            Some(place) => Some(place),
            None => self.place(Class::Streams).await?,
        };
        Streaming::open(&self.connections.pool, place, self.as_of, self.deadline()).await
    }

    /// Returns the failure of a stream whose first row did not come in time.
    pub fn stream_too_slow(&self) -> Error {
        self.connections.health.read_too_slow()
    }

    /// Returns the time by which the first row of a stream must come.
    pub fn first_row_by(&self) -> Instant {
        self.deadline()
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
        // A client that disconnects while it waits has written nothing.
        let place = self.place(Class::Writes).await?;
        let connections = Arc::clone(&self.connections);
        let by = by.to_owned();
        let (sender, receiver) = oneshot::channel();
        let task = self.in_own_task(Box::pin(async move {
            let terms = Terms {
                pool: &connections.pool,
                health: &connections.health,
                time: (context::client() != Client::Program).then_some(connections.capacity.write_time),
            };
            let done = transaction::run(terms, &by, place, work).await;
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
            as_of: Some(moment),
            ..self.clone()
        }
    }

    /// Returns a handle that reads the present.
    pub fn present(&self) -> Self {
        Self {
            as_of: None,
            ..self.clone()
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
