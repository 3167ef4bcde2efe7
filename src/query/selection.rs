//! What a list selects, the fields it can be sorted by, and the conditions of its filters.

use std::borrow::Cow;

use crate::db::{Db, Statement};

/// A field that a list can be sorted by. Neither expression is ever null: pages are found by comparing rows, and a
/// comparison with null is null. A nullable field takes a value that sorts after all others instead, such as `infinity`
/// when ascending and `-infinity` when descending, so that nulls come last either way.
#[derive(Debug, Clone, Copy)]
pub struct Sort {
    /// The name of the field, as the parameter `sort` writes it.
    pub name: &'static str,
    /// The expression to sort by in ascending order.
    pub ascending: &'static str,
    /// The expression to sort by in descending order.
    pub descending: &'static str,
    /// The SQL type of both expressions.
    pub sql_type: &'static str,
}

impl Sort {
    /// Returns the sort by a field that is never null.
    pub const fn plain(name: &'static str, expression: &'static str, sql_type: &'static str) -> Self {
        Self {
            name,
            ascending: expression,
            descending: expression,
            sql_type,
        }
    }
}

/// One field of the order of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    pub sort: &'static Sort,
    pub descending: bool,
}

impl Term {
    pub(super) fn expression(self) -> &'static str {
        if self.descending {
            self.sort.descending
        } else {
            self.sort.ascending
        }
    }
}

/// What a list selects.
pub struct Selection {
    /// The expression of a record's JSON; it may use `given.day`, the day that statuses are computed for.
    pub record: Cow<'static, str>,
    /// The expression to use instead in an as-of read; `None` if `record` serves both.
    pub record_as_of: Option<String>,
    /// The function that makes the texts of `record` for a page, from ids in their order and the day; `None` if the statement of the page
    /// makes them itself. A function is planned once for each connection, and the expression of a record takes as long to plan as a page
    /// of records takes to make.
    pub made_by: Option<String>,
    /// Whether `record` is a text that is the response byte for byte; else it is JSON that the record's type reads and writes.
    pub is_response: bool,
    /// The table with its alias.
    pub from: Cow<'static, str>,
    /// The expression of the key that makes every order unique.
    pub id: Cow<'static, str>,
    /// The fields that the list can be sorted by.
    pub sorts: &'static [Sort],
    /// The order if the request names none, written as the parameter `sort` is; by `id` alone if empty.
    pub default_sort: &'static str,
    /// Common table expressions that `from` reads: `, item as (…)`; empty if there are none.
    pub with: Statement,
}

impl Selection {
    /// Returns the expression of a record, in an as-of read or in one of the present, and whether it is the response byte for byte.
    pub fn record_in(&self, is_as_of: bool) -> (&str, bool) {
        match &self.record_as_of {
            Some(record) if is_as_of => (record, false),
            Some(_) | None => (&self.record, self.is_response),
        }
    }

    /// Returns whether the records that a list on `db` selects are the response byte for byte.
    pub fn is_response_on(&self, db: &Db) -> bool {
        self.record_in(db.is_as_of()).1
    }

    /// Returns the SQL type of `id`: that of the sort with the same expression (the code of a vocabulary entry), else uuid.
    pub(super) fn id_type(&self) -> &'static str {
        self.sorts
            .iter()
            .find(|sort| sort.ascending == self.id)
            .map_or("uuid", |sort| sort.sql_type)
    }
}

/// The conditions of a list's filters; a record must meet all of them.
#[derive(Debug, Default, Clone)]
pub struct Conditions {
    all: Vec<Statement>,
    /// Two of which a record must meet one.
    either: Option<[Statement; 2]>,
}

impl Conditions {
    /// Adds a condition.
    pub fn add(&mut self, condition: Statement) {
        self.all.push(condition);
    }

    /// Adds two conditions of which a record must meet one, where each has an index of its own in the order of ids. A page in that order
    /// takes the first records of both: the planner knows no such way, and would read all records of a busy actor, or look for those
    /// of a rare one among all others.
    pub fn add_either(&mut self, one: Statement, other: Statement) {
        if let Some([one, other]) = self.either.replace([one, other]) {
            self.add(either(one, other));
        }
    }

    /// Returns whether there is no condition.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty() && self.either.is_none()
    }

    /// Returns the conditions with the one and with the other of those that were added as two; `None` if none were.
    pub(super) fn alternatives(&self) -> Option<[Self; 2]> {
        let alternatives = self.either.as_ref()?;
        Some(alternatives.clone().map(|alternative| {
            let mut all = self.all.clone();
            all.push(alternative);
            Self { all, either: None }
        }))
    }

    /// Returns the conditions, with those of which a record must meet one as one.
    fn into_list(self) -> impl ExactSizeIterator<Item = Statement> {
        let Self { mut all, either: two } = self;
        all.extend(two.map(|[one, other]| either(one, other)));
        all.into_iter()
    }

    /// Adds `before = any(values)after`; adds nothing if there are no values.
    pub fn any<T>(&mut self, before: impl Into<Cow<'static, str>>, values: Vec<T>, after: &'static str)
    where
        crate::db::Bind: From<Vec<T>>,
    {
        self.any_as(before, values, "", after);
    }

    /// Like [`Self::any`] with the values cast: `before = any(values::type[])after`.
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
                    .sql(" = ")
                    .append(one_of(values, cast))
                    .sql(after),
            );
        }
    }

    /// Returns all conditions as one.
    pub fn all(self) -> Statement {
        let mut conditions = self.into_list();
        let first = conditions.next().unwrap_or_else(|| Statement::new("true"));
        match conditions.len() {
            0 => first,
            _ => conditions.fold(Statement::new("(").append(first).sql(")"), |all, condition| {
                all.sql(" and (").append(condition).sql(")")
            }),
        }
    }

    /// Returns the where clause of the conditions.
    pub fn into_where(self) -> Statement {
        let mut clause = Statement::new(" where true");
        for condition in self.into_list() {
            clause = clause.sql(" and (").append(condition).sql(")");
        }
        clause
    }
}

fn either(one: Statement, other: Statement) -> Statement {
    Statement::new("(")
        .append(one)
        .sql(") or (")
        .append(other)
        .sql(")")
}

/// Returns the right side of `= any(values)`. One value is written as such: PostgreSQL reads an index in its order for a value, and
/// not for an array.
pub fn one_of<T>(values: Vec<T>, cast: &'static str) -> Statement
where
    crate::db::Bind: From<Vec<T>>,
{
    let (before, after) = if values.len() == 1 {
        ("(", ")[1]")
    } else {
        ("any(", ")")
    };
    Statement::new(before).bind(values).sql(cast).sql(after)
}
