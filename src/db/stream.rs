//! Connections for streams, which last as long as their readers take.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Object;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::as_of;
use super::pool::{InUse, Pooled};
use super::retry::DEADLINE;
use crate::error::{Error, Result};

/// Limits the streams, so that slow readers never take the whole pool.
pub(super) struct Streams(Arc<Semaphore>);

/// A connection of the pool for one stream. End it with [`Streaming::close`].
pub struct Streaming {
    /// The connection to read from
    pub connection: Object<AsyncPgConnection>,
    _permit: OwnedSemaphorePermit,
}

impl Streams {
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most)))
    }

    /// Takes a connection that reads as of `moment`, or the present; see `Db::streaming`.
    pub async fn open(&self, pool: &Pooled, moment: Option<DateTime<Utc>>) -> Result<Streaming> {
        let permit = timeout(DEADLINE, Arc::clone(&self.0).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else {
            return Err(Error::unavailable(
                "too many streams are being read; send the request again in a moment",
                "no stream ended within ten seconds",
            ));
        };
        // Never returned to the pool, because its session settings differ.
        let mut in_use = InUse::new(pool.take().await?);
        if let Some(moment) = moment {
            as_of::set_session(in_use.connection()?, moment).await?;
        }
        Ok(Streaming {
            connection: in_use.into_inner()?,
            _permit: permit,
        })
    }
}

impl Streaming {
    /// Closes the connection. It does not return to the pool, because it may be in mid-statement and its session settings differ.
    pub fn close(self) {
        drop(Object::take(self.connection));
    }
}
