//! Undoes a merge: the source is restored and takes back what the target gained from it, as far as the target still has it.

use uuid::Uuid;

use super::{model, references, ties};
use crate::actors::{Actor, ActorRow};
use crate::db::{Statement, Write};
use crate::error::Result;
use crate::resource::store;

/// A merge that is being undone.
#[derive(Debug)]
pub struct Undo {
    source: Uuid,
    /// The actor that has its fields now; `None` if that actor was deleted.
    into: Option<Uuid>,
}

impl Undo {
    /// Removes from the target what it gained, so that names and keys are free again. Returns `None` if the actor was not
    /// merged.
    ///
    /// # Errors
    /// Conflict if the target can't be written without what it gained; those of [`Write::load`].
    pub async fn begin(write: &mut Write<'_>, source: Uuid) -> Result<Option<Self>> {
        let Some((into, gained)) = model::gained_by(write, source).await? else {
            return Ok(None);
        };
        let survivor: Option<Actor> = store::lock(write, into).await?;
        if let Some(survivor) = &survivor {
            let mut values = ActorRow::from(survivor);
            gained.take_from(&mut values);
            store::set(write, survivor, values).await?;
        }
        Ok(Some(Self {
            source,
            into: survivor.map(|survivor| survivor.id),
        }))
    }

    /// Makes the moved records refer to the restored actor again, restores the relationships that were dropped, and deletes the
    /// merge.
    ///
    /// # Errors
    /// Those of [`Write::execute`], and of restoring a relationship.
    pub async fn end(self, write: &mut Write<'_>) -> Result<()> {
        if let Some(into) = self.into {
            references::move_back(write, self.source, into).await?;
            ties::restore_dropped(write, self.source).await?;
        }
        let forget = Statement::new("delete from merged_actors where actor_id = ").bind(self.source);
        write.execute(forget).await.map(drop)
    }
}
