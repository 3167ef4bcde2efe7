//! Diplomatic actions: the record, and how it is stored.

use chrono::{DateTime, Utc};
use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::Write;
use crate::diplomatic_actions::cycle_check::{self, Linking};
use crate::error::Result;
use crate::partial_date::PartialDate;
use crate::query::table_row::{Cell, cell, date, joined, number, number_cell, text};
use crate::query::{Column, TableRow};
use crate::resource::children::ChildRows;
use crate::resource::citations::{self, Citation, CitationColumns, CitationRow, Cites};
use crate::resource::external_keys::ExternalKey;
use crate::resource::{
    ActorReference, Command, Common, CommonColumns, ConstraintError, Identity, Kind, Record, Row,
    TitleReference,
};
use crate::schema::diplomatic_actions;
use crate::vocabulary::{ClaimStatus, LinkKind, Modality, ParticipantRole};

/// Something that actors did to or with others at a time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DiplomaticAction {
    /// Id of the diplomatic action
    pub id: Uuid,
    /// A code of the vocabulary action_types
    #[schema(examples("intelligence_cooperation_suspended"))]
    pub r#type: String,
    /// A code of the vocabulary cameo_codes; that of the type unless another was given
    #[schema(examples("160"))]
    pub cameo_code: String,
    /// Goldstein score of the CAMEO code, -10 (most conflictual) to 10 (most cooperative)
    #[schema(minimum = -10, maximum = 10, examples(-4.0))]
    pub goldstein: f64,
    /// Of the CAMEO code: 1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict
    #[schema(minimum = 1, maximum = 4, examples(4))]
    pub quad_class: i16,
    /// Whether it took place, or was alleged, planned, threatened or only thought of
    pub modality: Modality,
    /// The action in one line
    #[schema(examples("Colombia suspends intelligence sharing with the United States"))]
    pub title: String,
    /// The action in a few sentences; null if nothing was written
    pub summary: Option<String>,
    /// The reason that the actor stated; null if none is recorded
    pub reason: Option<String>,
    /// What would end it, as stated; null if none is recorded
    #[schema(examples("until the attacks cease"))]
    pub condition: Option<String>,
    /// The means by which it was said or done; null if not recorded
    #[schema(examples("X"))]
    pub channel: Option<String>,
    /// Where it took place, in words; null if not recorded
    pub place: Option<String>,
    /// Degrees north; null if not recorded
    #[schema(minimum = -90, maximum = 90)]
    pub latitude: Option<f64>,
    /// Degrees east; null if not recorded
    #[schema(minimum = -180, maximum = 180)]
    pub longitude: Option<f64>,
    /// Codes of the vocabulary countries: where it took place, whose citizens it affected
    #[schema(examples("CO"))]
    pub countries: Vec<String>,
    /// When it took place or began; null if not known
    pub occurred_on: Option<PartialDate>,
    /// When it ended; null if it took a day, has not ended or the end is not known
    pub ended_on: Option<PartialDate>,
    /// Whether it was still going on according to the last report
    pub ongoing: bool,
    /// People killed, at least; null if not known
    pub fatalities_min: Option<i32>,
    /// People killed, at most; null if not known
    pub fatalities_max: Option<i32>,
    /// People whom it concerns, at least, such as the diplomats who are expelled; not those killed; null if not known
    pub persons_min: Option<i32>,
    /// People whom it concerns, at most; null if not known
    pub persons_max: Option<i32>,
    /// The actors that took part, each with a role
    pub participants: Vec<Participant>,
    /// How it relates to other diplomatic actions
    pub links: Vec<Link>,
    /// How other diplomatic actions relate to it: the links that lead to it, in order of day. Set by recording a link of the
    /// other action
    pub linked_from: Vec<LinkFrom>,
    /// How far the sources support it
    pub claim_status: ClaimStatus,
    /// The sources, and what each says about it
    pub citations: Vec<Citation>,
    /// What a list or dataset says and no field holds: an object of lists of texts, by names such as those of the vocabulary
    /// property_names
    #[schema(value_type = std::collections::HashMap<String, Vec<String>>)]
    pub properties: Value,
    /// Its keys in other registries
    pub external_keys: Vec<ExternalKey>,
    /// Number of the current version: 1 when created, one more with each change
    pub version: i32,
    /// When the registry recorded it
    pub created_at: DateTime<Utc>,
    /// When its current version was written
    pub updated_at: DateTime<Utc>,
}

/// An actor that took part in an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Participant {
    /// What the actor did in the action
    pub role: ParticipantRole,
    /// The actor
    pub actor: ActorReference,
}

/// How the action relates to another. Read it as action, kind, linked action: this action retaliates_for that one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Link {
    /// How they relate
    pub kind: LinkKind,
    /// The linked action
    pub action: TitleReference,
}

/// How another action relates to this one. Read it as linking action, kind, this action: that action retaliates_for this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LinkFrom {
    /// How they relate
    pub kind: LinkKind,
    /// The action that has the link
    pub action: TitleReference,
}

/// The columns of the table that a request sets.
#[derive(Debug, Clone, PartialEq, Insertable, AsChangeset)]
#[diesel(table_name = diplomatic_actions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct DiplomaticActionColumns {
    pub type_: String,
    pub cameo_code: String,
    pub modality: Modality,
    pub title: String,
    pub summary: Option<String>,
    pub reason: Option<String>,
    pub condition: Option<String>,
    pub channel: Option<String>,
    pub place: Option<String>,
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub occurred_on: Option<PartialDate>,
    pub ended_on: Option<PartialDate>,
    pub ongoing: bool,
    pub fatalities_min: Option<i32>,
    pub fatalities_max: Option<i32>,
    pub persons_min: Option<i32>,
    pub persons_max: Option<i32>,
    pub claim_status: ClaimStatus,
    pub properties: Value,
}

/// A record as it is stored: its columns and its lists.
#[derive(Debug, Clone, PartialEq)]
pub struct DiplomaticActionRow {
    pub columns: DiplomaticActionColumns,
    pub countries: Vec<String>,
    pub participants: Vec<(ParticipantRole, Uuid)>,
    pub links: Vec<(LinkKind, Uuid)>,
    pub citations: Vec<CitationRow>,
    pub external_keys: Vec<ExternalKey>,
}

impl From<&DiplomaticAction> for DiplomaticActionRow {
    fn from(action: &DiplomaticAction) -> Self {
        let action = action.clone();
        Self {
            columns: DiplomaticActionColumns {
                type_: action.r#type,
                cameo_code: action.cameo_code,
                modality: action.modality,
                title: action.title,
                summary: action.summary,
                reason: action.reason,
                condition: action.condition,
                channel: action.channel,
                place: action.place,
                latitude: action.latitude,
                longitude: action.longitude,
                occurred_on: action.occurred_on,
                ended_on: action.ended_on,
                ongoing: action.ongoing,
                fatalities_min: action.fatalities_min,
                fatalities_max: action.fatalities_max,
                persons_min: action.persons_min,
                persons_max: action.persons_max,
                claim_status: action.claim_status,
                properties: action.properties,
            },
            countries: action.countries,
            participants: action
                .participants
                .iter()
                .map(|participant| (participant.role, participant.actor.id))
                .collect(),
            links: action
                .links
                .iter()
                .map(|link| (link.kind, link.action.id))
                .collect(),
            citations: action.citations.iter().map(CitationRow::from).collect(),
            external_keys: action.external_keys,
        }
    }
}

impl Record for DiplomaticAction {
    const KIND: Kind = Kind::DiplomaticActions;

    fn common(&self) -> Common<'_> {
        Common {
            id: self.id,
            version: self.version,
            properties: &self.properties,
            external_keys: &self.external_keys,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl Cites for DiplomaticAction {
    fn citations(&self) -> &[Citation] {
        &self.citations
    }
}

impl TableRow for DiplomaticAction {
    const COLUMNS: &'static [&'static [Column<Self>]] =
        &[OWN_COLUMNS, CitationColumns::COLUMNS, CommonColumns::COLUMNS];
}

const OWN_COLUMNS: &[Column<DiplomaticAction>] = &[
    ("id", |action| text(action.id)),
    ("type", |action| text(&action.r#type)),
    ("cameo_code", |action| text(&action.cameo_code)),
    ("goldstein", |action| number(action.goldstein)),
    ("quad_class", |action| number(action.quad_class)),
    ("modality", |action| text(action.modality)),
    ("title", |action| text(&action.title)),
    ("summary", |action| cell(action.summary.as_ref())),
    ("reason", |action| cell(action.reason.as_ref())),
    ("condition", |action| cell(action.condition.as_ref())),
    ("channel", |action| cell(action.channel.as_ref())),
    ("place", |action| cell(action.place.as_ref())),
    ("latitude", |action| number_cell(action.latitude.as_ref())),
    ("longitude", |action| number_cell(action.longitude.as_ref())),
    ("countries", |action| joined(&action.countries, Clone::clone)),
    ("occurred_on", |action| date(action.occurred_on.as_ref())),
    ("ended_on", |action| date(action.ended_on.as_ref())),
    ("ongoing", |action| Cell::Boolean(action.ongoing)),
    ("fatalities_min", |action| {
        number_cell(action.fatalities_min.as_ref())
    }),
    ("fatalities_max", |action| {
        number_cell(action.fatalities_max.as_ref())
    }),
    ("persons_min", |action| number_cell(action.persons_min.as_ref())),
    ("persons_max", |action| number_cell(action.persons_max.as_ref())),
    ("participants", |action| {
        joined(&action.participants, |participant| {
            format!("{}:{}", participant.role, participant.actor.name)
        })
    }),
    ("links", |action| {
        joined(&action.links, |link| {
            format!("{}:{}", link.kind, link.action.title)
        })
    }),
    ("linked_from", |action| {
        joined(&action.linked_from, |link| {
            format!("{}:{}", link.kind, link.action.title)
        })
    }),
    ("claim_status", |action| text(action.claim_status)),
];

impl Row for DiplomaticActionRow {
    fn insert(&self, identity: Identity) -> impl Command {
        diesel::insert_into(diplomatic_actions::table).values((
            diplomatic_actions::id.eq(identity.id),
            diplomatic_actions::created_at.eq(identity.created_at()),
            &self.columns,
        ))
    }

    fn update(&self, id: Uuid, before: &Self) -> Option<impl Command> {
        (self.columns != before.columns)
            .then(|| diesel::update(diplomatic_actions::table.find(id)).set(&self.columns))
    }

    fn external_keys(&self) -> &[ExternalKey] {
        &self.external_keys
    }

    fn children(&self) -> Vec<ChildRows> {
        vec![
            ChildRows::new("action_countries").texts("code", self.countries.iter().cloned()),
            ChildRows::new("action_participants")
                .texts_as(
                    "role",
                    "::participant_role",
                    self.participants.iter().map(|(role, _)| role.to_string()),
                )
                .ids("actor_id", self.participants.iter().map(|(_, actor)| *actor)),
            ChildRows::new("action_links")
                .texts_as(
                    "kind",
                    "::link_kind",
                    self.links.iter().map(|(kind, _)| kind.to_string()),
                )
                .ids("linked_action_id", self.links.iter().map(|(_, action)| *action)),
            citations::child_rows(&self.citations),
        ]
    }

    async fn check(&self, write: &mut Write<'_>, id: Uuid, before: Option<&Self>) -> Result<()> {
        let Some(before) = before.filter(|before| before.links != self.links) else {
            return Ok(());
        };
        let action = Linking {
            id,
            title: &before.columns.title,
        };
        cycle_check::refuse(write, action, &self.links).await
    }
}

/// What violated constraints of the tables mean.
pub(super) const CONSTRAINTS: &[ConstraintError] = &[
    ConstraintError::invalid(
        "diplomatic_actions_type_fkey",
        "/type",
        "is not a code of the vocabulary action_types",
    ),
    ConstraintError::invalid(
        "diplomatic_actions_cameo_code_fkey",
        "/cameo_code",
        "is not a code of the vocabulary cameo_codes",
    ),
    ConstraintError::invalid("diplomatic_actions_title_check", "/title", "is empty or too long"),
    ConstraintError::invalid(
        "diplomatic_actions_latitude_check",
        "/latitude",
        "must be from -90 to 90",
    ),
    ConstraintError::invalid(
        "diplomatic_actions_longitude_check",
        "/longitude",
        "must be from -180 to 180",
    ),
    ConstraintError::invalid(
        "diplomatic_actions_place_check",
        "/longitude",
        "is given without latitude, or latitude without it",
    ),
    ConstraintError::invalid(
        "diplomatic_actions_period_check",
        "/ended_on",
        "is before occurred_on",
    ),
    ConstraintError::invalid(
        "diplomatic_actions_ongoing_check",
        "/ongoing",
        "is true though ended_on is given",
    ),
    ConstraintError::invalid(
        "diplomatic_actions_fatalities_min_check",
        "/fatalities_min",
        "is negative",
    ),
    ConstraintError::invalid(
        "diplomatic_actions_fatalities_check",
        "/fatalities_max",
        "is negative or below fatalities_min",
    ),
    ConstraintError::invalid(
        "diplomatic_actions_persons_min_check",
        "/persons_min",
        "is negative",
    ),
    ConstraintError::invalid(
        "diplomatic_actions_persons_check",
        "/persons_max",
        "is negative or below persons_min",
    ),
    ConstraintError::invalid(
        "action_countries_code_fkey",
        "/countries",
        "has a code that is not in the vocabulary countries",
    ),
    ConstraintError::invalid(
        "action_participants_actor_id_fkey",
        "/participants",
        "names an actor that does not exist any more",
    ),
    ConstraintError::invalid(
        "action_links_linked_action_id_fkey",
        "/links",
        "names a diplomatic action that does not exist any more",
    ),
    // Two writers each added a part of the cycle; `cycle_check` saw only what was there before.
    ConstraintError::conflict(
        "action_links_cycle_check",
        "",
        "one of the links would close a cycle of causes, together with one that was added just now; \
         read the actions that it names again",
    ),
];
