//! Lists: query parameters, order, and pages by keyset, so that page 10,000 costs what page 1 costs.
//! A resource says what it selects and sorts by; filters are its own.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types;
use hmac::{Hmac, KeyInit, Mac};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;
use utoipa::{IntoParams, ToSchema};

use crate::db::{Db, Statement};
use crate::error::{Error, Result};
use crate::http::answer::vary;
use crate::http::formats::{self, Format, TableRow};
use crate::http::path::{not_a_day, parse_day, today};
use crate::http::query;

const DEFAULT_LIMIT: i64 = 50;
const LARGEST_LIMIT: i64 = 1000;

/// Parameters that every list knows.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters, which are read by name")]
pub struct PageParameters {
    /// The day that statuses are told for, today (UTC) when absent
    #[param(value_type = Option<String>, format = Date, example = "2025-11-01")]
    on: Option<String>,
    /// Fields to sort by, separated by commas, `-` before a field for descending; nulls last; by id when absent
    #[param(max_length = 200)]
    sort: Option<String>,
    /// How many records a page holds; for CSV and NDJSON how many are streamed at most, all when absent
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
    /// next_cursor of the page before; bound to sort and filters
    #[param(max_length = 8000)]
    cursor: Option<String>,
    /// `exact` adds total
    #[param(inline)]
    count: Option<Count>,
    /// json, csv or ndjson; goes before Accept
    #[param(inline)]
    format: Option<Format>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Count {
    Exact,
}

/// How often a filter may be repeated.
pub const MOST_VALUES: usize = 100;

const PAGE_PARAMETERS: [&str; 6] = ["on", "sort", "limit", "cursor", "count", "format"];

/// A field that a list can be sorted by. The two expressions are never null: null is put last by a
/// value after all others, which is another one for each direction.
#[derive(Debug)]
pub struct Sort {
    pub name: &'static str,
    pub ascending: &'static str,
    pub descending: &'static str,
    pub sql_type: &'static str,
}

impl Sort {
    /// A field that is never null.
    pub const fn plain(name: &'static str, expression: &'static str, sql_type: &'static str) -> Self {
        Self {
            name,
            ascending: expression,
            descending: expression,
            sql_type,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Term {
    sort: &'static Sort,
    descending: bool,
}

impl Term {
    fn expression(self) -> &'static str {
        if self.descending {
            self.sort.descending
        } else {
            self.sort.ascending
        }
    }
}

/// What a resource's lists select.
pub struct Selection {
    /// An expression that makes a record's JSON; may use `given.day`.
    pub record: Cow<'static, str>,
    /// The table and its alias.
    pub from: &'static str,
    pub id: &'static str,
    pub sorts: &'static [Sort],
    /// The order where the request names none; by id alone where it is empty.
    pub default_sort: &'static str,
    /// Common table expressions that `from` reads: `, item as (…)`.
    pub with: Statement,
}

impl Selection {
    /// A uuid, unless the id is a field that lists are sorted by, as the code of a vocabulary's entry.
    fn id_type(&self) -> &'static str {
        self.sorts
            .iter()
            .find(|sort| sort.ascending == self.id)
            .map_or("uuid", |sort| sort.sql_type)
    }
}

/// Conditions that a list's filters put on its records.
#[derive(Debug, Default, Clone)]
pub struct Conditions(Vec<Statement>);

impl Conditions {
    pub fn add(&mut self, condition: Statement) {
        self.0.push(condition);
    }

    /// `before = any(values)after`, where there are values.
    pub fn any<T>(&mut self, before: impl Into<Cow<'static, str>>, values: Vec<T>, after: &'static str)
    where
        crate::db::Bind: From<Vec<T>>,
    {
        self.any_as(before, values, "", after);
    }

    /// The same with the values cast: `before = any(values::type[])after`.
    pub fn any_as<T>(
        &mut self,
        before: impl Into<Cow<'static, str>>,
        values: Vec<T>,
        cast: &'static str,
        after: &'static str,
    ) where
        crate::db::Bind: From<Vec<T>>,
    {
        if !values.is_empty() {
            self.add(
                Statement::new(before)
                    .sql(" = any(")
                    .bind(values)
                    .sql(cast)
                    .sql(")")
                    .sql(after),
            );
        }
    }

    fn into_where(self) -> Statement {
        let mut clause = Statement::new(" where true");
        for condition in self.0 {
            clause = clause.sql(" and (").append(condition).sql(")");
        }
        clause
    }
}

/// A list's parameters: the page, and the filters of the resource.
#[derive(Debug)]
pub struct Listing<F> {
    pub filter: F,
    pub on: NaiveDate,
    pub format: Format,
    sort: String,
    limit: Option<i64>,
    cursor: Option<String>,
    count: bool,
    path: String,
    pairs: Vec<(String, String)>,
}

impl<F> FromRequest for Listing<F>
where
    F: DeserializeOwned + IntoParams + 'static,
{
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request))
    }
}

impl<F: DeserializeOwned + IntoParams> Listing<F> {
    fn read(request: &HttpRequest) -> Result<Self> {
        let names: Vec<String> = F::into_params(|| None)
            .into_iter()
            .map(|parameter| parameter.name)
            .collect();
        let pairs = query::pairs(request.query_string())?;
        let mut repeated: BTreeMap<&str, usize> = BTreeMap::new();
        let mut page: BTreeMap<&'static str, String> = BTreeMap::new();
        let mut filters = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &pairs {
            if let Some(known) = PAGE_PARAMETERS.into_iter().find(|known| known == name) {
                if page.insert(known, value.clone()).is_some() {
                    return Err(Error::malformed(
                        format!("?{name}"),
                        format!("{name} is given twice"),
                    ));
                }
            } else if names.contains(name) {
                let times = repeated.entry(name).or_default();
                *times += 1;
                if *times > MOST_VALUES {
                    return Err(Error::malformed(
                        format!("?{name}"),
                        format!("{name} is given more than {MOST_VALUES} times; ask in several requests"),
                    ));
                }
                filters.append_pair(name, value);
            } else {
                let known = names
                    .iter()
                    .map(String::as_str)
                    .chain(PAGE_PARAMETERS)
                    .collect::<Vec<_>>()
                    .join(", ");
                return Err(Error::malformed(
                    format!("?{name}"),
                    format!("{name} is no parameter here; known are {known}"),
                ));
            }
        }
        let filters = filters.finish();
        let pairs_of_filter = url::form_urlencoded::parse(filters.as_bytes());
        let filter = serde_path_to_error::deserialize(serde_html_form::Deserializer::new(pairs_of_filter))
            .map_err(|error| {
                let name = error
                    .path()
                    .iter()
                    .next()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                Error::malformed(format!("?{name}"), error.into_inner().to_string())
            })?;
        Ok(Self {
            filter,
            on: match page.get("on") {
                Some(day) => parse_day(day).ok_or_else(|| not_a_day("on"))?,
                None => today(),
            },
            format: Format::of(request, page.get("format").map(String::as_str))?,
            sort: page.remove("sort").unwrap_or_default(),
            limit: page.get("limit").map(|limit| parse_limit(limit)).transpose()?,
            cursor: page.remove("cursor"),
            count: match page.get("count").map(String::as_str) {
                None => false,
                Some("exact") => true,
                Some(_) => return Err(Error::malformed("?count", "count can only be exact")),
            },
            path: request.path().to_owned(),
            pairs,
        })
    }
}

fn parse_limit(text: &str) -> Result<i64> {
    i64::from_str(text)
        .ok()
        .filter(|limit| (1..=LARGEST_LIMIT).contains(limit))
        .ok_or_else(|| {
            Error::malformed(
                "?limit",
                format!("limit is no whole number from 1 to {LARGEST_LIMIT}"),
            )
        })
}

/// The key that signs cursors, shared by all servers of a registry and read when first needed.
#[derive(Debug, Default)]
pub struct CursorKey(OnceCell<Vec<u8>>);

#[derive(QueryableByName)]
struct SecretRow {
    #[diesel(sql_type = sql_types::Binary)]
    value: Vec<u8>,
}

impl CursorKey {
    async fn get(&self, db: &Db) -> Result<&[u8]> {
        let key = self
            .0
            .get_or_try_init(|| async {
                let statement = Statement::new("select value from secrets where name = 'cursor'");
                let row: Option<SecretRow> = db.read_one(statement).await?;
                row.map(|row| row.value)
                    .ok_or_else(|| Error::internal("the registry has no cursor key"))
            })
            .await?;
        Ok(key)
    }
}

/// Where a page ended.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// Digest of path, sort and filters.
    bound: String,
    /// The day of the first page, so that midnight does not tear a list.
    on: NaiveDate,
    position: Vec<String>,
    id: String,
}

type Signature = Hmac<Sha256>;

impl Cursor {
    fn seal(&self, key: &[u8]) -> Result<String> {
        let mut bytes = serde_json::to_vec(self).map_err(Error::internal)?;
        let mut signature = Signature::new_from_slice(key).map_err(Error::internal)?;
        signature.update(&bytes);
        bytes.extend_from_slice(&signature.finalize().into_bytes()[..16]);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    fn open(text: &str, key: &[u8], bound: &str) -> Result<Self> {
        let none = || Error::malformed("?cursor", "cursor is none that a page of this list gave");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| none())?;
        let (body, signed) = bytes
            .split_at_checked(bytes.len().saturating_sub(16))
            .ok_or_else(none)?;
        let mut signature = Signature::new_from_slice(key).map_err(Error::internal)?;
        signature.update(body);
        signature.verify_truncated_left(signed).map_err(|_| none())?;
        let cursor: Self = serde_json::from_slice(body).map_err(|_| none())?;
        if cursor.bound != bound {
            return Err(Error::malformed(
                "?cursor",
                "cursor belongs to another sort or other filters; begin this list without one",
            ));
        }
        Ok(cursor)
    }
}

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
                    self.statement(selection, conditions, &terms, self.on, Statement::default());
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
            .statement(selection, conditions, terms, on, after)
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
        selection: &Selection,
        conditions: Conditions,
        terms: &[Term],
        on: NaiveDate,
        after: Statement,
    ) -> Statement {
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
            .sql(selection.record.clone())
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
            digest.update(value.as_bytes());
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

/// The condition that leaves only what comes after a cursor.
fn after(cursor: &Cursor, terms: &[Term], selection: &Selection) -> Statement {
    let id = selection.id;
    let value = |place: usize| {
        Statement::default()
            .bind(cursor.position.get(place).map(String::as_str).unwrap_or_default())
            .sql(format!("::text::{}", terms[place].sort.sql_type))
    };
    let id_value = || {
        Statement::default()
            .bind(cursor.id.as_str())
            .sql(format!("::text::{}", selection.id_type()))
    };
    let descending = terms.last().is_some_and(|term| term.descending);
    let comparison = |descending: bool| if descending { " < " } else { " > " };
    if terms.iter().all(|term| term.descending == descending) {
        // One row comparison, which an index answers from the right place on.
        let expressions: String = terms
            .iter()
            .map(|term| format!("{}, ", term.expression()))
            .collect();
        let mut statement = Statement::new(format!(" and ({expressions}{id}){}(", comparison(descending)));
        for place in 0..terms.len() {
            statement = statement.append(value(place)).sql(", ");
        }
        return statement.append(id_value()).sql(")");
    }
    let first = if terms[0].descending { " <= " } else { " >= " };
    let mut statement = Statement::new(format!(" and {}{first}", terms[0].expression()))
        .append(value(0))
        .sql(" and (");
    for place in 0..=terms.len() {
        if place > 0 {
            statement = statement.sql(" or ");
        }
        statement = statement.sql("(");
        for (earlier, term) in terms.iter().enumerate().take(place) {
            statement = statement
                .sql(format!("{} = ", term.expression()))
                .append(value(earlier))
                .sql(" and ");
        }
        statement = match terms.get(place) {
            Some(term) => statement
                .sql(format!("{}{}", term.expression(), comparison(term.descending)))
                .append(value(place)),
            None => statement
                .sql(format!("{id}{}", comparison(descending)))
                .append(id_value()),
        };
        statement = statement.sql(")");
    }
    statement.sql(")")
}
