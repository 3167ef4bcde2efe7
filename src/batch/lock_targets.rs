//! Locks the records that a batch changes before its first operation, in id order. Two batches that change the same
//! records wait for each other and never deadlock, whatever the order of their operations.

use crate::db::{ReadOn, Write};
use crate::error::Result;
use crate::resource::{Kind, Lookup, Reference, store};
use crate::validation::Faults;

/// The number of keys that are looked up in one statement.
const AT_ONCE: usize = 500;

/// Locks those of the records that exist already. A faulty reference is reported by its operation; a record that an earlier
/// operation creates is not visible to others.
pub async fn lock(write: &mut Write<'_>, named: &[(Kind, &Reference)]) -> Result<()> {
    for resource in Kind::ALL {
        let mut ids = Vec::new();
        let mut keys = Vec::new();
        for (_, reference) in named.iter().filter(|(of, _)| *of == resource) {
            match reference {
                Reference::Id(id) => ids.push(*id),
                Reference::Key { .. } => keys.push((*reference).clone()),
                Reference::Handle(_) | Reference::Unreadable(_) => {}
            }
        }
        for keys in keys.chunks(AT_ONCE) {
            let mut lookup = Lookup::default();
            let elements: Vec<_> = keys
                .iter()
                .map(|key| lookup.want("", resource, key.clone()))
                .collect();
            let found = lookup
                .resolve(ReadOn::Write(write), &mut Faults::default())
                .await?;
            ids.extend(found.all(&elements));
        }
        if !ids.is_empty() {
            store::lock_rows(write, resource, ids).await?;
        }
    }
    Ok(())
}
