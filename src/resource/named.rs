//! Locks or reads the record that a reference names, although keys may move between records at the same time.

use chrono::NaiveDate;
use uuid::Uuid;

use super::find::{find, unknown};
use super::record::Resource;
use super::store::{self, Loaded};
use super::{Kind, Reference};
use crate::db::{Db, ReadOn, Write};
use crate::error::{Error, Problem, Result};

/// How often a key is looked up whose record vanishes before it is locked or read.
const LOOKUPS: usize = 10;

/// Locks the record that a reference names until the transaction ends, and returns its id. The wait for the lock may end
/// after another writer moved a key, so a key is looked up again once its record is locked.
///
/// # Errors
/// Not found if the reference names no record; conflict if a key names several; overtaken if the key moved to another record
/// while this waited, after which the write begins again.
pub async fn lock_named(write: &mut Write<'_>, kind: Kind, reference: &Reference) -> Result<Uuid> {
    for _ in 0..LOOKUPS {
        let id = find(ReadOn::Write(write), kind, reference).await?;
        if store::lock_row(write, kind, id).await? {
            return if still_names(write, kind, reference, id).await? {
                Ok(id)
            } else {
                Err(moved(kind, reference))
            };
        }
        if !is_key(reference) {
            return Err(unknown(kind, reference));
        }
    }
    Err(moved(kind, reference))
}

/// Returns whether a reference still names the locked record that it was found to name. An id always does; a key does
/// until another writer moves it.
///
/// # Errors
/// Those of [`Write::load`].
pub async fn still_names(write: &mut Write<'_>, kind: Kind, reference: &Reference, id: Uuid) -> Result<bool> {
    if !is_key(reference) {
        return Ok(true);
    }
    match find(ReadOn::Write(write), kind, reference).await {
        Ok(now) => Ok(now == id),
        Err(error) if matches!(error.problem(), Problem::NotFound | Problem::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns the error for a key that moved between the lookup and the lock. The write begins again; the error is seen only
/// if the key moves each time.
pub fn moved(kind: Kind, reference: &Reference) -> Error {
    Error::conflict(format!(
        "{reference} moved from one {} to another while the request waited; send the request again",
        kind.noun()
    ))
    .overtaken()
}

/// Reads the record that a reference names as its JSON is returned to clients, with its status on the day `on`, and what it
/// includes ([`store::find`]). A key whose record vanishes between the two reads is looked up again.
///
/// # Errors
/// Not found if the reference names no record; conflict if a key names several; those of [`store::find`].
pub async fn read_named<R: Resource>(
    db: &Db,
    reference: &Reference,
    on: NaiveDate,
    included: Option<&str>,
) -> Result<Loaded> {
    find_then(db, R::KIND, reference, async |id| {
        store::find::<R>(db, id, on, included).await
    })
    .await
}

/// Finds the record that a reference names and returns what `read` reads of it. A key whose record vanishes between the two
/// is looked up again.
///
/// # Errors
/// Not found if the reference names no record; conflict if a key names several; those of `read`.
pub async fn find_then<T>(
    db: &Db,
    kind: Kind,
    reference: &Reference,
    read: impl AsyncFn(Uuid) -> Result<Option<T>>,
) -> Result<T> {
    let lookups = if is_key(reference) { LOOKUPS } else { 1 };
    for _ in 0..lookups {
        let id = find(ReadOn::Db(db), kind, reference).await?;
        if let Some(found) = read(id).await? {
            return Ok(found);
        }
    }
    Err(unknown(kind, reference))
}

fn is_key(reference: &Reference) -> bool {
    match reference {
        Reference::Key { .. } => true,
        Reference::Id(_) | Reference::Handle(_) | Reference::Unreadable(_) => false,
    }
}
