//! The pool of connections, each used by one transaction, slow read or stream at a time.

use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel_async::pooled_connection::deadpool::{Object, Pool, PoolError};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::connect::{self, Target, Use};
use super::error::unreachable;
use super::retry::{DEADLINE, TRIES, is_lost};
use super::statement::Statement;
use crate::error::{Error, Result};

/// The pool, whose connections are made when they are first needed.
pub(super) struct Pooled(Pool<AsyncPgConnection>);

/// A connection of the pool that is in use. If this is dropped early, because the client disconnected, the connection is closed
/// instead of returned: the next user would wait for the abandoned statement.
pub(super) struct InUse(Option<Object<AsyncPgConnection>>);

impl InUse {
    pub fn new(connection: Object<AsyncPgConnection>) -> Self {
        Self(Some(connection))
    }

    pub fn connection(&mut self) -> Result<&mut AsyncPgConnection> {
        self.0
            .as_deref_mut()
            .ok_or_else(|| Error::internal("a connection is used after its end"))
    }

    /// Ends the use: what becomes of the connection is the caller's decision.
    pub fn into_inner(mut self) -> Result<Object<AsyncPgConnection>> {
        self.0
            .take()
            .ok_or_else(|| Error::internal("a connection is used after its end"))
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        drop(self.0.take().map(Object::take));
    }
}

impl Pooled {
    pub fn new(target: &Target, runtime: &Handle, connections: usize) -> Self {
        let mut configuration = ManagerConfig::default();
        configuration.recycling_method = RecyclingMethod::Fast;
        let (target, runtime) = (target.clone(), runtime.clone());
        configuration.custom_setup = Box::new(move |_| {
            let (target, runtime) = (target.clone(), runtime.clone());
            async move { connect::on(&runtime, target, Use::Exclusive).await }.boxed()
        });
        let manager = AsyncDieselConnectionManager::new_with_config("", configuration);
        let pool = Pool::builder(manager)
            .max_size(connections)
            .build()
            .expect("a pool without timeouts of its own can always be built");
        Self(pool)
    }

    /// Takes a connection; see `Db::pooled`.
    pub async fn take(&self) -> Result<Object<AsyncPgConnection>> {
        match timeout(DEADLINE, self.0.get()).await {
            Ok(connection) => connection.map_err(|error| match error {
                PoolError::Backend(cause) => unreachable(cause),
                other => unreachable(other),
            }),
            Err(_) => Err(Error::unavailable(
                "every connection to the database is busy; send the request again in a moment",
                "no connection of the pool came free within ten seconds",
            )),
        }
    }

    /// Runs one slow statement; see `Db::read_slowly`.
    pub async fn read<Row>(&self, statement: Statement) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        let mut tries = TRIES;
        loop {
            let mut in_use = InUse::new(self.take().await?);
            tries -= 1;
            match statement.clone().load::<Row>(in_use.connection()?).await {
                Err(error) if is_lost(&error) => {
                    drop(in_use);
                    if tries == 0 {
                        return Err(Error::from(error));
                    }
                    self.close_idle();
                }
                result => {
                    drop(in_use.into_inner()?);
                    return Ok(result?);
                }
            }
        }
    }

    /// Closes the idle connections: one was lost or has a stale plan, so the others probably too.
    pub fn close_idle(&self) {
        self.0.retain(|_, _| false);
    }
}
