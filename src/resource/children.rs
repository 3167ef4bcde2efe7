//! The lists of a record, each stored in a table of its own with a row for each element.

use uuid::Uuid;

use crate::db::{Bind, Statement, Write};
use crate::error::Result;
use crate::resource::Kind;

/// One list of a record as it is stored: a table, and the values of its columns in the order of the elements.
#[derive(Debug, PartialEq)]
pub struct ChildRows {
    table: &'static str,
    length: usize,
    columns: Vec<Column>,
    /// A column computed from another table: its name, its expression and the join.
    lookup: Option<(&'static str, &'static str, &'static str)>,
}

#[derive(Debug, PartialEq)]
struct Column {
    name: &'static str,
    /// The type that the texts are cast to, as `::type`; empty if they are not cast.
    cast: &'static str,
    values: Bind,
}

impl ChildRows {
    /// Returns rows of `table`, without columns yet.
    pub const fn new(table: &'static str) -> Self {
        Self {
            table,
            length: 0,
            columns: Vec::new(),
            lookup: None,
        }
    }

    /// Adds a column of texts.
    pub fn texts<T: Into<Option<String>>>(
        self,
        name: &'static str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        self.texts_as(name, "", values)
    }

    /// Adds a column of texts with a cast such as `::name_kind`.
    pub fn texts_as<T: Into<Option<String>>>(
        self,
        name: &'static str,
        cast: &'static str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let values: Vec<Option<String>> = values.into_iter().map(Into::into).collect();
        self.column(name, cast, values.len(), values.into())
    }

    /// Adds a column of ids.
    pub fn ids<T: Into<Option<Uuid>>>(self, name: &'static str, values: impl IntoIterator<Item = T>) -> Self {
        let values: Vec<Option<Uuid>> = values.into_iter().map(Into::into).collect();
        self.column(name, "", values.len(), values.into())
    }

    fn column(mut self, name: &'static str, cast: &'static str, length: usize, values: Bind) -> Self {
        // `unnest` pads shorter arrays with NULL.
        assert!(
            self.columns.is_empty() || self.length == length,
            "{}.{name} has {length} values, the columns before it have {}",
            self.table,
            self.length
        );
        self.length = length;
        self.columns.push(Column { name, cast, values });
        self
    }

    /// Adds a column whose value comes from another table; `join` may read the columns of `element`.
    pub fn lookup(mut self, name: &'static str, expression: &'static str, join: &'static str) -> Self {
        self.lookup = Some((name, expression, join));
        self
    }

    /// Inserts the rows; the first gets the position `first`.
    pub(super) async fn insert(
        self,
        write: &mut Write<'_>,
        kind: Kind,
        id: Uuid,
        first: Statement,
    ) -> Result<()> {
        if self.length == 0 {
            return Ok(());
        }
        let (looked_up, expression, join) = self.lookup.unwrap_or(("", "", ""));
        let comma = if looked_up.is_empty() { "" } else { ", " };
        let mut names = String::new();
        let mut values = String::new();
        let mut aliases = String::new();
        for Column { name, cast, .. } in &self.columns {
            names.push_str(&format!(", \"{name}\""));
            values.push_str(&format!(", element.\"{name}\"{cast}"));
            aliases.push_str(&format!("\"{name}\", "));
        }
        let mut statement = Statement::new(format!(
            "insert into {} ({}, position{names}{comma}{looked_up}) select ",
            self.table,
            kind.column(),
        ))
        .bind(id)
        .sql(", ")
        .append(first)
        .sql(format!(
            " + element.ordinal - 1{values}{comma}{expression} from unnest("
        ));
        for (index, column) in self.columns.into_iter().enumerate() {
            statement = statement
                .sql(if index == 0 { "" } else { ", " })
                .bind(column.values);
        }
        statement = statement.sql(format!(") with ordinality as element ({aliases}ordinal) {join}"));
        write.execute(statement).await.map(drop)
    }
}

/// Writes the lists that differ from the list `before` of the same table, and leaves the others alone. `before` is empty for
/// a new record. Each table appears once.
///
/// # Errors
/// Those of [`Write::execute`]; a constraint that a row violates is named in the error.
pub async fn replace(
    write: &mut Write<'_>,
    kind: Kind,
    id: Uuid,
    before: &[ChildRows],
    after: Vec<ChildRows>,
) -> Result<()> {
    for rows in after {
        let known = before.iter().find(|known| known.table == rows.table);
        if known == Some(&rows) {
            continue;
        }
        if known.is_some_and(|known| known.length > 0) {
            let delete = format!("delete from {} where {} = ", rows.table, kind.column());
            write.execute(Statement::new(delete).bind(id)).await?;
        }
        rows.insert(write, kind, id, Statement::new("0")).await?;
    }
    Ok(())
}
