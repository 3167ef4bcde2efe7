//! A claim of any resource, and the SQL that finds claims.

use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::{Db, Statement, template};
use crate::diplomatic_actions::{DiplomaticAction, PARTICIPANTS, TAKING_PART};
use crate::error::Result;
use crate::query::table_row::{cell, joined, text};
use crate::query::{Column, Conditions, Selection, Sort, TableRow};
use crate::relationships::Relationship;
use crate::resource::citations::{self, Citation, Cited};
use crate::resource::fields::{Field, Fields, Holds, Owner, Parts};
use crate::resource::filter::Filter;
use crate::resource::full_text::RANK;
use crate::resource::included::OF_RECORD;
use crate::resource::state_roll_up::{Act, Counted};
use crate::resource::{ActorReference, Included, Kind, Listed, Lookup, Resource};
use crate::sanctions::{IMPOSED, RECEIVED, SANCTIONS, Sanction};
use crate::vocabulary::{CitationStance, ClaimStatus};

/// A relationship, sanction or diplomatic action as a claim.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "SelectedClaim")]
pub struct Claim {
    /// relationships, sanctions or diplomatic-actions
    pub resource: Kind,
    /// Id of the record
    pub id: Uuid,
    /// The claim in one line
    pub summary: String,
    /// How far the sources support it
    pub claim_status: ClaimStatus,
    /// The best Admiralty grade among the sources that support it, such as B2; null if none was graded
    pub grade: Option<String>,
    /// The actors to whom the sources attribute it; empty if it is the sources' own statement
    pub attributed_to: Vec<ActorReference>,
    /// The actors to whom the sources that dispute it attribute that; empty if none is named
    pub disputed_by: Vec<ActorReference>,
    /// The whole record
    pub record: ClaimRecord,
}

/// The record of a claim.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ClaimRecord {
    /// A sanction
    Sanction(Box<Sanction>),
    /// A relationship
    Relationship(Box<Relationship>),
    /// A diplomatic action
    DiplomaticAction(Box<DiplomaticAction>),
}

impl ClaimRecord {
    fn citations(&self) -> &[Citation] {
        match self {
            Self::Sanction(sanction) => &sanction.citations,
            Self::Relationship(relationship) => &relationship.citations,
            Self::DiplomaticAction(action) => &action.citations,
        }
    }

    /// Reads a record from the JSON of its own resource, so that it has the same form in every response.
    ///
    /// # Errors
    /// If records of this resource are not claims, or the JSON is not such a record.
    pub fn read(resource: Kind, record: Value) -> serde_json::Result<Self> {
        match resource {
            Kind::Sanctions => serde_json::from_value(record).map(Self::Sanction),
            Kind::Relationships => serde_json::from_value(record).map(Self::Relationship),
            Kind::DiplomaticActions => serde_json::from_value(record).map(Self::DiplomaticAction),
            Kind::Actors | Kind::Programmes | Kind::Sources => {
                Err(serde::de::Error::custom(format!("{resource} are not claims")))
            }
        }
    }
}

/// A claim as its SQL returns it.
#[derive(Deserialize)]
struct SelectedClaim {
    resource: Kind,
    id: Uuid,
    summary: String,
    claim_status: ClaimStatus,
    grade: Option<String>,
    attributed_to: Vec<ActorReference>,
    record: Value,
}

impl TryFrom<SelectedClaim> for Claim {
    type Error = serde_json::Error;

    fn try_from(claim: SelectedClaim) -> serde_json::Result<Self> {
        let record = ClaimRecord::read(claim.resource, claim.record)?;
        let mut disputed_by: Vec<ActorReference> = Vec::new();
        for citation in record.citations() {
            if let (CitationStance::Disputes, Some(actor)) = (citation.stance, &citation.attributed_to)
                && !disputed_by.contains(actor)
            {
                disputed_by.push(actor.clone());
            }
        }
        Ok(Self {
            resource: claim.resource,
            id: claim.id,
            summary: claim.summary,
            claim_status: claim.claim_status,
            grade: claim.grade,
            attributed_to: claim.attributed_to,
            disputed_by,
            record,
        })
    }
}

impl Listed for Claim {
    const REFERENCES: &'static [Included] = OF_RECORD;
}

impl TableRow for Claim {
    const COLUMNS: &'static [&'static [Column<Self>]] = &[&[
        ("resource", |claim| text(claim.resource)),
        ("id", |claim| text(claim.id)),
        ("summary", |claim| text(&claim.summary)),
        ("claim_status", |claim| text(claim.claim_status)),
        ("grade", |claim| cell(claim.grade.as_ref())),
        ("disputed_by", |claim| {
            joined(&claim.disputed_by, |actor| actor.name.clone())
        }),
        ("citations", |claim| {
            citations::sources_cell(claim.record.citations())
        }),
        ("stances", |claim| {
            citations::stances_cell(claim.record.citations())
        }),
        ("grades", |claim| citations::grades_cell(claim.record.citations())),
        ("attributed_to", |claim| {
            citations::speakers_cell(claim.record.citations())
        }),
    ]];
}

static RECORD_SQL: LazyLock<String> = LazyLock::new(|| {
    const CITATION_OF_CLAIM: &str = "(case claim.resource when 'sanctions' then citation.sanction_id when 'relationships' then \
        citation.relationship_id else citation.action_id end) = claim.id \
        and (citation.sanction_id = claim.id or citation.relationship_id = claim.id or citation.action_id = claim.id)";
    template::fill(
        include_str!("record.sql"),
        &[
            ("citation_of_claim", CITATION_OF_CLAIM),
            ("sanction", &Sanction::sql().record),
            ("relationship", &Relationship::sql().record),
            ("action", &DiplomaticAction::sql().record),
        ],
    )
    .expect("record.sql has these placeholders")
});

const SORTS: &[Sort] = &[Sort::plain("claim_status", "claim.claim_status", "claim_status")];

/// The fields by which claims that are read with `q` can be sorted.
pub const FOUND_SORTS: &[Sort] = &[SORTS[0], RANK];

/// What the list of claims selects.
pub static SELECTION: LazyLock<Selection> = LazyLock::new(|| Selection {
    record: RECORD_SQL.as_str().into(),
    record_as_of: None,
    made_by: None,
    is_response: false,
    from: "claim".into(),
    id: "claim.id".into(),
    sorts: SORTS,
    default_sort: "",
    with: Statement::new(", claim as (")
        .sql(include_str!("claims.sql"))
        .sql(")"),
});

/// Filters of the list of claims.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClaimFilter {
    /// How far the claim is established. Repeat it for several
    #[param(inline)]
    claim_status: Vec<ClaimStatus>,
    /// relationships, sanctions or diplomatic-actions
    #[param(inline)]
    resource: Vec<Kind>,
    /// An actor that the claim is about: at either end, or a participant
    #[param(example = "iso3166:CO")]
    actor: Vec<String>,
    /// A source that the claim cites
    source: Vec<String>,
    /// What a citation says about the claim: it supports, disputes or only mentions it. `source`, `stance` and `attributed_to`
    /// together ask for one citation that has all of them
    #[param(inline)]
    stance: Vec<CitationStance>,
    /// An actor to whom a citation attributes its statement
    #[param(example = "iso3166:RU")]
    attributed_to: Vec<String>,
    /// `state` also counts a state's agencies, forces and officials as the state: their acts, acts against them, and their words
    /// (`attributed_to`, on the day on which the source was published). `exact`, the default, takes the actors alone
    #[param(inline)]
    counted: Option<Counted>,
}

const CITATIONS: Parts = Parts::of("citations").owned(Owner::Id(
    "coalesce(part.sanction_id, part.action_id, part.relationship_id)",
));

const FIELDS: &Fields = &Fields {
    alias: "claim",
    kinds: &[Kind::Sanctions, Kind::Relationships, Kind::DiplomaticActions],
    modifiers: &["counted"],
    own: &[
        Field::own("resource", Holds::Text),
        Field::own("claim_status", Holds::Word),
        Field::part(
            "source",
            "record.citations.source",
            CITATIONS,
            "source_id",
            Holds::Reference(Kind::Sources),
        ),
        Field::part(
            "stance",
            "record.citations.stance",
            CITATIONS,
            "stance",
            Holds::Word,
        ),
        Field::part(
            "attributed_to",
            "attributed_to",
            CITATIONS,
            "attributed_to_id",
            Holds::Reference(Kind::Actors),
        ),
        Field::own("created_at", Holds::Time),
        Field::own("updated_at", Holds::Time),
    ],
};

impl Filter for ClaimFilter {
    const FIELDS: &'static Fields = FIELDS;

    async fn conditions(self, db: &Db, _: Option<NaiveDate>) -> Result<Conditions> {
        let mut lookup = Lookup::default();
        let actors = lookup.want_all("actor", Kind::Actors, &self.actor);
        let sources = lookup.want_all("source", Kind::Sources, &self.source);
        let speakers = lookup.want_all("attributed_to", Kind::Actors, &self.attributed_to);
        let found = lookup.resolve_for_read(db).await?;
        let mut conditions = Conditions::default();
        let statuses: Vec<String> = self.claim_status.iter().map(ToString::to_string).collect();
        conditions.any_as("claim.claim_status", statuses, "::public.claim_status[]", "");
        let resources: Vec<String> = self.resource.iter().map(ToString::to_string).collect();
        conditions.any("claim.resource", resources, "");
        let actors = found.all(&actors);
        let counted = self.counted.unwrap_or_default();
        if !actors.is_empty() {
            let about = of_actors(&actors, counted);
            conditions.add(Statement::new("claim.id in (").append(about).sql(")"));
        }
        let cited = Cited {
            sources: found.all(&sources),
            stances: &self.stance,
            speakers: found.all(&speakers),
            counted,
        };
        let claim = "coalesce(citation.sanction_id, citation.action_id, citation.relationship_id)";
        if let Some(query) = cited.query(claim, "true") {
            conditions.add(Statement::new("claim.id in (").append(query).sql(")"));
        }
        Ok(conditions)
    }
}

/// Returns the select of the ids of the claims about one of the actors: at either end, or a participant. If the state counts,
/// also about somebody who acts for one, or against whom an act counts against one, on the days of the claim.
pub fn of_actors(actors: &[Uuid], counted: Counted) -> Statement {
    const OF_SANCTIONS: (&str, &str) = ("sanction.id", SANCTIONS);
    const OF_RELATIONSHIPS: (&str, &str) = ("relationship.id", "relationships as relationship");
    const OF_ACTIONS: (&str, &str) = ("participant.action_id", PARTICIPANTS);
    let of_relationship = |actor| Act {
        actor,
        earliest: "relationship.started_on_earliest",
        latest: "relationship.ended_on_latest",
    };
    let acted = |act: Act<'_>| act.acted_for(actors, counted);
    let suffered = |act: Act<'_>| act.counts_against(actors, counted);
    // A union, because an "or" would use no index.
    [
        (OF_SANCTIONS, acted(IMPOSED), "true"),
        (OF_SANCTIONS, suffered(RECEIVED), "true"),
        (
            OF_RELATIONSHIPS,
            acted(of_relationship("relationship.subject_id")),
            "true",
        ),
        (
            OF_RELATIONSHIPS,
            acted(of_relationship("relationship.object_id")),
            "true",
        ),
        (OF_ACTIONS, acted(TAKING_PART), "true"),
        (OF_ACTIONS, suffered(TAKING_PART), "participant.role = 'target'"),
    ]
    .into_iter()
    .fold(
        Statement::new("select null::uuid where false"),
        |union, ((what, from), by_actor, condition)| {
            union
                .sql(" union ")
                .append(by_actor.select(what, from, condition))
        },
    )
}
