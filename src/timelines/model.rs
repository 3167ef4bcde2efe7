//! The events of a timeline, and the SQL that finds them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::claims::model::ClaimRecord;
use crate::db::{Db, Statement};
use crate::diplomatic_actions::{DiplomaticAction, PARTICIPANTS, TAKING_PART};
use crate::error::Result;
use crate::partial_date::PartialDate;
use crate::query::table_row::{Cell, cell, date, joined, number, text};
use crate::query::{Column, Conditions, Selection, Sort, TableRow};
use crate::resource::fields::{Days, Field, Fields, Holds};
use crate::resource::filter::Filter;
use crate::resource::full_text::RANK;
use crate::resource::included::OF_RECORD;
use crate::resource::state_roll_up::{Counted, is_one_of};
use crate::resource::{Included, Kind, Listed, Resource};
use crate::sanctions::{IMPOSED, RECEIVED, SANCTIONS, Sanction};
use crate::vocabulary::{ClaimStatus, Modality, ParticipantRole};

/// The kind of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// A sanction was imposed
    Imposed,
    /// A sanction was lifted
    Lifted,
    /// A sanction expired before the day that statuses are computed for
    Expired,
    /// A diplomatic action took place
    Occurred,
}

impl Event {
    const fn word(self) -> &'static str {
        match self {
            Self::Imposed => "imposed",
            Self::Lifted => "lifted",
            Self::Expired => "expired",
            Self::Occurred => "occurred",
        }
    }
}

/// One event of a timeline.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "SelectedItem")]
pub struct TimelineItem {
    /// When, as written in the record; null if it is not known
    pub on: Option<PartialDate>,
    /// What happened to the record
    pub event: Event,
    /// sanctions or diplomatic-actions
    pub resource: Kind,
    /// The whole record: a sanction or a diplomatic action
    pub record: ClaimRecord,
    /// With `announcements=fold`: the sanctions of the timeline that the action announced, in order of day; empty for a sanction.
    /// Absent otherwise
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announced: Option<Vec<Sanction>>,
}

/// An event as its SQL returns it.
#[derive(Deserialize)]
struct SelectedItem {
    on: Option<PartialDate>,
    event: Event,
    resource: Kind,
    record: Value,
    #[serde(default)]
    announced: Option<Vec<Sanction>>,
}

impl TryFrom<SelectedItem> for TimelineItem {
    type Error = serde_json::Error;

    fn try_from(item: SelectedItem) -> serde_json::Result<Self> {
        Ok(Self {
            on: item.on,
            event: item.event,
            resource: item.resource,
            record: ClaimRecord::read(item.resource, item.record)?,
            announced: item.announced,
        })
    }
}

impl Listed for TimelineItem {
    const REFERENCES: &'static [Included] = OF_RECORD;
}

impl TableRow for TimelineItem {
    const COLUMNS: &'static [&'static [Column<Self>]] = &[&[
        ("on", |item| date(item.on.as_ref())),
        ("event", |item| text(item.event.word())),
        ("resource", |item| text(item.resource)),
        ("id", |item| {
            item.cell(|sanction| text(sanction.id), |action| text(action.id))
        }),
        ("type", |item| {
            item.cell(|_| Cell::Empty, |action| text(&action.r#type))
        }),
        ("title", |item| {
            item.cell(|_| Cell::Empty, |action| text(&action.title))
        }),
        ("initiators", |item| {
            item.cell(
                |sanction| Cell::List(vec![Some(sanction.imposer.name.clone())]),
                |action| names(action, ParticipantRole::Initiator),
            )
        }),
        ("targets", |item| {
            item.cell(
                |sanction| Cell::List(vec![Some(sanction.target.name.clone())]),
                |action| names(action, ParticipantRole::Target),
            )
        }),
        ("goldstein", |item| {
            item.cell(
                |_| Cell::Empty,
                |action| number(format!("{:.1}", action.goldstein)),
            )
        }),
        ("modality", |item| {
            item.cell(|_| Cell::Empty, |action| text(action.modality))
        }),
        ("claim_status", |item| {
            item.cell(
                |sanction| text(sanction.claim_status),
                |action| text(action.claim_status),
            )
        }),
        ("reason", |item| {
            item.cell(
                |sanction| cell(sanction.reason.as_ref()),
                |action| cell(action.reason.as_ref()),
            )
        }),
        ("announced", |item| {
            joined(item.announced.as_deref().unwrap_or_default(), |sanction| {
                sanction.id.to_string()
            })
        }),
    ]];
}

impl TimelineItem {
    /// Returns a cell that sanctions and actions fill in different ways.
    fn cell(&self, of_sanction: fn(&Sanction) -> Cell, of_action: fn(&DiplomaticAction) -> Cell) -> Cell {
        match &self.record {
            ClaimRecord::Sanction(sanction) => of_sanction(sanction),
            ClaimRecord::DiplomaticAction(action) => of_action(action),
            // A relationship is no event; none is selected.
            ClaimRecord::Relationship(_) => Cell::Empty,
        }
    }
}

fn names(action: &DiplomaticAction, role: ParticipantRole) -> Cell {
    let of_role: Vec<_> = action
        .participants
        .iter()
        .filter(|participant| participant.role == role)
        .collect();
    joined(&of_role, |participant| participant.actor.name.clone())
}

/// How a timeline shows a sanction beside the act that announced it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Announcements {
    /// Each is an entry of its own
    #[default]
    Separate,
    /// One entry: that of the act, with the sanctions in `announced`
    Fold,
}

/// Filters of a timeline.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TimelineFilter {
    /// `state` counts acts of a state's agencies, forces and officials as acts of the state, `exact` does not. The default is
    /// `exact` for an actor and `state` for a dyad
    #[param(inline)]
    pub counted: Option<Counted>,
    /// imposed, lifted, expired or occurred. Repeat it for several
    #[param(inline)]
    event: Vec<Event>,
    /// Modality of diplomatic actions; sanctions are always actual. Repeat it for several
    #[param(inline)]
    modality: Vec<Modality>,
    /// How far the claim is established. Repeat it for several
    #[param(inline)]
    claim_status: Vec<ClaimStatus>,
    /// `fold` shows a sanction and the act that announced it as one entry: that of the act, which has the sanctions in
    /// `announced`. A sanction whose act is not in the timeline, or not found by the other filters, stays an entry. `separate`, the
    /// default, shows both
    #[param(inline)]
    pub announcements: Option<Announcements>,
}

const FIELDS: &Fields = &Fields {
    alias: "item",
    kinds: &[Kind::Sanctions, Kind::DiplomaticActions],
    modifiers: &["counted", "announcements"],
    own: &[
        Field::own("event", Holds::Word),
        Field::own("resource", Holds::Word),
        Field::column("on", "day", Holds::Date(Days::Stored)),
        Field::own("modality", Holds::Word),
        Field::own("claim_status", Holds::Word),
    ],
};

impl Filter for TimelineFilter {
    const FIELDS: &'static Fields = FIELDS;

    async fn conditions(self, _: &Db, _: Option<NaiveDate>) -> Result<Conditions> {
        let mut conditions = Conditions::default();
        let events: Vec<String> = self.event.iter().map(|event| event.word().to_owned()).collect();
        conditions.any("item.event", events, "");
        let modalities: Vec<String> = self.modality.iter().map(ToString::to_string).collect();
        conditions.any("item.modality", modalities, "");
        let statuses: Vec<String> = self.claim_status.iter().map(ToString::to_string).collect();
        conditions.any("item.claim_status", statuses, "");
        Ok(conditions)
    }
}

/// Adds that a sanction is no entry if the act that announced it is one: an act that meets the same conditions, and the search if
/// there is one.
pub fn fold(conditions: &mut Conditions, is_searched: bool) {
    // The inner `item` is the act.
    let mut acts = conditions.clone();
    acts.add(Statement::new("item.event = 'occurred'"));
    if is_searched {
        acts.add(Statement::new("item.id in (select matched.id from matched)"));
    }
    conditions.add(
        Statement::new("item.announced_by is null or item.announced_by not in (select item.id from item")
            .append(acts.into_where())
            .sql(")"),
    );
}

const SORTS: &[Sort] = &[
    Sort {
        name: "on",
        // Within a day, causes come before their effects, and sanctions after the acts that announced them.
        ascending: "coalesce(item.day + item.place * interval '1 microsecond', 'infinity')",
        descending: "coalesce(item.day + item.place * interval '1 microsecond', '-infinity')",
        sql_type: "timestamp",
    },
    Sort::plain("event", "item.event", "text"),
];

/// The fields by which a timeline that is read with `q` can be sorted.
pub const FOUND_SORTS: &[Sort] = &[SORTS[0], SORTS[1], RANK];

/// Whose timeline it is.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    /// What one actor did, and what was done to it.
    Actor(Uuid),
    /// What each did to the other, and what both did jointly.
    Dyad(Uuid, Uuid),
}

/// Returns what the list of a timeline selects.
pub fn selection(db: &Db, whose: Whose, filter: &TimelineFilter, counted: Counted) -> Selection {
    let with = Statement::new(", concerned (sanction_id, action_id) as materialized (")
        .append(concerned(db, whose, counted))
        .sql("), placed as materialized (")
        .sql(include_str!("placed.sql"))
        .sql("), item as (")
        .sql(include_str!("events.sql"))
        .sql(")");
    let announced = match filter.announcements.unwrap_or_default() {
        Announcements::Separate => String::new(),
        Announcements::Fold => format!(
            ", 'announced', (select coalesce(json_agg({}::json order by \
             coalesce(partial_date_sort_day(coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)), 'infinity'), \
             sanction.id), '[]') from sanctions as sanction \
             where item.event = 'occurred' and sanction.action_id = item.id \
             and sanction.id in (select concerned.sanction_id from concerned))",
            Sanction::sql().record,
        ),
    };
    Selection {
        record: format!(
            "json_build_object('on', item.written, 'event', item.event, 'resource', item.resource, 'record', \
             case item.resource when 'sanctions' then (select {}::json from sanctions as sanction where sanction.id = item.id) \
             else (select {}::json from diplomatic_actions as action where action.id = item.id) end{announced})",
            Sanction::sql().record,
            DiplomaticAction::sql().record,
        )
        .into(),
        record_as_of: None,
        made_by: None,
        is_response: false,
        from: "item".into(),
        id: "item.event_id".into(),
        sorts: SORTS,
        default_sort: "on,event",
        with,
    }
}

/// Returns the statement that selects the ids of a timeline's sanctions and actions.
fn concerned(db: &Db, whose: Whose, counted: Counted) -> Statement {
    match whose {
        Whose::Actor(actor) => {
            let imposed = IMPOSED.acted_for(&[actor], counted);
            let received = RECEIVED.counts_against(&[actor], counted);
            let took_part = TAKING_PART.acted_for(&[actor], counted);
            imposed
                .select("sanction.id, null::uuid", SANCTIONS, "true")
                .sql(" union ")
                .append(received.select("sanction.id, null", SANCTIONS, "true"))
                .sql(" union ")
                .append(took_part.select("null, action.id", PARTICIPANTS, "true"))
        }
        Whose::Dyad(one, other) => one_way(db, one, other, counted)
            .sql(" union ")
            .append(one_way(db, other, one, counted))
            .sql(" union ")
            .append(jointly(one, other, counted)),
    }
}

/// Returns the statement that selects what `initiator` did to `target`. An act between two bodies of one state has the same
/// state at both ends, so that it is never found between two different states.
fn one_way(db: &Db, initiator: Uuid, target: Uuid, counted: Counted) -> Statement {
    let imposed = IMPOSED.acted_for(&[initiator], counted);
    let received = RECEIVED.counts_against(&[target], counted);
    let initiated = TAKING_PART.acted_for(&[initiator], counted);
    let suffered = TAKING_PART.counts_against(&[target], counted);
    imposed
        .select("sanction.id, null::uuid", SANCTIONS, "true")
        .sql(" and ")
        .append(received.is_met_by(db, "sanction.id", SANCTIONS))
        .sql(" union ")
        .append(initiated.select("null, action.id", PARTICIPANTS, "participant.role = 'initiator'"))
        .sql(" and ")
        .append(is_one_of(
            db,
            "action.id",
            suffered.select("action.id", PARTICIPANTS, "participant.role = 'target'"),
        ))
}

/// Returns the statement that selects what two actors did jointly: actions with both among their initiators and without a
/// target. An action of both against a third is not an act between the two, and neither is an action of one body that acts
/// for both.
fn jointly(one: Uuid, other: Uuid, counted: Counted) -> Statement {
    const INITIATED: &str = "participant.role = 'initiator'";
    let initiators = |actor| {
        TAKING_PART.acted_for(&[actor], counted).select(
            "action.id, participant.actor_id",
            PARTICIPANTS,
            INITIATED,
        )
    };
    Statement::new("select null, one.action_id from (")
        .append(initiators(one))
        .sql(") as one (action_id, actor_id) join (")
        .append(initiators(other))
        .sql(
            ") as other (action_id, actor_id) on other.action_id = one.action_id and other.actor_id <> one.actor_id \
             where not exists (select from action_participants as target \
             where target.action_id = one.action_id and target.role = 'target')",
        )
}
