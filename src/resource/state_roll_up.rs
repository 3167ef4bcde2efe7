//! The roll-up of acts to states: acts of agencies, forces and officials count for their state. SQL functions implement the rule
//! (`acts_for` for one act, `actors_acting_for_one_of` for a list). A filter joins a list to such a function, which returns one
//! row for an actor, is called once for all actors of the filter, and decides what does not depend on the day of an act.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Db, Statement};
use crate::query::{Conditions, one_of};

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

/// Where the actor of an act is in a select, and between which days the act lies: SQL expressions.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// The id of the actor whose act it is, or against whom it is.
    pub actor: &'a str,
    /// The first day on which the act may lie.
    pub earliest: &'a str,
    /// The last day on which the act may lie.
    pub latest: &'a str,
}

/// The part of a select that keeps acts by their actor. The join adds no rows, and its alias is `acting`.
#[derive(Debug, Clone)]
pub struct ByActor {
    join: Statement,
    condition: Statement,
}

impl ByActor {
    /// Returns the select of `what` from the acts of `from` that also meet `condition`.
    pub fn select(self, what: &str, from: &str, condition: &str) -> Statement {
        Statement::new(format!("select {what} from {from}"))
            .append(self.join)
            .sql(format!(" where {condition} and "))
            .append(self.condition)
    }

    /// Returns the condition that a row of the table `from` (with its alias) is such an act; `id` is its key.
    pub fn is_met_by(self, db: &Db, id: &str, from: &str) -> Statement {
        if self.join.is_empty() {
            return self.condition;
        }
        is_one_of(db, id, self.select(id, from, "true"))
    }

    /// Adds to the conditions of a list of `from` that one of its rows is such an act, or such an act of `other`; `id` is its key.
    pub fn or_is_met_by(self, conditions: &mut Conditions, other: Self, db: &Db, id: &str, from: &str) {
        if self.join.is_empty() && other.join.is_empty() && !db.is_as_of() {
            conditions.add_either(self.condition, other.condition);
        } else {
            // A union, because an "or" of the two would use neither index.
            let both = self
                .select(id, from, "true")
                .sql(" union ")
                .append(other.select(id, from, "true"));
            conditions.add(is_one_of(db, id, both));
        }
    }

    /// Returns the acts of one of the actors themselves.
    fn exact(actor: &str, actors: &[Uuid]) -> Self {
        Self {
            join: Statement::default(),
            condition: Statement::new(format!("{actor} = ")).append(one_of(actors.to_vec(), "")),
        }
    }

    /// Returns the acts whose actor is one of those that a function returns for `actors`, and that meet `condition`.
    fn joined(function: &str, actor: &str, actors: &[Uuid], condition: Statement) -> Self {
        Self {
            join: Statement::new(format!(" join {function}("))
                .bind(actors.to_vec())
                .sql(format!(") as acting on acting.actor_id = {actor}")),
            condition,
        }
    }
}

/// Returns the condition that `id` is one of the ids that `select` finds.
pub fn is_one_of(db: &Db, id: &str, select: Statement) -> Statement {
    let condition = Statement::new(format!("{id} in ("));
    if db.is_as_of() {
        // Of the tables of a moment the planner knows too little: it would find them anew for each row.
        condition
            .sql("with found (id) as materialized (")
            .append(select)
            .sql(") select found.id from found)")
    } else {
        condition.append(select).sql(")")
    }
}

impl Act<'_> {
    /// Returns the condition that the act falls within the days of a row: all relationships of a chain may have held on its day.
    fn falls_within(self, row: &str) -> String {
        let Self { earliest, latest, .. } = self;
        format!(
            "coalesce({row}.first_day <= {latest}, true) and coalesce({row}.last_day >= {earliest}, true)"
        )
    }

    /// Returns the condition that the act falls within the days of a row of two arrays.
    fn falls_within_one_of(self, firsts: &str, lasts: &str) -> String {
        format!(
            "exists (select from unnest({firsts}, {lasts}) as days (first_day, last_day) where {})",
            self.falls_within("days")
        )
    }

    /// Returns the one of the ids in the array `column` within whose days the act falls; null if there is none or more than one.
    fn only_one_of(self, column: &str) -> String {
        format!(
            "(select case when count(distinct way.id) = 1 then (array_agg(way.id) filter (where way.id is not null))[1] end \
             from unnest(acting.{column}, acting.first_days, acting.last_days) as way (id, first_day, last_day) where {})",
            self.falls_within("way")
        )
    }

    /// Returns the acts of one of `principals`, or, if the state counts, of those who acted for one on the days of the act.
    pub fn acted_for(self, principals: &[Uuid], counted: Counted) -> ByActor {
        match counted {
            Counted::Exact => ByActor::exact(self.actor, principals),
            Counted::State => ByActor::joined(
                "actors_acting_for_one_of",
                self.actor,
                principals,
                Statement::new(format!(
                    "(acting.always or {})",
                    self.falls_within_one_of("acting.first_days", "acting.last_days")
                )),
            ),
        }
    }

    /// Returns the acts for which the one state for which they count is one of `states`.
    pub fn is_of_state(self, states: &[Uuid]) -> ByActor {
        ByActor::joined(
            "actors_of_one_state",
            self.actor,
            states,
            Statement::new(format!(
                "(acting.always or {} = any(",
                self.only_one_of("state_ids")
            ))
            .bind(states.to_vec())
            .sql("))"),
        )
    }

    /// Returns the acts whose party is one of `parties`: the one state for which they count, else the one organization, else the
    /// actor itself.
    pub fn is_of_party(self, parties: &[Uuid]) -> ByActor {
        ByActor::joined(
            "actors_of_one_party",
            self.actor,
            parties,
            Statement::new(format!(
                "(acting.always or coalesce({}, {}, acting.actor_id) = any(",
                self.only_one_of("state_ids"),
                self.only_one_of("organization_ids")
            ))
            .bind(parties.to_vec())
            .sql("))"),
        )
    }

    /// Returns the acts against one of `principals`, or, if the state counts, those that count against one: the actor acts for one
    /// on the days of the act, or one is the state that `target_state` finds, which may be by its country alone.
    pub fn counts_against(self, principals: &[Uuid], counted: Counted) -> ByActor {
        match counted {
            Counted::Exact => ByActor::exact(self.actor, principals),
            Counted::State => ByActor::joined(
                "actors_counted_against",
                self.actor,
                principals,
                Statement::new(format!(
                    "(acting.always or {} or (acting.depends and not {} and \
                     country_of(acting.countries, acting.places, acting.country_ids, acting.holders, acting.from_days, \
                     acting.until_days, {}, {}) = any(",
                    self.falls_within_one_of("acting.first_days", "acting.last_days"),
                    self.falls_within_one_of("acting.state_first_days", "acting.state_last_days"),
                    self.earliest,
                    self.latest
                ))
                .bind(principals.to_vec())
                .sql(")))"),
            ),
        }
    }
}
