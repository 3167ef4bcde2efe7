//! The response to a list: a page of JSON, or the whole as CSV, NDJSON or XLSX.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::header;
use serde::Serialize;
use utoipa::ToSchema;

use super::facets::FacetValues;
use super::parameters::Listing;
use crate::db::Db;
use crate::error::{Error, Problem, Result};
use crate::heavy;
use crate::http::formats::{self, Format};
use crate::http::response::vary;
use crate::http::shape::{Known, Shape};
use crate::query::{Conditions, CursorKey, RowPage, Selection};
use crate::resource::full_text::{Found, Searched};
use crate::resource::{Listed, Resource, record};

/// A page of records.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<R> {
    /// The records of the page, in the order of the list
    pub items: Vec<R>,
    /// Send it as `cursor` to get the next page; null on the last page
    pub next_cursor: Option<String>,
    /// How many records match in all; present with `count=exact`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    /// The values of fields that the records of the whole list have; present with `facets`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facets: Option<BTreeMap<String, FacetValues>>,
}

/// Returns the JSON of a page: that of a [`Page`] around the texts of its records.
fn joined<R: Listed>(
    page: RowPage,
    shape: &Shape,
    facets: Option<BTreeMap<String, FacetValues>>,
) -> Result<String> {
    let around = Page::<()> {
        items: Vec::new(),
        next_cursor: page.next_cursor,
        total: page.total,
        facets,
    };
    let around = serde_json::to_string(&around).map_err(Error::internal)?;
    let (before, after) = around
        .split_once("[]")
        .ok_or_else(|| Error::internal("a page has no items"))?;
    let size: usize = page.records.iter().map(|record| record.len() + 1).sum();
    let mut body = String::with_capacity(around.len() + size);
    body.push_str(before);
    body.push('[');
    for (index, (record, included)) in page.records.into_iter().zip(page.included).enumerate() {
        if index > 0 {
            body.push(',');
        }
        let record = if page.are_response {
            record::response::<R>(record)?
        } else {
            record::written::<R>(record)?
        };
        body.push_str(&shape.of(record, included.as_deref())?);
    }
    body.push(']');
    body.push_str(after);
    Ok(body)
}

impl<F> Listing<F> {
    /// Runs the list and returns the response in the format that the client asked for.
    ///
    /// # Errors
    /// Malformed request if `sort` or `cursor` is not valid for this list.
    pub async fn respond<R>(
        self,
        db: &Db,
        key: &CursorKey,
        selection: &Selection,
        conditions: Conditions,
    ) -> Result<HttpResponse>
    where
        R: Listed,
    {
        let mut listing = self;
        let columns = match listing.format {
            Format::Csv | Format::Xlsx => R::header(),
            Format::Json | Format::Ndjson => Vec::new(),
        };
        let shape = Shape::read(
            &listing.asked,
            &Known::of::<R>(),
            R::REFERENCES,
            &columns,
            listing.kinds,
            db.is_as_of(),
        )?;
        listing.list.included = shape.included();
        let listing = listing;
        let response = match listing.format {
            Format::Json => listing.page::<R>(db, key, selection, conditions, shape).await,
            Format::Csv | Format::Ndjson | Format::Xlsx => {
                let statement = listing.list.stream_statement(db, selection, conditions)?;
                let name = listing.path.rsplit('/').next().unwrap_or_default();
                let is_response = selection.is_response_on(db);
                let (format, table) = (listing.format, listing.table);
                formats::whole::<R>(db, statement, is_response, shape, format, table, name).await
            }
        };
        response.map_err(|error| listing.saying_what_to_narrow(error))
    }

    /// Like [`Self::respond`], for a list of one kind of record: with `q`, of the records that match alone.
    ///
    /// # Errors
    /// Those of [`Self::respond`].
    pub async fn respond_with_records<R: Resource>(
        self,
        db: &Db,
        key: &CursorKey,
        conditions: Conditions,
    ) -> Result<HttpResponse> {
        let selection = &R::sql().selection;
        let searched = &R::searched();
        self.respond_or_search::<R>(db, key, selection, searched, conditions)
            .await
    }

    /// Like [`Self::respond`]; with `q`, of the records that match alone.
    ///
    /// # Errors
    /// Those of [`Self::respond`].
    pub async fn respond_or_search<R: Listed>(
        mut self,
        db: &Db,
        key: &CursorKey,
        selection: &Selection,
        searched: &Searched<'_>,
        conditions: Conditions,
    ) -> Result<HttpResponse> {
        match self.search.take() {
            None => self.respond::<R>(db, key, selection, conditions).await,
            Some(search) => {
                let selection = search.within(selection, searched);
                self.respond::<Found<R>>(db, key, &selection, conditions).await
            }
        }
    }

    /// Adds to the failure of a list that took too long which of its parameters cost the most.
    pub(super) fn saying_what_to_narrow(&self, error: Error) -> Error {
        if error.problem() != Problem::TooSlow {
            return error;
        }
        let mut advice = Vec::new();
        let mut repeated: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, _) in &self.pairs {
            *repeated.entry(name).or_default() += 1;
        }
        for (name, times) in repeated.into_iter().filter(|(_, times)| *times > 1) {
            advice.push(format!("give fewer than {times} values of {name}"));
        }
        for (name, value) in &self.pairs {
            match (name.as_str(), value.as_str()) {
                ("counted", "state") => advice.push("leave counted=state out".to_owned()),
                ("facets", _) => advice.push("leave facets out".to_owned()),
                ("by", by) if by.contains(',') => advice.push("group by fewer fields".to_owned()),
                ("or" | "not.or", _) => advice.push(format!("give fewer filters in {name}")),
                ("count", _) => advice.push("leave count out".to_owned()),
                ("sort", _) => advice.push("leave sort out".to_owned()),
                ("q", _) => advice.push("add a word to q, or write longer words before a *".to_owned()),
                ("known_at", _) => advice.push("leave known_at out".to_owned()),
                ("limit", limit) if limit.len() > 1 => advice.push(format!("give a limit below {limit}")),
                _ => {}
            }
        }
        if advice.is_empty() {
            return error;
        }
        let stopped = error.detail().split("; ").next().unwrap_or_default();
        Error::new(
            Problem::TooSlow,
            format!(
                "{stopped}; {}, or add a filter that leaves fewer records",
                advice.join(", ")
            ),
        )
    }

    async fn page<R>(
        &self,
        db: &Db,
        key: &CursorKey,
        selection: &Selection,
        conditions: Conditions,
        shape: Shape,
    ) -> Result<HttpResponse>
    where
        R: Listed,
    {
        let counted = (!self.facets.is_empty()).then(|| conditions.clone());
        let page = self.list.page(db, key, selection, conditions).await?;
        let facets = match counted {
            Some(conditions) => Some(self.facets(db, selection, &conditions, page.on).await?),
            None => None,
        };
        let mut response = HttpResponse::Ok();
        if let Some(cursor) = &page.next_cursor {
            response.insert_header((header::LINK, format!("<{}>; rel=\"next\"", self.next(cursor))));
        }
        vary(&mut response);
        let body = if page.are_response && shape.is_whole() {
            joined::<R>(page, &shape, facets)?
        } else {
            let size = page.records.iter().map(String::len).sum();
            heavy::run(size, move || joined::<R>(page, &shape, facets)).await?
        };
        Ok(response.content_type("application/json").body(body))
    }

    /// Returns the address of the page that begins at `cursor`.
    fn next(&self, cursor: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let mut pairs: Vec<_> = self.pairs.iter().filter(|(name, _)| name != "cursor").collect();
        // The order of names does not decide the response.
        pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (name, value) in pairs {
            query.append_pair(name, value);
        }
        query.append_pair("cursor", cursor);
        format!("{}?{}", self.path, query.finish())
    }
}
