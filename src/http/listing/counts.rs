//! Counts of a list's records: rows of groups, and the facets of a page, read and returned.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use utoipa::{IntoParams, ToSchema};

use super::facets::{Facet, FacetValue, FacetValues, named};
use super::page_parameters::Formulas;
use super::parameters::Listing;
use crate::db::{Db, Statement};
use crate::error::{Error, Result};
use crate::http::formats::{self, Format, Named, Rows};
use crate::http::response::vary;
use crate::query::{Conditions, Selection};
use crate::resource::counting::{Counting, FacetRow, Group, MOST_FIELDS, Measure};
use crate::resource::fields::Fields;
use crate::resource::parameters::{BY, MEASURES};
use crate::text::shorten;

/// How many rows of counts a response of JSON has, unless the request says otherwise.
const DEFAULT_ROWS: i64 = 100;
/// The most values of a facet.
const MOST_VALUES: i64 = 20;

/// The parameters of counts, apart from what is counted and the filters.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters, which are read by name")]
pub struct CountsParameters {
    /// The day that statuses are computed for; today (UTC) if absent. In a list of relationships, a day that is given also
    /// leaves only the relationships that hold on it
    #[param(value_type = Option<String>, format = Date, example = "2025-11-01")]
    on: Option<String>,
    /// As-of read: counts the registry as it was recorded at this time. The present if absent
    #[param(value_type = Option<String>, format = DateTime, example = "2025-11-01T00:00:00Z")]
    known_at: Option<String>,
    /// Columns of the response to sort by: fields of `by`, their labels and measures, separated by commas, with `-` before one for descending order; nulls come last. The
    /// largest count first if absent, then by the values
    #[param(max_length = 200)]
    sort: Option<String>,
    /// The largest number of groups. If absent 100 in JSON, and all in the other formats
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// json, csv, ndjson or xlsx; takes precedence over Accept
    #[param(inline)]
    format: Option<Format>,
    /// `escape` puts `'` before each text of CSV that a spreadsheet would take for a formula. keep if absent
    #[param(inline)]
    formulas: Option<Formulas>,
    /// `true` begins CSV with a byte order mark, by which Excel recognizes UTF-8. false if absent
    bom: Option<bool>,
}

/// Counts of groups of records.
#[derive(Debug, Serialize, ToSchema)]
pub struct Counts {
    /// One object for each group: the values of the fields of `by` under their names, labels of codes and ids under the name with
    /// `.label`, and the measures
    #[schema(value_type = Vec<Object>)]
    pub items: Vec<Box<RawValue>>,
    /// How many groups there are
    pub total: i64,
    /// How many of them `items` leaves out
    pub rows_left_off: i64,
}

#[derive(QueryableByName)]
struct GroupRow {
    #[diesel(sql_type = sql_types::Text)]
    record: String,
    #[diesel(sql_type = sql_types::BigInt)]
    groups: i64,
}

impl GroupRow {
    fn values(&self) -> Result<Vec<Value>> {
        serde_json::from_str(&self.record).map_err(Error::internal)
    }
}

impl<F> Listing<F> {
    /// Reads what is to be counted.
    ///
    /// # Errors
    /// Malformed request if `by`, `measures` or `sort` names what is not there.
    pub fn counting(&self, fields: &Fields) -> Result<Counting> {
        let Some(by) = self.others.get(BY) else {
            return Err(Error::malformed(
                format!("?{BY}"),
                format!("{BY} is required: one to {MOST_FIELDS} fields, separated by commas"),
            ));
        };
        if by.is_empty() {
            return Err(Error::malformed(
                format!("?{BY}"),
                format!("{BY} is empty; write one to {MOST_FIELDS} fields, separated by commas"),
            ));
        }
        let by = named(BY, by, MOST_FIELDS, |name| Group::read(fields, name))?;
        for (place, group) in by.iter().enumerate() {
            if let Some(earlier) = by[..place].iter().find(|earlier| earlier.is_same(group)) {
                return Err(Error::malformed(
                    format!("?{BY}"),
                    format!("{BY}: {} and {} are the same", earlier.name, group.name),
                ));
            }
        }
        let measures = match self.others.get(MEASURES) {
            None => vec![Measure::Records],
            Some(names) => {
                let most = Measure::all(fields).len();
                named(MEASURES, names, most, |name| Measure::read(fields, name))?
            }
        };
        let columns = Counting::orders(&by, &measures);
        let order = if self.list.sort.is_empty() {
            Vec::new()
        } else {
            named("sort", &self.list.sort, columns.len(), |term| {
                let (name, descending) = term.strip_prefix('-').map_or((term, false), |name| (name, true));
                let found = columns.iter().find(|(column, _)| column == name);
                found.map(|(_, ordered)| (*ordered, descending)).ok_or_else(|| {
                    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
                    format!(
                        "it can name {}, each with - before it for descending, not \"{}\"",
                        names.join(", "),
                        shorten(name)
                    )
                })
            })?
        };
        let twice = order
            .iter()
            .enumerate()
            .find(|(place, (ordered, _))| order[..*place].iter().any(|(earlier, _)| earlier == ordered))
            .and_then(|(_, (ordered, _))| columns.iter().find(|(_, column)| column == ordered));
        if let Some((name, _)) = twice {
            return Err(Error::malformed("?sort", format!("sort names {name} twice")));
        }
        Ok(Counting { by, measures, order })
    }

    /// Counts the records that meet the conditions, and returns the response in the format that the client asked for.
    ///
    /// # Errors
    /// Too slow if the counts take longer than a read may.
    pub async fn respond_with_counts(
        self,
        db: &Db,
        fields: &Fields,
        selection: &Selection,
        counting: &Counting,
        conditions: Conditions,
    ) -> Result<HttpResponse> {
        let limit = match self.format {
            Format::Json => Some(self.list.limit.unwrap_or(DEFAULT_ROWS)),
            Format::Csv | Format::Ndjson | Format::Xlsx => self.list.limit,
        };
        let statement = counting.statement(fields, selection, conditions, self.list.on, limit);
        let columns = counting.columns();
        let response = match self.format {
            Format::Json => page(db, statement, &columns).await,
            Format::Csv | Format::Ndjson | Format::Xlsx => {
                let rows = Rows::of_columns(columns);
                formats::whole_of(db, statement, rows, self.format, self.table, "counts").await
            }
        };
        response.map_err(|error| self.saying_what_to_narrow(error))
    }

    /// Returns the facets that the request asks for, with the statuses of a day, by the names of their fields.
    ///
    /// # Errors
    /// Those of [`Db::read_slowly`].
    pub(super) async fn facets(
        &self,
        db: &Db,
        selection: &Selection,
        conditions: &Conditions,
        on: NaiveDate,
    ) -> Result<BTreeMap<String, FacetValues>> {
        let mut facets = BTreeMap::new();
        for Facet { fields, counting } in &self.facets {
            let conditions = conditions.clone();
            let statement = counting.statement(fields, selection, conditions, on, Some(MOST_VALUES));
            let rows: Vec<GroupRow> = db.read_slowly(statement).await?;
            let total = rows.first().map_or(0, |row| row.groups);
            let values = rows
                .iter()
                .map(|row| {
                    let row = FacetRow::read(row.values()?)
                        .ok_or_else(|| Error::internal("a row of counts is incomplete"))?;
                    Ok(FacetValue {
                        value: row.value,
                        label: row.label,
                        count: row.count,
                    })
                })
                .collect::<Result<Vec<_>>>()?;
            let names = counting.by.iter().map(|group| group.name.clone());
            facets.extend(names.zip([FacetValues { values, total }]));
        }
        Ok(facets)
    }
}

async fn page(db: &Db, statement: Statement, columns: &[String]) -> Result<HttpResponse> {
    let rows: Vec<GroupRow> = db.read_slowly(statement).await?;
    let total = rows.first().map_or(0, |row| row.groups);
    let items = rows
        .iter()
        .map(|row| {
            let row = Named {
                names: columns,
                values: row.values()?,
            };
            to_raw_value(&row).map_err(Error::internal)
        })
        .collect::<Result<Vec<_>>>()?;
    let shown = i64::try_from(items.len()).map_err(Error::internal)?;
    let counts = Counts {
        items,
        total,
        rows_left_off: total - shown,
    };
    let mut response = HttpResponse::Ok();
    vary(&mut response);
    Ok(response.json(counts))
}
