//! Diplomatic actions: what one holds, and the SQL that keeps and finds them.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use diesel::sql_types;
use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl, QueryableByName};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Db, Statement, Write};
use crate::diplomatic_actions::circle;
use crate::diplomatic_actions::request::DiplomaticActionRequest;
use crate::error::{Error, Result};
use crate::http::response::Record;
use crate::partial_date::PartialDate;
use crate::resource::citations::{self as citations, Citation};
use crate::resource::external_keys::{self, ExternalKey};
use crate::resource::records::{self, Identity, RecordRow};
use crate::resource::{ActorReference, Kind, TitleReference};
use crate::schema::diplomatic_actions;
use crate::validation::Faults;
use crate::vocabulary::{ClaimStatus, LinkKind, Modality, ParticipantRole};

/// Fields that follow from others or that the registry sets.
pub const READ_ONLY: &[&str] = &[
    "id",
    "goldstein",
    "quad_class",
    "version",
    "created_at",
    "updated_at",
];

/// One thing that actors did, to or with others.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DiplomaticAction {
    pub id: Uuid,
    /// A code of the vocabulary action_types
    #[schema(examples("intelligence_cooperation_suspended"))]
    pub r#type: String,
    /// That of the type unless another was given
    #[schema(examples("160"))]
    pub cameo_code: String,
    /// Goldstein score of the CAMEO code, -10 (most conflictual) to 10 (most cooperative)
    #[schema(minimum = -10, maximum = 10, examples(-4.0))]
    pub goldstein: f64,
    /// Of the CAMEO code: 1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict
    #[schema(minimum = 1, maximum = 4, examples(4))]
    pub quad_class: i16,
    pub modality: Modality,
    #[schema(examples("Colombia suspends intelligence sharing with the United States"))]
    pub title: String,
    pub summary: Option<String>,
    /// The stated why
    pub reason: Option<String>,
    /// What would end it, as stated
    #[schema(examples("until the attacks cease"))]
    pub condition: Option<String>,
    /// Through what it was said or done
    #[schema(examples("X"))]
    pub channel: Option<String>,
    /// Where, in words
    pub place: Option<String>,
    /// Degrees north
    #[schema(minimum = -90, maximum = 90)]
    pub latitude: Option<f64>,
    /// Degrees east
    #[schema(minimum = -180, maximum = 180)]
    pub longitude: Option<f64>,
    /// Codes of the vocabulary countries: where it was, whose citizens it affected
    #[schema(examples("CO"))]
    pub countries: Vec<String>,
    /// When it took place or began
    pub occurred_on: Option<PartialDate>,
    pub ended_on: Option<PartialDate>,
    /// Whether it was going on when last heard of
    pub ongoing: bool,
    /// People killed, at least
    pub fatalities_min: Option<i32>,
    /// People killed, at most
    pub fatalities_max: Option<i32>,
    pub participants: Vec<Participant>,
    pub links: Vec<Link>,
    pub claim_status: ClaimStatus,
    pub citations: Vec<Citation>,
    /// What a list or dataset says and no field holds: name to list of texts
    pub properties: Value,
    pub external_keys: Vec<ExternalKey>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Who took part in an action, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Participant {
    pub role: ParticipantRole,
    pub actor: ActorReference,
}

/// How the action bears on another, read action kind linked action: this one retaliates_for that one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Link {
    pub kind: LinkKind,
    pub action: TitleReference,
}

/// The columns that a request sets.
#[derive(Debug, Clone, PartialEq, Insertable, AsChangeset)]
#[diesel(table_name = diplomatic_actions, treat_none_as_null = true)]
pub struct Columns {
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
    pub claim_status: ClaimStatus,
    pub properties: Value,
}

/// A checked action: its columns and its children.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    pub columns: Columns,
    pub countries: Vec<String>,
    pub participants: Vec<(ParticipantRole, Uuid)>,
    pub links: Vec<(LinkKind, Uuid)>,
    pub citations: Vec<citations::Values>,
    pub external_keys: Vec<ExternalKey>,
}

impl From<&DiplomaticAction> for Values {
    fn from(action: &DiplomaticAction) -> Self {
        let action = action.clone();
        Self {
            columns: Columns {
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
            citations: action.citations.iter().map(citations::Values::from).collect(),
            external_keys: action.external_keys,
        }
    }
}

impl Record for DiplomaticAction {
    const RESOURCE: Kind = Kind::DiplomaticActions;

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }
}

/// Makes an action's JSON in the select of a table `action`.
pub static RECORD_SQL: LazyLock<String> = LazyLock::new(|| {
    include_str!("record.sql")
        .replace(
            "{citations}",
            &citations::record_sql(Kind::DiplomaticActions, "action.id"),
        )
        .replace(
            "{external_keys}",
            &external_keys::record_sql(Kind::DiplomaticActions, "action.id"),
        )
});

static FIND_SQL: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {}::text as record from diplomatic_actions as action where action.id = ",
        *RECORD_SQL
    )
});

#[derive(QueryableByName)]
struct CameoCodeRow {
    #[diesel(sql_type = sql_types::Text)]
    cameo_code: String,
}

/// The CAMEO code that an action of this type has unless it says otherwise; none where there is no
/// such type.
pub async fn cameo_code_of(write: &mut Write<'_>, action_type: &str) -> Result<Option<String>> {
    let statement = Statement::new("select cameo_code from action_types where code = ")
        .bind(action_type)
        .keep_prepared();
    let row: Option<CameoCodeRow> = write.load(statement).await?.pop();
    Ok(row.map(|row| row.cameo_code))
}

impl DiplomaticAction {
    pub async fn find(db: &Db, id: Uuid) -> Result<Option<Self>> {
        let statement = Statement::new(FIND_SQL.as_str()).bind(id).keep_prepared();
        db.read_one::<RecordRow>(statement)
            .await?
            .map(RecordRow::parse)
            .transpose()
    }

    pub async fn reload(write: &mut Write<'_>, id: Uuid) -> Result<Self> {
        let statement = Statement::new(FIND_SQL.as_str()).bind(id).keep_prepared();
        records::only(write.load::<RecordRow>(statement).await?)
    }

    /// Reads the record for a change: nobody else changes it until the transaction ends.
    pub async fn lock(write: &mut Write<'_>, id: Uuid) -> Result<Option<Self>> {
        if !records::lock(write, Kind::DiplomaticActions, id).await? {
            return Ok(None);
        }
        Self::reload(write, id).await.map(Some)
    }

    pub async fn create(
        write: &mut Write<'_>,
        request: DiplomaticActionRequest,
        faults: Faults,
    ) -> Result<Self> {
        Self::create_as(write, Identity::fresh(), request, faults).await
    }

    /// Makes the record under an id that is given: it comes back.
    pub async fn create_as(
        write: &mut Write<'_>,
        identity: Identity,
        request: DiplomaticActionRequest,
        faults: Faults,
    ) -> Result<Self> {
        let values = request.validate(write, faults, None).await?;
        let Identity { id, created_at } = identity;
        diesel::insert_into(diplomatic_actions::table)
            .values((
                diplomatic_actions::id.eq(id),
                created_at.map(|at| diplomatic_actions::created_at.eq(at)),
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
        request: DiplomaticActionRequest,
        faults: Faults,
    ) -> Result<Self> {
        let values = request.validate(write, faults, Some(current)).await?;
        let before = Values::from(current);
        if values == before {
            return Self::reload(write, current.id).await;
        }
        if values.links != before.links {
            circle::refuse(write, current, &values.links).await?;
        }
        if values.columns != before.columns {
            diesel::update(diplomatic_actions::table.find(current.id))
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
        records::delete(write, Kind::DiplomaticActions, id, include_str!("referrers.sql")).await
    }
}

/// What a broken constraint of the actions' tables means to who sent the request.
fn meaning(error: Error) -> Error {
    // Two writers each added half of it; `circle::refuse` saw only what was there before.
    if error.constraint() == Some("action_links_circle_check") {
        return Error::conflict(
            "one of the links would close a circle of causes, together with one that was added just now; \
             read the actions that it names again",
        );
    }
    records::meaning(
        error,
        &[
            (
                "diplomatic_actions_type_fkey",
                "/type",
                "is no code of the vocabulary action_types",
            ),
            (
                "diplomatic_actions_cameo_code_fkey",
                "/cameo_code",
                "is no code of the vocabulary cameo_codes",
            ),
            ("diplomatic_actions_title_check", "/title", "is empty or too long"),
            (
                "diplomatic_actions_latitude_check",
                "/latitude",
                "is none of -90 to 90",
            ),
            (
                "diplomatic_actions_longitude_check",
                "/longitude",
                "is none of -180 to 180",
            ),
            (
                "diplomatic_actions_place_check",
                "/longitude",
                "is given without latitude, or latitude without it",
            ),
            (
                "diplomatic_actions_period_check",
                "/ended_on",
                "is before occurred_on",
            ),
            (
                "diplomatic_actions_ongoing_check",
                "/ongoing",
                "is true though ended_on is given",
            ),
            (
                "diplomatic_actions_fatalities_min_check",
                "/fatalities_min",
                "is negative",
            ),
            (
                "diplomatic_actions_fatalities_check",
                "/fatalities_max",
                "is negative or below fatalities_min",
            ),
            (
                "diplomatic_actions_properties_check",
                "/properties",
                "is no object of name to list of texts",
            ),
            (
                "action_countries_code_fkey",
                "/countries",
                "has a code that is none of the vocabulary countries",
            ),
            (
                "action_participants_actor_id_fkey",
                "/participants",
                "names an actor that was deleted just now",
            ),
            (
                "action_links_linked_action_id_fkey",
                "/links",
                "names a diplomatic action that was deleted just now",
            ),
            (
                "citations_source_id_fkey",
                "/citations",
                "names a source that was deleted just now",
            ),
            (
                "citations_attributed_to_id_fkey",
                "/citations",
                "names an actor that was deleted just now",
            ),
        ],
    )
}
