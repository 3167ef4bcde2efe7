//! The statements of a list, and a page of its records.

use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types;

use super::cursor::{Cursor, CursorKey, after};
use super::selection::{Conditions, Selection, Term};
use crate::db::{Db, Statement};
use crate::error::{Error, Result};
use crate::text::shorten;

const DEFAULT_LIMIT: i64 = 50;
/// The rows that the statement of a page may select: one more than the limit. PostgreSQL estimates a parameter of `limit` to be a tenth of
/// the rows, and keeps a plan only if it looks no dearer than one for the value; so the text names one of these before it.
const MOST_ROWS: [i64; 2] = [DEFAULT_LIMIT + 1, 1001];

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = sql_types::Text)]
    record: String,
    #[diesel(sql_type = sql_types::Text)]
    id: String,
    #[diesel(sql_type = sql_types::Array<sql_types::Text>)]
    position: Vec<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    included: Option<String>,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = sql_types::BigInt)]
    total: i64,
}

/// What a request asks of a list, apart from its filters.
#[derive(Debug, Clone)]
pub struct List {
    /// The day that statuses are computed for.
    pub on: NaiveDate,
    /// Names of fields separated by commas, `-` before a field for descending; empty for the default order.
    pub sort: String,
    /// How many records at most; `None` for the default of a page, or all records of a stream.
    pub limit: Option<i64>,
    /// Where the page begins; `None` for the first page.
    pub cursor: Option<String>,
    /// Whether to count all records that match.
    pub count: bool,
    /// The expression of the records that a record includes, over its JSON `page.record`; `None` if it includes none.
    pub included: Option<String>,
    /// Identifies the list: the digest of everything that decides which records it has and in which order.
    pub digest: String,
}

/// A page of records as JSON texts.
#[derive(Debug)]
pub struct RowPage {
    /// One JSON object each, in the order of the list.
    pub records: Vec<String>,
    /// For each record what it includes, as the list's expression has it; `None` if it includes nothing.
    pub included: Vec<Option<String>>,
    /// Whether the texts are the response byte for byte.
    pub are_response: bool,
    /// Begins the next page; `None` on the last one.
    pub next_cursor: Option<String>,
    /// The day that statuses are computed for: that of the first page.
    pub on: NaiveDate,
    /// How many records match; `None` unless the list counts.
    pub total: Option<i64>,
}

impl List {
    /// Reads one page.
    ///
    /// # Errors
    /// Malformed request if `sort` or `cursor` is not valid for this list.
    pub async fn page(
        &self,
        db: &Db,
        key: &CursorKey,
        selection: &Selection,
        conditions: Conditions,
    ) -> Result<RowPage> {
        let terms = self.terms(selection)?;
        let key = key.get(db).await?;
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        let (on, after) = match &self.cursor {
            None => (self.on, Statement::default()),
            Some(cursor) => {
                let cursor = Cursor::open(cursor, key, &self.digest)?;
                (cursor.on, after(&cursor, &terms, selection))
            }
        };
        let total = if self.count {
            total(db, selection, conditions.clone(), on).await?
        } else {
            None
        };
        let is_plain = conditions.is_empty() && selection.with.is_empty();
        // These have few texts, so that keeping them prepared takes little memory.
        let is_kept = is_plain && terms.len() <= 1 && self.included.is_none();
        let most = if limit < MOST_ROWS[0] {
            MOST_ROWS[0]
        } else {
            MOST_ROWS[1]
        };
        let limited = |rows: Statement| {
            if is_kept {
                Statement::new("select * from (")
                    .append(rows)
                    .sql(format!(" limit {most}) as page limit "))
                    .bind(limit + 1)
            } else {
                rows.sql(" limit ").bind(limit + 1)
            }
        };
        let statement =
            given(selection, on).append(match selection.made_by.as_deref().filter(|_| !db.is_as_of()) {
                Some(function) => {
                    let chosen = |conditions| {
                        limited(rows(&selection.id, selection, conditions, &terms, after.clone()))
                    };
                    // In another order the indexes of the two are of no use.
                    let chosen = match conditions.alternatives().filter(|_| terms.is_empty()) {
                        Some([one, other]) => Statement::new("select * from ((")
                            .append(chosen(one))
                            .sql(") union (")
                            .append(chosen(other))
                            .sql(")) as either order by either.id limit ")
                            .bind(limit + 1),
                        None => chosen(conditions),
                    };
                    self.made_by(function, chosen)
                }
                None => {
                    let (record, _) = selection.record_in(db.is_as_of());
                    let record = format!("{record}::text as record, {}::text", selection.id);
                    self.including(
                        "page.record, page.id, page.position",
                        limited(rows(&record, selection, conditions, &terms, after)),
                    )
                }
            });
        let statement = if is_kept {
            statement.keep_prepared()
        } else {
            statement
        };
        // Not on a shared connection: even a page without filters takes a hundred times as long as a record, and would delay every
        // other read there.
        let mut rows: Vec<Row> = db.read_slowly(statement).await?;
        let wanted = usize::try_from(limit).map_err(Error::internal)?;
        let is_more = rows.len() > wanted;
        rows.truncate(wanted);
        let next_cursor = match rows.last() {
            Some(last) if is_more => {
                let cursor = Cursor {
                    list: self.digest.clone(),
                    on,
                    position: last.position.clone(),
                    id: last.id.clone(),
                };
                Some(cursor.seal(key)?)
            }
            _ => None,
        };
        let (records, included) = rows.into_iter().map(|row| (row.record, row.included)).unzip();
        Ok(RowPage {
            records,
            included,
            are_response: selection.is_response_on(db),
            next_cursor,
            total,
            on,
        })
    }

    /// Returns the statement of the whole list, or of its first `limit` records; each row has the columns `record` and `included`.
    ///
    /// # Errors
    /// Malformed request if `sort` is not valid for this list, or if a cursor is given: a stream has no pages.
    pub fn stream_statement(
        &self,
        db: &Db,
        selection: &Selection,
        conditions: Conditions,
    ) -> Result<Statement> {
        let terms = self.terms(selection)?;
        if self.cursor.is_some() {
            return Err(Error::malformed(
                "?cursor",
                "CSV and NDJSON have no pages; leave cursor out",
            ));
        }
        let (record, _) = selection.record_in(db.is_as_of());
        let record = format!("{record}::text as record, {}::text", selection.id);
        let rows = rows(&record, selection, conditions, &terms, Statement::default());
        let rows = match self.limit {
            Some(limit) => rows.sql(" limit ").bind(limit),
            None => rows,
        };
        Ok(given(selection, self.on).append(self.including("page.record", rows)))
    }

    /// Returns the select of these columns, and of what records include, from the select `page` of rows.
    fn including(&self, columns: &str, page: Statement) -> Statement {
        let included = self.included.as_deref().unwrap_or("null");
        Statement::new(format!("select {columns}, {included}::text as included from ("))
            .append(page)
            .sql(") as page")
    }

    /// Returns the select of a page whose rows have ids alone: a function makes their records.
    fn made_by(&self, function: &str, chosen: Statement) -> Statement {
        let ids = "array(select chosen.id from chosen order by chosen.place)";
        let page = format!(
            "select made.record, chosen.id::text as id, chosen.position, chosen.place \
             from {function}({ids}, (select given.day from given)) with ordinality as made (record, place) \
             join chosen on chosen.place = made.place"
        );
        Statement::new(", chosen as materialized (select numbered.*, row_number() over () as place from (")
            .append(chosen)
            .sql(") as numbered) ")
            .append(self.including("page.record, page.id, page.position", Statement::new(page)))
            .sql(" order by page.place")
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
                        format!(
                            "sort can name {}, each with - before it for descending, not \"{}\"",
                            known.join(", "),
                            shorten(name)
                        ),
                    )
                })?;
            if terms.iter().any(|term| term.sort.name == name) {
                return Err(Error::malformed("?sort", format!("sort names {name} twice")));
            }
            terms.push(Term { sort, descending });
        }
        Ok(terms)
    }
}

async fn total(db: &Db, selection: &Selection, conditions: Conditions, on: NaiveDate) -> Result<Option<i64>> {
    let count = Statement::new("with given (day) as (select ")
        .bind(on)
        .sql("::date)")
        .append(selection.with.clone())
        .sql(" select count(*) as total from ")
        .sql(selection.from.clone())
        .sql(" left join given on true")
        .append(conditions.into_where());
    let mut rows = db.read_slowly::<CountRow>(count).await?;
    Ok(rows.pop().map(|row| row.total))
}

/// Returns the common table expressions that a list reads.
fn given(selection: &Selection, on: NaiveDate) -> Statement {
    Statement::new("with given (day) as materialized (select ")
        .bind(on)
        .sql("::date)")
        .append(selection.with.clone())
        .sql(" ")
}

/// Returns the select of a list's rows, in their order: these columns, of which the last is the id, and the position.
fn rows(
    columns: &str,
    selection: &Selection,
    conditions: Conditions,
    terms: &[Term],
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
    // A left join: an inner one lets the planner join `given` to its filters first, and then estimate a single row.
    Statement::new(format!(
        "select {columns} as id, array[{}]::text[] as position from {} left join given on true",
        position.join(", "),
        selection.from,
    ))
    .append(conditions.into_where())
    .append(after)
    .sql(format!(" order by {order}{}{id_order}", selection.id))
}
