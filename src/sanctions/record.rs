//! Sanctions: the record, and how it is stored. The status is not stored: the function `sanction_status` computes it
//! for a day.

use chrono::{DateTime, Utc};
use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl, QueryableByName, sql_types};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::partial_date::PartialDate;
use crate::query::table_row::{Cell, cell, date, joined, joined_optional, text};
use crate::query::{Column, TableRow};
use crate::resource::children::ChildRows;
use crate::resource::citations::{self, Citation, CitationColumns, CitationRow, Cites};
use crate::resource::external_keys::ExternalKey;
use crate::resource::{
    ActorReference, Command, Common, CommonColumns, ConstraintError, Identity, Kind, ProgrammeReference,
    Record, Row, TitleReference,
};
use crate::schema::sanctions;
use crate::vocabulary::{ClaimStatus, SanctionOutcome, SanctionStatus};

/// The measures of one imposer against one target.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Sanction {
    /// Id of the sanction
    pub id: Uuid,
    /// The body that imposed it
    pub imposer: ActorReference,
    /// The actor that is sanctioned
    pub target: ActorReference,
    /// The programmes under which it was imposed
    pub programmes: Vec<ProgrammeReference>,
    /// What it does to the target
    pub measures: Vec<Measure>,
    /// Why the target is sanctioned: codes of the vocabulary grounds
    #[schema(examples(json!(["narcotics"])))]
    pub grounds: Vec<String>,
    /// What the imposer wants to achieve
    pub objectives: Vec<Objective>,
    /// The reason that the imposer stated; null if none is recorded
    pub reason: Option<String>,
    /// The law, order or resolution; null if not recorded
    #[schema(examples("Executive Order 14059"))]
    pub legal_basis: Option<String>,
    /// What exactly is forbidden; null if not recorded
    pub provisions: Option<String>,
    /// When it was announced; null if not known
    pub announced_on: Option<PartialDate>,
    /// When it was imposed; null if not known
    pub imposed_on: Option<PartialDate>,
    /// When it takes effect; null if that is the day it was imposed, or not known
    pub effective_on: Option<PartialDate>,
    /// The last day it is in force; null if the act sets none
    pub expires_on: Option<PartialDate>,
    /// The first day it is no longer in force because it was lifted; null if it was not lifted
    pub lifted_on: Option<PartialDate>,
    /// Why it was lifted; null if not recorded
    pub lift_reason: Option<String>,
    /// Status on the day of the parameter `on`, by default today (UTC); computed from the dates
    pub status: SanctionStatus,
    /// False if the status depends on the unknown part of a date, such as the day in 2025-09
    pub status_certain: bool,
    /// How far the sources support it
    pub claim_status: ClaimStatus,
    /// The diplomatic action that announced it; null if none is recorded
    pub action: Option<TitleReference>,
    /// The official list that has it; null if none is recorded
    #[schema(examples("us_ofac_sdn"))]
    pub list_code: Option<String>,
    /// The part of that list; null if not recorded
    pub list_part: Option<String>,
    /// The number of the entry on that list; null if not recorded
    pub list_uid: Option<String>,
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

/// What a sanction does to its target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Measure {
    /// A code of the vocabulary measures
    #[schema(examples("asset_freeze"))]
    pub measure: String,
    /// When it began; null if it began with the sanction
    pub from: Option<PartialDate>,
    /// When it ended; null if it ends with the sanction
    pub until: Option<PartialDate>,
}

/// What an imposer wants to achieve, and the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Objective {
    /// A code of the vocabulary objectives
    #[schema(examples("policy_change"))]
    pub objective: String,
    /// The outcome; null if nobody judged it
    pub outcome: Option<SanctionOutcome>,
}

/// The columns of the table that a request sets.
#[derive(Debug, Clone, PartialEq, Insertable, AsChangeset)]
#[diesel(table_name = sanctions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SanctionColumns {
    pub imposer_id: Uuid,
    pub target_id: Uuid,
    pub reason: Option<String>,
    pub legal_basis: Option<String>,
    pub provisions: Option<String>,
    pub announced_on: Option<PartialDate>,
    pub imposed_on: Option<PartialDate>,
    pub effective_on: Option<PartialDate>,
    pub expires_on: Option<PartialDate>,
    pub lifted_on: Option<PartialDate>,
    pub lift_reason: Option<String>,
    pub action_id: Option<Uuid>,
    pub list_code: Option<String>,
    pub list_part: Option<String>,
    pub list_uid: Option<String>,
    pub claim_status: ClaimStatus,
    pub properties: Value,
}

/// A record as it is stored: its columns and its lists.
#[derive(Debug, Clone, PartialEq)]
pub struct SanctionRow {
    pub columns: SanctionColumns,
    pub programmes: Vec<Uuid>,
    pub measures: Vec<Measure>,
    pub grounds: Vec<String>,
    pub objectives: Vec<Objective>,
    pub citations: Vec<CitationRow>,
    pub external_keys: Vec<ExternalKey>,
}

impl From<&Sanction> for SanctionRow {
    fn from(sanction: &Sanction) -> Self {
        let sanction = sanction.clone();
        Self {
            columns: SanctionColumns {
                imposer_id: sanction.imposer.id,
                target_id: sanction.target.id,
                reason: sanction.reason,
                legal_basis: sanction.legal_basis,
                provisions: sanction.provisions,
                announced_on: sanction.announced_on,
                imposed_on: sanction.imposed_on,
                effective_on: sanction.effective_on,
                expires_on: sanction.expires_on,
                lifted_on: sanction.lifted_on,
                lift_reason: sanction.lift_reason,
                action_id: sanction.action.map(|action| action.id),
                list_code: sanction.list_code,
                list_part: sanction.list_part,
                list_uid: sanction.list_uid,
                claim_status: sanction.claim_status,
                properties: sanction.properties,
            },
            programmes: sanction.programmes.iter().map(|programme| programme.id).collect(),
            measures: sanction.measures,
            grounds: sanction.grounds,
            objectives: sanction.objectives,
            citations: sanction.citations.iter().map(CitationRow::from).collect(),
            external_keys: sanction.external_keys,
        }
    }
}

impl Record for Sanction {
    const KIND: Kind = Kind::Sanctions;

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

impl Cites for Sanction {
    fn citations(&self) -> &[Citation] {
        &self.citations
    }
}

impl TableRow for Sanction {
    const COLUMNS: &'static [&'static [Column<Self>]] =
        &[OWN_COLUMNS, CitationColumns::COLUMNS, CommonColumns::COLUMNS];
}

const OWN_COLUMNS: &[Column<Sanction>] = &[
    ("id", |sanction| text(sanction.id)),
    ("imposer_id", |sanction| text(sanction.imposer.id)),
    ("imposer", |sanction| text(&sanction.imposer.name)),
    ("target_id", |sanction| text(sanction.target.id)),
    ("target", |sanction| text(&sanction.target.name)),
    ("programmes", |sanction| {
        joined(&sanction.programmes, |programme| programme.code.clone())
    }),
    ("measures", |sanction| {
        joined(&sanction.measures, |measure| measure.measure.clone())
    }),
    ("measures_from", |sanction| {
        joined_optional(&sanction.measures, |measure| {
            measure.from.as_ref().map(ToString::to_string)
        })
    }),
    ("measures_until", |sanction| {
        joined_optional(&sanction.measures, |measure| {
            measure.until.as_ref().map(ToString::to_string)
        })
    }),
    ("grounds", |sanction| joined(&sanction.grounds, Clone::clone)),
    ("objectives", |sanction| {
        joined(&sanction.objectives, |objective| objective.objective.clone())
    }),
    ("outcomes", |sanction| {
        joined_optional(&sanction.objectives, |objective| {
            objective.outcome.map(|outcome| outcome.to_string())
        })
    }),
    ("reason", |sanction| cell(sanction.reason.as_ref())),
    ("legal_basis", |sanction| cell(sanction.legal_basis.as_ref())),
    ("provisions", |sanction| cell(sanction.provisions.as_ref())),
    ("announced_on", |sanction| date(sanction.announced_on.as_ref())),
    ("imposed_on", |sanction| date(sanction.imposed_on.as_ref())),
    ("effective_on", |sanction| date(sanction.effective_on.as_ref())),
    ("expires_on", |sanction| date(sanction.expires_on.as_ref())),
    ("lifted_on", |sanction| date(sanction.lifted_on.as_ref())),
    ("lift_reason", |sanction| cell(sanction.lift_reason.as_ref())),
    ("status", |sanction| text(sanction.status)),
    ("status_certain", |sanction| {
        Cell::Boolean(sanction.status_certain)
    }),
    ("claim_status", |sanction| text(sanction.claim_status)),
    ("action_id", |sanction| {
        cell(sanction.action.as_ref().map(|action| action.id).as_ref())
    }),
    ("action", |sanction| {
        cell(sanction.action.as_ref().map(|action| &action.title))
    }),
    ("list_code", |sanction| cell(sanction.list_code.as_ref())),
    ("list_part", |sanction| cell(sanction.list_part.as_ref())),
    ("list_uid", |sanction| cell(sanction.list_uid.as_ref())),
];

impl Row for SanctionRow {
    fn insert(&self, identity: Identity) -> impl Command {
        diesel::insert_into(sanctions::table).values((
            sanctions::id.eq(identity.id),
            sanctions::created_at.eq(identity.created_at()),
            &self.columns,
        ))
    }

    fn update(&self, id: Uuid, before: &Self) -> Option<impl Command> {
        (self.columns != before.columns).then(|| diesel::update(sanctions::table.find(id)).set(&self.columns))
    }

    fn external_keys(&self) -> &[ExternalKey] {
        &self.external_keys
    }

    fn children(&self) -> Vec<ChildRows> {
        let measures = || self.measures.iter();
        let objectives = || self.objectives.iter();
        vec![
            ChildRows::new("sanction_programmes").ids("programme_id", self.programmes.iter().copied()),
            ChildRows::new("sanction_measures")
                .texts("measure", measures().map(|measure| measure.measure.clone()))
                .texts(
                    "from",
                    measures().map(|measure| measure.from.as_ref().map(ToString::to_string)),
                )
                .texts(
                    "until",
                    measures().map(|measure| measure.until.as_ref().map(ToString::to_string)),
                ),
            ChildRows::new("sanction_grounds").texts("ground", self.grounds.iter().cloned()),
            ChildRows::new("sanction_objectives")
                .texts(
                    "objective",
                    objectives().map(|objective| objective.objective.clone()),
                )
                .texts_as(
                    "outcome",
                    "::sanction_outcome",
                    objectives().map(|objective| objective.outcome.map(|outcome| outcome.to_string())),
                ),
            citations::child_rows(&self.citations),
        ]
    }

    async fn check_keys(&self, write: &mut Write<'_>, id: Uuid, before: Option<&Self>) -> Result<()> {
        if before.is_some_and(|before| before.columns == self.columns) {
            return Ok(());
        }
        refuse_taken_entry(write, id, &self.columns).await
    }
}

#[derive(QueryableByName)]
struct TakenRow {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    imposer: String,
    #[diesel(sql_type = sql_types::Text)]
    target: String,
}

/// Refuses the entry of a list that another sanction has on a day on which both may be in force. An entry that is listed again
/// after it ended is a new sanction. Denied and retracted sanctions do not count.
async fn refuse_taken_entry(write: &mut Write<'_>, id: Uuid, columns: &SanctionColumns) -> Result<()> {
    let (Some(list_code), Some(list_uid)) = (&columns.list_code, &columns.list_uid) else {
        return Ok(());
    };
    if matches!(columns.claim_status, ClaimStatus::Denied | ClaimStatus::Retracted) {
        return Ok(());
    }
    let date = |date: Option<&PartialDate>| date.map(ToString::to_string);
    let statement = Statement::new(
        "select taken.id, imposer.name as imposer, target.name as target from sanctions as taken \
         join actors as imposer on imposer.id = taken.imposer_id \
         join actors as target on target.id = taken.target_id \
         where taken.list_uid is not null and taken.claim_status not in ('denied', 'retracted') \
         and list_entry_days(taken.starts_earliest, taken.lifted_on_latest, taken.expires_on_latest) \
         && list_entry_days(partial_date_earliest(",
    )
    .bind(date(columns.effective_on.as_ref().or(columns.imposed_on.as_ref())))
    .sql("::text::partial_date), partial_date_latest(")
    .bind(date(columns.lifted_on.as_ref()))
    .sql("::text::partial_date), partial_date_latest(")
    .bind(date(columns.expires_on.as_ref()))
    .sql(
        "::text::partial_date)) and taken.list_code || chr(31) || coalesce(taken.list_part, '') || chr(31) || taken.list_uid = ",
    )
    .bind(format!(
        "{list_code}\u{1f}{}\u{1f}{list_uid}",
        columns.list_part.as_deref().unwrap_or_default()
    ))
    .sql(" and taken.id <> ")
    .bind(id);
    match write.load::<TakenRow>(statement).await?.first() {
        None => Ok(()),
        Some(taken) => {
            let detail = format!(
                "entry {list_uid} of {list_code} is in the sanction {} ({} on {}) already, at a time that can overlap; set lifted_on or expires_on of one of them",
                taken.id, taken.imposer, taken.target
            );
            Err(Error::conflict(detail.clone()).with_faults(vec![Fault::new("/list_uid", detail)]))
        }
    }
}

/// What violated constraints of the tables mean.
pub(super) const CONSTRAINTS: &[ConstraintError] = &[
    ConstraintError::invalid(
        "sanctions_imposer_id_fkey",
        "/imposer",
        "names an actor that does not exist any more",
    ),
    ConstraintError::invalid(
        "sanctions_target_id_fkey",
        "/target",
        "names an actor that does not exist any more",
    ),
    ConstraintError::invalid("sanctions_ends_check", "/target", "is the imposer itself"),
    ConstraintError::invalid(
        "sanctions_action_id_fkey",
        "/action",
        "names a diplomatic action that does not exist any more",
    ),
    ConstraintError::invalid("sanctions_lifted_on_check", "/lifted_on", "is before imposed_on"),
    ConstraintError::invalid(
        "sanctions_expires_on_check",
        "/expires_on",
        "is before it takes effect",
    ),
    ConstraintError::invalid(
        "sanctions_announced_on_check",
        "/lifted_on",
        "is before announced_on",
    ),
    ConstraintError::invalid(
        "sanctions_list_check",
        "/list_code",
        "is required where list_part or list_uid is given",
    ),
    ConstraintError::invalid(
        "sanction_programmes_programme_id_fkey",
        "/programmes",
        "names a programme that does not exist any more",
    ),
    ConstraintError::invalid(
        "sanction_measures_measure_fkey",
        "/measures",
        "has a code that is not in the vocabulary measures",
    ),
    ConstraintError::invalid(
        "sanction_measures_period_check",
        "/measures",
        "has one that ends before it begins",
    ),
    ConstraintError::invalid(
        "sanction_grounds_ground_fkey",
        "/grounds",
        "has a code that is not in the vocabulary grounds",
    ),
    ConstraintError::invalid(
        "sanction_objectives_objective_fkey",
        "/objectives",
        "has a code that is not in the vocabulary objectives",
    ),
    ConstraintError::conflict(
        "sanctions_list_excl",
        "/list_uid",
        "another sanction has this entry of the list already, at a time that can overlap; set lifted_on or expires_on of one of them",
    ),
];
