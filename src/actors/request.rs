//! An actor as a request gives it, and the rules that it must keep.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::actors::model::{Columns, Country, FaultRow, Identifier, Name, Values};
use crate::db::{Statement, Write};
use crate::error::{Error, Result};
use crate::external_keys::{self, ExternalKey};
use crate::partial_date::PartialDate;
use crate::records::Codes;
use crate::validation::{Faults, Given, KEY_LENGTH, NAME_LENGTH};
use crate::vocabulary::{CountryRole, NameKind};

/// An actor as a request gives it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActorRequest {
    /// Required; a code of the vocabulary actor_kinds
    #[schema(examples("person"))]
    pub kind: Option<String>,
    /// Required
    #[schema(min_length = 1, max_length = 500, examples("Gustavo Petro"))]
    pub name: Option<String>,
    pub names: Option<Vec<NameRequest>>,
    pub countries: Option<Vec<CountryRequest>>,
    pub identifiers: Option<Vec<IdentifierRequest>>,
    pub description: Option<String>,
    #[schema(value_type = Option<PartialDate>)]
    pub began_on: Option<Given<PartialDate>>,
    #[schema(value_type = Option<PartialDate>)]
    pub ended_on: Option<Given<PartialDate>>,
    #[schema(value_type = Option<std::collections::HashMap<String, Vec<String>>>)]
    pub properties: Option<Value>,
    pub external_keys: Option<Vec<ExternalKey>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameRequest {
    /// Required
    #[schema(min_length = 1, max_length = 500)]
    pub name: Option<String>,
    /// Required
    #[schema(value_type = Option<NameKind>)]
    pub kind: Option<Given<NameKind>>,
    #[schema(examples("es"))]
    pub lang: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountryRequest {
    /// Required; a code of the vocabulary countries
    #[schema(examples("CO"))]
    pub code: Option<String>,
    /// Required
    #[schema(value_type = Option<CountryRole>)]
    pub role: Option<Given<CountryRole>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifierRequest {
    /// Required; a code of the vocabulary identifier_schemes
    #[schema(examples("passport"))]
    pub scheme: Option<String>,
    /// Required
    #[schema(min_length = 1, max_length = 500)]
    pub value: Option<String>,
    pub country: Option<String>,
    #[schema(value_type = Option<PartialDate>)]
    pub valid_from: Option<Given<PartialDate>>,
    #[schema(value_type = Option<PartialDate>)]
    pub valid_until: Option<Given<PartialDate>>,
}

impl ActorRequest {
    /// The checked values, or every fault at once.
    pub async fn validate(self, write: &mut Write<'_>, mut faults: Faults) -> Result<Values> {
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
        let requested = request.identifiers.unwrap_or_default();
        let given_identifiers = requested.len();
        let identifiers = validate_identifiers(requested, &mut faults, &mut codes);
        let external_keys = external_keys::validate(request.external_keys, &mut faults);
        if let Some(kind) = &kind {
            codes.want("actor_kinds", "/kind", kind);
        }
        codes.check(write, &mut faults).await?;
        if identifiers.len() == given_identifiers {
            check_identifiers(&identifiers, write, &mut faults).await?;
        }
        faults.finish()?;
        let (Some(kind), Some(name)) = (kind, name) else {
            return Err(Error::internal("an actor without kind or name was accepted"));
        };
        Ok(Values {
            columns: Columns {
                kind,
                name,
                description: request.description,
                began_on,
                ended_on,
                properties,
            },
            names,
            countries,
            identifiers,
            external_keys,
        })
    }
}

fn validate_names(requests: Vec<NameRequest>, faults: &mut Faults) -> Vec<Name> {
    let mut names = Vec::with_capacity(requests.len());
    for (index, request) in requests.into_iter().enumerate() {
        let pointer = format!("/names/{index}");
        let name = faults.required_text(&format!("{pointer}/name"), request.name, NAME_LENGTH);
        let kind = faults.required_given(&format!("{pointer}/kind"), request.kind);
        let lang = faults.language(&format!("{pointer}/lang"), request.lang);
        if let (Some(name), Some(kind)) = (name, kind) {
            names.push(Name { name, kind, lang });
        }
    }
    faults.list("/names", &names, |name| {
        (name.name.clone(), name.kind, name.lang.clone())
    });
    names
}

fn validate_countries(requests: Vec<CountryRequest>, faults: &mut Faults, codes: &mut Codes) -> Vec<Country> {
    let mut countries = Vec::with_capacity(requests.len());
    for (index, request) in requests.into_iter().enumerate() {
        let pointer = format!("/countries/{index}");
        let code = faults.required_text(&format!("{pointer}/code"), request.code, KEY_LENGTH);
        let role = faults.required_given(&format!("{pointer}/role"), request.role);
        if let Some(code) = &code {
            codes.want("countries", format!("{pointer}/code"), code);
        }
        if let (Some(code), Some(role)) = (code, role) {
            countries.push(Country { code, role });
        }
    }
    faults.list("/countries", &countries, |country| {
        (country.code.clone(), country.role)
    });
    countries
}

fn validate_identifiers(
    requests: Vec<IdentifierRequest>,
    faults: &mut Faults,
    codes: &mut Codes,
) -> Vec<Identifier> {
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
            identifiers.push(Identifier {
                scheme,
                value,
                country: request.country,
                valid_from,
                valid_until,
            });
        }
    }
    faults.list("/identifiers", &identifiers, |identifier| {
        (
            identifier.scheme.clone(),
            identifier.value.clone(),
            identifier.country.clone(),
        )
    });
    identifiers
}

/// The form and the check digit of every identifier at once; the database's trigger would tell
/// only the first.
async fn check_identifiers(
    identifiers: &[Identifier],
    write: &mut Write<'_>,
    faults: &mut Faults,
) -> Result<()> {
    let statement = Statement::new(
            "select given.place::integer - 1 as place, \
             case when given.value !~ scheme.pattern then format('has not the form of %s: %s', scheme.code, scheme.pattern) \
             else 'has a wrong check digit' end as detail from unnest(",
        )
        .bind(identifiers.iter().map(|identifier| identifier.scheme.clone()).collect::<Vec<_>>())
        .sql(", ")
        .bind(identifiers.iter().map(|identifier| identifier.value.clone()).collect::<Vec<_>>())
        .sql(
            ") with ordinality as given (scheme, value, place) \
             join identifier_schemes as scheme on scheme.code = given.scheme \
             where given.value !~ scheme.pattern or case given.scheme when 'lei' then not lei_is_valid(given.value) \
             when 'imo' then not imo_is_valid(given.value) when 'isin' then not isin_is_valid(given.value) else false end \
             order by given.place",
        );
    let told: Vec<FaultRow> = write.load(statement).await?;
    for row in told {
        faults.add(format!("/identifiers/{}/value", row.place), row.detail);
    }
    Ok(())
}
