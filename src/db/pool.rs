//! The pool of connections, each used by one transaction, list or stream at a time.

use std::time::Duration;

use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel_async::pooled_connection::deadpool::{Object, Pool, PoolError};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use super::abandon::abandon;
use super::common::Common;
use super::connect::{self, Target, Use};
use super::error::unreachable;
use super::health::Healths;
use super::retry::{TRIES, is_lost};
use super::statement::Statement;
use crate::admission::Place;
use crate::error::{Error, Result};

/// The pool, whose connections are made when they are first needed.
pub(super) struct Pooled {
    pool: Pool<AsyncPgConnection>,
    common: Common,
    target: Target,
    runtime: Handle,
}

/// A connection of the pool that is in use. If this is dropped early, because the client disconnected or the time is over, the
/// statement is cancelled and the connection is closed instead of returned: the next user would wait for the abandoned statement.
/// The place is free when that is done.
pub(super) struct InUse {
    connection: Option<Object<AsyncPgConnection>>,
    place: Option<Place>,
    target: Target,
    runtime: Handle,
}

impl InUse {
    pub fn connection(&mut self) -> Result<&mut AsyncPgConnection> {
        self.connection
            .as_deref_mut()
            .ok_or_else(|| Error::internal("a connection is used after its end"))
    }

    /// Returns the connection to the pool, and its place.
    pub fn give_back(mut self) -> Option<Place> {
        drop(self.connection.take());
        self.place.take()
    }

    /// Closes a connection on which nothing runs, and returns its place: the connection is lost, or its settings differ.
    pub fn close(mut self) -> Option<Place> {
        drop(self.connection.take().map(Object::take));
        self.place.take()
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            abandon(
                Object::take(connection),
                self.place.take(),
                &self.target,
                &self.runtime,
            );
        }
    }
}

impl Pooled {
    pub fn new(target: &Target, runtime: &Handle, connections: usize, statement_time: Duration) -> Self {
        let mut configuration = ManagerConfig::default();
        configuration.recycling_method = RecyclingMethod::Fast;
        let (of_connections, on) = (target.clone(), runtime.clone());
        configuration.custom_setup = Box::new(move |_| {
            let (target, runtime) = (of_connections.clone(), on.clone());
            async move { connect::on(&runtime, target, Use::Exclusive(statement_time)).await }.boxed()
        });
        let manager = AsyncDieselConnectionManager::new_with_config("", configuration);
        let pool = Pool::builder(manager)
            .max_size(connections)
            .build()
            .expect("a pool without timeouts of its own can always be built");
        Self {
            pool,
            common: Common::default(),
            target: target.clone(),
            runtime: runtime.clone(),
        }
    }

    /// Takes a connection; see `Db::pooled`.
    pub async fn take(&self, deadline: Instant) -> Result<Object<AsyncPgConnection>> {
        match timeout_at(deadline, self.pool.get()).await {
            Ok(connection) => connection.map_err(|error| match error {
                PoolError::Backend(cause) => unreachable(cause),
                other => unreachable(other),
            }),
            Err(_) => Err(unreachable("no connection of the pool in time")),
        }
    }

    /// Takes a connection for work that has a place, or that needs none.
    pub async fn take_for(&self, place: Option<Place>, deadline: Instant) -> Result<InUse> {
        let connection = self.take(deadline).await?;
        Ok(InUse {
            connection: Some(connection),
            place,
            target: self.target.clone(),
            runtime: self.runtime.clone(),
        })
    }

    /// Runs one statement that may be slow; see `Db::read_slowly`. Returns the place for the next statement of the same request.
    pub async fn read<Row>(
        &self,
        statement: Statement,
        mut place: Option<Place>,
        deadline: Instant,
        health: &Healths,
    ) -> Result<(Vec<Row>, Option<Place>)>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        let statement = self.common.note(statement);
        let mut tries = TRIES;
        loop {
            let mut in_use = self.take_for(place.take(), deadline).await?;
            tries -= 1;
            let reading = statement.clone().load::<Row>(in_use.connection()?);
            match timeout_at(deadline, reading).await {
                Ok(Err(error)) if is_lost(&error) => {
                    place = in_use.close();
                    if tries == 0 {
                        return Err(Error::from(error));
                    }
                    self.close_idle();
                }
                Ok(result) => {
                    let place = in_use.give_back();
                    return Ok((result?, place));
                }
                Err(_) => return Err(health.read_too_slow()),
            }
        }
    }

    /// Closes the idle connections: one was lost or has a stale plan, so the others probably too.
    pub fn close_idle(&self) {
        self.pool.retain(|_, _| false);
    }
}
