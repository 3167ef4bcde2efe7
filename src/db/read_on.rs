//! What a read runs on, for reads that requests and open transactions share.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::pg::Pg;
use uuid::Uuid;

use super::handle::Db;
use super::statement::Statement;
use super::transaction::Write;
use crate::error::Result;

/// What a read runs on.
pub enum ReadOn<'r, 'c> {
    /// A handle: the read sees the present, or the registry as of the handle's moment.
    Db(&'r Db),
    /// An open transaction: the read sees what the transaction wrote.
    Write(&'r mut Write<'c>),
}

impl<'c> ReadOn<'_, 'c> {
    /// Returns the same for one more read.
    pub fn again(&mut self) -> ReadOn<'_, 'c> {
        match self {
            Self::Db(db) => ReadOn::Db(db),
            Self::Write(write) => ReadOn::Write(write),
        }
    }

    /// Runs a statement and returns its rows.
    ///
    /// # Errors
    /// Those of [`Db::read`] or [`Write::load`].
    pub async fn load<Row>(&mut self, statement: Statement) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        match self {
            Self::Db(db) => db.read(statement).await,
            Self::Write(write) => write.load(statement).await,
        }
    }

    /// Runs one slow statement and returns its rows.
    ///
    /// # Errors
    /// Those of [`Db::read_slowly`] or [`Write::load`].
    pub async fn load_slowly<Row>(&mut self, statement: Statement) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + Send + 'static,
    {
        match self {
            Self::Db(db) => db.read_slowly(statement).await,
            Self::Write(write) => write.load(statement).await,
        }
    }

    /// Returns the moment as of which reads see the registry; `None` for the present.
    pub fn moment(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Db(db) => db.moment(),
            Self::Write(_) => None,
        }
    }

    /// Returns the table and the id of the record to which an earlier operation of the transaction gave a name; `None` if
    /// none did, or outside of a transaction.
    pub fn named(&self, handle: &str) -> Option<(&'static str, Uuid)> {
        match self {
            Self::Db(_) => None,
            Self::Write(write) => write.handles.get(handle),
        }
    }
}
