//! Schema `as_of`: the registry as it was recorded at a moment. It has a view for each registered table, with the names and
//! columns of the table, made of revisions; and the functions of schema `public` that reads use. A connection whose search
//! path is this schema, and that sets `demarche.known_at`, reads as of that moment with the statements of the present. A
//! table that has no mirror does not exist there, and a read without a moment is an error. Like schema `bi` this one holds no
//! data and is built after migrating.

use diesel::QueryableByName;
use diesel::result::QueryResult;
use diesel::sql_types;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::db::additions::Additions;
use crate::db::{as_of_bi, functions};

/// The tables of schema `public` that have no view in this schema, with the reason.
pub const WITHOUT_MIRROR: &[(&str, &str)] = &[
    ("__diesel_schema_migrations", "diesel's own"),
    ("chain_head", "the state of the sequencer"),
    ("idempotency_keys", "kept for a day, of no record"),
    ("loads", "of the installation, of no record"),
    ("locks", "what transactions lock"),
    ("merge_gains", "what undoing a merge needs"),
    ("merge_moves", "what undoing a merge needs"),
    ("outbox", "what waits for the sequencer"),
    ("record_children", "says which tables have a mirror"),
    ("record_kinds", "says which tables have a mirror"),
    ("search_texts", "read through current_search_texts"),
    ("secrets", "of the installation, of no record"),
    ("tokens", "checked as they are now"),
    ("users", "checked as they are now"),
];

/// The texts in the order in which they are built.
const TEXTS: &[(&str, &str)] = &[
    ("moment", include_str!("../../sql/as_of/moment.sql")),
    ("settled", include_str!("../../sql/as_of/settled.sql")),
    ("history", include_str!("../../sql/as_of/history.sql")),
    ("mirrors", include_str!("../../sql/as_of/mirrors.sql")),
    ("merged_actors", include_str!("../../sql/as_of/merged_actors.sql")),
    ("search_texts", include_str!("../../sql/as_of/search_texts.sql")),
    ("functions", include_str!("../../sql/as_of/functions.sql")),
    (
        "action_links_to",
        include_str!("../../sql/as_of/action_links_to.sql"),
    ),
    (
        "records_that_had",
        include_str!("../../sql/as_of/records_that_had.sql"),
    ),
];

/// Raises if a read as of a moment would be answered from the present.
const CHECK: &str = include_str!("../../sql/as_of/check.sql");

const ABOUT: &str = "The registry as it was recorded at the moment that demarche.known_at names: views with the names and \
     columns of the tables of schema public, and functions. For the server, and for the functions of schema bi that take \
     known_at";
/// Where the comment of the schema lists the functions of schema `public` that were built with it.
const FUNCTIONS: &str = "; built with functions ";

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = sql_types::Text)]
    text: String,
}

/// Returns the texts of `sql/` that the schema is made of, for the digest of what is built.
pub fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEXTS
        .iter()
        .copied()
        .chain([("check", CHECK)])
        .chain(as_of_bi::texts())
}

/// Returns the names of the functions of schema `public` that the program built that migrated last.
///
/// # Errors
/// If PostgreSQL refuses the statement.
pub async fn functions_built(connection: &mut AsyncPgConnection) -> QueryResult<Vec<String>> {
    let notes: Vec<TextRow> = diesel::sql_query(
        "select obj_description(oid, 'pg_namespace') as text from pg_namespace \
         where nspname = 'as_of' and obj_description(oid, 'pg_namespace') is not null",
    )
    .load(connection)
    .await?;
    let names = notes
        .iter()
        .filter_map(|note| note.text.split_once(FUNCTIONS))
        .flat_map(|(_, names)| names.split(", "))
        .filter(|name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        });
    Ok(names.map(str::to_owned).collect())
}

/// Drops the schema and those that depend on it. No user has privileges on them.
///
/// # Errors
/// If PostgreSQL refuses a statement, or a lock is not granted in time.
pub async fn drop(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    connection
        .batch_execute(
            "set local client_min_messages = warning; \
             drop schema if exists as_of_bi, as_of_store, as_of cascade; reset client_min_messages",
        )
        .await
}

/// Builds the schema and those that depend on it, in a database that has none of them.
///
/// # Errors
/// If a part of it would read a table of the present, or PostgreSQL refuses a statement.
pub async fn build(connection: &mut AsyncPgConnection, additions: &Additions) -> QueryResult<()> {
    let before: Vec<TextRow> = diesel::sql_query("select current_setting('search_path') as text")
        .load(connection)
        .await?;
    let names: Vec<String> = functions::texts(additions)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    // Types are found in schema public; the check at the end finds whatever else was.
    connection
        .batch_execute(&format!(
            "create schema as_of; comment on schema as_of is '{ABOUT}{FUNCTIONS}{}'; \
             set local search_path = as_of, public",
            names.join(", ")
        ))
        .await?;
    diesel::sql_query("select set_config('demarche.whole_documents', $1, true)")
        .bind::<sql_types::Text, _>(additions.whole_documents.join(","))
        .execute(connection)
        .await?;
    for (_, text) in TEXTS {
        connection.batch_execute(text).await?;
    }
    as_of_bi::build(connection, additions).await?;
    connection.batch_execute(CHECK).await?;
    for path in before {
        diesel::sql_query("select set_config('search_path', $1, true)")
            .bind::<sql_types::Text, _>(path.text)
            .execute(connection)
            .await?;
    }
    Ok(())
}
