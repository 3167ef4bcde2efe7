//! What a resource's lists select, by what they are sorted, and what their filters demand.

use std::borrow::Cow;

use crate::db::Statement;

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

/// What a resource's lists select.
pub struct Selection {
    /// An expression that makes a record's JSON; may use `given.day`.
    pub record: Cow<'static, str>,
    /// The same of what was known at a moment, where a revision keeps all that is answered.
    pub record_of_the_past: Option<&'static str>,
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
    pub(super) fn id_type(&self) -> &'static str {
        self.sorts
            .iter()
            .find(|sort| sort.ascending == self.id)
            .map_or("uuid", |sort| sort.sql_type)
    }
}

/// Conditions that a list's filters put on its records.
#[derive(Debug, Default, Clone)]
pub struct Conditions(pub(super) Vec<Statement>);

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

    pub(super) fn into_where(self) -> Statement {
        let mut clause = Statement::new(" where true");
        for condition in self.0 {
            clause = clause.sql(" and (").append(condition).sql(")");
        }
        clause
    }
}
