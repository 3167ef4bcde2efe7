//! The functions of schema `public`: one a file in `sql/functions`, those of `plain_name` and `clean_text`, and those that layers above add. They
//! are code, not data: `migrate` replaces all of them. It does so before the first migration, because tables and migrations use them, and
//! leaves out those that need what a later migration creates: it tries these again before each. After the last migration all must be built.

use std::collections::HashSet;

use diesel::QueryableByName;
use diesel::result::QueryResult;
use diesel::sql_types::{Array, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::db::additions::Additions;
use crate::db::{clean_text, plain_name};

/// The files of `sql/functions`: the name of a function, and the statements that create it.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/functions.rs"));

/// A function that could not be built, and why.
#[derive(Debug, QueryableByName)]
pub struct Failed {
    /// The name of the function.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// What PostgreSQL says.
    #[diesel(sql_type = Text)]
    pub error: String,
}

/// Returns the functions, each with the statements that create or replace it.
pub fn texts(additions: &Additions) -> Vec<(String, String)> {
    let files = FILES
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    files
        .chain([plain_name::function()])
        .chain(clean_text::functions())
        .chain(additions.functions.iter().cloned())
        .collect()
}

/// Creates or replaces all functions, and drops the versions of them that have other arguments. Returns those that need
/// something that is not there.
///
/// # Errors
/// If a statement fails in another way: a syntax error in a file, for example.
pub async fn build(connection: &mut AsyncPgConnection, additions: &Additions) -> QueryResult<Vec<Failed>> {
    build_texts(connection, texts(additions)).await
}

/// Creates or replaces the functions that could not be built before the last migration, and those that it dropped. Returns those that
/// still need something that is not there.
///
/// # Errors
/// Those of [`build`].
pub async fn build_rest(
    connection: &mut AsyncPgConnection,
    additions: &Additions,
    failed: &[Failed],
) -> QueryResult<Vec<Failed>> {
    let present: Vec<Found> = diesel::sql_query(
        "select function.proname::text as name from pg_proc as function \
         where function.pronamespace = 'public'::regnamespace",
    )
    .load(connection)
    .await?;
    let present: HashSet<&str> = present.iter().map(|found| found.name.as_str()).collect();
    let rest = texts(additions).into_iter().filter(|(name, _)| {
        failed.iter().any(|failed| failed.name == *name) || !present.contains(name.as_str())
    });
    build_texts(connection, rest.collect()).await
}

async fn build_texts(
    connection: &mut AsyncPgConnection,
    texts: Vec<(String, String)>,
) -> QueryResult<Vec<Failed>> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    connection
        .batch_execute("set local check_function_bodies = off; set local client_min_messages = warning")
        .await?;
    connection
        .batch_execute(include_str!("build_functions.sql"))
        .await?;
    let (names, definitions): (Vec<String>, Vec<String>) = texts.into_iter().unzip();
    let failed = diesel::sql_query("select name, error from pg_temp.build_functions($1, $2)")
        .bind::<Array<Text>, _>(names)
        .bind::<Array<Text>, _>(definitions)
        .load(connection)
        .await?;
    connection
        .batch_execute("drop function pg_temp.build_functions(text[], text[])")
        .await?;
    Ok(failed)
}

/// Drops the functions that an earlier program built and this one does not have.
///
/// # Errors
/// If something depends on such a function.
pub async fn drop_removed(
    connection: &mut AsyncPgConnection,
    additions: &Additions,
    built: &[String],
) -> QueryResult<()> {
    let texts = texts(additions);
    let removed: Vec<&String> = built
        .iter()
        .filter(|name| !texts.iter().any(|(present, _)| present == *name))
        .collect();
    if removed.is_empty() {
        return Ok(());
    }
    let found: Vec<Found> = diesel::sql_query(
        "select function.oid::regprocedure::text as name from pg_proc as function \
         where function.pronamespace = 'public'::regnamespace and function.proname::text = any ($1)",
    )
    .bind::<Array<Text>, _>(removed)
    .load(connection)
    .await?;
    for function in found {
        connection
            .batch_execute(&format!("drop routine {}", function.name))
            .await?;
    }
    Ok(())
}

/// Replaces the functions that each registered kind of record has of its own, where kinds are registered.
///
/// # Errors
/// If PostgreSQL refuses a statement.
pub async fn build_for_records(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    connection
        .batch_execute("select build_record_functions(resource) from record_kinds order by resource")
        .await
}

#[derive(QueryableByName)]
struct Found {
    /// With the types of its arguments where it is dropped
    #[diesel(sql_type = Text)]
    name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_creates_the_function_of_its_name() {
        assert!(FILES.len() > 50);
        for (name, text) in FILES {
            let creates = ["function", "aggregate"]
                .iter()
                .any(|kind| text.contains(&format!("create or replace {kind} {name}(")));
            assert!(creates, "{name}.sql does not create or replace {name}");
            assert_eq!(
                text.matches("create or replace ").count() - nested(name),
                1,
                "{name}.sql creates others too"
            );
        }
    }

    /// How often a file says `create or replace` in the text of functions and triggers that its function makes.
    fn nested(name: &str) -> usize {
        match name {
            "build_record_functions" => 3,
            "register_child" => 1,
            "register_properties" => 2,
            _ => 0,
        }
    }
}
