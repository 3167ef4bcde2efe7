//! The records that a batch changes are taken before the first of its operations, in one order for all batches: two that
//! change the same records then wait for each other and never deadlock, whatever order their operations have.

use crate::db::Write;
use crate::error::Result;
use crate::resource::records;
use crate::resource::{Kind, Lookup, Reference};
use crate::validation::Faults;

/// How many keys are looked up at once.
const AT_ONCE: usize = 500;

/// Takes those of the records that are there by now. What is at fault with a reference is told when its operation's turn
/// comes; what earlier operations make, nobody else can know.
pub async fn take(write: &mut Write<'_>, named: &[(Kind, &Reference)]) -> Result<()> {
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
            let places: Vec<_> = keys
                .iter()
                .map(|key| lookup.want("", resource, key.clone()))
                .collect();
            let found = lookup.resolve(write, &mut Faults::default()).await?;
            ids.extend(found.all(&places));
        }
        if !ids.is_empty() {
            records::lock_in_order(write, resource, ids).await?;
        }
    }
    Ok(())
}
