//! How lists of diplomatic actions are filtered and sorted.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::db::{Db, Statement};
use crate::error::{Error, Result};
use crate::query::parameters::period;
use crate::query::{Conditions, Sort};
use crate::resource::citations::{self, Cited};
use crate::resource::fields::{Days, Field, Fields, Holds, Owner, Parts};
use crate::resource::filter::Filter;
use crate::resource::state_roll_up::{Act, ByActor, Counted, is_one_of};
use crate::resource::{Codes, Kind, Lookup, country};
use crate::vocabulary::{CitationStance, ClaimStatus, LinkKind, Modality};

pub(super) const SORTS: &[Sort] = &[
    Sort {
        name: "occurred_on",
        ascending: "coalesce(partial_date_sort_day(action.occurred_on), 'infinity')",
        descending: "coalesce(partial_date_sort_day(action.occurred_on), '-infinity')",
        sql_type: "date",
    },
    Sort::plain("title", "action.title", "text"),
    Sort::plain("created_at", "action.created_at", "timestamptz"),
    Sort::plain("updated_at", "action.updated_at", "timestamptz"),
];

const COUNTRIES: Parts = Parts::of("action_countries");
const EVERYBODY: Parts = Parts::of("action_participants");
const CAMEO: Parts = Parts::of("cameo_codes").owned(Owner::Where("part.code = action.cameo_code"));
const LINKS: Parts = Parts::of("action_links");

const FIELDS: &Fields = &Fields {
    alias: "action",
    kinds: &[Kind::DiplomaticActions],
    modifiers: &["counted"],
    own: OWN_FIELDS,
};

const OWN_FIELDS: &[Field] = &[
    Field::own("type", Holds::Code("action_types")),
    Field::own("cameo_code", Holds::Code("cameo_codes")),
    Field::part("goldstein", "goldstein", CAMEO, "goldstein", Holds::Number).distinct(),
    Field::part("quad_class", "quad_class", CAMEO, "quad_class", Holds::Number).distinct(),
    Field::own("modality", Holds::Word),
    Field::own("title", Holds::Text),
    Field::own("summary", Holds::Text),
    Field::own("reason", Holds::Text),
    Field::own("condition", Holds::Text),
    Field::own("channel", Holds::Text),
    Field::own("place", Holds::Text),
    Field::own("latitude", Holds::Number),
    Field::own("longitude", Holds::Number),
    Field::part(
        "country",
        "countries",
        COUNTRIES,
        "code",
        Holds::Code("countries"),
    )
    .distinct(),
    Field::own("occurred_on", Holds::Date(Days::Stored)),
    Field::own("ended_on", Holds::Date(Days::Stored)),
    Field::own("ongoing", Holds::Truth),
    Field::own("fatalities", Holds::Interval),
    Field::own("persons", Holds::Interval),
    Field::part(
        "participant",
        "participants.actor",
        EVERYBODY,
        "actor_id",
        Holds::Reference(Kind::Actors),
    ),
    Field::part(
        "participant.role",
        "participants.role",
        EVERYBODY,
        "role",
        Holds::Word,
    ),
    Field::part(
        "initiator",
        "participants.actor",
        EVERYBODY.with("part.role = 'initiator'"),
        "actor_id",
        Holds::Reference(Kind::Actors),
    )
    .distinct(),
    Field::part(
        "target",
        "participants.actor",
        EVERYBODY.with("part.role = 'target'"),
        "actor_id",
        Holds::Reference(Kind::Actors),
    )
    .distinct(),
    Field::part(
        "linked_to",
        "links.action",
        LINKS,
        "linked_action_id",
        Holds::Reference(Kind::DiplomaticActions),
    ),
    Field::part("link_kind", "links.kind", LINKS, "kind", Holds::Word),
    Field::own("claim_status", Holds::Word),
];

/// Filters of a list of diplomatic actions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DiplomaticActionFilter {
    /// Code of the vocabulary action_types. Repeat it for several
    #[param(example = "visa_revoked")]
    r#type: Vec<String>,
    /// An actor that initiated it: id or key
    #[param(example = "iso3166:CO")]
    initiator: Vec<String>,
    /// An actor that it was aimed at: id or key
    #[param(example = "iso3166:US")]
    target: Vec<String>,
    /// An actor that took part, in any role: id or key
    #[param(example = "iso3166:CO")]
    participant: Vec<String>,
    /// `state` also counts acts of a state's agencies, forces and officials on the day of the action as acts of the state, acts
    /// against them as acts against the state, and their words (`attributed_to`) as words of the state; `exact`, the default, takes
    /// the actors alone
    #[param(inline)]
    counted: Option<Counted>,
    /// Only actions that lasted, or may have lasted, until this day or longer; an ongoing action has no end. A month or a year means
    /// its first day
    #[param(pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$", example = "2025-09-01")]
    from: Option<String>,
    /// Only actions that began, or may have begun, by this day. A month or a year means its last day
    #[param(pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$", example = "2025-11-30")]
    to: Option<String>,
    /// A country that the action has: its code, or the key of its state such as iso3166:CO
    #[param(example = "CO")]
    country: Vec<String>,
    /// 1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict
    #[param(value_type = Vec<i32>, minimum = 1, maximum = 4, example = 4)]
    quad_class: Vec<String>,
    /// Only actions with a link to this diplomatic action: id or key. Repeat it for several
    linked_to: Vec<String>,
    /// Only actions with a link of this kind; with `linked_to`, a link of this kind to that action. Repeat it for several
    #[param(inline)]
    link_kind: Vec<LinkKind>,
    /// Whether it took place, or was alleged, planned, threatened or only thought of
    modality: Vec<Modality>,
    /// How far the claim is established
    claim_status: Vec<ClaimStatus>,
    /// A source that is cited: id or key
    source: Vec<String>,
    /// What a citation says about the claim: it supports, disputes or only mentions it. `source`, `stance` and `attributed_to`
    /// together ask for one citation that has all of them
    stance: Vec<CitationStance>,
    /// An actor to whom a citation attributes the claim: id or key
    attributed_to: Vec<String>,
}

/// Reads a quad class. The message names all four, because their numbers alone say nothing.
fn quad_class(text: &str) -> Result<i32> {
    match text {
        "1" => Ok(1),
        "2" => Ok(2),
        "3" => Ok(3),
        "4" => Ok(4),
        _ => Err(Error::malformed(
            "?quad_class",
            "quad_class must be one of 1 (verbal cooperation), 2 (material cooperation), 3 (verbal conflict), \
             4 (material conflict)",
        )),
    }
}

/// In which role the actors of a filter took part.
#[derive(Debug, Clone, Copy)]
enum Part {
    Initiator,
    Target,
    Any,
}

impl Filter for DiplomaticActionFilter {
    const FIELDS: &'static Fields = FIELDS;

    async fn conditions(self, db: &Db, _: Option<NaiveDate>) -> Result<Conditions> {
        let (from, to) = period(("from", self.from.as_deref()), ("to", self.to.as_deref()))?;
        let quad_classes = self
            .quad_class
            .iter()
            .map(|class| quad_class(class.as_str()))
            .collect::<Result<Vec<i32>>>()?;
        let mut codes = Codes::default();
        codes.want_all("action_types", "type", &self.r#type);
        let countries = country::codes(self.country);
        codes.want_all("countries", "country", &countries);
        codes.check_for_read(db).await?;
        let mut lookup = Lookup::default();
        let initiators = lookup.want_all("initiator", Kind::Actors, &self.initiator);
        let targets = lookup.want_all("target", Kind::Actors, &self.target);
        let participants = lookup.want_all("participant", Kind::Actors, &self.participant);
        let sources = lookup.want_all("source", Kind::Sources, &self.source);
        let speakers = lookup.want_all("attributed_to", Kind::Actors, &self.attributed_to);
        let linked = lookup.want_all("linked_to", Kind::DiplomaticActions, &self.linked_to);
        let found = lookup.resolve_for_read(db).await?;
        let counted = self.counted.unwrap_or_default();

        let mut conditions = Conditions::default();
        conditions.any("action.type", self.r#type, "");
        for (part, elements) in [
            (Part::Initiator, &initiators),
            (Part::Target, &targets),
            (Part::Any, &participants),
        ] {
            if !elements.is_empty() {
                conditions.add(took_part(db, part, &found.all(elements), counted));
            }
        }
        if let Some(from) = from {
            conditions.add(
                Statement::new(
                    "(action.ongoing or coalesce(action.ended_on_latest, action.occurred_on_latest) >= ",
                )
                .bind(from)
                .sql(")"),
            );
        }
        if let Some(to) = to {
            // What is known to have ended, or to go on, began at some time, be it unknown when.
            conditions.add(
                Statement::new(
                    "(coalesce(action.occurred_on_earliest, \
                     case when action.ongoing or action.ended_on is not null then '-infinity'::date end) <= ",
                )
                .bind(to)
                .sql(")"),
            );
        }
        conditions.any(
            "exists (select from action_countries as country where country.action_id = action.id and country.code",
            countries,
            ")",
        );
        conditions.any(
            "action.cameo_code in (select cameo.code from cameo_codes as cameo where cameo.quad_class",
            quad_classes,
            ")",
        );
        if let Some(condition) = has_link(found.all(&linked), &self.link_kind) {
            conditions.add(condition);
        }
        let modalities: Vec<String> = self.modality.iter().map(ToString::to_string).collect();
        conditions.any_as("action.modality", modalities, "::public.modality[]", "");
        citations::filter(
            &mut conditions,
            Kind::DiplomaticActions,
            "action",
            &self.claim_status,
            Cited {
                sources: found.all(&sources),
                stances: &self.stance,
                speakers: found.all(&speakers),
                counted,
            },
        );
        Ok(conditions)
    }
}

/// Returns the condition that the action has a link to one of `linked`, of one of `kinds`; `None` if both are empty.
fn has_link(linked: Vec<Uuid>, kinds: &[LinkKind]) -> Option<Statement> {
    if linked.is_empty() && kinds.is_empty() {
        return None;
    }
    let mut statement =
        Statement::new("exists (select from action_links as link where link.action_id = action.id");
    if !linked.is_empty() {
        statement = statement
            .sql(" and link.linked_action_id = any(")
            .bind(linked)
            .sql(")");
    }
    if !kinds.is_empty() {
        let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
        statement = statement
            .sql(" and link.kind = any(")
            .bind(kinds)
            .sql("::public.link_kind[])");
    }
    Some(statement.sql(")"))
}

/// The participants of actions, with their actions.
pub const PARTICIPANTS: &str = "action_participants as participant join diplomatic_actions as action on action.id = participant.action_id";
/// An action as an act of a participant, or against one.
pub const TAKING_PART: Act<'_> = Act {
    actor: "participant.actor_id",
    earliest: "action.occurred_on_earliest",
    latest: "action.occurred_on_latest",
};

/// Returns the condition that one of the actors took part, or, if the state counts, one whose part counts for one of them.
fn took_part(db: &Db, part: Part, actors: &[Uuid], counted: Counted) -> Statement {
    let role = match part {
        Part::Initiator => "participant.role = 'initiator'",
        Part::Target => "participant.role = 'target'",
        Part::Any => "true",
    };
    match counted {
        Counted::Exact => Statement::new(format!(
            "exists (select from action_participants as participant \
             where participant.action_id = action.id and {role} and participant.actor_id = any("
        ))
        .bind(actors.to_vec())
        .sql("))"),
        Counted::State => {
            let selected =
                |by_actor: ByActor, role| by_actor.select("participant.action_id", PARTICIPANTS, role);
            let acted = || TAKING_PART.acted_for(actors, counted);
            let suffered = || TAKING_PART.counts_against(actors, counted);
            let acts = match part {
                Part::Initiator => selected(acted(), role),
                Part::Target => selected(suffered(), role),
                // A union, because an "or" of the two would ask each participant anew.
                Part::Any => selected(acted(), role)
                    .sql(" union ")
                    .append(selected(suffered(), "participant.role = 'target'")),
            };
            is_one_of(db, "action.id", acts)
        }
    }
}
