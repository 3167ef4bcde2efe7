//! The parameter `facets`, and what a page says of them.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::http::formats::Format;
use crate::resource::counting::{Counting, Group, Measure};
use crate::resource::fields::Fields;
use crate::resource::parameters::FACETS;
use crate::text::shorten;

/// The most facets of a page.
const MOST_FACETS: usize = 5;

/// The values that the records of a whole list have of one field.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacetValues {
    /// The 20 values that most records have, the most frequent first. A record with several values counts under each, one without a
    /// value under null
    pub values: Vec<FacetValue>,
    /// How many values there are
    pub total: i64,
}

/// A value, and how many records have it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacetValue {
    /// The code, id, word, text or period; null for the records without a value
    #[schema(value_type = Value)]
    pub value: Value,
    /// The label of a code, or the name or title of a record; absent for values without labels
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub label: Option<Value>,
    /// How many records of the whole list have it
    pub count: i64,
}

/// A field whose values a page counts.
#[derive(Debug)]
pub struct Facet {
    /// The fields of the records.
    pub fields: &'static Fields,
    /// What is counted: the records by one field.
    pub counting: Counting,
}

impl Facet {
    /// Reads the value of the parameter `facets`.
    ///
    /// # Errors
    /// Malformed request if a name is no field, one is given twice, there are too many, or the response is not JSON.
    pub fn read(fields: &'static Fields, names: &str, format: Format) -> Result<Vec<Self>> {
        if format != Format::Json {
            return Err(Error::malformed(
                format!("?{FACETS}"),
                format!(
                    "{FACETS} is for JSON, and this response is {}; leave {FACETS} out, or ask for …/counts",
                    format.name()
                ),
            ));
        }
        let groups = named(FACETS, names, MOST_FACETS, |name| Group::read(fields, name))?;
        Ok(groups
            .into_iter()
            .map(|group| Self {
                fields,
                counting: Counting {
                    by: vec![group],
                    measures: vec![Measure::Records],
                    order: Vec::new(),
                },
            })
            .collect())
    }
}

/// Reads a list of names, separated by commas.
///
/// # Errors
/// Malformed request if a name is refused or given twice, or there are too many.
pub fn named<T>(
    parameter: &str,
    names: &str,
    most: usize,
    read: impl Fn(&str) -> std::result::Result<T, String>,
) -> Result<Vec<T>> {
    let refused =
        |detail: String| Error::malformed(format!("?{parameter}"), format!("{parameter}: {detail}"));
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    if names.len() > most {
        return Err(refused(format!(
            "{} names are given; at most {most} are allowed",
            names.len()
        )));
    }
    names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            if name.is_empty() {
                return Err(refused("a name is missing beside a comma".to_owned()));
            }
            if names[..index].contains(name) {
                return Err(refused(format!("{} is given twice", shorten(name))));
            }
            read(name).map_err(refused)
        })
        .collect()
}
