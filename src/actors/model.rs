//! Actors: what one holds, and the SQL that keeps and finds them.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};
use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl, QueryableByName};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actors::request::ActorRequest;
use crate::db::{Db, LoadById, LoadedRecord, Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::http::response::Record;
use crate::partial_date::PartialDate;
use crate::query::table_row::{TableRow, cell, joined, properties_cell};
use crate::resource::Kind;
use crate::resource::external_keys::{self, ExternalKey};
use crate::resource::records::{self, Identity, RecordRow};
use crate::schema::actors;
use crate::text;
use crate::validation::Faults;
use crate::vocabulary::{CountryRole, NameKind};

/// Fields that follow from others or that the registry sets.
pub const READ_ONLY: &[&str] = &["id", "version", "created_at", "updated_at"];

/// Anyone who acts or is acted upon.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    pub id: Uuid,
    /// A code of the vocabulary actor_kinds
    #[schema(examples("person"))]
    pub kind: String,
    #[schema(examples("Gustavo Petro"))]
    pub name: String,
    pub names: Vec<Name>,
    pub countries: Vec<Country>,
    pub identifiers: Vec<Identifier>,
    pub description: Option<String>,
    /// Birth, founding or building
    pub began_on: Option<PartialDate>,
    /// Death, dissolution or scrapping
    pub ended_on: Option<PartialDate>,
    /// What a list or dataset says and no field holds: name to list of texts
    pub properties: Value,
    pub external_keys: Vec<ExternalKey>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A further name of an actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Name {
    pub name: String,
    pub kind: NameKind,
    /// BCP 47 tag such as es
    pub lang: Option<String>,
}

/// A country that an actor belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Country {
    /// A code of the vocabulary countries
    pub code: String,
    pub role: CountryRole,
}

/// A number or code by which others know an actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Identifier {
    /// A code of the vocabulary identifier_schemes
    pub scheme: String,
    pub value: String,
    /// The country that issued it
    pub country: Option<String>,
    pub valid_from: Option<PartialDate>,
    pub valid_until: Option<PartialDate>,
}

/// The columns that a request sets.
#[derive(Debug, Clone, PartialEq, Insertable, AsChangeset)]
#[diesel(table_name = actors, treat_none_as_null = true)]
pub struct Columns {
    pub kind: String,
    pub name: String,
    pub description: Option<String>,
    pub began_on: Option<PartialDate>,
    pub ended_on: Option<PartialDate>,
    pub properties: Value,
}

/// A checked actor: its columns and its children.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    pub columns: Columns,
    pub names: Vec<Name>,
    pub countries: Vec<Country>,
    pub identifiers: Vec<Identifier>,
    pub external_keys: Vec<ExternalKey>,
}

impl From<&Actor> for Values {
    fn from(actor: &Actor) -> Self {
        let actor = actor.clone();
        Self {
            columns: Columns {
                kind: actor.kind,
                name: actor.name,
                description: actor.description,
                began_on: actor.began_on,
                ended_on: actor.ended_on,
                properties: actor.properties,
            },
            names: actor.names,
            countries: actor.countries,
            identifiers: actor.identifiers,
            external_keys: actor.external_keys,
        }
    }
}

impl Record for Actor {
    const RESOURCE: Kind = Kind::Actors;

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }
}

impl TableRow for Actor {
    const HEADER: &'static [&'static str] = &[
        "id",
        "kind",
        "name",
        "names",
        "countries",
        "identifiers",
        "description",
        "began_on",
        "ended_on",
        "properties",
        "external_keys",
        "version",
        "created_at",
        "updated_at",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.kind.clone(),
            self.name.clone(),
            joined(&self.names, |name| name.name.clone()),
            joined(&self.countries, |country| country.code.clone()),
            joined(&self.identifiers, |identifier| {
                format!("{}:{}", identifier.scheme, identifier.value)
            }),
            cell(self.description.as_ref()),
            cell(self.began_on.as_ref()),
            cell(self.ended_on.as_ref()),
            properties_cell(&self.properties),
            joined(&self.external_keys, |key| format!("{}:{}", key.scheme, key.value)),
            self.version.to_string(),
            text::timestamp(self.created_at),
            text::timestamp(self.updated_at),
        ]
    }
}

/// Makes an actor's JSON in the select of a table `actor`.
pub static RECORD_SQL: LazyLock<String> = LazyLock::new(|| {
    include_str!("record.sql").replace(
        "{external_keys}",
        &external_keys::record_sql(Kind::Actors, "actor.id"),
    )
});

static FIND_SQL: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select actor.id, actor.version, actor.xmin::text::bigint as written_by, {}::text as record from actors as actor where actor.id",
        *RECORD_SQL
    )
});

static BY_ID: LoadById = LoadById {
    table: "actors",
    sql: || FIND_SQL.as_str(),
    sql_as_of: "select actor.id, actor.version, actor.xmin as written_by, actor.document::text as record \
                      from actors as actor where actor.id",
    render: |record| serde_json::to_string(&records::parse::<Actor>(record)?).map_err(Error::internal),
};

impl Actor {
    pub async fn find(db: &Db, id: Uuid) -> Result<Option<Arc<LoadedRecord>>> {
        db.find_by_id(&BY_ID, id).await
    }

    async fn reload(write: &mut Write<'_>, id: Uuid) -> Result<Self> {
        let statement = Statement::new(FIND_SQL.as_str())
            .sql(" = ")
            .bind(id)
            .keep_prepared();
        records::only(write.load::<RecordRow>(statement).await?)
    }

    /// Reads the record for a change: nobody else changes it until the transaction ends.
    pub async fn lock(write: &mut Write<'_>, id: Uuid) -> Result<Option<Self>> {
        if !records::lock(write, Kind::Actors, id).await? {
            return Ok(None);
        }
        Self::reload(write, id).await.map(Some)
    }

    pub async fn create(write: &mut Write<'_>, request: ActorRequest, faults: Faults) -> Result<Self> {
        Self::create_as(write, Identity::fresh(), request, faults).await
    }

    /// Makes the record under an id that is given: it comes back.
    pub async fn create_as(
        write: &mut Write<'_>,
        identity: Identity,
        request: ActorRequest,
        faults: Faults,
    ) -> Result<Self> {
        let values = request.validate(write, faults).await?;
        let Identity { id, created_at } = identity;
        diesel::insert_into(actors::table)
            .values((
                actors::id.eq(id),
                created_at.map(|at| actors::created_at.eq(at)),
                &values.columns,
            ))
            .execute(write.connection)
            .await
            .map_err(Error::from)
            .map_err(meaning)?;
        values.replace_children(write, id, None).await?;
        Self::reload(write, id).await
    }

    /// Gives the record what the request says; what is the same is left alone, so that a request
    /// that changes nothing makes no version.
    pub async fn replace(
        write: &mut Write<'_>,
        current: &Self,
        request: ActorRequest,
        faults: Faults,
    ) -> Result<Self> {
        let values = request.validate(write, faults).await?;
        Self::set(write, current, values).await
    }

    /// Gives the record values that are known to be right.
    pub async fn set(write: &mut Write<'_>, current: &Self, values: Values) -> Result<Self> {
        let before = Values::from(current);
        if values == before {
            return Self::reload(write, current.id).await;
        }
        if values.columns != before.columns {
            diesel::update(actors::table.find(current.id))
                .set(&values.columns)
                .execute(write.connection)
                .await
                .map_err(Error::from)
                .map_err(meaning)?;
        }
        values.replace_children(write, current.id, Some(&before)).await?;
        Self::reload(write, current.id).await
    }

    pub async fn delete(write: &mut Write<'_>, id: Uuid) -> Result<()> {
        records::delete(write, Kind::Actors, id, include_str!("referrers.sql")).await
    }
}

impl Values {
    async fn replace_children(&self, write: &mut Write<'_>, id: Uuid, before: Option<&Self>) -> Result<()> {
        if before.map_or(!self.names.is_empty(), |before| before.names != self.names) {
            self.replace_names(write, id).await?;
        }
        if before.map_or(!self.countries.is_empty(), |before| {
            before.countries != self.countries
        }) {
            self.replace_countries(write, id).await.map_err(meaning)?;
        }
        if before.map_or(!self.identifiers.is_empty(), |before| {
            before.identifiers != self.identifiers
        }) {
            self.replace_identifiers(write, id).await?;
        }
        let current = before
            .map(|before| before.external_keys.as_slice())
            .unwrap_or_default();
        external_keys::replace(write, Kind::Actors, id, current, &self.external_keys).await
    }

    async fn replace_names(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        write
            .execute(Statement::new("delete from actor_names where actor_id = ").bind(id))
            .await?;
        let statement =
            Statement::new("insert into actor_names (actor_id, position, name, kind, lang) select ")
                .bind(id)
                .sql(", given.place - 1, given.name, given.kind::name_kind, given.lang from unnest(")
                .bind(
                    self.names
                        .iter()
                        .map(|name| name.name.clone())
                        .collect::<Vec<_>>(),
                )
                .sql(", ")
                .bind(
                    self.names
                        .iter()
                        .map(|name| name.kind.word().to_owned())
                        .collect::<Vec<_>>(),
                )
                .sql(", ")
                .bind(
                    self.names
                        .iter()
                        .map(|name| name.lang.clone())
                        .collect::<Vec<_>>(),
                )
                .sql(") with ordinality as given (name, kind, lang, place)");
        write.execute(statement).await.map(drop)
    }

    async fn replace_countries(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        write
            .execute(Statement::new("delete from actor_countries where actor_id = ").bind(id))
            .await?;
        let statement =
            Statement::new("insert into actor_countries (actor_id, position, code, role) select ")
                .bind(id)
                .sql(", given.place - 1, given.code, given.role::country_role from unnest(")
                .bind(
                    self.countries
                        .iter()
                        .map(|country| country.code.clone())
                        .collect::<Vec<_>>(),
                )
                .sql(", ")
                .bind(
                    self.countries
                        .iter()
                        .map(|country| country.role.word().to_owned())
                        .collect::<Vec<_>>(),
                )
                .sql(") with ordinality as given (code, role, place)");
        write.execute(statement).await.map(drop)
    }

    async fn replace_identifiers(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        self.refuse_taken_identifiers(write, id).await?;
        write
            .execute(Statement::new("delete from actor_identifiers where actor_id = ").bind(id))
            .await?;
        let texts =
            |field: fn(&Identifier) -> Option<String>| self.identifiers.iter().map(field).collect::<Vec<_>>();
        let statement = Statement::new(
            "insert into actor_identifiers \
             (actor_id, position, scheme, is_unique, value, country, valid_from, valid_until) select ",
        )
        .bind(id)
        .sql(
            ", given.place - 1, given.scheme, scheme.is_unique, given.value, given.country, given.valid_from, \
             given.valid_until from unnest(",
        )
        .bind(texts(|identifier| Some(identifier.scheme.clone())))
        .sql(", ")
        .bind(texts(|identifier| Some(identifier.value.clone())))
        .sql(", ")
        .bind(texts(|identifier| identifier.country.clone()))
        .sql(", ")
        .bind(texts(|identifier| identifier.valid_from.as_ref().map(ToString::to_string)))
        .sql(", ")
        .bind(texts(|identifier| identifier.valid_until.as_ref().map(ToString::to_string)))
        .sql(
            ") with ordinality as given (scheme, value, country, valid_from, valid_until, place) \
             join identifier_schemes as scheme on scheme.code = given.scheme",
        );
        write.execute(statement).await.map(drop).map_err(meaning)
    }

    /// Names who has a unique identifier already.
    async fn refuse_taken_identifiers(&self, write: &mut Write<'_>, id: Uuid) -> Result<()> {
        let statement = Statement::new(
            "select given.place::integer - 1 as place, \
             format('%s:%s belongs to %s (%s) already', given.scheme, given.value, actor.name, actor.id) as detail from unnest(",
        )
        .bind(self.identifiers.iter().map(|identifier| identifier.scheme.clone()).collect::<Vec<_>>())
        .sql(", ")
        .bind(self.identifiers.iter().map(|identifier| identifier.value.clone()).collect::<Vec<_>>())
        .sql(
            ") with ordinality as given (scheme, value, place) \
             join actor_identifiers as taken on taken.is_unique and taken.scheme = given.scheme and taken.value = given.value \
             join actors as actor on actor.id = taken.actor_id where actor.id <> ",
        )
        .bind(id)
        .sql(" order by given.place");
        let told: Vec<FaultRow> = write.load(statement).await?;
        let faults: Vec<Fault> = told
            .into_iter()
            .map(|row| Fault::new(format!("/identifiers/{}/value", row.place), row.detail))
            .collect();
        match faults.as_slice() {
            [] => Ok(()),
            [first, ..] => Err(Error::conflict(first.detail.clone()).with_faults(faults)),
        }
    }
}

#[derive(QueryableByName)]
pub struct FaultRow {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pub place: i32,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub detail: String,
}

/// What a broken constraint of the actors' tables means to who sent the request.
fn meaning(error: Error) -> Error {
    if error.constraint() == Some("actor_identifiers_scheme_value_key") {
        return Error::conflict("one of the identifiers belongs to another actor already");
    }
    records::meaning(
        error,
        &[
            (
                "actors_kind_fkey",
                "/kind",
                "is no code of the vocabulary actor_kinds",
            ),
            ("actors_name_check", "/name", "is empty or too long"),
            ("actors_period_check", "/ended_on", "is before began_on"),
            (
                "actors_properties_check",
                "/properties",
                "is no object of name to list of texts",
            ),
            (
                "actor_countries_code_fkey",
                "/countries",
                "has a code that is none of the vocabulary countries",
            ),
            (
                "actor_identifiers_scheme_fkey",
                "/identifiers",
                "has a scheme that is none of identifier_schemes",
            ),
            (
                "actor_identifiers_country_fkey",
                "/identifiers",
                "has a country that is none of the vocabulary countries",
            ),
        ],
    )
}
