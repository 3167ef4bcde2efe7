//! How lists of relationships are filtered and sorted, all of them or those of one actor.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::{Db, Statement};
use crate::error::{Error, Result};
use crate::query::parameters::{not_a_day, parse_day};
use crate::query::{Conditions, Sort, one_of};
use crate::relationships::percent::Percent;
use crate::resource::citations::{self, Cited};
use crate::resource::fields::{Days, Field, Fields, Holds};
use crate::resource::filter::{ActorFilter, Filter};
use crate::resource::state_roll_up::Counted;
use crate::resource::{Codes, Kind, Lookup};
use crate::text::shorten;
use crate::vocabulary::{CitationStance, ClaimStatus};

pub(super) const SORTS: &[Sort] = &[
    Sort {
        name: "started_on",
        ascending: "coalesce(partial_date_sort_day(relationship.started_on), 'infinity')",
        descending: "coalesce(partial_date_sort_day(relationship.started_on), '-infinity')",
        sql_type: "date",
    },
    Sort::plain("kind", "relationship.kind", "text"),
    Sort::plain("created_at", "relationship.created_at", "timestamptz"),
    Sort::plain("updated_at", "relationship.updated_at", "timestamptz"),
];

const FIELDS: &Fields = &Fields {
    alias: "relationship",
    kinds: &[Kind::Relationships],
    modifiers: &["direction"],
    own: OWN_FIELDS,
};

const OWN_FIELDS: &[Field] = &[
    Field::column("subject", "subject_id", Holds::Reference(Kind::Actors)),
    Field::own("kind", Holds::Code("relationship_kinds")),
    Field::column("object", "object_id", Holds::Reference(Kind::Actors)),
    Field::own("role", Holds::Text),
    Field::own("share_percent", Holds::Interval),
    Field::own("started_on", Holds::Date(Days::Stored)),
    Field::own("ended_on", Holds::Date(Days::Stored)),
    Field::own("description", Holds::Text),
    Field::own("claim_status", Holds::Word),
];

/// The end of a relationship at which an actor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Direction {
    Subject,
    Object,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameter, which is read with the others")]
pub struct DirectionParameter {
    /// The end at which the actor of the path stands; either when absent
    #[param(inline, required = false)]
    direction: Vec<Direction>,
}

/// Filters of a list of relationships.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RelationshipFilter {
    /// Only of a list by actor, see [`ByActor`](crate::resource::filter::ByActor)
    #[param(ignore)]
    direction: Vec<Direction>,
    /// The actor from which the tie is read: id or key. Repeat it for several
    #[param(example = "iso3166:CO")]
    subject: Vec<String>,
    /// The actor to which the tie is read: id or key
    #[param(example = "iso3166:US")]
    object: Vec<String>,
    /// An actor at either end: id or key
    #[param(example = "iso3166:CO")]
    actor: Vec<String>,
    /// Code of the vocabulary relationship_kinds
    #[param(example = "agency_of")]
    kind: Vec<String>,
    /// A share, in percent: only ties whose subject owns at least as much, by the least share that is recorded
    #[param(value_type = Vec<f64>, example = 25)]
    share_at_least: Vec<String>,
    /// How far the claim is established
    claim_status: Vec<ClaimStatus>,
    /// A source that is cited: id or key
    source: Vec<String>,
    /// What a citation says about the claim: it supports, disputes or only mentions it. `source`, `stance` and `attributed_to`
    /// together ask for one citation that has all of them
    stance: Vec<CitationStance>,
    /// An actor to whom a citation attributes the claim: id or key
    attributed_to: Vec<String>,
    /// A day on which the tie holds, or may hold if a date is only partly known; an undated tie always holds
    #[param(value_type = Vec<String>, example = "2025-11-01")]
    holding_on: Vec<String>,
}

impl Filter for RelationshipFilter {
    const FIELDS: &'static Fields = FIELDS;

    async fn conditions(self, db: &Db, on: Option<NaiveDate>) -> Result<Conditions> {
        let mut conditions = Conditions::default();
        if let Some(day) = self.holding_on.iter().find(|day| parse_day(day).is_none()) {
            return Err(not_a_day("holding_on", day));
        }
        if let Some(share) = self.share_at_least.iter().find(|share| !is_percentage(share)) {
            return Err(Error::malformed(
                "?share_at_least",
                format!(
                    "share_at_least must be a number from 0 to 100 with at most two decimals, not \"{}\"",
                    shorten(share)
                ),
            ));
        }
        let mut codes = Codes::default();
        codes.want_all("relationship_kinds", "kind", &self.kind);
        codes.check_for_read(db).await?;
        let mut lookup = Lookup::default();
        let subjects = lookup.want_all("subject", Kind::Actors, &self.subject);
        let objects = lookup.want_all("object", Kind::Actors, &self.object);
        let actors = lookup.want_all("actor", Kind::Actors, &self.actor);
        let sources = lookup.want_all("source", Kind::Sources, &self.source);
        let speakers = lookup.want_all("attributed_to", Kind::Actors, &self.attributed_to);
        let found = lookup.resolve_for_read(db).await?;
        conditions.any("relationship.subject_id", found.all(&subjects), "");
        conditions.any("relationship.object_id", found.all(&objects), "");
        if !actors.is_empty() {
            let end = |column: &str| {
                Statement::new(format!("relationship.{column} = ")).append(one_of(found.all(&actors), ""))
            };
            conditions.add_either(end("subject_id"), end("object_id"));
        }
        conditions.any("relationship.kind", self.kind, "");
        citations::filter(
            &mut conditions,
            Kind::Relationships,
            "relationship",
            &self.claim_status,
            Cited {
                sources: found.all(&sources),
                stances: &self.stance,
                speakers: found.all(&speakers),
                counted: Counted::Exact,
            },
        );
        if !self.share_at_least.is_empty() {
            conditions.add(
                Statement::new(
                    "relationship.share_percent_min >= (select min(wanted.share::numeric) from unnest(",
                )
                .bind(self.share_at_least)
                .sql(") as wanted (share))"),
            );
        }
        if !self.holding_on.is_empty() {
            conditions.add(holding_on_one_of(self.holding_on));
        }
        if let Some(day) = on {
            conditions.add(holding_on_one_of(vec![day.to_string()]));
        }
        Ok(conditions)
    }
}

fn is_percentage(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_plain && text.parse().is_ok_and(|number| Percent::new(number).is_some())
}

fn holding_on_one_of(days: Vec<String>) -> Statement {
    Statement::new("exists (select from unnest(").bind(days).sql(
        "::date[]) as held (day) where coalesce(relationship.started_on_earliest <= held.day, true) \
             and coalesce(relationship.ended_on_latest >= held.day, true))",
    )
}

impl ActorFilter for RelationshipFilter {
    type Direction = DirectionParameter;

    async fn conditions_by_actor(self, db: &Db, actor: Uuid, on: Option<NaiveDate>) -> Result<Conditions> {
        let is_wanted = |end| self.direction.is_empty() || self.direction.contains(&end);
        let wanted = (is_wanted(Direction::Subject), is_wanted(Direction::Object));
        let mut conditions = self.conditions(db, on).await?;
        let subject = Statement::new("relationship.subject_id = ").bind(actor);
        let object = Statement::new("relationship.object_id = ").bind(actor);
        match wanted {
            (true, false) => conditions.add(subject),
            (false, true) => conditions.add(object),
            (true, true) | (false, false) => conditions.add_either(subject, object),
        }
        Ok(conditions)
    }
}
