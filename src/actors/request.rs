//! An actor as a request sends it, and the rules that it is checked by.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::actors::record::{Actor, ActorColumns, ActorRow, Country, Identifier, IdentifierFaultRow, Name};
use crate::db::{ReadOn, Statement, Write};
use crate::error::{Error, Result};
use crate::partial_date::PartialDate;
use crate::resource::external_keys::{self, ExternalKey};
use crate::resource::{Basis, Codes, Input};
use crate::validation::{Faults, Given, KEY_LENGTH, NAME_LENGTH};
use crate::vocabulary::{CountryRole, NameKind};

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
    /// What is to be known about it
    pub description: Option<String>,
    /// Birth, founding or building
    #[schema(value_type = Option<PartialDate>)]
    pub began_on: Option<Given<PartialDate>>,
    /// Death, dissolution or scrapping
    #[schema(value_type = Option<PartialDate>)]
    pub ended_on: Option<Given<PartialDate>>,
    /// What a list or dataset says and no field holds: an object of lists of texts
    #[schema(value_type = Option<std::collections::HashMap<String, Vec<String>>>)]
    pub properties: Option<Value>,
    /// Its keys in other registries
    pub external_keys: Option<Vec<ExternalKey>>,
}

/// A further name of an actor as a request sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"name\":\"Gustavo Petro Urrego\",\"kind\":\"alias\"}"
)]
pub struct NameRequest {
    /// Required; the name as written
    #[schema(min_length = 1, max_length = 500)]
    pub name: Option<String>,
    /// Required; what kind of name it is
    #[schema(value_type = Option<NameKind>)]
    pub kind: Option<Given<NameKind>>,
    /// BCP 47 tag of its language, such as es
    #[schema(examples("es"))]
    pub lang: Option<String>,
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
}

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
        let properties = faults.properties(request.properties);
        let names = validate_names(request.names.unwrap_or_default(), &mut faults);
        let countries = validate_countries(request.countries.unwrap_or_default(), &mut faults, &mut codes);
        let identifiers =
            validate_identifiers(request.identifiers.unwrap_or_default(), &mut faults, &mut codes);
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
            external_keys,
        })
    }
}

fn validate_names(requests: Vec<NameRequest>, faults: &mut Faults) -> Vec<Name> {
    if !faults.short_list("/names", requests.len()) {
        return Vec::new();
    }
    let mut names = Vec::with_capacity(requests.len());
    for (index, request) in requests.into_iter().enumerate() {
        let pointer = format!("/names/{index}");
        let name = faults.required_text(&format!("{pointer}/name"), request.name, NAME_LENGTH);
        let kind = faults.required_given(&format!("{pointer}/kind"), request.kind);
        let lang = faults.language(&format!("{pointer}/lang"), request.lang);
        if let (Some(name), Some(kind)) = (name, kind) {
            names.push((index, Name { name, kind, lang }));
        }
    }
    faults.once(
        "/names",
        names
            .iter()
            .map(|(index, name)| (*index, (&name.name, name.kind, &name.lang))),
    );
    names.into_iter().map(|(_, name)| name).collect()
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
        if let (Some(code), Some(role)) = (code, role) {
            countries.push((index, Country { code, role }));
        }
    }
    faults.once(
        "/countries",
        countries
            .iter()
            .map(|(index, country)| (*index, (&country.code, country.role))),
    );
    countries.into_iter().map(|(_, country)| country).collect()
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
    let places: Vec<i32> = identifiers
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
        .bind(places)
        .sql(", ")
        .bind(texts(|identifier| Some(identifier.scheme.clone())))
        .sql(", ")
        .bind(texts(|identifier| Some(identifier.value.clone())))
        .sql(", ")
        .bind(texts(|identifier| identifier.country.clone()))
        .sql(") as given (index, scheme, value, country)) ")
        .sql(include_str!("identifier_faults.sql"));
    let told: Vec<IdentifierFaultRow> = write.load(statement).await?;
    for row in told {
        faults.add(format!("/identifiers/{}/value", row.index), row.detail);
    }
    Ok(())
}
