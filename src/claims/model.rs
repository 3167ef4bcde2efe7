//! A claim of any resource, and the SQL that finds claims.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::{Db, Statement, template};
use crate::diplomatic_actions::DiplomaticAction;
use crate::error::Result;
use crate::query::table_row::{cell, joined};
use crate::query::{Column, Conditions, Selection, Sort, TableRow};
use crate::relationships::Relationship;
use crate::resource::citations::{self, Citation};
use crate::resource::{ActorReference, Kind, Lookup, Resource};
use crate::sanctions::Sanction;
use crate::vocabulary::ClaimStatus;

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
        Ok(Self {
            resource: claim.resource,
            id: claim.id,
            summary: claim.summary,
            claim_status: claim.claim_status,
            grade: claim.grade,
            attributed_to: claim.attributed_to,
            record: ClaimRecord::read(claim.resource, claim.record)?,
        })
    }
}

impl TableRow for Claim {
    const COLUMNS: &'static [&'static [Column<Self>]] = &[&[
        ("resource", |claim| claim.resource.to_string()),
        ("id", |claim| claim.id.to_string()),
        ("summary", |claim| claim.summary.clone()),
        ("claim_status", |claim| claim.claim_status.to_string()),
        ("grade", |claim| cell(claim.grade.as_ref())),
        ("attributed_to", |claim| {
            joined(&claim.attributed_to, |actor| actor.name.clone())
        }),
        ("citations", |claim| {
            citations::sources_cell(claim.record.citations())
        }),
        ("stances", |claim| {
            citations::stances_cell(claim.record.citations())
        }),
        ("grades", |claim| citations::grades_cell(claim.record.citations())),
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

/// What the list of claims selects.
pub static SELECTION: LazyLock<Selection> = LazyLock::new(|| Selection {
    record: RECORD_SQL.as_str().into(),
    record_as_of: None,
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
    /// An actor to whom a citation attributes the claim
    attributed_to: Vec<String>,
}

impl ClaimFilter {
    /// Returns the conditions of the filters.
    ///
    /// # Errors
    /// Invalid if a reference names no record.
    pub async fn conditions(self, db: &Db) -> Result<Conditions> {
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
        if !actors.is_empty() {
            conditions.add(
                Statement::new("claim.id in (select id from sanctions where imposer_id = any(")
                    .bind(actors.clone())
                    .sql(") or target_id = any(")
                    .bind(actors.clone())
                    .sql(") union select id from relationships where subject_id = any(")
                    .bind(actors.clone())
                    .sql(") or object_id = any(")
                    .bind(actors.clone())
                    .sql(") union select action_id from action_participants where actor_id = any(")
                    .bind(actors)
                    .sql("))"),
            );
        }
        let cited = |column: &str| {
            format!(
                "claim.id in (select coalesce(citation.sanction_id, citation.action_id, citation.relationship_id) \
                 from citations as citation where citation.{column}"
            )
        };
        conditions.any(cited("source_id"), found.all(&sources), ")");
        conditions.any(cited("attributed_to_id"), found.all(&speakers), ")");
        Ok(conditions)
    }
}
