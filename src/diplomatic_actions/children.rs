//! The lists that hang on a diplomatic action: countries, participants, links, citations, keys.

use uuid::Uuid;

use crate::citations::model as citations;
use crate::db::{Statement, Write};
use crate::diplomatic_actions::model::Values;
use crate::error::Result;
use crate::external_keys;
use crate::references::Resource;

impl Values {
    /// Writes the lists that differ from what the record had `before`.
    pub async fn replace_children(
        &self,
        write: &mut Write<'_>,
        id: Uuid,
        before: Option<&Self>,
    ) -> Result<()> {
        if before.map_or(!self.countries.is_empty(), |before| {
            before.countries != self.countries
        }) {
            self.replace_countries(write, id).await?;
        }
        if before.map_or(!self.participants.is_empty(), |before| {
            before.participants != self.participants
        }) {
            self.replace_participants(write, id).await?;
        }
        if before.map_or(!self.links.is_empty(), |before| before.links != self.links) {
            self.replace_links(write, id).await?;
        }
        let known = before
            .map(|before| before.citations.as_slice())
            .unwrap_or_default();
        citations::replace(write, Resource::DiplomaticActions, id, known, &self.citations).await?;
        let known = before
            .map(|before| before.external_keys.as_slice())
            .unwrap_or_default();
        external_keys::replace(write, Resource::DiplomaticActions, id, known, &self.external_keys).await
    }

    async fn replace_countries(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        write
            .execute(Statement::new("delete from action_countries where action_id = ").bind(id))
            .await?;
        let statement = Statement::new("insert into action_countries (action_id, position, code) select ")
            .bind(id)
            .sql(", given.place - 1, given.code from unnest(")
            .bind(self.countries.clone())
            .sql(") with ordinality as given (code, place)");
        write.execute(statement).await.map(drop)
    }

    async fn replace_participants(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        write
            .execute(Statement::new("delete from action_participants where action_id = ").bind(id))
            .await?;
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
                .sql(") with ordinality as given (role, actor_id, place)");
        write.execute(statement).await.map(drop)
    }

    async fn replace_links(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        write
            .execute(Statement::new("delete from action_links where action_id = ").bind(id))
            .await?;
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
                .sql(") with ordinality as given (kind, action_id, place)");
        write.execute(statement).await.map(drop)
    }
}
