//! A programme as a request sends it, and the rules that it is checked by.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::db::{ReadOn, Write};
use crate::error::{Error, Result};
use crate::programmes::record::{Programme, ProgrammeColumns, ProgrammeRow};
use crate::resource::external_keys::{self, ExternalKey};
use crate::resource::properties;
use crate::resource::{Basis, Input, Kind, Lookup, Reference};
use crate::validation::{Faults, NAME_LENGTH};

/// Longest code, in characters.
const CODE_LENGTH: usize = 200;

/// A programme as a request sends it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeRequest {
    /// Required, unique; the publisher's own tag, without blanks, prefixed by the publisher if two publishers use the same tag
    #[schema(pattern = r"^[^\s@][^\s]{0,199}$", examples("ILLICIT-DRUGS-EO14059"))]
    pub code: Option<String>,
    /// Required; the name that people read
    #[schema(min_length = 1, max_length = 500, examples("Illicit drugs"))]
    pub name: Option<String>,
    /// Required; the body that imposes sanctions under it
    pub imposer: Option<Reference>,
    /// The law, order or resolution
    #[schema(examples("Executive Order 14059"))]
    pub legal_basis: Option<String>,
    /// The publisher's page about it: an address that begins with http:// or https://
    pub url: Option<String>,
    /// What is to be known about it
    pub description: Option<String>,
    /// What a list or dataset says and no field holds: an object of lists of texts. The vocabulary property_names has names
    /// whose values are checked
    #[schema(value_type = Option<std::collections::HashMap<String, Vec<String>>>)]
    pub properties: Option<Value>,
    /// Its keys in other registries
    pub external_keys: Option<Vec<ExternalKey>>,
}

impl Input<Programme> for ProgrammeRequest {
    async fn validate(
        self,
        write: &mut Write<'_>,
        mut faults: Faults,
        _: &Basis<'_, Programme>,
    ) -> Result<ProgrammeRow> {
        let request = self;
        let mut lookup = Lookup::default();
        let code = faults.required_text("/code", request.code, CODE_LENGTH);
        if let Some(code) = &code
            && (code.starts_with('@') || code.chars().any(char::is_whitespace))
        {
            faults.add(
                "/code",
                "is not a code; a code has no blanks and does not begin with @",
            );
        }
        let name = faults.required_text("/name", request.name, NAME_LENGTH);
        let imposer = faults.required("/imposer", request.imposer);
        let imposer = lookup.want_optional("/imposer", Kind::Actors, imposer);
        let url = faults.url("/url", request.url);
        let properties = properties::validate(request.properties, write, &mut faults).await?;
        let external_keys = external_keys::validate(request.external_keys, &mut faults);
        let found = lookup.resolve(ReadOn::Write(write), &mut faults).await?;
        faults.finish()?;
        let (Some(code), Some(name), Some(imposer_id)) = (code, name, found.optional(imposer)) else {
            return Err(Error::internal(
                "a programme without code, name or imposer was accepted",
            ));
        };
        Ok(ProgrammeRow {
            columns: ProgrammeColumns {
                code,
                name,
                imposer_id,
                legal_basis: request.legal_basis,
                url,
                description: request.description,
                properties,
            },
            external_keys,
        })
    }
}
