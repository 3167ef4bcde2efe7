//! Programmes: the record, and how it is stored.

use chrono::{DateTime, Utc};
use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl, QueryableByName, sql_types};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::query::table_row::{cell, text};
use crate::query::{Column, TableRow};
use crate::resource::external_keys::ExternalKey;
use crate::resource::{
    ActorReference, Command, Common, CommonColumns, ConstraintError, Identity, Kind, Record, Row,
};
use crate::schema::programmes;

/// A legal basis under which sanctions are imposed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Programme {
    /// Id of the programme
    pub id: Uuid,
    /// The publisher's own tag; the key programme:CODE names the record
    #[schema(examples("ILLICIT-DRUGS-EO14059"))]
    pub code: String,
    /// The name that people read
    #[schema(examples("Illicit drugs"))]
    pub name: String,
    /// The body that imposes sanctions under it
    pub imposer: ActorReference,
    /// The law, order or resolution; null if not recorded
    #[schema(examples("Executive Order 14059"))]
    pub legal_basis: Option<String>,
    /// The publisher's page about it; null if not recorded
    pub url: Option<String>,
    /// What is to be known about it; null if nothing was written
    pub description: Option<String>,
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

/// The columns of the table that a request sets.
#[derive(Debug, Clone, PartialEq, Insertable, AsChangeset)]
#[diesel(table_name = programmes, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ProgrammeColumns {
    pub code: String,
    pub name: String,
    pub imposer_id: Uuid,
    pub legal_basis: Option<String>,
    pub url: Option<String>,
    pub description: Option<String>,
    pub properties: Value,
}

/// A record as it is stored: its columns and its lists.
#[derive(Debug, Clone, PartialEq)]
pub struct ProgrammeRow {
    pub columns: ProgrammeColumns,
    pub external_keys: Vec<ExternalKey>,
}

impl From<&Programme> for ProgrammeRow {
    fn from(programme: &Programme) -> Self {
        let programme = programme.clone();
        Self {
            columns: ProgrammeColumns {
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
    const KIND: Kind = Kind::Programmes;

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

impl TableRow for Programme {
    const COLUMNS: &'static [&'static [Column<Self>]] = &[OWN_COLUMNS, CommonColumns::COLUMNS];
}

const OWN_COLUMNS: &[Column<Programme>] = &[
    ("id", |programme| text(programme.id)),
    ("code", |programme| text(&programme.code)),
    ("name", |programme| text(&programme.name)),
    ("imposer_id", |programme| text(programme.imposer.id)),
    ("imposer", |programme| text(&programme.imposer.name)),
    ("legal_basis", |programme| cell(programme.legal_basis.as_ref())),
    ("url", |programme| cell(programme.url.as_ref())),
    ("description", |programme| cell(programme.description.as_ref())),
];

impl Row for ProgrammeRow {
    fn insert(&self, identity: Identity) -> impl Command {
        diesel::insert_into(programmes::table).values((
            programmes::id.eq(identity.id),
            programmes::created_at.eq(identity.created_at()),
            &self.columns,
        ))
    }

    fn update(&self, id: Uuid, before: &Self) -> Option<impl Command> {
        (self.columns != before.columns)
            .then(|| diesel::update(programmes::table.find(id)).set(&self.columns))
    }

    fn external_keys(&self) -> &[ExternalKey] {
        &self.external_keys
    }

    async fn check_keys(&self, write: &mut Write<'_>, id: Uuid, before: Option<&Self>) -> Result<()> {
        if before.is_some_and(|before| before.columns.code == self.columns.code) {
            return Ok(());
        }
        refuse_taken_code(write, id, &self.columns.code).await
    }
}

#[derive(QueryableByName)]
struct TakenRow {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

/// Refuses a code that another programme has.
async fn refuse_taken_code(write: &mut Write<'_>, id: Uuid, code: &str) -> Result<()> {
    let statement = Statement::new("select id, name from programmes where code = ")
        .bind(code)
        .sql(" and id <> ")
        .bind(id);
    match write.load::<TakenRow>(statement).await?.pop() {
        None => Ok(()),
        Some(taken) => {
            let detail = format!("the code {code} belongs to {} ({}) already", taken.name, taken.id);
            Err(Error::conflict(detail.clone()).with_faults(vec![Fault::new("/code", detail)]))
        }
    }
}

/// What violated constraints of the tables mean.
pub(super) const CONSTRAINTS: &[ConstraintError] = &[
    ConstraintError::invalid(
        "programmes_code_check",
        "/code",
        "is not a code; a code has no blanks and does not begin with @",
    ),
    ConstraintError::invalid("programmes_name_check", "/name", "is empty or too long"),
    ConstraintError::invalid(
        "programmes_imposer_id_fkey",
        "/imposer",
        "names an actor that does not exist any more",
    ),
    ConstraintError::invalid("programmes_url_check", "/url", "is not a web address"),
    ConstraintError::conflict(
        "programmes_code_key",
        "/code",
        "the code belongs to another programme already",
    ),
];
