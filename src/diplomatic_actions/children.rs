//! The lists that hang on a diplomatic action: countries, participants, links, citations, keys.

use std::collections::HashSet;

use serde_json::Value;
use uuid::Uuid;

use crate::db::{Statement, Write};
use crate::diplomatic_actions::model::Values;
use crate::error::Result;
use crate::merging::model::survivors_in;
use crate::resource::Kind;
use crate::resource::citations;
use crate::resource::external_keys;

impl Values {
    /// Writes the lists that differ from what the record had `before`.
    pub async fn replace_children(
        &self,
        write: &mut Write<'_>,
        id: Uuid,
        before: Option<&Self>,
    ) -> Result<()> {
        let known = before.map_or([].as_slice(), |before| &before.countries);
        if known != self.countries {
            clear(
                write,
                "delete from action_countries where action_id = ",
                id,
                known,
            )
            .await?;
            self.insert_countries(write, id).await?;
        }
        let known = before.map_or([].as_slice(), |before| &before.participants);
        if known != self.participants {
            clear(
                write,
                "delete from action_participants where action_id = ",
                id,
                known,
            )
            .await?;
            self.insert_participants(write, id).await?;
        }
        let known = before.map_or([].as_slice(), |before| &before.links);
        if known != self.links {
            clear(write, "delete from action_links where action_id = ", id, known).await?;
            self.insert_links(write, id).await?;
        }
        let known = before.map_or([].as_slice(), |before| &before.citations);
        citations::replace(write, Kind::DiplomaticActions, id, known, &self.citations).await?;
        let known = before.map_or([].as_slice(), |before| &before.external_keys);
        external_keys::replace(write, Kind::DiplomaticActions, id, known, &self.external_keys).await
    }

    async fn insert_countries(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        if self.countries.is_empty() {
            return Ok(());
        }
        let statement = Statement::new("insert into action_countries (action_id, position, code) select ")
            .bind(id)
            .sql(", given.place - 1, given.code from unnest(")
            .bind(self.countries.clone())
            .sql(") with ordinality as given (code, place)")
            .keep_prepared();
        write.execute(statement).await.map(drop)
    }

    async fn insert_participants(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        if self.participants.is_empty() {
            return Ok(());
        }
        let (roles, actors): (Vec<String>, Vec<Uuid>) = self
            .participants
            .iter()
            .map(|(role, actor)| (role.to_string(), *actor))
            .unzip();
        let statement =
            Statement::new("insert into action_participants (action_id, position, role, actor_id) select ")
                .bind(id)
                .sql(", given.place - 1, given.role::participant_role, given.actor_id from unnest(")
                .bind(roles)
                .sql(", ")
                .bind(actors)
                .sql(") with ordinality as given (role, actor_id, place)")
                .keep_prepared();
        write.execute(statement).await.map(drop)
    }

    async fn insert_links(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        if self.links.is_empty() {
            return Ok(());
        }
        let (kinds, actions): (Vec<String>, Vec<Uuid>) = self
            .links
            .iter()
            .map(|(kind, action)| (kind.to_string(), *action))
            .unzip();
        let statement =
            Statement::new("insert into action_links (action_id, position, kind, linked_action_id) select ")
                .bind(id)
                .sql(", given.place - 1, given.kind::link_kind, given.action_id from unnest(")
                .bind(kinds)
                .sql(", ")
                .bind(actions)
                .sql(") with ordinality as given (kind, action_id, place)")
                .keep_prepared();
        write.execute(statement).await.map(drop)
    }
}

/// Empties a list of which the record has these elements.
async fn clear<T>(write: &mut Write<'_>, sql: &'static str, id: Uuid, known: &[T]) -> Result<()> {
    if known.is_empty() {
        return Ok(());
    }
    write
        .execute(Statement::new(sql).bind(id).keep_prepared())
        .await
        .map(drop)
}

/// Actors who took part in one role each, and are one by now, take part once.
pub async fn join_participants(write: &mut Write<'_>, document: &mut Value) -> Result<()> {
    let Some(participants) = document["participants"].as_array_mut() else {
        return Ok(());
    };
    let actor = |participant: &Value| participant["actor"]["id"].as_str().and_then(|id| id.parse().ok());
    let survivors = survivors_in(write, participants.iter().filter_map(actor).collect()).await?;
    let mut known = HashSet::new();
    participants.retain(|participant| {
        let id = actor(participant).map(|id| *survivors.get(&id).unwrap_or(&id));
        known.insert((participant["role"].to_string(), id))
    });
    Ok(())
}
