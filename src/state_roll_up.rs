//! Whose act it is: the acts of agencies, forces and officials count for their state. The rule is
//! written once, in SQL (`acts_for` and its neighbours); this asks for it in filters.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::Statement;

/// What a filter by actor counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// The actor alone
    Exact,
    /// With the actor, everybody whose acts count for it
    State,
}

/// `actor` (an SQL expression) is one of `principals`, or acted for one between the two days.
pub fn acted_for(actor: &str, principals: &[Uuid], earliest: &str, latest: &str) -> Statement {
    Statement::new(format!(
        "{actor} in (select candidate from unnest("
    ))
    .bind(principals.to_vec())
    .sql(") as principal cross join lateral actors_that_may_act_for(principal) as candidate) and exists (select from unnest(")
    .bind(principals.to_vec())
    .sql(format!(") as principal where acts_for({actor}, principal, {earliest}, {latest}))"))
}

/// An act against `actor` counts against one of `principals`: it acts for one between the two days, or
/// one is the state that `target_state` finds, which may be by its country alone.
pub fn counts_against(actor: &str, principals: &[Uuid], earliest: &str, latest: &str) -> Statement {
    Statement::new(format!("{actor} in (select candidate from unnest("))
        .bind(principals.to_vec())
        .sql(
            ") as principal cross join lateral actors_that_may_act_for(principal) as candidate \
             union select country.actor_id from actor_identifiers as identifier \
             join actor_countries as country on country.code = identifier.value \
             where identifier.scheme in ('iso3166', 'iso3166_3') \
             and country.role in ('jurisdiction', 'flag', 'nationality') and identifier.actor_id = any(",
        )
        .bind(principals.to_vec())
        .sql(")) and (exists (select from unnest(")
        .bind(principals.to_vec())
        .sql(format!(
            ") as principal where acts_for({actor}, principal, {earliest}, {latest})) \
             or target_state({actor}, {earliest}, {latest}) = any("
        ))
        .bind(principals.to_vec())
        .sql("))")
}

/// The one state for which an act of `actor` between the two days counts is one of `states`.
pub fn is_act_of(actor: &str, states: &[Uuid], earliest: &str, latest: &str) -> Statement {
    Statement::new(format!("{actor} in (select candidate from unnest("))
        .bind(states.to_vec())
        .sql(format!(
            ") as state cross join lateral actors_that_may_act_for(state) as candidate) \
             and imposer_state({actor}, {earliest}, {latest}) = any("
        ))
        .bind(states.to_vec())
        .sql(")")
}
