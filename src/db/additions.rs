//! What the layers above this one add to the schema. Migrating gets it as a value, so that nothing here names a kind of
//! record or reads a file of a folder above.

use crate::db::template::{self, TemplateError};

/// What the kinds of records and the refresh of schema `bi_store` add to the files of `sql/`.
#[derive(Debug)]
pub struct Additions {
    /// Functions of schema `public`: the name of each, and the statements that create or replace it.
    pub functions: Vec<(String, String)>,
    /// The tables whose documents are the whole response, because their records name no other record. The mirrors of these
    /// tables have the document as a column.
    pub whole_documents: Vec<&'static str>,
    /// Selects of the refresh that schema `as_of_store` has as views, each after those that it reads.
    pub selects: Vec<StoredSelect>,
}

/// The select of the rows that a table of schema `bi_store` should have. A refresh stores the rows of the records that
/// changed; an as-of read computes the rows of all records.
///
/// | placeholder | in a refresh | in an as-of read |
/// | --- | --- | --- |
/// | `{store}` | `bi_store` | `as_of_store` |
/// | `{changed_actors:x}`, `{changed_sanctions:x}` | a join that leaves only records that changed; `x` is the id | nothing |
#[derive(Debug, Clone, Copy)]
pub struct StoredSelect {
    /// The name of the table.
    pub table: &'static str,
    /// The select, with placeholders.
    pub template: &'static str,
}

impl StoredSelect {
    /// Returns the select of a refresh.
    ///
    /// # Errors
    /// If the template has another placeholder.
    pub fn of_changed(&self) -> Result<String, TemplateError> {
        self.render("bi_store", |table, id| {
            format!("join {table} as changed on changed.id = {id}")
        })
    }

    /// Returns the select of an as-of read.
    ///
    /// # Errors
    /// If the template has another placeholder.
    pub fn as_of(&self) -> Result<String, TemplateError> {
        self.render("as_of_store", |_, _| String::new())
    }

    fn render(
        &self,
        store: &str,
        join_changed: impl Fn(&str, &str) -> String,
    ) -> Result<String, TemplateError> {
        template::expand(self.template, |name, argument| match name {
            "store" => Some(store.to_owned()),
            "changed_actors" | "changed_sanctions" => Some(join_changed(name, argument)),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SELECT: StoredSelect = StoredSelect {
        table: "actor_states",
        template: "select from {store}.actor_ties as tie {changed_actors:tie.actor_id}",
    };

    #[test]
    fn a_refresh_selects_what_changed_and_an_as_of_read_everything() {
        assert_eq!(
            SELECT.of_changed().as_deref(),
            Ok(
                "select from bi_store.actor_ties as tie join changed_actors as changed on changed.id = tie.actor_id"
            )
        );
        assert_eq!(
            SELECT.as_of().as_deref(),
            Ok("select from as_of_store.actor_ties as tie ")
        );
    }
}
