//! The answer to a list: a page of JSON, or a stream, and the statement behind both.

use actix_web::HttpResponse;
use actix_web::http::header;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::Listing;
use super::cursor::{Cursor, CursorKey, after};
use super::selection::{Conditions, Selection, Term};
use crate::db::{Db, Statement};
use crate::error::{Error, Result};
use crate::http::answer::vary;
use crate::http::formats::{self, Format, TableRow};
use crate::http::registry::{KNOWN_AT, parse_moment};

const DEFAULT_LIMIT: i64 = 50;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql_types::Text)]
    record: String,
    #[diesel(sql_type = sql_types::Text)]
    id: String,
    #[diesel(sql_type = sql_types::Array<sql_types::Text>)]
    position: Vec<String>,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = sql_types::BigInt)]
    total: i64,
}

/// A page of records.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<R> {
    pub items: Vec<R>,
    /// Gives the next page as `cursor`; null on the last one
    pub next_cursor: Option<String>,
    /// How many there are in all, where `count=exact` asks
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
}

impl<F: Default> Listing<F> {
    /// The filters, and the rest.
    pub fn split(mut self) -> (F, Self) {
        (std::mem::take(&mut self.filter), self)
    }
}

impl<F> Listing<F> {
    /// Answers the list: a page of JSON, or a stream of CSV or NDJSON.
    pub async fn answer<R>(
        self,
        db: &Db,
        key: &CursorKey,
        selection: &Selection,
        conditions: Conditions,
    ) -> Result<HttpResponse>
    where
        R: DeserializeOwned + Serialize + TableRow + Send + 'static,
    {
        let terms = self.terms(selection)?;
        match self.format {
            Format::Json => self.page::<R>(db, key, selection, conditions, &terms).await,
            Format::Csv | Format::Ndjson => {
                if self.cursor.is_some() {
                    return Err(Error::malformed(
                        "?cursor",
                        "a stream has no pages: leave cursor out",
                    ));
                }
                let mut statement =
                    self.statement(db, selection, conditions, &terms, self.on, Statement::default());
                if let Some(limit) = self.limit {
                    statement = statement.sql(" limit ").bind(limit);
                }
                formats::stream::<R>(db, statement, self.format).await
            }
        }
    }

    async fn page<R>(
        &self,
        db: &Db,
        key: &CursorKey,
        selection: &Selection,
        conditions: Conditions,
        terms: &[Term],
    ) -> Result<HttpResponse>
    where
        R: DeserializeOwned + Serialize,
    {
        let key = key.get(db).await?;
        let bound = self.bound();
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        let (on, after) = match &self.cursor {
            None => (self.on, Statement::default()),
            Some(cursor) => {
                let cursor = Cursor::open(cursor, key, &bound)?;
                (cursor.on, after(&cursor, terms, selection))
            }
        };
        let total = if self.count {
            let count = Statement::new("with given (day) as (select ")
                .bind(on)
                .sql("::date)")
                .append(selection.with.clone())
                .sql(" select count(*) as total from ")
                .sql(selection.from)
                .sql(" left join given on true")
                .append(conditions.clone().into_where());
            db.read_slowly::<CountRow>(count)
                .await?
                .pop()
                .map(|row| row.total)
        } else {
            None
        };
        // Only a plain page is surely quick: whatever filters or unites may be slow, and on a shared
        // connection everybody would wait behind it.
        let is_plain = conditions.0.is_empty() && selection.with.is_empty();
        let statement = self
            .statement(db, selection, conditions, terms, on, after)
            .sql(" limit ")
            .bind(limit + 1);
        let mut rows: Vec<Row> = if is_plain && terms.len() <= 1 {
            // There are few of these.
            db.read(statement.keep_prepared()).await?
        } else if is_plain {
            db.read(statement).await?
        } else {
            db.read_slowly(statement).await?
        };
        let wanted = usize::try_from(limit).map_err(Error::internal)?;
        let is_more = rows.len() > wanted;
        rows.truncate(wanted);
        let next_cursor = match rows.last() {
            Some(last) if is_more => {
                let cursor = Cursor {
                    bound,
                    on,
                    position: last.position.clone(),
                    id: last.id.clone(),
                };
                Some(cursor.seal(key)?)
            }
            _ => None,
        };
        let items = rows
            .iter()
            .map(|row| serde_json::from_str::<R>(&row.record).map_err(Error::internal))
            .collect::<Result<Vec<R>>>()?;
        let mut response = HttpResponse::Ok();
        if let Some(cursor) = &next_cursor {
            response.insert_header((header::LINK, format!("<{}>; rel=\"next\"", self.next(cursor))));
        }
        vary(&mut response);
        let body = serde_json::to_string(&Page {
            items,
            next_cursor,
            total,
        })
        .map_err(Error::internal)?;
        Ok(response.content_type("application/json").body(body))
    }

    fn statement(
        &self,
        db: &Db,
        selection: &Selection,
        conditions: Conditions,
        terms: &[Term],
        on: NaiveDate,
        after: Statement,
    ) -> Statement {
        let record = match selection.record_of_the_past {
            Some(record) if db.is_of_the_past() => record.into(),
            _ => selection.record.clone(),
        };
        let position: Vec<String> = terms
            .iter()
            .map(|term| format!("({})::text", term.expression()))
            .collect();
        let order: String = terms
            .iter()
            .map(|term| {
                format!(
                    "{}{}, ",
                    term.expression(),
                    if term.descending { " desc" } else { "" }
                )
            })
            .collect();
        let id_order = if terms.last().is_some_and(|term| term.descending) {
            " desc"
        } else {
            ""
        };
        // A left join, because the planner joins `given` to its filters first where it may, and then
        // believes that they leave one record.
        Statement::new("with given (day) as materialized (select ")
            .bind(on)
            .sql("::date)")
            .append(selection.with.clone())
            .sql(" select ")
            .sql(record)
            .sql(format!(
                "::text as record, {id}::text as id, array[{position}]::text[] as position from {from} left join given on true",
                id = selection.id,
                position = position.join(", "),
                from = selection.from,
            ))
            .append(conditions.into_where())
            .append(after)
            .sql(format!(" order by {order}{}{id_order}", selection.id))
    }

    fn terms(&self, selection: &Selection) -> Result<Vec<Term>> {
        let mut terms: Vec<Term> = Vec::new();
        let sort = if self.sort.is_empty() {
            selection.default_sort
        } else {
            &self.sort
        };
        for name in sort.split(',').filter(|_| !sort.is_empty()) {
            let (name, descending) = name.strip_prefix('-').map_or((name, false), |name| (name, true));
            let sort = selection
                .sorts
                .iter()
                .find(|sort| sort.name == name)
                .ok_or_else(|| {
                    let known: Vec<&str> = selection.sorts.iter().map(|sort| sort.name).collect();
                    Error::malformed(
                        "?sort",
                        format!("sort knows {}, each with - for descending", known.join(", ")),
                    )
                })?;
            if terms.iter().any(|term| term.sort.name == name) {
                return Err(Error::malformed("?sort", format!("sort names {name} twice")));
            }
            terms.push(Term { sort, descending });
        }
        Ok(terms)
    }

    /// What a cursor is bound to: everything that decides which records come in which order.
    fn bound(&self) -> String {
        let mut deciding: Vec<&(String, String)> = self
            .pairs
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "cursor" | "limit" | "count" | "format"))
            .collect();
        deciding.sort();
        let mut digest = Sha256::new();
        digest.update(self.path.as_bytes());
        for (name, value) in deciding {
            digest.update([0]);
            digest.update(name.as_bytes());
            digest.update([0]);
            // One moment may be written in several ways.
            match parse_moment(value).filter(|_| name == KNOWN_AT) {
                Some(moment) => digest.update(moment.timestamp_micros().to_be_bytes()),
                None => digest.update(value.as_bytes()),
            }
        }
        URL_SAFE_NO_PAD.encode(&digest.finalize()[..12])
    }

    fn next(&self, cursor: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.pairs.iter().filter(|(name, _)| name != "cursor") {
            query.append_pair(name, value);
        }
        query.append_pair("cursor", cursor);
        format!("{}?{}", self.path, query.finish())
    }
}
