//! How the lists of a sanction are kept: a list that differs is written anew, the others are left alone.

use uuid::Uuid;

use crate::db::{Statement, Write};
use crate::error::Result;
use crate::resource::Kind;
use crate::resource::citations;
use crate::resource::external_keys;
use crate::sanctions::model::Values;

impl Values {
    pub(super) async fn replace_children(
        &self,
        write: &mut Write<'_>,
        id: Uuid,
        before: Option<&Self>,
    ) -> Result<()> {
        if before.map_or(!self.programmes.is_empty(), |before| {
            before.programmes != self.programmes
        }) {
            self.replace_programmes(write, id).await?;
        }
        if before.map_or(!self.measures.is_empty(), |before| {
            before.measures != self.measures
        }) {
            self.replace_measures(write, id).await?;
        }
        if before.map_or(!self.grounds.is_empty(), |before| before.grounds != self.grounds) {
            self.replace_grounds(write, id).await?;
        }
        if before.map_or(!self.objectives.is_empty(), |before| {
            before.objectives != self.objectives
        }) {
            self.replace_objectives(write, id).await?;
        }
        let cited = before
            .map(|before| before.citations.as_slice())
            .unwrap_or_default();
        citations::replace(write, Kind::Sanctions, id, cited, &self.citations).await?;
        let keys = before
            .map(|before| before.external_keys.as_slice())
            .unwrap_or_default();
        external_keys::replace(write, Kind::Sanctions, id, keys, &self.external_keys).await
    }

    async fn replace_programmes(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        write
            .execute(Statement::new("delete from sanction_programmes where sanction_id = ").bind(id))
            .await?;
        let statement =
            Statement::new("insert into sanction_programmes (sanction_id, position, programme_id) select ")
                .bind(id)
                .sql(", given.place - 1, given.id from unnest(")
                .bind(self.programmes.clone())
                .sql(") with ordinality as given (id, place)");
        write.execute(statement).await.map(drop)
    }

    async fn replace_measures(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        write
            .execute(Statement::new("delete from sanction_measures where sanction_id = ").bind(id))
            .await?;
        let measures = &self.measures;
        let statement = Statement::new(
            "insert into sanction_measures (sanction_id, position, measure, \"from\", until) select ",
        )
        .bind(id)
        .sql(", given.place - 1, given.measure, given.beginning, given.until from unnest(")
        .bind(
            measures
                .iter()
                .map(|measure| measure.measure.clone())
                .collect::<Vec<_>>(),
        )
        .sql(", ")
        .bind(
            measures
                .iter()
                .map(|measure| measure.from.as_ref().map(ToString::to_string))
                .collect::<Vec<_>>(),
        )
        .sql(", ")
        .bind(
            measures
                .iter()
                .map(|measure| measure.until.as_ref().map(ToString::to_string))
                .collect::<Vec<_>>(),
        )
        .sql(") with ordinality as given (measure, beginning, until, place)");
        write.execute(statement).await.map(drop)
    }

    async fn replace_grounds(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        write
            .execute(Statement::new("delete from sanction_grounds where sanction_id = ").bind(id))
            .await?;
        let statement =
            Statement::new("insert into sanction_grounds (sanction_id, position, ground) select ")
                .bind(id)
                .sql(", given.place - 1, given.ground from unnest(")
                .bind(self.grounds.clone())
                .sql(") with ordinality as given (ground, place)");
        write.execute(statement).await.map(drop)
    }

    async fn replace_objectives(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        write
            .execute(Statement::new("delete from sanction_objectives where sanction_id = ").bind(id))
            .await?;
        let objectives = &self.objectives;
        let statement = Statement::new(
            "insert into sanction_objectives (sanction_id, position, objective, outcome) select ",
        )
        .bind(id)
        .sql(", given.place - 1, given.objective, given.outcome::sanction_outcome from unnest(")
        .bind(
            objectives
                .iter()
                .map(|objective| objective.objective.clone())
                .collect::<Vec<_>>(),
        )
        .sql(", ")
        .bind(
            objectives
                .iter()
                .map(|objective| objective.outcome.map(|outcome| outcome.word().to_owned()))
                .collect::<Vec<_>>(),
        )
        .sql(") with ordinality as given (objective, outcome, place)");
        write.execute(statement).await.map(drop)
    }
}
