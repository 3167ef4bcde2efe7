//! An actor as a request sends it, and the rules that it is checked by.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::actors::names::{self, NameRequest};
use crate::actors::record::{
    Actor, ActorColumns, ActorRow, Address, Country, Identifier, IdentifierFaultRow,
};
use crate::db::{ReadOn, Statement, Write};
use crate::error::{Error, Result};
use crate::partial_date::PartialDate;
use crate::resource::external_keys::{self, ExternalKey};
use crate::resource::properties;
use crate::resource::{Basis, Codes, Input};
use crate::validation::{Faults, Given, KEY_LENGTH, NAME_LENGTH};
use crate::vocabulary::CountryRole;

/// An actor as a request sends it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActorRequest {
    /// Required; a code of the vocabulary actor_kinds
    #[schema(examples("person"))]
    pub kind: Option<String>,
    /// Required; the main name
    #[schema(min_length = 1, max_length = 500, examples("Gustavo Petro"))]
    pub name: Option<String>,
    /// Further names, such as aliases and names in other languages
    pub names: Option<Vec<NameRequest>>,
    /// The countries that it belongs to, each with a role
    pub countries: Option<Vec<CountryRequest>>,
    /// Numbers and codes that others use for it, such as passports and IMO numbers
    pub identifiers: Option<Vec<IdentifierRequest>>,
    /// Its addresses, as lists state them
    pub addresses: Option<Vec<AddressRequest>>,
    /// What is to be known about it
    pub description: Option<String>,
    /// Birth, founding or building
    #[schema(value_type = Option<PartialDate>)]
    pub began_on: Option<Given<PartialDate>>,
    /// Death, dissolution or scrapping
    #[schema(value_type = Option<PartialDate>)]
    pub ended_on: Option<Given<PartialDate>>,
    /// What a list or dataset says and no field holds: an object of lists of texts. The vocabulary property_names has names
    /// whose values are checked
    #[schema(value_type = Option<std::collections::HashMap<String, Vec<String>>>)]
    pub properties: Option<Value>,
    /// Its keys in other registries
    pub external_keys: Option<Vec<ExternalKey>>,
}

/// A country of an actor as a request sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"code\":\"CO\",\"role\":\"nationality\"}"
)]
pub struct CountryRequest {
    /// Required; a code of the vocabulary countries
    #[schema(examples("CO"))]
    pub code: Option<String>,
    /// Required; how the actor belongs to the country
    #[schema(value_type = Option<CountryRole>)]
    pub role: Option<Given<CountryRole>>,
    /// When the actor began to belong to it
    #[schema(value_type = Option<PartialDate>)]
    pub from: Option<Given<PartialDate>>,
    /// When the actor ceased to belong to it
    #[schema(value_type = Option<PartialDate>)]
    pub until: Option<Given<PartialDate>>,
}

/// An address of an actor as a request sends it. At least one of its texts is required.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"city\":\"Bogotá\",\"country\":\"CO\"}"
)]
pub struct AddressRequest {
    /// The address in one line, as a list states it
    #[schema(min_length = 1, max_length = 500)]
    pub full: Option<String>,
    /// Street and number, building or post office box
    #[schema(min_length = 1, max_length = 500)]
    pub street: Option<String>,
    /// City, town or village
    #[schema(min_length = 1, max_length = 200, examples("Bogotá"))]
    pub city: Option<String>,
    /// State, province or other part of the country
    #[schema(min_length = 1, max_length = 200)]
    pub region: Option<String>,
    /// Postal code
    #[schema(min_length = 1, max_length = 200)]
    pub postal_code: Option<String>,
    /// The country, a code of the vocabulary countries
    #[schema(examples("CO"))]
    pub country: Option<String>,
    /// When the actor began to use it
    #[schema(value_type = Option<PartialDate>)]
    pub from: Option<Given<PartialDate>>,
    /// When the actor ceased to use it
    #[schema(value_type = Option<PartialDate>)]
    pub until: Option<Given<PartialDate>>,
}

/// Longest city, region or postal code of an address, in characters.
const PART_LENGTH: usize = 200;

/// An identifier of an actor as a request sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"scheme\":\"imo\",\"value\":\"9074729\"}"
)]
pub struct IdentifierRequest {
    /// Required; a code of the vocabulary identifier_schemes
    #[schema(examples("passport"))]
    pub scheme: Option<String>,
    /// Required; the number or code
    #[schema(min_length = 1, max_length = 500)]
    pub value: Option<String>,
    /// The country that issued it, a code of the vocabulary countries
    pub country: Option<String>,
    /// First day that it is valid
    #[schema(value_type = Option<PartialDate>)]
    pub valid_from: Option<Given<PartialDate>>,
    /// Last day that it is valid
    #[schema(value_type = Option<PartialDate>)]
    pub valid_until: Option<Given<PartialDate>>,
}

impl Input<Actor> for ActorRequest {
    async fn validate(
        self,
        write: &mut Write<'_>,
        mut faults: Faults,
        _: &Basis<'_, Actor>,
    ) -> Result<ActorRow> {
        let request = self;
        let mut codes = Codes::default();
        let kind = faults.required_text("/kind", request.kind, KEY_LENGTH);
        let name = faults.required_text("/name", request.name, NAME_LENGTH);
        let began_on = faults.given("/began_on", request.began_on);
        let ended_on = faults.given("/ended_on", request.ended_on);
        faults.in_order(("/began_on", began_on.as_ref()), ("/ended_on", ended_on.as_ref()));
        let properties = properties::validate(request.properties, write, &mut faults).await?;
        let names = names::validate(request.names.unwrap_or_default(), &mut faults);
        let names = names::take_once(name.as_deref(), names, write);
        let countries = validate_countries(request.countries.unwrap_or_default(), &mut faults, &mut codes);
        let identifiers =
            validate_identifiers(request.identifiers.unwrap_or_default(), &mut faults, &mut codes);
        let addresses = validate_addresses(request.addresses.unwrap_or_default(), &mut faults, &mut codes);
        let external_keys = external_keys::validate(request.external_keys, &mut faults);
        if let Some(kind) = &kind {
            codes.want("actor_kinds", "/kind", kind);
        }
        codes.check(ReadOn::Write(write), &mut faults).await?;
        check_identifiers(&identifiers, write, &mut faults).await?;
        faults.finish()?;
        let (Some(kind), Some(name)) = (kind, name) else {
            return Err(Error::internal("an actor without kind or name was accepted"));
        };
        Ok(ActorRow {
            columns: ActorColumns {
                kind,
                name,
                description: request.description,
                began_on,
                ended_on,
                properties,
            },
            names,
            countries,
            identifiers: identifiers
                .into_iter()
                .map(|(_, identifier)| identifier)
                .collect(),
            addresses,
            external_keys,
        })
    }
}

fn validate_countries(requests: Vec<CountryRequest>, faults: &mut Faults, codes: &mut Codes) -> Vec<Country> {
    if !faults.short_list("/countries", requests.len()) {
        return Vec::new();
    }
    let mut countries = Vec::with_capacity(requests.len());
    for (index, request) in requests.into_iter().enumerate() {
        let pointer = format!("/countries/{index}");
        let code = faults.required_text(&format!("{pointer}/code"), request.code, KEY_LENGTH);
        let role = faults.required_given(&format!("{pointer}/role"), request.role);
        if let Some(code) = &code {
            codes.want("countries", format!("{pointer}/code"), code);
        }
        let (from, until) = faults.period(&pointer, request.from, request.until);
        if let (Some(code), Some(role)) = (code, role) {
            let country = Country {
                code,
                role,
                from,
                until,
            };
            countries.push((index, country));
        }
    }
    faults.once(
        "/countries",
        countries
            .iter()
            .map(|(index, country)| (*index, (&country.code, country.role, &country.from))),
    );
    countries.into_iter().map(|(_, country)| country).collect()
}

fn validate_addresses(requests: Vec<AddressRequest>, faults: &mut Faults, codes: &mut Codes) -> Vec<Address> {
    if !faults.short_list("/addresses", requests.len()) {
        return Vec::new();
    }
    let mut addresses = Vec::with_capacity(requests.len());
    for (index, request) in requests.into_iter().enumerate() {
        let pointer = format!("/addresses/{index}");
        let mut text = |field: &str, value: Option<String>, longest: usize| {
            faults.short_text(&format!("{pointer}/{field}"), value, longest)
        };
        let given = [
            &request.full,
            &request.street,
            &request.city,
            &request.region,
            &request.postal_code,
            &request.country,
        ];
        let is_empty = given.iter().all(|part| part.is_none());
        let full = text("full", request.full, NAME_LENGTH);
        let street = text("street", request.street, NAME_LENGTH);
        let city = text("city", request.city, PART_LENGTH);
        let region = text("region", request.region, PART_LENGTH);
        let postal_code = text("postal_code", request.postal_code, PART_LENGTH);
        if is_empty {
            faults.add(
                pointer.as_str(),
                "has no text; write at least one of full, street, city, region, postal_code and country",
            );
        }
        if let Some(country) = &request.country {
            codes.want("countries", format!("{pointer}/country"), country);
        }
        let (from, until) = faults.period(&pointer, request.from, request.until);
        let address = Address {
            full,
            street,
            city,
            region,
            postal_code,
            country: request.country,
            from,
            until,
        };
        if !is_empty {
            addresses.push((index, address));
        }
    }
    faults.once(
        "/addresses",
        addresses.iter().map(|(index, address)| (*index, address)),
    );
    addresses.into_iter().map(|(_, address)| address).collect()
}

fn validate_identifiers(
    requests: Vec<IdentifierRequest>,
    faults: &mut Faults,
    codes: &mut Codes,
) -> Vec<(usize, Identifier)> {
    if !faults.short_list("/identifiers", requests.len()) {
        return Vec::new();
    }
    let mut identifiers = Vec::with_capacity(requests.len());
    for (index, request) in requests.into_iter().enumerate() {
        let pointer = format!("/identifiers/{index}");
        let scheme = faults.required_text(&format!("{pointer}/scheme"), request.scheme, KEY_LENGTH);
        let value = faults.required_text(&format!("{pointer}/value"), request.value, KEY_LENGTH);
        let valid_from = faults.given(&format!("{pointer}/valid_from"), request.valid_from);
        let until = format!("{pointer}/valid_until");
        let valid_until = faults.given(&until, request.valid_until);
        faults.in_order(
            ("/valid_from", valid_from.as_ref()),
            (&until, valid_until.as_ref()),
        );
        if let Some(scheme) = &scheme {
            codes.want("identifier_schemes", format!("{pointer}/scheme"), scheme);
        }
        if let Some(country) = &request.country {
            codes.want("countries", format!("{pointer}/country"), country);
        }
        if let (Some(scheme), Some(value)) = (scheme, value) {
            let identifier = Identifier {
                scheme,
                value,
                country: request.country,
                valid_from,
                valid_until,
            };
            identifiers.push((index, identifier));
        }
    }
    faults.once(
        "/identifiers",
        identifiers.iter().map(|(index, identifier)| {
            (
                *index,
                (&identifier.scheme, &identifier.value, &identifier.country),
            )
        }),
    );
    identifiers
}

/// The form and the check digit of every identifier at once, and whether one of a unique scheme is given
/// for two countries; the database would tell only the first.
async fn check_identifiers(
    identifiers: &[(usize, Identifier)],
    write: &mut Write<'_>,
    faults: &mut Faults,
) -> Result<()> {
    let indexes: Vec<i32> = identifiers
        .iter()
        .map(|(index, _)| i32::try_from(*index).unwrap_or(i32::MAX))
        .collect();
    let texts = |text: fn(&Identifier) -> Option<String>| {
        identifiers
            .iter()
            .map(|(_, identifier)| text(identifier))
            .collect::<Vec<_>>()
    };
    let statement = Statement::new("with given as (select * from unnest(")
        .bind(indexes)
        .sql(", ")
        .bind(texts(|identifier| Some(identifier.scheme.clone())))
        .sql(", ")
        .bind(texts(|identifier| Some(identifier.value.clone())))
        .sql(", ")
        .bind(texts(|identifier| identifier.country.clone()))
        .sql(") as given (index, scheme, value, country)) ")
        .sql(include_str!("identifier_faults.sql"));
    let found: Vec<IdentifierFaultRow> = write.load(statement).await?;
    for row in found {
        faults.add(format!("/identifiers/{}/value", row.index), row.detail);
    }
    Ok(())
}
