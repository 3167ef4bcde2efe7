//! The merge of two actors in one transaction: records that refer to the source refer to the target afterwards, the source is
//! deleted, and the target gains its fields.

use diesel::QueryableByName;
use diesel::sql_types;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::merge_fields::Gained;
use super::references::{self, Moved};
use super::ties;
use crate::actors::{Actor, ActorRow};
use crate::db::{Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::resource::{Reference, record, store};

/// The request to merge an actor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeRequest {
    /// Required; the target, the actor that stays
    pub into: Option<Reference>,
}

/// The target of a merge, and what became of the source.
#[derive(Debug, Serialize, ToSchema)]
pub struct MergedActor {
    /// The target after the merge
    #[serde(flatten)]
    pub actor: Actor,
    /// What became of the source
    pub merged: Merged,
}

/// What became of the source of a merge.
#[derive(Debug, Serialize, ToSchema)]
pub struct Merged {
    /// Id of the source
    pub id: Uuid,
    /// Its main name
    pub name: String,
    /// Its last version, which records the merge
    pub version: i32,
    /// How many references moved from the source to the target
    pub moved: Moved,
    /// What the target did not take over, because it has it already or has another value
    pub dropped: Vec<Dropped>,
}

/// What the target did not take over, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct Dropped {
    /// JSON pointer into the source; for a participation, the path of the diplomatic action; for a relationship that became equal
    /// to another, its path
    #[schema(examples("/names/0"))]
    pub pointer: String,
    /// Why it was not taken over
    #[schema(examples("exists already"))]
    pub detail: String,
}

#[derive(QueryableByName)]
struct BetweenRow {
    #[diesel(sql_type = sql_types::Text)]
    resource: String,
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
}

/// Locks both actors in id order, so that no other transaction starts to refer to the source.
///
/// # Errors
/// Those of [`Write::execute`].
pub async fn lock(write: &mut Write<'_>, source: Uuid, into: Option<Uuid>) -> Result<()> {
    let ids: Vec<Uuid> = [Some(source), into].into_iter().flatten().collect();
    let statement = Statement::new("select id from actors where id = any (")
        .bind(ids)
        .sql(") order by id for update");
    write.execute(statement).await.map(drop)
}

/// Merges the source into the target, both locked, and returns what became of them.
///
/// # Errors
/// Conflict if a record would relate the target to itself, or if a list would become too long.
pub async fn merge(write: &mut Write<'_>, source: Actor, into: Actor) -> Result<MergedActor> {
    refuse_between(write, &source, &into).await?;
    let mut dropped = Vec::new();
    let mut values = ActorRow::from(&into);
    let gained = Gained::add(&mut values, &source, &mut dropped)?;
    // An actor that was created again by hand, not restored, may still have its old merge.
    let forget = Statement::new("delete from merged_actors where actor_id = ").bind(source.id);
    write.execute(forget).await?;
    let insert = Statement::new("with merged as (insert into merged_actors (actor_id, into_id) values (")
        .bind(source.id)
        .sql(", ")
        .bind(into.id)
        .sql(") returning actor_id) insert into merge_gains (actor_id, gained) select actor_id, ")
        .bind(serde_json::to_string(&gained).map_err(Error::internal)?)
        .sql("::text::jsonb from merged");
    write.execute(insert).await?;
    let mut moved = references::move_all(write, source.id, into.id, &mut dropped).await?;
    moved.relationships -= ties::drop_equal(write, source.id, into.id, &mut dropped).await?;
    let setting = Statement::new("select set_config('demarche.merged', ")
        .bind(source.id.to_string())
        .sql(", true), set_config('demarche.merged_into', ")
        .bind(into.id.to_string())
        // Without it, the history of the target and of the moved records would not say where the change came from.
        .sql(", true), set_config('demarche.comment', coalesce(nullif(current_setting('demarche.comment', true), ''), ")
        .bind(format!("actor {} became part of {}", source.id, into.id))
        .sql("), true)");
    write.execute(setting).await?;
    // This frees its identifiers and keys.
    let delete = Statement::new("delete from actors where id = ").bind(source.id);
    write.execute(delete).await?;
    let actor = store::set(write, &into, values).await?;
    Ok(MergedActor {
        actor,
        merged: Merged {
            id: source.id,
            name: source.name,
            version: source.version + 1,
            moved,
            dropped: dropped
                .into_iter()
                .map(|fault| Dropped {
                    pointer: fault.pointer,
                    detail: fault.detail,
                })
                .collect(),
        },
    })
}

/// Refuses relationships and sanctions between the two: they would relate the target to itself.
async fn refuse_between(write: &mut Write<'_>, source: &Actor, into: &Actor) -> Result<()> {
    const NAMED: usize = 100;
    let statement = Statement::new("with ends (one, other) as (values (")
        .bind(source.id)
        .sql("::uuid, ")
        .bind(into.id)
        .sql("::uuid), (")
        .bind(into.id)
        .sql("::uuid, ")
        .bind(source.id)
        .sql(
            "::uuid)) \
             select 'relationships' as resource, tie.id from ends \
             join relationships as tie on tie.subject_id = ends.one and tie.object_id = ends.other \
             union all \
             select 'sanctions', sanction.id from ends \
             join sanctions as sanction on sanction.imposer_id = ends.one and sanction.target_id = ends.other \
             order by 1, 2 limit ",
        )
        .bind(NAMED as i64);
    let between: Vec<BetweenRow> = write.load(statement).await?;
    let faults: Vec<Fault> = between
        .iter()
        .map(|row| {
            Fault::new(
                "",
                format!(
                    "/v1/{}/{} would be between the actor and itself",
                    row.resource, row.id
                ),
            )
        })
        .collect();
    match faults.first() {
        None => Ok(()),
        Some(first) => Err(Error::conflict(format!(
            "{}: it says that they are two; mend or delete it first",
            first.detail
        ))
        .with_faults(faults)),
    }
}

#[derive(QueryableByName)]
struct GainedRow {
    #[diesel(sql_type = sql_types::Uuid)]
    into_id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    gained: String,
}

/// Returns the actor that has the fields of a merged actor now, and those fields; `None` if the actor was not merged.
pub(super) async fn gained_by(write: &mut Write<'_>, source: Uuid) -> Result<Option<(Uuid, Gained)>> {
    let statement = Statement::new("select merge.into_id, gains.gained::text as gained from merges_from(")
        .bind(source)
        .sql(") as merge join merge_gains as gains on gains.actor_id = merge.actor_id order by merge.depth");
    let mut found: Option<(Uuid, Gained)> = None;
    for row in write.load::<GainedRow>(statement).await? {
        let next: Gained = record::parse(&row.gained)?;
        found = Some(match found {
            None => (row.into_id, next),
            Some((_, mut gained)) => {
                gained.keep_common(&next);
                (row.into_id, gained)
            }
        });
    }
    Ok(found)
}
