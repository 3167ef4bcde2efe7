//! Two doors to the database: `read` lends a shared connection on which point reads are pipelined,
//! `write` and `pooled` take one for themselves. Nothing else in the house opens a connection,
//! but for bulk work and commands, which ask `connect`.

pub mod cluster;
pub mod coalesce;
pub mod connect;
pub mod migrate;
pub mod statement;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::error::{Error, Result};
use crate::http::request_id;
use crate::references::Handles;
pub use coalesce::ById;
pub use connect::Target;
pub use statement::{Bind, Statement};

/// A read that waits longer than this is answered 503: the wait in a pipe is not timed by PostgreSQL.
const READ_DEADLINE: Duration = Duration::from_secs(10);

/// How many connections the doors hold.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    pub shared: usize,
    pub pool: usize,
}

#[derive(Clone)]
pub struct Db(Arc<Doors>);

struct Doors {
    target: Target,
    shared: Vec<RwLock<Option<Arc<AsyncPgConnection>>>>,
    next: AtomicUsize,
    pool: Pool<AsyncPgConnection>,
    runtime: tokio::runtime::Handle,
    queues: coalesce::Queues,
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
            .wait_timeout(Some(READ_DEADLINE))
            .create_timeout(Some(READ_DEADLINE))
            .recycle_timeout(Some(READ_DEADLINE))
            .runtime(deadpool_runtime())
            .build()
            .expect("a pool with a runtime can always be built");
        let shared = (0..sizes.shared.max(1)).map(|_| RwLock::new(None)).collect();
        Self(Arc::new(Doors {
            target,
            shared,
            next: AtomicUsize::new(0),
            pool,
            runtime,
            queues: coalesce::Queues::default(),
        }))
    }

    fn queues(&self) -> &coalesce::Queues {
        &self.0.queues
    }

    pub fn target(&self) -> &Target {
        &self.0.target
    }

    /// Runs one statement on a shared connection. A lost connection is made again and the read
    /// tried once more; it changes nothing, so that is safe.
    pub async fn read<Row>(&self, statement: Statement) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        let place = self.0.next.fetch_add(1, Ordering::Relaxed) % self.0.shared.len();
        match self.read_once(place, statement.clone()).await {
            Err(error) if is_worth_another_try(&error) => {
                self.forget(place);
                self.read_once(place, statement).await.map_err(Error::from)
            }
            result => result.map_err(Error::from),
        }
    }

    /// Like `read`, for a statement that finds one row at most.
    pub async fn read_one<Row>(&self, statement: Statement) -> Result<Option<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        Ok(self.read(statement).await?.pop())
    }

    async fn read_once<Row>(
        &self,
        place: usize,
        statement: Statement,
    ) -> Result<Vec<Row>, diesel::result::Error>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        let connection = self.shared(place).await?;
        let read = async {
            let mut lent = &*connection;
            statement.load::<Row>(&mut lent).await
        };
        match tokio::time::timeout(READ_DEADLINE, read).await {
            Ok(rows) => rows,
            Err(_) => {
                self.forget(place);
                Err(away("no answer within ten seconds"))
            }
        }
    }

    async fn shared(&self, place: usize) -> Result<Arc<AsyncPgConnection>, diesel::result::Error> {
        let slot = &self.0.shared[place];
        if let Some(connection) = slot.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
            return Ok(Arc::clone(connection));
        }
        let made = connect::on(&self.0.runtime, self.0.target.clone(), connect::Use::Shared)
            .await
            .map_err(|error| away(&error.to_string()))?;
        let made = Arc::new(made);
        let mut slot = slot.write().unwrap_or_else(PoisonError::into_inner);
        // Another request may have been quicker; the loser's connection closes when it is dropped.
        Ok(Arc::clone(slot.get_or_insert(made)))
    }

    fn forget(&self, place: usize) {
        *self.0.shared[place]
            .write()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Takes a connection for a slow read, or one of several statements.
    pub async fn pooled(&self) -> Result<Object<AsyncPgConnection>> {
        self.0.pool.get().await.map_err(|error| {
            Error::unavailable("the database is away, send the request again in a moment", error)
        })
    }

    /// Runs one slow statement on a connection of its own.
    pub async fn read_slowly<Row>(&self, statement: Statement) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        let mut connection = self.pooled().await?;
        Ok(statement.load::<Row>(&mut *connection).await?)
    }

    /// Runs `work` in a transaction that carries who writes. It runs in a task of its own: a client
    /// that hangs up can't drop it half way.
    pub async fn write<T, Work>(&self, by: &str, work: Work) -> Result<T>
    where
        T: Send + 'static,
        Work: for<'w> FnOnce(&'w mut Write<'_>) -> BoxFuture<'w, Result<T>> + Send + 'static,
    {
        let db = self.clone();
        let by = by.to_owned();
        let request = request_id::current();
        let task = self
            .0
            .runtime
            .spawn(request_id::scope(request.clone(), async move {
                let mut connection = db.pooled().await?;
                connection
                    .transaction::<T, Error, _>(async |connection| {
                        Statement::new("select set_config('demarche.by', ")
                            .bind(by.as_str())
                            .sql(", true), set_config('demarche.request_id', ")
                            .bind(request.as_str())
                            .sql(", true)")
                            .keep_prepared()
                            .execute(connection)
                            .await?;
                        work(&mut Write {
                            connection,
                            handles: Handles::default(),
                        })
                        .await
                    })
                    .await
            }));
        match task.await {
            Ok(result) => result,
            Err(error) => Err(Error::internal(format_args!("a write panicked: {error}"))),
        }
    }
}

/// A transaction under way.
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
        Ok(statement.load::<Row>(self.connection).await?)
    }

    pub async fn execute(&mut self, statement: Statement) -> Result<usize> {
        Ok(statement.execute(self.connection).await?)
    }
}

fn away(reason: &str) -> diesel::result::Error {
    diesel::result::Error::DatabaseError(
        diesel::result::DatabaseErrorKind::UnableToSendCommand,
        Box::new(reason.to_owned()),
    )
}

fn is_worth_another_try(error: &diesel::result::Error) -> bool {
    use diesel::result::DatabaseErrorKind;

    match error {
        diesel::result::Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, _)
        | diesel::result::Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => true,
        diesel::result::Error::DatabaseError(_, information) => {
            let message = information.message();
            message.contains("terminating connection") || message.contains("cached plan must not change")
        }
        _ => false,
    }
}

fn deadpool_runtime() -> deadpool::Runtime {
    deadpool::Runtime::Tokio1
}
