//! Undoes a merge: the source is restored and takes back what the target gained from it, as far as the target still has it.

use uuid::Uuid;

use super::model::{self, ACTOR_COLUMNS, ActorColumn};
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

    /// Makes the moved records refer to the restored actor again, and deletes the merge.
    ///
    /// # Errors
    /// Those of [`Write::execute`].
    pub async fn end(self, write: &mut Write<'_>) -> Result<()> {
        if let Some(into) = self.into {
            for ActorColumn { table, column, role } in ACTOR_COLUMNS {
                let statement = Statement::new(format!("update {table} as moved set {column} = "))
                    .bind(self.source)
                    .sql(format!(" where moved.{column} = "))
                    .bind(into)
                    .sql(" and exists (select from merge_moves as move where move.actor_id = ")
                    .bind(self.source)
                    .sql(format!(
                        " and move.resource = '{table}' and move.record_id = moved.id and move.role = '{role}')"
                    ));
                write.execute(statement).await?;
            }
            let statement = Statement::new("update action_participants as moved set actor_id = ")
                .bind(self.source)
                .sql(" where moved.actor_id = ")
                .bind(into)
                .sql(" and exists (select from merge_moves as move where move.actor_id = ")
                .bind(self.source)
                .sql(
                    " and move.resource = 'action_participants' and move.record_id = moved.action_id \
                     and move.role = moved.role::text and not move.was_dropped)",
                );
            write.execute(statement).await?;
            // Where both took part in an action, both do again.
            let statement = Statement::new(
                "insert into action_participants (action_id, position, role, actor_id) \
                 select own.action_id, (select max(position) from action_participants as all_of_it \
                 where all_of_it.action_id = own.action_id) + row_number() over (partition by own.action_id order by own.position), \
                 own.role, ",
            )
            .bind(self.source)
            .sql(
                " from merge_moves as move join action_participants as own \
                 on own.action_id = move.record_id and own.role::text = move.role \
                 where move.resource = 'action_participants' and move.was_dropped and move.actor_id = ",
            )
            .bind(self.source)
            .sql(" and own.actor_id = ")
            .bind(into);
            write.execute(statement).await?;
        }
        let forget = Statement::new("delete from merged_actors where actor_id = ").bind(self.source);
        write.execute(forget).await.map(drop)
    }
}
