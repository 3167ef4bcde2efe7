//! Schemas `as_of_bi` and `as_of_store`, for the functions of schema `bi` that take known_at. `as_of_bi` has some views of
//! schema `bi`, made from the same texts on the mirrors in schema `as_of`. `as_of_store` has the selects of the refresh as
//! views: what `bi_store` keeps is computed for each query.

use diesel::result::QueryResult;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};

use crate::db::additions::{Additions, StoredSelect};
use crate::db::template::{TemplateError, replace_schema};

/// The views and functions of the contract that are made once more, in the order in which they are built.
const AGAIN: &[(&str, &str)] = &[
    ("actors", include_str!("../../sql/bi/actors.sql")),
    ("relationships", include_str!("../../sql/bi/relationships.sql")),
    ("sanctions", include_str!("../../sql/bi/sanctions.sql")),
    (
        "diplomatic_actions",
        include_str!("../../sql/bi/diplomatic_actions.sql"),
    ),
    (
        "sanctions_in_force",
        include_str!("../../sql/bi/sanctions_in_force.sql"),
    ),
    (
        "relationships_holding",
        include_str!("../../sql/bi/relationships_holding.sql"),
    ),
];

/// Returns the texts of this folder that the schemas are made of, for the digest of what is built.
pub fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    AGAIN.iter().copied()
}

/// Builds both schemas, where schema `as_of` is there and first in the search path.
///
/// # Errors
/// If a text lacks what is to be replaced in it, or PostgreSQL refuses a statement.
pub async fn build(connection: &mut AsyncPgConnection, additions: &Additions) -> QueryResult<()> {
    let mut statements = String::from(
        "create schema as_of_store;
         comment on schema as_of_store is 'What schema bi_store keeps, computed as of the moment of the read: for schema as_of_bi';
         create schema as_of_bi;
         comment on schema as_of_bi is 'Views of schema bi as of the moment that demarche.known_at names: for the functions of schema bi that take known_at';
        ",
    );
    for select in &additions.selects {
        let made = stored(select).map_err(|error| wrong(select.table, &error))?;
        statements.push_str(&made);
    }
    // No actor is younger than this refresh: one that has no row in actor_states has no state.
    statements.push_str(
        "create view as_of_store.refreshes as
           select 'actor_states'::text as stored_table, '9999-12-31 00:00:00+00'::timestamptz as as_of;
         comment on view as_of_store.refreshes is 'What is computed for each query is never behind';\n",
    );
    for (name, text) in AGAIN {
        let made = as_of_text(text).map_err(|error| wrong(name, &error))?;
        statements.push_str(&made);
    }
    statements.push_str(
        "revoke execute on function as_of_bi.sanctions_in_force(date), as_of_bi.relationships_holding(date) from public;\n",
    );
    connection.batch_execute(&statements).await
}

/// Returns the statements that make a view of schema `as_of_store`. A function has its select, so that the select is run
/// once however the view is joined.
fn stored(select: &StoredSelect) -> Result<String, TemplateError> {
    let (name, select) = (select.table, select.as_of()?);
    Ok(format!(
        "create function as_of_store.{name}_as_of() returns setof bi_store.{name}
         language plpgsql stable rows 1000
         set search_path = pg_catalog, as_of, pg_temp
         as $$ begin return query {select}; end $$;
         revoke execute on function as_of_store.{name}_as_of() from public;
         comment on function as_of_store.{name}_as_of() is 'What a refresh would put into bi_store.{name}, as of the moment';
         create view as_of_store.{name} as select * from as_of_store.{name}_as_of();
         comment on view as_of_store.{name} is 'The table of that name of schema bi_store, as of the moment';\n"
    ))
}

/// Returns a text of schema `bi` for schema `as_of_bi`. Each creates something in its schema, and some read `bi_store`.
fn as_of_text(text: &str) -> Result<String, TemplateError> {
    let text = replace_schema(text, "bi", "as_of_bi")?;
    Ok(replace_schema(&text, "bi_store", "as_of_store").unwrap_or(text))
}

fn wrong(name: &str, error: &TemplateError) -> diesel::result::Error {
    diesel::result::Error::QueryBuilderError(format!("{name}: {error}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_of_the_contract_is_made_for_as_of_reads() {
        for (name, text) in AGAIN {
            let made = as_of_text(text).expect("it names its schema");

            assert!(made.contains(&format!(" as_of_bi.{name}")), "{made}");
            assert!(!made.contains(" bi.") && !made.contains("bi_store."), "{made}");
        }
    }
}
