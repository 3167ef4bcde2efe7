//! Connections for streams, which last as long as their readers take.

use chrono::{DateTime, Utc};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio::time::{Instant, timeout_at};

use super::as_of;
use super::pool::{InUse, Pooled};
use crate::admission::Place;
use crate::error::Result;

/// A connection of the pool for one stream, with its place. Dropped before [`Streaming::close`], it cancels the statement first.
pub struct Streaming(InUse);

impl Streaming {
    /// Takes a connection that reads as of `moment`, or the present; see `Db::streaming`.
    pub(super) async fn open(
        pool: &Pooled,
        place: Option<Place>,
        moment: Option<DateTime<Utc>>,
        deadline: Instant,
    ) -> Result<Self> {
        let mut in_use = pool.take_for(place, deadline).await?;
        let connection = in_use.connection()?;
        let settings = async {
            // How long the statement runs depends on the reader; the stream itself has limits.
            connection.batch_execute("set statement_timeout = 0").await?;
            match moment {
                Some(moment) => as_of::set_session(connection, moment).await,
                None => Ok(()),
            }
        };
        match timeout_at(deadline, settings).await {
            Ok(set) => set?,
            Err(_) => {
                return Err(super::error::unreachable(
                    "a stream's connection was not set up in time",
                ));
            }
        }
        Ok(Self(in_use))
    }

    /// Returns the connection to read from.
    ///
    /// # Errors
    ///
    /// Never before [`Streaming::close`].
    pub fn connection(&mut self) -> Result<&mut AsyncPgConnection> {
        self.0.connection()
    }

    /// Closes the connection, on which nothing runs any longer. It does not return to the pool, because its session settings differ.
    /// Returns the place, for as long as what was read takes room.
    pub fn close(self) -> Option<Place> {
        self.0.close()
    }
}
