//! The query parameters of a list: those that every list has, and the filters of its resource.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use utoipa::openapi::{RefOr, Schema};

use super::facets::Facet;
use crate::db::{Db, RequestPlace};
use crate::error::{Error, Result};
use crate::http::formats::{BOM, FORMULAS, Format, LIST, TableOptions};
use crate::http::pretty::{self, PRETTY};
use crate::http::query_string;
use crate::http::shape::{Asked, FIELDS, INCLUDE, Kinds};
use crate::query::parameters::{
    KNOWN_AT, empty, given_twice, not_a_day, parse_day, parse_time, today, whole_number,
};
use crate::query::{Conditions, List, explain_commas, unknown_filter};
use crate::resource::filter::{self, Filter, ListFilter};
use crate::resource::full_text::{FullText, Q};
use crate::resource::operators::{Known, Operands};
use crate::resource::parameters::{ALL, BY, FACETS, HAS, NOT, PROPERTY, written};
use crate::resource::properties::PREFIX;
use crate::text::{is_longer_than, shorten};

const LARGEST_LIMIT: i64 = 1000;

/// The longest value of a parameter, in letters with their ligatures taken apart: to compare longer ones takes long.
const LONGEST_VALUE: usize = 20_000;

/// The largest number of times that a filter may be repeated.
pub const MOST_VALUES: usize = 100;

const CURSOR: &str = "cursor";
const COUNT: &str = "count";

const PAGE_PARAMETERS: [&str; 13] = [
    "on", KNOWN_AT, FIELDS, INCLUDE, "sort", "limit", CURSOR, COUNT, "format", LIST, FORMULAS, BOM, PRETTY,
];

/// The parameters of a list, read and checked: the filters `F` of the resource, and those that every list has.
#[derive(Debug)]
pub struct Listing<F> {
    /// The filters of the resource.
    pub filter: F,
    /// Filters that follow from the fields of records, and those that operators join; empty if the list is not one of records.
    operands: Operands,
    /// What the records are searched for; `None` without `q`, and if the list has no such parameter.
    pub search: Option<FullText>,
    /// The day that statuses are computed for.
    pub on: NaiveDate,
    /// The day, if the request names it; `None` if `on` is today by default.
    pub asked_on: Option<NaiveDate>,
    /// The format of the response.
    pub format: Format,
    /// The parameters that the list reads by their name, apart from those of every list.
    pub(super) others: BTreeMap<&'static str, String>,
    /// The fields whose values a page counts.
    pub(super) facets: Vec<Facet>,
    /// How the cells of a table are written.
    pub(super) table: TableOptions,
    /// What the response has of each record.
    pub(super) asked: Asked,
    pub(super) kinds: Kinds,
    pub(super) list: List,
    pub(super) path: String,
    pub(super) pairs: Vec<(String, String)>,
    /// The filters that may have several values.
    repeatable: Vec<String>,
}

impl<F> Listing<F> {
    /// Sets the day that statuses are computed for, unless the request names it.
    pub fn set_default_day(&mut self, day: Option<NaiveDate>) {
        if let (None, Some(day)) = (self.asked_on, day) {
            self.on = day;
            self.list.on = day;
        }
    }
}

impl<F> Listing<F> {
    /// Returns the conditions of all filters: those of `filter`, and those that follow from the fields or are joined by operators.
    ///
    /// # Errors
    /// Those of [`Operands::join`].
    pub async fn conditions<R: Filter>(&mut self, filter: R, db: &Db) -> Result<Conditions> {
        let plain = filter.conditions(db, self.asked_on).await;
        self.join::<R>(plain, db).await
    }

    /// Like [`Self::conditions`], with the conditions of the filter that were made before.
    ///
    /// # Errors
    /// Those of [`Operands::join`].
    pub async fn join<R: Filter>(&mut self, plain: Result<Conditions>, db: &Db) -> Result<Conditions> {
        let operands = std::mem::take(&mut self.operands);
        let conditions = operands.join::<R>(plain, db, self.asked_on).await;
        conditions
            .map_err(|error| explain_commas(error, &self.pairs, |name| is_repeatable(&self.repeatable, name)))
    }
}

impl<F: Default> Listing<F> {
    /// Returns the filters and the rest.
    pub fn split(mut self) -> (F, Self) {
        (std::mem::take(&mut self.filter), self)
    }
}

impl<F> FromRequest for Listing<F>
where
    F: ListFilter,
{
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        // `Registry` reads in this place, what the filters look up included. It may be extracted before the place is there.
        let place = RequestPlace::default();
        request.extensions_mut().insert(place.clone());
        Box::pin(async move {
            let listing = Self::read(&request)?;
            let db = request
                .app_data::<web::Data<Db>>()
                .ok_or_else(|| Error::internal("no database in the app's data"))?;
            let is_as_of = listing.pairs.iter().any(|(name, _)| name == KNOWN_AT);
            match listing.format {
                Format::Json => db.begin_list(&place, is_as_of).await?,
                Format::Csv | Format::Ndjson | Format::Xlsx => db.begin_stream(&place).await?,
            }
            Ok(listing)
        })
    }
}

impl<F: ListFilter> Listing<F> {
    fn read(request: &HttpRequest) -> Result<Self> {
        let parameters = F::into_params(|| None);
        let repeatable: Vec<String> = parameters
            .iter()
            .filter(|parameter| matches!(parameter.schema, Some(RefOr::T(Schema::Array(_)))))
            .map(|parameter| parameter.name.clone())
            .collect();
        let mut names: Vec<String> = parameters.into_iter().map(|parameter| parameter.name).collect();
        let pairs = query_string::pairs(request.query_string())?;
        let mut repeated: BTreeMap<&str, usize> = BTreeMap::new();
        let mut page: BTreeMap<&'static str, String> = BTreeMap::new();
        let is_searched = names.iter().any(|name| name == Q);
        // What is left are filters.
        names.retain(|name| name != Q && !F::OTHERS.contains(&name.as_str()));
        let mut search = None;
        let mut filters: Vec<(&str, &str)> = Vec::new();
        let mut operands = Operands::default();
        let operable = F::FIELDS.map(|fields| Known {
            parameters: &names,
            fields,
        });
        let is_known = |known: &&str| F::IS_PAGED || ![CURSOR, COUNT, FIELDS, INCLUDE].contains(known);
        for (name, value) in &pairs {
            if name != "cursor" && is_longer_than(value, LONGEST_VALUE) {
                return Err(Error::malformed(
                    format!("?{name}"),
                    format!("{name} has more than {LONGEST_VALUE} letters"),
                ));
            }
            let by_name = PAGE_PARAMETERS
                .into_iter()
                .chain(F::OTHERS.iter().copied())
                .find(|known| known == name && is_known(known));
            if let Some(known) = by_name {
                // These say themselves what they need.
                if value.is_empty() && ![FIELDS, BY, PRETTY].contains(&known) {
                    return Err(empty(name));
                }
                if page.insert(known, value.clone()).is_some() {
                    return Err(given_twice(name));
                }
                continue;
            }
            if name == Q && is_searched {
                if search.replace(FullText::parse(value)?).is_some() {
                    return Err(given_twice(name));
                }
                continue;
            }
            let times = repeated.entry(name).or_default();
            *times += 1;
            if *times > MOST_VALUES {
                return Err(Error::malformed(
                    format!("?{name}"),
                    format!("{name} is given more than {MOST_VALUES} times; split it into several requests"),
                ));
            }
            let is_operand = match &operable {
                Some(operable) => operands.take(operable, name, value)?,
                None => false,
            };
            if !is_operand {
                if !names.contains(name) || [PROPERTY, NOT, ALL, HAS].contains(&name.as_str()) {
                    let known: Vec<&str> = names
                        .iter()
                        .map(|name| written(name))
                        .chain(F::OTHERS.iter().copied())
                        .chain(is_searched.then_some(Q))
                        .chain(PAGE_PARAMETERS.into_iter().filter(is_known))
                        .collect();
                    let meant = operable.map_or_else(String::new, |operable| operable.meant(name));
                    return Err(unknown_filter(name, &known, &meant));
                }
                filters.push((name, value));
            }
            // A filter without a value would find nothing, which looks as if there were no such records.
            if value.is_empty() {
                return Err(empty(name));
            }
        }
        let filter = filter::read(filters)
            .map_err(|error| explain_commas(error, &pairs, |name| is_repeatable(&repeatable, name)))?;
        let asked_on = page
            .get("on")
            .map(|day| parse_day(day).ok_or_else(|| not_a_day("on", day)))
            .transpose()?;
        let on = asked_on.unwrap_or_else(today);
        let format = Format::of(request, page.get("format").map(String::as_str))?;
        if let Some(pretty) = page.get(PRETTY) {
            pretty::read(request, pretty)?;
        }
        match format {
            Format::Json => {}
            Format::Csv | Format::Ndjson | Format::Xlsx => pretty::refuse(request, format.name())?,
        }
        let option = |name| page.get(name).map(String::as_str);
        let table = TableOptions::read(format, option(LIST), option(FORMULAS), option(BOM))?;
        let facets = match (F::FIELDS, page.get(FACETS)) {
            (Some(fields), Some(names)) => Facet::read(fields, names, format)?,
            (Some(_) | None, Some(_) | None) => Vec::new(),
        };
        let kinds = request
            .app_data::<web::Data<Kinds>>()
            .ok_or_else(|| Error::internal("no kinds in the app's data"))?;
        let asked = Asked {
            fields: page.remove(FIELDS),
            include: page.remove(INCLUDE),
        };
        let path = request.path().to_owned();
        let list = List {
            on,
            sort: page.remove("sort").unwrap_or_default(),
            limit: page
                .get("limit")
                .map(|limit| whole_number("limit", limit, 1, LARGEST_LIMIT))
                .transpose()?,
            cursor: page.remove("cursor"),
            count: match page.get("count").map(String::as_str) {
                None => false,
                Some("exact") => true,
                Some(other) => {
                    return Err(Error::malformed(
                        "?count",
                        format!("count can only be exact, not \"{}\"", shorten(other)),
                    ));
                }
            },
            included: None,
            digest: digest(&path, &pairs),
        };
        Ok(Self {
            filter,
            operands,
            search,
            on,
            asked_on,
            format,
            others: page,
            facets,
            table,
            asked,
            kinds: ***kinds,
            list,
            path,
            pairs,
            repeatable,
        })
    }
}

/// Returns whether a parameter may have several values: a filter of `repeatable`, one by a property, or one of these after an operator.
fn is_repeatable(repeatable: &[String], name: &str) -> bool {
    let filter = [NOT, ALL]
        .iter()
        .find_map(|operator| name.strip_prefix(operator)?.strip_prefix('.'))
        .unwrap_or(name);
    filter.starts_with(PREFIX) || repeatable.iter().any(|known| known == filter)
}

/// Returns the digest of everything that decides which records a list has and in which order.
fn digest(path: &str, pairs: &[(String, String)]) -> String {
    let mut deciding: Vec<&(String, String)> = pairs
        .iter()
        .filter(|(name, _)| {
            !matches!(
                name.as_str(),
                CURSOR | "limit" | COUNT | "format" | LIST | FORMULAS | BOM | PRETTY | FACETS
            )
        })
        .collect();
    deciding.sort();
    let mut digest = Sha256::new();
    digest.update(path.as_bytes());
    for (name, value) in deciding {
        digest.update([0]);
        digest.update(name.as_bytes());
        digest.update([0]);
        // The same time can be written with different offsets.
        match parse_time(value).filter(|_| name == KNOWN_AT) {
            Some(time) => digest.update(time.timestamp_micros().to_be_bytes()),
            None => digest.update(value.as_bytes()),
        }
    }
    URL_SAFE_NO_PAD.encode(&digest.finalize()[..12])
}
