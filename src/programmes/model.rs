//! Programmes: what one holds, and the SQL that keeps and finds them.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl, QueryableByName, sql_types};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Db, Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::http::response::Record;
use crate::programmes::request::ProgrammeRequest;
use crate::query::table_row::{TableRow, cell, joined, properties_cell};
use crate::resource::external_keys::{self, ExternalKey};
use crate::resource::records::{self, Identity, RecordRow};
use crate::resource::{ActorReference, Kind};
use crate::schema::programmes;
use crate::text;
use crate::validation::Faults;

/// Fields that follow from others or that the registry sets.
pub const READ_ONLY: &[&str] = &["id", "version", "created_at", "updated_at"];

/// A legal basis under which sanctions are imposed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Programme {
    pub id: Uuid,
    /// The publisher's own tag; the key programme:CODE names the record
    #[schema(examples("ILLICIT-DRUGS-EO14059"))]
    pub code: String,
    #[schema(examples("Illicit drugs"))]
    pub name: String,
    /// The body that imposes under it
    pub imposer: ActorReference,
    #[schema(examples("Executive Order 14059"))]
    pub legal_basis: Option<String>,
    /// The publisher's page about it
    pub url: Option<String>,
    pub description: Option<String>,
    /// What a list or dataset says and no field holds: name to list of texts
    pub properties: Value,
    pub external_keys: Vec<ExternalKey>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// The columns that a request sets.
#[derive(Debug, Clone, PartialEq, Insertable, AsChangeset)]
#[diesel(table_name = programmes, treat_none_as_null = true)]
pub struct Columns {
    pub code: String,
    pub name: String,
    pub imposer_id: Uuid,
    pub legal_basis: Option<String>,
    pub url: Option<String>,
    pub description: Option<String>,
    pub properties: Value,
}

/// A checked programme: its columns and its keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    pub columns: Columns,
    pub external_keys: Vec<ExternalKey>,
}

impl From<&Programme> for Values {
    fn from(programme: &Programme) -> Self {
        let programme = programme.clone();
        Self {
            columns: Columns {
                code: programme.code,
                name: programme.name,
                imposer_id: programme.imposer.id,
                legal_basis: programme.legal_basis,
                url: programme.url,
                description: programme.description,
                properties: programme.properties,
            },
            external_keys: programme.external_keys,
        }
    }
}

impl Record for Programme {
    const RESOURCE: Kind = Kind::Programmes;

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }
}

impl TableRow for Programme {
    const HEADER: &'static [&'static str] = &[
        "id",
        "code",
        "name",
        "imposer_id",
        "imposer",
        "legal_basis",
        "url",
        "description",
        "properties",
        "external_keys",
        "version",
        "created_at",
        "updated_at",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.code.clone(),
            self.name.clone(),
            self.imposer.id.to_string(),
            self.imposer.name.clone(),
            cell(self.legal_basis.as_ref()),
            cell(self.url.as_ref()),
            cell(self.description.as_ref()),
            properties_cell(&self.properties),
            joined(&self.external_keys, |key| format!("{}:{}", key.scheme, key.value)),
            self.version.to_string(),
            text::timestamp(self.created_at),
            text::timestamp(self.updated_at),
        ]
    }
}

/// Makes a programme's JSON in the select of a table `programme`.
pub static RECORD_SQL: LazyLock<String> = LazyLock::new(|| {
    include_str!("record.sql").replace(
        "{external_keys}",
        &external_keys::record_sql(Kind::Programmes, "programme.id"),
    )
});

static FIND_SQL: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {}::text as record from programmes as programme where programme.id = ",
        *RECORD_SQL
    )
});

impl Programme {
    pub async fn find(db: &Db, id: Uuid) -> Result<Option<Self>> {
        let statement = Statement::new(FIND_SQL.as_str()).bind(id).keep_prepared();
        db.read_one::<RecordRow>(statement)
            .await?
            .map(RecordRow::parse)
            .transpose()
    }

    async fn reload(write: &mut Write<'_>, id: Uuid) -> Result<Self> {
        let statement = Statement::new(FIND_SQL.as_str()).bind(id).keep_prepared();
        records::only(write.load::<RecordRow>(statement).await?)
    }

    /// Reads the record for a change: nobody else changes it until the transaction ends.
    pub async fn lock(write: &mut Write<'_>, id: Uuid) -> Result<Option<Self>> {
        if !records::lock(write, Kind::Programmes, id).await? {
            return Ok(None);
        }
        Self::reload(write, id).await.map(Some)
    }

    pub async fn create(write: &mut Write<'_>, request: ProgrammeRequest, faults: Faults) -> Result<Self> {
        Self::create_as(write, Identity::fresh(), request, faults).await
    }

    /// Makes the record under an id that is given: it comes back.
    pub async fn create_as(
        write: &mut Write<'_>,
        identity: Identity,
        request: ProgrammeRequest,
        faults: Faults,
    ) -> Result<Self> {
        let values = request.validate(write, faults).await?;
        refuse_taken_code(write, None, &values.columns.code).await?;
        let Identity { id, created_at } = identity;
        diesel::insert_into(programmes::table)
            .values((
                programmes::id.eq(id),
                created_at.map(|at| programmes::created_at.eq(at)),
                &values.columns,
            ))
            .execute(write.connection)
            .await
            .map_err(Error::from)
            .map_err(meaning)?;
        external_keys::replace(write, Kind::Programmes, id, &[], &values.external_keys).await?;
        Self::reload(write, id).await
    }

    /// Gives the record what the request says; what is the same is left alone, so that a request
    /// that changes nothing makes no version.
    pub async fn replace(
        write: &mut Write<'_>,
        current: &Self,
        request: ProgrammeRequest,
        faults: Faults,
    ) -> Result<Self> {
        let values = request.validate(write, faults).await?;
        let before = Values::from(current);
        if values.columns != before.columns {
            refuse_taken_code(write, Some(current.id), &values.columns.code).await?;
            diesel::update(programmes::table.find(current.id))
                .set(&values.columns)
                .execute(write.connection)
                .await
                .map_err(Error::from)
                .map_err(meaning)?;
        }
        external_keys::replace(
            write,
            Kind::Programmes,
            current.id,
            &before.external_keys,
            &values.external_keys,
        )
        .await?;
        Self::reload(write, current.id).await
    }

    pub async fn delete(write: &mut Write<'_>, id: Uuid) -> Result<()> {
        records::delete(write, Kind::Programmes, id, include_str!("referrers.sql")).await
    }
}

#[derive(QueryableByName)]
struct TakenRow {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

/// Names who has a code already.
async fn refuse_taken_code(write: &mut Write<'_>, own: Option<Uuid>, code: &str) -> Result<()> {
    let statement = Statement::new("select id, name from programmes where code = ")
        .bind(code)
        .sql(" and id is distinct from ")
        .bind(own);
    match write.load::<TakenRow>(statement).await?.pop() {
        None => Ok(()),
        Some(taken) => Err(taken_code(format!(
            "the code {code} belongs to {} ({}) already",
            taken.name, taken.id
        ))),
    }
}

fn taken_code(detail: String) -> Error {
    Error::conflict(detail.clone()).with_faults(vec![Fault::new("/code", detail)])
}

/// What a broken constraint of the table means to who sent the request.
fn meaning(error: Error) -> Error {
    // Somebody took the code between the two statements.
    if error.constraint() == Some("programmes_code_key") {
        return taken_code("the code belongs to another programme already".to_owned());
    }
    records::meaning(
        error,
        &[
            (
                "programmes_code_check",
                "/code",
                "is no code: it has no blanks and does not begin with @",
            ),
            ("programmes_name_check", "/name", "is empty or too long"),
            ("programmes_imposer_id_fkey", "/imposer", "fits no actor"),
            ("programmes_url_check", "/url", "is no web address"),
            (
                "programmes_properties_check",
                "/properties",
                "is no object of name to list of texts",
            ),
        ],
    )
}
