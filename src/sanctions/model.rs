//! Sanctions: what one holds, and the SQL that keeps and finds them. The status is never stored: it
//! is told for a day, by the function `sanction_status`.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl, QueryableByName};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Db, Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::http::response::Record;
use crate::partial_date::PartialDate;
use crate::query::parameters::today;
use crate::resource::citations::{self as citations, Citation};
use crate::resource::external_keys::{self, ExternalKey};
use crate::resource::records::{self, Identity, RecordRow};
use crate::resource::{ActorReference, Kind, ProgrammeReference, TitleReference};
use crate::sanctions::request::SanctionRequest;
use crate::schema::sanctions;
use crate::validation::Faults;
use crate::vocabulary::{ClaimStatus, SanctionOutcome, SanctionStatus};

/// Fields that follow from others or that the registry sets.
pub const READ_ONLY: &[&str] = &[
    "id",
    "status",
    "status_certain",
    "version",
    "created_at",
    "updated_at",
];

/// One imposer's measures against one target.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Sanction {
    pub id: Uuid,
    /// The body that acted
    pub imposer: ActorReference,
    /// Who is sanctioned
    pub target: ActorReference,
    pub programmes: Vec<ProgrammeReference>,
    pub measures: Vec<Measure>,
    /// What the target did: codes of the vocabulary grounds
    #[schema(examples(json!(["narcotics"])))]
    pub grounds: Vec<String>,
    pub objectives: Vec<Objective>,
    /// The stated why
    pub reason: Option<String>,
    /// The law
    #[schema(examples("Executive Order 14059"))]
    pub legal_basis: Option<String>,
    /// What exactly is forbidden
    pub provisions: Option<String>,
    pub announced_on: Option<PartialDate>,
    pub imposed_on: Option<PartialDate>,
    /// When it takes effect, where that is not the day it was imposed
    pub effective_on: Option<PartialDate>,
    /// The last day it is in force, where the act sets one
    pub expires_on: Option<PartialDate>,
    /// The first day it is no longer in force
    pub lifted_on: Option<PartialDate>,
    pub lift_reason: Option<String>,
    /// What it is on the day `on`, today (UTC) when absent
    pub status: SanctionStatus,
    /// False while that day lies inside a date that is only partly known
    pub status_certain: bool,
    pub claim_status: ClaimStatus,
    /// The diplomatic action that announced it
    pub action: Option<TitleReference>,
    /// The official list that carries it
    #[schema(examples("us_ofac_sdn"))]
    pub list_code: Option<String>,
    pub list_part: Option<String>,
    /// The number of the entry on that list
    pub list_uid: Option<String>,
    pub citations: Vec<Citation>,
    /// What a list or dataset says and no field holds: name to list of texts
    #[schema(value_type = std::collections::HashMap<String, Vec<String>>)]
    pub properties: Value,
    pub external_keys: Vec<ExternalKey>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What a sanction does to its target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Measure {
    /// A code of the vocabulary measures
    #[schema(examples("asset_freeze"))]
    pub measure: String,
    /// When it began, where that is not when the sanction did
    pub from: Option<PartialDate>,
    /// When it ended, where that is not when the sanction did
    pub until: Option<PartialDate>,
}

/// What an imposer wants, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Objective {
    /// A code of the vocabulary objectives
    #[schema(examples("policy_change"))]
    pub objective: String,
    /// Null where nobody judged
    pub outcome: Option<SanctionOutcome>,
}

/// The columns that a request sets.
#[derive(Debug, Clone, PartialEq, Insertable, AsChangeset)]
#[diesel(table_name = sanctions, treat_none_as_null = true)]
pub struct Columns {
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

/// A checked sanction: its columns and its children.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    pub columns: Columns,
    pub programmes: Vec<Uuid>,
    pub measures: Vec<Measure>,
    pub grounds: Vec<String>,
    pub objectives: Vec<Objective>,
    pub citations: Vec<citations::Values>,
    pub external_keys: Vec<ExternalKey>,
}

impl From<&Sanction> for Values {
    fn from(sanction: &Sanction) -> Self {
        let sanction = sanction.clone();
        Self {
            columns: Columns {
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
            citations: sanction.citations.iter().map(citations::Values::from).collect(),
            external_keys: sanction.external_keys,
        }
    }
}

impl Record for Sanction {
    const RESOURCE: Kind = Kind::Sanctions;

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }
}

/// Makes a sanction's JSON in the select of a table `sanction` and a day `given.day`.
pub static RECORD_SQL: LazyLock<String> = LazyLock::new(|| {
    include_str!("record.sql")
        .replace(
            "{citations}",
            &citations::record_sql(Kind::Sanctions, "sanction.id"),
        )
        .replace(
            "{external_keys}",
            &external_keys::record_sql(Kind::Sanctions, "sanction.id"),
        )
});

static FIND_SQL: LazyLock<String> = LazyLock::new(|| {
    format!(
        "::date) select {}::text as record from sanctions as sanction cross join given where sanction.id = ",
        *RECORD_SQL
    )
});

fn find_statement(id: Uuid, on: NaiveDate) -> Statement {
    Statement::new("with given (day) as materialized (select ")
        .bind(on)
        .sql(FIND_SQL.as_str())
        .bind(id)
        .keep_prepared()
}

impl Sanction {
    /// A sanction, with its status for a day.
    pub async fn find(db: &Db, id: Uuid, on: NaiveDate) -> Result<Option<Self>> {
        db.read_one::<RecordRow>(find_statement(id, on))
            .await?
            .map(RecordRow::parse)
            .transpose()
    }

    pub async fn reload(write: &mut Write<'_>, id: Uuid) -> Result<Self> {
        records::only(write.load::<RecordRow>(find_statement(id, today())).await?)
    }

    /// Reads the record for a change: nobody else changes it until the transaction ends.
    pub async fn lock(write: &mut Write<'_>, id: Uuid) -> Result<Option<Self>> {
        if !records::lock(write, Kind::Sanctions, id).await? {
            return Ok(None);
        }
        Self::reload(write, id).await.map(Some)
    }

    pub async fn create(write: &mut Write<'_>, request: SanctionRequest, faults: Faults) -> Result<Self> {
        Self::create_as(write, Identity::fresh(), request, faults).await
    }

    /// Makes the record under an id that is given: it comes back.
    pub async fn create_as(
        write: &mut Write<'_>,
        identity: Identity,
        request: SanctionRequest,
        faults: Faults,
    ) -> Result<Self> {
        let values = request.validate(write, faults, &[]).await?;
        let Identity { id, created_at } = identity;
        values.columns.refuse_taken_entry(write, id).await?;
        diesel::insert_into(sanctions::table)
            .values((
                sanctions::id.eq(id),
                created_at.map(|at| sanctions::created_at.eq(at)),
                &values.columns,
            ))
            .execute(write.connection)
            .await
            .map_err(Error::from)
            .map_err(meaning)?;
        values.replace_children(write, id, None).await.map_err(meaning)?;
        Self::reload(write, id).await
    }

    /// Gives the record what the request says; what is the same is left alone, so that a request
    /// that changes nothing makes no version.
    pub async fn replace(
        write: &mut Write<'_>,
        current: &Self,
        request: SanctionRequest,
        faults: Faults,
    ) -> Result<Self> {
        let values = request.validate(write, faults, &current.citations).await?;
        let before = Values::from(current);
        if values == before {
            return Self::reload(write, current.id).await;
        }
        if values.columns != before.columns {
            values.columns.refuse_taken_entry(write, current.id).await?;
            diesel::update(sanctions::table.find(current.id))
                .set(&values.columns)
                .execute(write.connection)
                .await
                .map_err(Error::from)
                .map_err(meaning)?;
        }
        values
            .replace_children(write, current.id, Some(&before))
            .await
            .map_err(meaning)?;
        Self::reload(write, current.id).await
    }

    pub async fn delete(write: &mut Write<'_>, id: Uuid) -> Result<()> {
        const NOTHING_REFERS_TO_SANCTIONS: &str =
            "select null::text as resource, null::uuid as id, null::text as role where false";
        records::delete(write, Kind::Sanctions, id, NOTHING_REFERS_TO_SANCTIONS).await
    }
}

#[derive(QueryableByName)]
struct TakenRow {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = diesel::sql_types::Text)]
    imposer: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    target: String,
}

impl Columns {
    /// Names the sanction that has this entry of a list already. A lifted one does not count: an
    /// entry that is listed anew is a new sanction.
    async fn refuse_taken_entry(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        let (Some(list_code), Some(list_uid), None) = (&self.list_code, &self.list_uid, &self.lifted_on)
        else {
            return Ok(());
        };
        let statement = Statement::new(
            "select taken.id, imposer.name as imposer, target.name as target from sanctions as taken \
             join actors as imposer on imposer.id = taken.imposer_id \
             join actors as target on target.id = taken.target_id \
             where taken.list_uid is not null and taken.lifted_on is null and taken.list_code = ",
        )
        .bind(list_code.clone())
        .sql(" and coalesce(taken.list_part, '') = ")
        .bind(self.list_part.clone().unwrap_or_default())
        .sql(" and taken.list_uid = ")
        .bind(list_uid.clone())
        .sql(" and taken.id <> ")
        .bind(id);
        match write.load::<TakenRow>(statement).await?.as_slice() {
            [] => Ok(()),
            [taken, ..] => {
                let detail = format!(
                    "entry {list_uid} of {list_code} is in the sanction {} ({} on {}) already, which is not lifted",
                    taken.id, taken.imposer, taken.target
                );
                Err(Error::conflict(detail.clone()).with_faults(vec![Fault::new("/list_uid", detail)]))
            }
        }
    }
}

/// What a broken constraint of the sanctions' tables means to who sent the request.
fn meaning(error: Error) -> Error {
    if error.constraint() == Some("sanctions_list_key") {
        let detail = "another sanction that is not lifted has this entry of the list already";
        return Error::conflict(detail).with_faults(vec![Fault::new("/list_uid", detail)]);
    }
    records::meaning(
        error,
        &[
            ("sanctions_imposer_id_fkey", "/imposer", "fits no actor any more"),
            ("sanctions_target_id_fkey", "/target", "fits no actor any more"),
            ("sanctions_ends_check", "/target", "is the imposer itself"),
            (
                "sanctions_action_id_fkey",
                "/action",
                "fits no diplomatic action any more",
            ),
            ("sanctions_lifted_on_check", "/lifted_on", "is before imposed_on"),
            (
                "sanctions_expires_on_check",
                "/expires_on",
                "is before it takes effect",
            ),
            (
                "sanctions_announced_on_check",
                "/lifted_on",
                "is before announced_on",
            ),
            (
                "sanctions_list_check",
                "/list_code",
                "is required where list_part or list_uid is given",
            ),
            (
                "sanctions_properties_check",
                "/properties",
                "is no object of name to list of texts",
            ),
            (
                "sanction_programmes_programme_id_fkey",
                "/programmes",
                "has one that is there no more",
            ),
            (
                "sanction_measures_measure_fkey",
                "/measures",
                "has a code that is none of the vocabulary measures",
            ),
            (
                "sanction_measures_period_check",
                "/measures",
                "has one that ends before it begins",
            ),
            (
                "sanction_grounds_ground_fkey",
                "/grounds",
                "has a code that is none of the vocabulary grounds",
            ),
            (
                "sanction_objectives_objective_fkey",
                "/objectives",
                "has a code that is none of the vocabulary objectives",
            ),
            (
                "citations_source_id_fkey",
                "/citations",
                "has a source that is there no more",
            ),
            (
                "citations_attributed_to_id_fkey",
                "/citations",
                "has an actor that is there no more",
            ),
        ],
    )
}
