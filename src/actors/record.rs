//! Actors: the record, and how it is stored.

use chrono::{DateTime, Utc};
use diesel::{AsChangeset, ExpressionMethods, Insertable, QueryDsl, QueryableByName, sql_types};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::partial_date::PartialDate;
use crate::query::table_row::{cell, date, joined, joined_optional, text};
use crate::query::{Column, TableRow};
use crate::resource::children::ChildRows;
use crate::resource::external_keys::ExternalKey;
use crate::resource::{Command, Common, CommonColumns, ConstraintError, Identity, Kind, Record, Row};
use crate::schema::actors;
use crate::vocabulary::{CountryRole, NameKind};

/// A person, state, organization, vessel or other that acts or is acted upon.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    /// Id of the actor
    pub id: Uuid,
    /// A code of the vocabulary actor_kinds
    #[schema(examples("person"))]
    pub kind: String,
    /// The main name
    #[schema(examples("Gustavo Petro"))]
    pub name: String,
    /// Further names, such as aliases and names in other languages
    pub names: Vec<Name>,
    /// The countries that it belongs to, each with a role
    pub countries: Vec<Country>,
    /// Numbers and codes that others use for it, such as passports and IMO numbers
    pub identifiers: Vec<Identifier>,
    /// Its addresses, as lists state them
    #[serde(default)]
    pub addresses: Vec<Address>,
    /// What is to be known about it; null if nothing was written
    pub description: Option<String>,
    /// Birth, founding or building; null if not known
    pub began_on: Option<PartialDate>,
    /// Death, dissolution or scrapping; null if it did not happen or is not known
    pub ended_on: Option<PartialDate>,
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

/// A further name of an actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Name {
    /// The name as written
    pub name: String,
    /// What kind of name it is
    pub kind: NameKind,
    /// BCP 47 tag of its language, such as es; null if not recorded
    pub lang: Option<String>,
    /// When the actor began to use it; null if not recorded
    pub from: Option<PartialDate>,
    /// When the actor ceased to use it; null if not recorded or still used
    pub until: Option<PartialDate>,
}

/// A country that an actor belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Country {
    /// A code of the vocabulary countries
    pub code: String,
    /// How the actor belongs to the country
    pub role: CountryRole,
    /// When it began to belong to it; null if not recorded
    pub from: Option<PartialDate>,
    /// When it ceased to belong to it; null if not recorded or still so
    pub until: Option<PartialDate>,
}

/// An address of an actor.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Address {
    /// The address in one line, as a list states it; null if not recorded
    pub full: Option<String>,
    /// Street and number, building or post office box; null if not recorded
    pub street: Option<String>,
    /// City, town or village; null if not recorded
    pub city: Option<String>,
    /// State, province or other part of the country; null if not recorded
    pub region: Option<String>,
    /// Postal code; null if not recorded
    pub postal_code: Option<String>,
    /// The country, a code of the vocabulary countries; null if not recorded
    pub country: Option<String>,
    /// When the actor began to use it; null if not recorded
    pub from: Option<PartialDate>,
    /// When the actor ceased to use it; null if not recorded or still used
    pub until: Option<PartialDate>,
}

impl Address {
    /// Returns the address in one line: as it is stated, or its parts separated by commas.
    fn line(&self) -> String {
        let parts = match &self.full {
            Some(full) => vec![Some(full), self.country.as_ref()],
            None => vec![
                self.street.as_ref(),
                self.city.as_ref(),
                self.region.as_ref(),
                self.postal_code.as_ref(),
                self.country.as_ref(),
            ],
        };
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        parts.join(", ")
    }
}

/// A number or code by which others know an actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Identifier {
    /// A code of the vocabulary identifier_schemes
    pub scheme: String,
    /// The number or code
    pub value: String,
    /// The country that issued it, a code of the vocabulary countries; null if not recorded
    pub country: Option<String>,
    /// First day that it is valid; null if not recorded
    pub valid_from: Option<PartialDate>,
    /// Last day that it is valid; null if not recorded
    pub valid_until: Option<PartialDate>,
}

/// The columns of the table that a request sets.
#[derive(Debug, Clone, PartialEq, Insertable, AsChangeset)]
#[diesel(table_name = actors, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ActorColumns {
    pub kind: String,
    pub name: String,
    pub description: Option<String>,
    pub began_on: Option<PartialDate>,
    pub ended_on: Option<PartialDate>,
    pub properties: Value,
}

/// A record as it is stored: its columns and its lists.
#[derive(Debug, Clone, PartialEq)]
pub struct ActorRow {
    /// The columns of its own table.
    pub columns: ActorColumns,
    /// Further names, in their order.
    pub names: Vec<Name>,
    /// The countries that it belongs to, in their order.
    pub countries: Vec<Country>,
    /// Its identifiers, in their order.
    pub identifiers: Vec<Identifier>,
    /// Its addresses, in their order.
    pub addresses: Vec<Address>,
    /// Its keys in other registries.
    pub external_keys: Vec<ExternalKey>,
}

impl From<&Actor> for ActorRow {
    fn from(actor: &Actor) -> Self {
        let actor = actor.clone();
        Self {
            columns: ActorColumns {
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
            addresses: actor.addresses,
            external_keys: actor.external_keys,
        }
    }
}

impl Record for Actor {
    const KIND: Kind = Kind::Actors;

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

impl TableRow for Actor {
    const COLUMNS: &'static [&'static [Column<Self>]] = &[OWN_COLUMNS, CommonColumns::COLUMNS];
}

const OWN_COLUMNS: &[Column<Actor>] = &[
    ("id", |actor| text(actor.id)),
    ("kind", |actor| text(&actor.kind)),
    ("name", |actor| text(&actor.name)),
    ("names", |actor| joined(&actor.names, |name| name.name.clone())),
    ("name_kinds", |actor| {
        joined(&actor.names, |name| name.kind.to_string())
    }),
    ("names_from", |actor| {
        joined_optional(&actor.names, |name| written(name.from.as_ref()))
    }),
    ("names_until", |actor| {
        joined_optional(&actor.names, |name| written(name.until.as_ref()))
    }),
    ("countries", |actor| {
        joined(&actor.countries, |country| country.code.clone())
    }),
    ("country_roles", |actor| {
        joined(&actor.countries, |country| country.role.to_string())
    }),
    ("countries_from", |actor| {
        joined_optional(&actor.countries, |country| written(country.from.as_ref()))
    }),
    ("countries_until", |actor| {
        joined_optional(&actor.countries, |country| written(country.until.as_ref()))
    }),
    ("identifiers", |actor| {
        joined(&actor.identifiers, |identifier| {
            format!("{}:{}", identifier.scheme, identifier.value)
        })
    }),
    ("addresses", |actor| joined(&actor.addresses, Address::line)),
    ("description", |actor| cell(actor.description.as_ref())),
    ("began_on", |actor| date(actor.began_on.as_ref())),
    ("ended_on", |actor| date(actor.ended_on.as_ref())),
];

impl Row for ActorRow {
    fn insert(&self, identity: Identity) -> impl Command {
        diesel::insert_into(actors::table).values((
            actors::id.eq(identity.id),
            actors::created_at.eq(identity.created_at()),
            &self.columns,
        ))
    }

    fn update(&self, id: Uuid, before: &Self) -> Option<impl Command> {
        (self.columns != before.columns).then(|| diesel::update(actors::table.find(id)).set(&self.columns))
    }

    fn external_keys(&self) -> &[ExternalKey] {
        &self.external_keys
    }

    fn children(&self) -> Vec<ChildRows> {
        let names = || self.names.iter();
        let countries = || self.countries.iter();
        let identifiers = || self.identifiers.iter();
        let addresses = || self.addresses.iter();
        let of_address =
            |part: fn(&Address) -> &Option<String>| addresses().map(move |address| part(address).clone());
        vec![
            ChildRows::new("actor_names")
                .texts("name", names().map(|name| name.name.clone()))
                .texts_as("kind", "::name_kind", names().map(|name| name.kind.to_string()))
                .texts("lang", names().map(|name| name.lang.clone()))
                .texts("from", names().map(|name| written(name.from.as_ref())))
                .texts("until", names().map(|name| written(name.until.as_ref()))),
            ChildRows::new("actor_countries")
                .texts("code", countries().map(|country| country.code.clone()))
                .texts_as(
                    "role",
                    "::country_role",
                    countries().map(|country| country.role.to_string()),
                )
                .texts("from", countries().map(|country| written(country.from.as_ref())))
                .texts(
                    "until",
                    countries().map(|country| written(country.until.as_ref())),
                ),
            ChildRows::new("actor_identifiers")
                .texts("scheme", identifiers().map(|one| one.scheme.clone()))
                .texts("value", identifiers().map(|one| one.value.clone()))
                .texts("country", identifiers().map(|one| one.country.clone()))
                .texts(
                    "valid_from",
                    identifiers().map(|one| written(one.valid_from.as_ref())),
                )
                .texts(
                    "valid_until",
                    identifiers().map(|one| written(one.valid_until.as_ref())),
                )
                .lookup(
                    "is_unique",
                    "scheme.is_unique",
                    "join identifier_schemes as scheme on scheme.code = element.scheme",
                ),
            ChildRows::new("actor_addresses")
                .texts("full", of_address(|address| &address.full))
                .texts("street", of_address(|address| &address.street))
                .texts("city", of_address(|address| &address.city))
                .texts("region", of_address(|address| &address.region))
                .texts("postal_code", of_address(|address| &address.postal_code))
                .texts("country", of_address(|address| &address.country))
                .texts("from", addresses().map(|address| written(address.from.as_ref())))
                .texts(
                    "until",
                    addresses().map(|address| written(address.until.as_ref())),
                ),
        ]
    }

    async fn check_keys(&self, write: &mut Write<'_>, id: Uuid, before: Option<&Self>) -> Result<()> {
        if self.identifiers.is_empty() || before.is_some_and(|before| before.identifiers == self.identifiers)
        {
            return Ok(());
        }
        refuse_taken_identifiers(write, id, &self.identifiers).await
    }
}

/// A fault of one identifier of a request.
#[derive(QueryableByName)]
pub(super) struct IdentifierFaultRow {
    #[diesel(sql_type = sql_types::Integer)]
    pub index: i32,
    #[diesel(sql_type = sql_types::Text)]
    pub detail: String,
}

/// Refuses identifiers of unique schemes that other actors have.
async fn refuse_taken_identifiers(write: &mut Write<'_>, id: Uuid, identifiers: &[Identifier]) -> Result<()> {
    let statement = Statement::new(
        "select element.ordinal::integer - 1 as index, \
         format('%s:%s belongs to %s (%s) already', element.scheme, element.value, actor.name, actor.id) as detail from unnest(",
    )
    .bind(identifiers.iter().map(|one| one.scheme.clone()).collect::<Vec<_>>())
    .sql(", ")
    .bind(identifiers.iter().map(|one| one.value.clone()).collect::<Vec<_>>())
    .sql(
        ") with ordinality as element (scheme, value, ordinal) \
         join actor_identifiers as taken on taken.is_unique and taken.scheme = element.scheme \
         and normal_identifier(taken.scheme, taken.value) = normal_identifier(element.scheme, element.value) \
         join actors as actor on actor.id = taken.actor_id where actor.id <> ",
    )
    .bind(id)
    .sql(" order by element.ordinal");
    let taken: Vec<IdentifierFaultRow> = write.load(statement).await?;
    let faults: Vec<Fault> = taken
        .into_iter()
        .map(|row| Fault::new(format!("/identifiers/{}/value", row.index), row.detail))
        .collect();
    match faults.first() {
        None => Ok(()),
        Some(first) => Err(Error::conflict(first.detail.clone()).with_faults(faults)),
    }
}

fn written(date: Option<&PartialDate>) -> Option<String> {
    date.map(ToString::to_string)
}

/// What violated constraints of the tables mean.
pub(super) const CONSTRAINTS: &[ConstraintError] = &[
    ConstraintError::invalid(
        "actors_kind_fkey",
        "/kind",
        "is not a code of the vocabulary actor_kinds",
    ),
    ConstraintError::invalid("actors_name_check", "/name", "is empty or too long"),
    ConstraintError::invalid("actors_period_check", "/ended_on", "is before began_on"),
    ConstraintError::invalid(
        "actor_countries_code_fkey",
        "/countries",
        "has a code that is not in the vocabulary countries",
    ),
    ConstraintError::invalid(
        "actor_identifiers_scheme_fkey",
        "/identifiers",
        "has a scheme that is not in the vocabulary identifier_schemes",
    ),
    ConstraintError::invalid(
        "actor_identifiers_country_fkey",
        "/identifiers",
        "has a country that is not in the vocabulary countries",
    ),
    ConstraintError::invalid(
        "actor_addresses_country_fkey",
        "/addresses",
        "has a country that is not in the vocabulary countries",
    ),
    ConstraintError::conflict(
        "actor_identifiers_scheme_value_excl",
        "",
        "one of the identifiers belongs to another actor already",
    ),
];
