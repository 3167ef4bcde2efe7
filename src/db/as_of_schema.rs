//! Schema `known`: the registry as it was known at a moment, as views of the names and columns of the tables, made of
//! revisions. Who reads with this schema first in `search_path`, and `demarche.known_at` set, asks the questions of the
//! present of the past, in the same words. Like the contract of schema `bi` it holds no data and is built after migrating.

use diesel::QueryableByName;
use diesel::result::QueryResult;
use diesel::sql_types;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::db::as_of_bi;

/// The tables that have a view here, in the order in which the views are built.
pub const VIEWS: &[(&str, &str)] = &[
    // Others read this one.
    (
        "identifier_schemes",
        include_str!("../../sql/as_of/identifier_schemes.sql"),
    ),
    ("countries", include_str!("../../sql/as_of/countries.sql")),
    ("actor_kinds", include_str!("../../sql/as_of/actor_kinds.sql")),
    (
        "relationship_kinds",
        include_str!("../../sql/as_of/relationship_kinds.sql"),
    ),
    ("measures", include_str!("../../sql/as_of/measures.sql")),
    ("grounds", include_str!("../../sql/as_of/grounds.sql")),
    ("objectives", include_str!("../../sql/as_of/objectives.sql")),
    ("cameo_codes", include_str!("../../sql/as_of/cameo_codes.sql")),
    ("action_types", include_str!("../../sql/as_of/action_types.sql")),
    ("actors", include_str!("../../sql/as_of/actors.sql")),
    ("merged_actors", include_str!("../../sql/as_of/merged_actors.sql")),
    ("actor_names", include_str!("../../sql/as_of/actor_names.sql")),
    (
        "actor_countries",
        include_str!("../../sql/as_of/actor_countries.sql"),
    ),
    (
        "actor_identifiers",
        include_str!("../../sql/as_of/actor_identifiers.sql"),
    ),
    ("sources", include_str!("../../sql/as_of/sources.sql")),
    ("programmes", include_str!("../../sql/as_of/programmes.sql")),
    ("relationships", include_str!("../../sql/as_of/relationships.sql")),
    (
        "diplomatic_actions",
        include_str!("../../sql/as_of/diplomatic_actions.sql"),
    ),
    (
        "action_countries",
        include_str!("../../sql/as_of/action_countries.sql"),
    ),
    (
        "action_participants",
        include_str!("../../sql/as_of/action_participants.sql"),
    ),
    ("action_links", include_str!("../../sql/as_of/action_links.sql")),
    ("sanctions", include_str!("../../sql/as_of/sanctions.sql")),
    (
        "sanction_programmes",
        include_str!("../../sql/as_of/sanction_programmes.sql"),
    ),
    (
        "sanction_measures",
        include_str!("../../sql/as_of/sanction_measures.sql"),
    ),
    (
        "sanction_grounds",
        include_str!("../../sql/as_of/sanction_grounds.sql"),
    ),
    (
        "sanction_objectives",
        include_str!("../../sql/as_of/sanction_objectives.sql"),
    ),
    ("citations", include_str!("../../sql/as_of/citations.sql")),
    ("external_keys", include_str!("../../sql/as_of/external_keys.sql")),
];

/// What the views stand on, and what stands on them.
const MOMENT: &str = include_str!("../../sql/as_of/moment.sql");
const SETTLED: &str = include_str!("../../sql/as_of/settled.sql");
const FUNCTIONS: &str = include_str!("../../sql/as_of/functions.sql");

const ABOUT: &str = "The registry as it was known at the moment that demarche.known_at names: views with the names and columns \
     of the tables of schema public, and the functions that read them. For the server, and for the functions of schema bi that \
     take known_at";

#[derive(QueryableByName)]
struct PathRow {
    #[diesel(sql_type = sql_types::Text)]
    path: String,
}

/// All texts, of which the digest of what is built is made.
pub fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    [("moment", MOMENT), ("settled", SETTLED), ("functions", FUNCTIONS)]
        .into_iter()
        .chain(VIEWS.iter().copied())
        .chain(as_of_bi::texts())
}

/// Drops the schema, and those that stand on it. They are the registry's own, and nobody else has a right to them.
pub async fn drop(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    connection
        .batch_execute("set local client_min_messages = warning; drop schema if exists as_of_bi, as_of_store, as_of cascade; reset client_min_messages")
        .await
}

/// Builds the schema where it is not, and those that stand on it.
pub async fn build(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    let before: Vec<PathRow> = diesel::sql_query("select current_setting('search_path') as path")
        .load(connection)
        .await?;
    connection
        .batch_execute(&format!(
            "create schema as_of; comment on schema as_of is '{ABOUT}'; set local search_path = as_of, public"
        ))
        .await?;
    connection.batch_execute(MOMENT).await?;
    connection.batch_execute(SETTLED).await?;
    for (_, sql) in VIEWS {
        connection.batch_execute(sql).await?;
    }
    connection.batch_execute(FUNCTIONS).await?;
    as_of_bi::build(connection).await?;
    for path in before {
        diesel::sql_query("select set_config('search_path', $1, true)")
            .bind::<sql_types::Text, _>(path.path)
            .execute(connection)
            .await?;
    }
    Ok(())
}
