//! Two doors to the database: `read` lends a shared connection on which point reads are pipelined,
//! `write` and `pooled` take one for themselves. Nothing else in the house opens a connection,
//! but for bulk work and commands, which ask `connect`.

mod as_of;
mod as_of_bi;
pub mod as_of_schema;
pub mod cluster;
pub mod coalesce;
pub mod connect;
pub mod error;
pub mod migrate;
pub mod sequencer;
pub mod statement;
pub mod views;
mod watch;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection, TransactionManager,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use crate::context::{self, Request};
use crate::error::{Error, Problem, Result};
use crate::resource::Handles;
pub use coalesce::{ById, Kept};
pub use connect::Target;
pub use statement::{Bind, Statement};

/// A read that waits longer than this is answered 503, connecting and trying again included: the wait in a
/// pipe is not timed by PostgreSQL. Whoever waits for a connection of their own waits as long.
const DEADLINE: Duration = Duration::from_secs(10);
/// What PostgreSQL says of a plan whose table has changed.
const STALE_PLAN: &str = "cached plan must not change";
/// How often a connection that proves to be lost is replaced by another before the caller is told, and how often
/// a write is tried that others stand in the way of.
const TRIES: usize = 3;
/// A write that collided with another begins anew after a pause of up to so long, chosen by chance so that the
/// two don't meet again.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// How many connections the doors hold.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    pub shared: usize,
    pub pool: usize,
}

#[derive(Clone)]
pub struct Db {
    doors: Arc<Doors>,
    /// The moment as of which this handle reads; `None` reads the present.
    as_of: Option<DateTime<Utc>>,
}

struct Doors {
    target: Target,
    shared: Vec<Place>,
    next: AtomicUsize,
    pool: Pool<AsyncPgConnection>,
    /// Streams last as long as their readers like; they never take the whole pool.
    streams: Arc<Semaphore>,
    as_of: as_of::Connections,
    runtime: tokio::runtime::Handle,
    queues: coalesce::Queues,
    /// Wakes who puts changes in order.
    written: Notify,
    /// Wakes who waits for changes.
    sequenced: tokio::sync::watch::Sender<()>,
}

/// A place for a shared connection, which is made when it is first needed and again when it is lost.
#[derive(Default)]
struct Place {
    connection: RwLock<Option<Arc<AsyncPgConnection>>>,
    /// Held by whoever makes the connection: those who wait take it over, or share the failure that
    /// is kept here with its time. A crowd of reads never becomes a crowd of connections.
    making: Mutex<Option<(Instant, String)>>,
}

impl Place {
    fn connection(&self) -> Option<Arc<AsyncPgConnection>> {
        self.connection
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Gives up a connection; one that somebody has made since is kept.
    fn forget(&self, lost: &Arc<AsyncPgConnection>) {
        let mut kept = self.connection.write().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, lost)) {
            *kept = None;
        }
    }
}

/// A connection for as long as somebody reads a stream from it.
pub struct Streaming {
    pub connection: Object<AsyncPgConnection>,
    _place: OwnedSemaphorePermit,
}

impl Streaming {
    /// Ends the connection: what was read half, or has other settings, must not go back to the pool.
    pub fn close(self) {
        drop(Object::take(self.connection));
    }
}

impl Db {
    /// Prepares both doors; connections are made when they are first needed, so that a server
    /// can start while the database is away. Must be called on the runtime that outlives all others.
    pub fn new(target: Target, sizes: Sizes) -> Self {
        let runtime = tokio::runtime::Handle::current();
        let mut configuration = ManagerConfig::default();
        configuration.recycling_method = RecyclingMethod::Fast;
        let (pool_target, pool_runtime) = (target.clone(), runtime.clone());
        configuration.custom_setup = Box::new(move |_| {
            let (target, runtime) = (pool_target.clone(), pool_runtime.clone());
            async move { connect::on(&runtime, target, connect::Use::Exclusive).await }.boxed()
        });
        let manager = AsyncDieselConnectionManager::new_with_config("", configuration);
        let pool = Pool::builder(manager)
            .max_size(sizes.pool)
            .build()
            .expect("a pool without timeouts of its own can always be built");
        let doors = Doors {
            target,
            shared: (0..sizes.shared.max(1)).map(|_| Place::default()).collect(),
            next: AtomicUsize::new(0),
            pool,
            streams: Arc::new(Semaphore::new((sizes.pool / 2).max(1))),
            as_of: as_of::Connections::new((sizes.pool / 2).max(1)),
            runtime,
            queues: coalesce::Queues::default(),
            written: Notify::new(),
            sequenced: tokio::sync::watch::Sender::new(()),
        };
        Self {
            doors: Arc::new(doors),
            as_of: None,
        }
    }

    fn queues(&self) -> &coalesce::Queues {
        &self.doors.queues
    }

    pub fn target(&self) -> &Target {
        &self.doors.target
    }

    pub fn runtime(&self) -> &tokio::runtime::Handle {
        &self.doors.runtime
    }

    /// Notified after every write through this door.
    pub fn written(&self) -> &Notify {
        &self.doors.written
    }

    /// Sent to when this program has put changes in order; other programs may do so as well.
    pub fn sequenced(&self) -> &tokio::sync::watch::Sender<()> {
        &self.doors.sequenced
    }

    /// Runs one statement on a shared connection. A lost connection is made again and the read
    /// tried again; it changes nothing, so that is safe.
    pub async fn read<Row>(&self, statement: Statement) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        if let Some(moment) = self.as_of {
            return self.read_as_of(moment, statement).await;
        }
        let place =
            &self.doors.shared[self.doors.next.fetch_add(1, Ordering::Relaxed) % self.doors.shared.len()];
        let deadline = Instant::now() + DEADLINE;
        let mut tries = TRIES;
        loop {
            let connection = match timeout_at(deadline, self.shared(place)).await {
                Ok(connection) => connection?,
                Err(_) => return Err(away("no connection within ten seconds")),
            };
            let read = async {
                let mut lent = &*connection;
                statement.clone().load::<Row>(&mut lent).await
            };
            tries -= 1;
            match timeout_at(deadline, read).await {
                Ok(Err(error)) if is_lost(&error) => {
                    place.forget(&connection);
                    if tries == 0 {
                        return Err(Error::from(error));
                    }
                }
                Ok(result) => return result.map_err(Error::from),
                Err(_) => {
                    place.forget(&connection);
                    return Err(away("no answer within ten seconds"));
                }
            }
        }
    }

    /// Like `read`, for a statement that finds one row at most.
    pub async fn read_one<Row>(&self, statement: Statement) -> Result<Option<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        Ok(self.read(statement).await?.pop())
    }

    async fn shared(&self, place: &Place) -> Result<Arc<AsyncPgConnection>> {
        if let Some(connection) = place.connection() {
            return Ok(connection);
        }
        let asked = Instant::now();
        let mut failure = place.making.lock().await;
        if let Some(connection) = place.connection() {
            return Ok(connection);
        }
        if let Some((at, reason)) = failure.as_ref()
            && *at > asked
        {
            return Err(away(reason));
        }
        match connect::on(
            &self.doors.runtime,
            self.doors.target.clone(),
            connect::Use::Shared,
        )
        .await
        {
            Ok(made) => {
                let made = Arc::new(made);
                *place.connection.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&made));
                Ok(made)
            }
            Err(error) => {
                *failure = Some((Instant::now(), error.to_string()));
                Err(away(error))
            }
        }
    }

    /// Takes a connection for a slow read, or one of several statements.
    pub async fn pooled(&self) -> Result<Object<AsyncPgConnection>> {
        match timeout(DEADLINE, self.doors.pool.get()).await {
            Ok(connection) => connection.map_err(away),
            Err(_) => Err(Error::unavailable(
                "every connection to the database is busy, send the request again in a moment",
                "no connection of the pool came free within ten seconds",
            )),
        }
    }

    /// Takes a connection for a stream, whose reader may be slow.
    pub async fn streaming(&self) -> Result<Streaming> {
        let place = timeout(DEADLINE, Arc::clone(&self.doors.streams).acquire_owned()).await;
        let Ok(Ok(place)) = place else {
            return Err(Error::unavailable(
                "too many streams are being read, send the request again in a moment",
                "no stream ended within ten seconds",
            ));
        };
        // Until the settings are made, and ever after, the connection is none for others.
        let mut reading = Reading(Some(self.pooled().await?));
        if let Some(moment) = self.as_of
            && let Some(connection) = reading.0.as_mut()
        {
            connection.batch_execute(connect::AS_OF).await?;
            as_of::set_moment(moment).execute(&mut **connection).await?;
        }
        Ok(Streaming {
            connection: reading
                .0
                .take()
                .ok_or_else(|| Error::internal("a connection vanished"))?,
            _place: place,
        })
    }

    /// Runs one slow statement on a connection of its own; a lost one is replaced, like those of `read`.
    pub async fn read_slowly<Row>(&self, statement: Statement) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        if let Some(moment) = self.as_of {
            return self.read_as_of(moment, statement).await;
        }
        let mut tries = TRIES;
        loop {
            let mut reading = Reading(Some(self.pooled().await?));
            let Some(connection) = reading.0.as_mut() else {
                return Err(Error::internal("a connection vanished"));
            };
            tries -= 1;
            match statement.clone().load::<Row>(&mut **connection).await {
                Err(error) if is_lost(&error) => {
                    drop(reading);
                    if tries == 0 {
                        return Err(Error::from(error));
                    }
                    self.renew_pool();
                }
                result => {
                    drop(reading.0.take());
                    return Ok(result?);
                }
            }
        }
    }

    /// Runs `work` in a transaction that carries who writes. It runs in a task of its own: a client
    /// that hangs up can't drop it half way. Where it deadlocks with another write, or another takes away what it had
    /// found, it is begun anew.
    pub async fn write<T, Work>(&self, by: &str, work: Work) -> Result<T>
    where
        T: Send + 'static,
        Work: for<'w> FnOnce(&'w mut Write<'_>) -> BoxFuture<'w, Result<T>> + Clone + Send + 'static,
    {
        let db = self.clone();
        let by = by.to_owned();
        let request = context::request();
        let task = self
            .doors
            .runtime
            .spawn(context::scope(request.clone(), async move {
                let mut tries = TRIES;
                loop {
                    tries -= 1;
                    let done = db.write_here(&by, &request, work.clone()).await;
                    if tries == 0
                        || !done
                            .as_ref()
                            .is_err_and(|error| error.is_collision() || error.is_overtaken())
                    {
                        return done;
                    }
                    tokio::time::sleep(LONGEST_PAUSE.mul_f32(rand::random())).await;
                }
            }));
        match task.await {
            Ok(result) => result,
            Err(error) => Err(Error::internal(format_args!("a write panicked: {error}"))),
        }
    }

    async fn write_here<T, Work>(&self, by: &str, request: &Request, work: Work) -> Result<T>
    where
        T: Send + 'static,
        Work: for<'w> FnOnce(&'w mut Write<'_>) -> BoxFuture<'w, Result<T>> + Send + 'static,
    {
        let begun = timeout(DEADLINE, self.begin(by, request)).await;
        let mut connection =
            begun.unwrap_or_else(|_| Err(away("no transaction began within ten seconds")))?;
        let worked = work(&mut Write {
            connection: &mut connection,
            handles: Handles::default(),
        })
        .await;
        let done = match worked {
            Ok(value) => match Transactions::commit_transaction(&mut *connection).await {
                Ok(()) => {
                    self.doors.written.notify_one();
                    Ok(value)
                }
                Err(error) => Err(Error::from(error)),
            },
            Err(error) => {
                // Where that fails the connection is broken, and the pool does not take it back.
                let _ = Transactions::rollback_transaction(&mut *connection).await;
                Err(error)
            }
        };
        if done
            .as_ref()
            .is_err_and(|error| error.problem() == Problem::Unavailable && !error.is_collision())
        {
            // It may be lost, or keep a plan that is stale for good.
            drop(Object::take(connection));
        }
        if done
            .as_ref()
            .is_err_and(|error| error.cause().is_some_and(|cause| cause.contains(STALE_PLAN)))
        {
            self.renew_pool();
        }
        done
    }

    /// Gives up the connections that nobody uses: what happened to one of them happened to all.
    fn renew_pool(&self) {
        self.doors.pool.retain(|_, _| false);
    }

    /// A connection with a transaction that has begun. Nothing is done by then, so a connection that
    /// proves to be lost is replaced by another.
    async fn begin(&self, by: &str, request: &Request) -> Result<Object<AsyncPgConnection>> {
        let mut tries = TRIES;
        loop {
            let mut connection = self.pooled().await?;
            tries -= 1;
            match introduce(&mut connection, by, request).await {
                Ok(()) => return Ok(connection),
                Err(error) => {
                    drop(Object::take(connection));
                    if tries == 0 || !is_lost(&error) {
                        return Err(Error::from(error));
                    }
                    self.renew_pool();
                }
            }
        }
    }
}

type Transactions = <AsyncPgConnection as AsyncConnection>::TransactionManager;

/// Begins a transaction and says in it who writes. A write finds all it needs by key, so a plan made once serves every
/// value; PostgreSQL would make another each time where it can't guess how long a list is.
async fn introduce(
    connection: &mut AsyncPgConnection,
    by: &str,
    request: &Request,
) -> Result<(), diesel::result::Error> {
    Transactions::begin_transaction(connection).await?;
    Statement::new("select set_config('demarche.by', ")
        .bind(by)
        .sql(", true), set_config('demarche.request_id', ")
        .bind(request.id.as_str())
        .sql(", true), set_config('demarche.comment', ")
        .bind(request.comment.clone().unwrap_or_default())
        .sql(", true), set_config('plan_cache_mode', 'force_generic_plan', true)")
        .keep_prepared()
        .execute(connection)
        .await
        .map(drop)
}

/// A connection that is reading. Dropped half way, because the client hung up, it does not go back to
/// the pool: whoever took it next would wait for what nobody wants any more.
struct Reading(Option<Object<AsyncPgConnection>>);

impl Drop for Reading {
    fn drop(&mut self) {
        drop(self.0.take().map(Object::take));
    }
}

/// A transaction under way. Its statements are kept prepared: writes have few texts.
pub struct Write<'c> {
    pub connection: &'c mut AsyncPgConnection,
    /// Names that earlier operations of the same batch gave to their records.
    pub handles: Handles,
}

impl Write<'_> {
    pub async fn load<Row>(&mut self, statement: Statement) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        Ok(statement.keep_prepared().load::<Row>(self.connection).await?)
    }

    pub async fn execute(&mut self, statement: Statement) -> Result<usize> {
        Ok(statement.keep_prepared().execute(self.connection).await?)
    }
}

fn away(reason: impl std::fmt::Display) -> Error {
    Error::unavailable("the database is away, send the request again in a moment", reason)
}

/// Whether another connection may do what this one can't: it is lost, or has a plan that a changed
/// table made stale.
fn is_lost(error: &diesel::result::Error) -> bool {
    use diesel::result::DatabaseErrorKind;

    match error {
        diesel::result::Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, _)
        | diesel::result::Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => true,
        diesel::result::Error::DatabaseError(_, information) => {
            let message = information.message();
            message.contains("terminating connection") || message.contains(STALE_PLAN)
        }
        _ => false,
    }
}
