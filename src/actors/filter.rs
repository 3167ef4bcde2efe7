//! How lists of actors are filtered and sorted.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::db::{Db, Statement};
use crate::error::{Error, Result};
use crate::query::{Conditions, Sort};
use crate::resource::fields::{Days, Field, Fields, Holds, Parts};
use crate::resource::filter::Filter;
use crate::resource::{Codes, Kind, Lookup, Reference, country};
use crate::text::search_key::search_key;
use crate::text::shorten;

pub(super) const SORTS: &[Sort] = &[
    Sort::plain("name", "actor.name", "text"),
    Sort::plain("kind", "actor.kind", "text"),
    Sort::plain("created_at", "actor.created_at", "timestamptz"),
    Sort::plain("updated_at", "actor.updated_at", "timestamptz"),
];

const NAMES: Parts = Parts::of("actor_names");
const COUNTRIES: Parts = Parts::of("actor_countries");
const IDENTIFIERS: Parts = Parts::of("actor_identifiers");
const ADDRESSES: Parts = Parts::of("actor_addresses");

const FIELDS: &Fields = &Fields {
    alias: "actor",
    kinds: &[Kind::Actors],
    modifiers: &[],
    own: OWN_FIELDS,
};

const OWN_FIELDS: &[Field] = &[
    Field::own("kind", Holds::Code("actor_kinds")),
    Field::own("name", Holds::Text),
    Field::part("names", "names.name", NAMES, "name", Holds::Text),
    Field::part("names.kind", "names.kind", NAMES, "kind", Holds::Word),
    Field::part("names.lang", "names.lang", NAMES, "lang", Holds::Text),
    Field::part(
        "names.from",
        "names.from",
        NAMES,
        "\"from\"",
        Holds::Date(Days::Computed),
    ),
    Field::part(
        "names.until",
        "names.until",
        NAMES,
        "until",
        Holds::Date(Days::Computed),
    ),
    Field::part(
        "country",
        "countries.code",
        COUNTRIES,
        "code",
        Holds::Code("countries"),
    ),
    Field::part("country.role", "countries.role", COUNTRIES, "role", Holds::Word),
    Field::part(
        "country.from",
        "countries.from",
        COUNTRIES,
        "\"from\"",
        Holds::Date(Days::Computed),
    ),
    Field::part(
        "country.until",
        "countries.until",
        COUNTRIES,
        "until",
        Holds::Date(Days::Computed),
    ),
    Field::part(
        "identifier",
        "identifiers.value",
        IDENTIFIERS,
        "value",
        Holds::Text,
    ),
    Field::part(
        "identifier.scheme",
        "identifiers.scheme",
        IDENTIFIERS,
        "scheme",
        Holds::Code("identifier_schemes"),
    ),
    Field::part(
        "identifier.country",
        "identifiers.country",
        IDENTIFIERS,
        "country",
        Holds::Code("countries"),
    ),
    Field::part(
        "identifier.valid_from",
        "identifiers.valid_from",
        IDENTIFIERS,
        "valid_from",
        Holds::Date(Days::Computed),
    ),
    Field::part(
        "identifier.valid_until",
        "identifiers.valid_until",
        IDENTIFIERS,
        "valid_until",
        Holds::Date(Days::Computed),
    ),
    Field::part(
        "address.full",
        "addresses.full",
        ADDRESSES,
        "\"full\"",
        Holds::Text,
    ),
    Field::part(
        "address.street",
        "addresses.street",
        ADDRESSES,
        "street",
        Holds::Text,
    ),
    Field::part("address.city", "addresses.city", ADDRESSES, "city", Holds::Text),
    Field::part(
        "address.region",
        "addresses.region",
        ADDRESSES,
        "region",
        Holds::Text,
    ),
    Field::part(
        "address.postal_code",
        "addresses.postal_code",
        ADDRESSES,
        "postal_code",
        Holds::Text,
    ),
    Field::part(
        "address.country",
        "addresses.country",
        ADDRESSES,
        "country",
        Holds::Code("countries"),
    ),
    Field::part(
        "address.from",
        "addresses.from",
        ADDRESSES,
        "\"from\"",
        Holds::Date(Days::Computed),
    ),
    Field::part(
        "address.until",
        "addresses.until",
        ADDRESSES,
        "until",
        Holds::Date(Days::Computed),
    ),
    Field::own("description", Holds::Text),
    Field::own("began_on", Holds::Date(Days::Stored)),
    Field::own("ended_on", Holds::Date(Days::Stored)),
];

/// Filters of a list of actors.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ActorFilter {
    /// Code of the vocabulary actor_kinds. Repeat it for several
    kind: Vec<String>,
    /// A country that the actor belongs to, in any role: its code, or the key of its state such as iso3166:CO. With `on`, only
    /// one to which it belongs, or may belong, on that day; otherwise also one to which it belonged
    #[param(example = "CO")]
    country: Vec<String>,
    /// The country of an address: its code, or the key of its state
    #[param(example = "CO")]
    #[serde(rename = "address.country")]
    address_country: Vec<String>,
    /// The city of an address; capitals, accents and hyphens do not matter
    #[param(example = "Bogotá")]
    #[serde(rename = "address.city")]
    address_city: Vec<String>,
    /// An identifier, scheme:value or scheme:COUNTRY:value
    #[param(example = "iso3166:CO")]
    identifier: Vec<String>,
    /// A part of the name or of a further name; capitals, accents, vowel signs, apostrophes and hyphens do not matter
    #[param(example = "petro")]
    name: Vec<String>,
}

/// Refuses values of which nothing is left where names are compared: they find nothing, as if there were no such actor.
fn refuse_without_letters(parameter: &str, values: &[String]) -> Result<()> {
    match values.iter().find(|value| search_key(value).is_empty()) {
        None => Ok(()),
        Some(value) => Err(Error::malformed(
            format!("?{parameter}"),
            format!(
                "{parameter} is compared without hyphens, brackets, commas and apostrophes, and nothing is left of \"{}\"; write \
                 letters or digits, or leave {parameter} out",
                shorten(value)
            ),
        )),
    }
}

impl Filter for ActorFilter {
    const FIELDS: &'static Fields = FIELDS;

    async fn conditions(self, db: &Db, on: Option<NaiveDate>) -> Result<Conditions> {
        for (parameter, values) in [("name", &self.name), ("address.city", &self.address_city)] {
            refuse_without_letters(parameter, values)?;
        }
        let mut codes = Codes::default();
        codes.want_all("actor_kinds", "kind", &self.kind);
        let countries = country::codes(self.country);
        codes.want_all("countries", "country", &countries);
        let address_countries = country::codes(self.address_country);
        codes.want_all("countries", "address.country", &address_countries);
        let mut wanted = Vec::new();
        for identifier in self.identifier {
            match Reference::parse(&identifier) {
                Reference::Key { scheme, value } => {
                    codes.want("identifier_schemes", "?identifier", &scheme);
                    wanted.push((scheme, value));
                }
                Reference::Id(_) | Reference::Handle(_) | Reference::Unreadable(_) => {
                    return Err(Error::malformed(
                        "?identifier",
                        "identifier is not of the form scheme:value, such as iso3166:CO",
                    ));
                }
            }
        }
        codes.check_for_read(db).await?;
        let mut lookup = Lookup::default();
        for (scheme, value) in &wanted {
            let reference = Reference::Key {
                scheme: scheme.clone(),
                value: value.clone(),
            };
            lookup.want("?identifier", Kind::Actors, reference);
        }
        lookup.refuse_misspelt(db).await?;
        let mut conditions = Conditions::default();
        conditions.any("actor.kind", self.kind, "");
        if !countries.is_empty() {
            let belongs = Statement::new(
                "exists (select from actor_countries as country where country.actor_id = actor.id and country.code = any(",
            )
            .bind(countries);
            conditions.add(match on {
                None => belongs.sql("))"),
                Some(day) => belongs
                    .sql(") and coalesce(partial_date_earliest(country.\"from\") <= ")
                    .bind(day)
                    .sql(", true) and coalesce(partial_date_latest(country.until) >= ")
                    .bind(day)
                    .sql(", true))"),
            });
        }
        conditions.any(
            "exists (select from actor_addresses as address where address.actor_id = actor.id and address.country",
            address_countries,
            ")",
        );
        if !self.address_city.is_empty() {
            conditions.add(
                Statement::new(
                    "exists (select from actor_addresses as address where address.actor_id = actor.id \
                     and plain_name(address.city) = any(array(select plain_name(wanted.city) from unnest(",
                )
                .bind(self.address_city)
                .sql(") as wanted (city))))"),
            );
        }
        if !wanted.is_empty() {
            if db.is_as_of() {
                let keys: Vec<String> = wanted
                    .iter()
                    .map(|(scheme, value)| format!("{scheme}:{value}"))
                    .collect();
                conditions.add(
                    Statement::new("actor.id in (select had.id from unnest(")
                        .bind(keys)
                        .sql(") as wanted (key) cross join lateral records_that_had('actors', wanted.key) as had (id))"),
                );
            }
            let (schemes, values): (Vec<String>, Vec<String>) = wanted.into_iter().unzip();
            conditions.add(
                Statement::new(
                    "exists (select from actor_identifiers as identifier join unnest(",
                )
                .bind(schemes)
                .sql(", ")
                .bind(values)
                .sql(
                    ") as wanted (scheme, value) on identifier.scheme = wanted.scheme \
                     and (normal_identifier(identifier.scheme, identifier.value) = normal_identifier(wanted.scheme, wanted.value) \
                     or (identifier.country = split_part(wanted.value, ':', 1) \
                     and normal_identifier(identifier.scheme, identifier.value) \
                     = normal_identifier(wanted.scheme, substr(wanted.value, strpos(wanted.value, ':') + 1)))) \
                     where identifier.actor_id = actor.id)",
                ),
            );
        }
        if !self.name.is_empty() {
            // Patterns that are there when the statement is planned, so that the trigrams find them.
            conditions.add(if db.is_as_of() {
                Statement::new(
                    "actor.id in (select named.actor_id from name_history as named \
                     where named.recorded_at <= moment() and named.superseded_at > moment() \
                     and named.plain_name like any (name_patterns(",
                )
                .bind(self.name)
                .sql(")))")
            } else {
                Statement::new("actor.id in (select named.id from actors as named where named.plain_name like any (name_patterns(")
                    .bind(self.name.clone())
                    .sql(")) union select named.actor_id from actor_names as named where named.plain_name like any (name_patterns(")
                    .bind(self.name)
                    .sql(")))")
            });
        }
        Ok(conditions)
    }
}
