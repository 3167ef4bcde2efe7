//! The roll-up of acts to states: acts of agencies, forces and officials count for their state. SQL functions implement the rule
//! (`acts_for` for one act, `actors_acting_for` for a list); the conditions here use them in filters. They are joins, so combine
//! them with "and" only: under an "or" they would run once per row.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::Statement;

/// What a filter by actor counts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// The actor alone
    #[default]
    Exact,
    /// With the actor, everybody whose acts count for it
    State,
}

/// Returns the condition that an act falls within the days of a row: all relationships of a chain may have held on its day.
fn falls_within(row: &str, earliest: &str, latest: &str) -> String {
    format!("coalesce({row}.first_day <= {latest}, true) and coalesce({row}.last_day >= {earliest}, true)")
}

/// Returns the condition that `actor` (an SQL expression) is one of `principals`, or acted for one between the two days.
pub fn acted_for(actor: &str, principals: &[Uuid], earliest: &str, latest: &str) -> Statement {
    Statement::new("exists (select from unnest(")
        .bind(principals.to_vec())
        .sql(format!(
            ") as principal cross join lateral actors_acting_for(principal) as acting \
             where acting.actor_id = {actor} and {})",
            falls_within("acting", earliest, latest)
        ))
}

/// Returns the condition that the one state for which an act of `actor` between the two days counts is one of `states`.
pub fn is_act_of(actor: &str, states: &[Uuid], earliest: &str, latest: &str) -> Statement {
    Statement::new("exists (select from unnest(")
        .bind(states.to_vec())
        .sql(format!(
            ") as state cross join lateral actors_of_one_state(state) as acting \
             where acting.actor_id = {actor} and {} \
             and (not acting.depends or imposer_state(acting.actor_id, {earliest}, {latest}) = state))",
            falls_within("acting", earliest, latest)
        ))
}

/// Returns the condition that the party whose act an act of `actor` between the two days is, is one of `parties`: the one state
/// for which it counts, else the one organization, else the actor itself.
pub fn is_act_of_party(actor: &str, parties: &[Uuid], earliest: &str, latest: &str) -> Statement {
    Statement::new("exists (select from unnest(")
        .bind(parties.to_vec())
        .sql(format!(
            ") as party cross join lateral actors_of_one_party(party) as acting \
             where acting.actor_id = {actor} and {} \
             and (not acting.depends or imposing_party(acting.actor_id, {earliest}, {latest}) = party))",
            falls_within("acting", earliest, latest)
        ))
}

/// Returns the condition that an act against `actor` counts against one of `principals`: the actor acts for one between the two
/// days, or one is the state that `target_state` finds, which may be by its country alone.
pub fn counts_against(actor: &str, principals: &[Uuid], earliest: &str, latest: &str) -> Statement {
    Statement::new("exists (select from unnest(")
        .bind(principals.to_vec())
        .sql(format!(
            ") as principal cross join lateral actors_counted_against(principal) as counted \
             where counted.actor_id = {actor} and (counted.always \
             or exists (select from unnest(counted.first_days, counted.last_days) as days (first_day, last_day) \
             where {}) \
             or (counted.depends and target_state(counted.actor_id, {earliest}, {latest}) = principal)))",
            falls_within("days", earliest, latest)
        ))
}
