//! How the OpenAPI document describes the parameters that every list has.

use std::marker::PhantomData;

use serde::Deserialize;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use crate::http::formats::Format;
use crate::http::shape::naming_references;
use crate::resource::Listed;

/// The parameters that every list has.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters, which are read by name")]
struct PageParameters {
    /// The day that statuses are computed for; today (UTC) if absent. In a list of relationships, a day that is given also
    /// leaves only the relationships that hold on it
    #[param(value_type = Option<String>, format = Date, example = "2025-11-01")]
    on: Option<String>,
    /// As-of read: returns the registry as it was recorded at this time. Later changes are not visible, records deleted
    /// since are present, and keys and names are those of that time. The present if absent
    #[param(value_type = Option<String>, format = DateTime, example = "2025-11-01T00:00:00Z")]
    known_at: Option<String>,
    /// Fields to sort by, separated by commas, with `-` before a field for descending order; nulls come last. By id if absent
    #[param(max_length = 200)]
    sort: Option<String>,
    /// Number of records on a page. For CSV and NDJSON the largest number of records, all if absent
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// `next_cursor` of the previous page; repeat that page's sort and filters
    #[param(max_length = 8000, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
    /// The fields of each record that the response has, in this order, separated by commas; a field of a field follows a point. All
    /// if absent. CSV and XLSX take their columns too
    #[param(max_length = 8000, example = "id")]
    fields: Option<String>,
    /// Records that are returned whole where a record refers to them, separated by commas; by their names alone if absent
    #[param(max_length = 1000)]
    include: Option<String>,
    /// `exact` adds `total`
    #[param(inline)]
    count: Option<Count>,
    /// json, csv, ndjson or xlsx; takes precedence over Accept
    #[param(inline)]
    format: Option<Format>,
    /// How CSV and XLSX write a list within a cell: `joined` by `;`, with `\` before a `;` or `\` of an element, or as `json`.
    /// joined if absent
    #[param(inline)]
    list: Option<ListsWritten>,
    /// `escape` puts `'` before each text of CSV that a spreadsheet would take for a formula. keep if absent
    #[param(inline)]
    formulas: Option<Formulas>,
    /// `true` begins CSV with a byte order mark, by which Excel recognizes UTF-8. false if absent
    bom: Option<bool>,
}

/// The parameters of a list of `T`: those of every list, with what `include` can name; without it if that is nothing.
#[derive(Debug)]
pub struct PageOf<T>(PhantomData<T>);

impl<T: Listed> IntoParams for PageOf<T> {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        naming_references::<T>(PageParameters::into_params(parameter_in))
    }
}

/// Whether a list counts all records that match.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Count {
    /// Counts them one by one.
    Exact,
}

/// How a list within a cell is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ListsWritten {
    /// With `;` between the elements.
    Joined,
    /// As a JSON array.
    Json,
}

/// What happens to a text that a spreadsheet would take for a formula.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Formulas {
    /// It is written as it is.
    Keep,
    /// It gets a `'` before it.
    Escape,
}
