//! The contract of schema `bi`: its views and functions, in files of their own, dropped before migrations and
//! built again after them, because a column can't be altered while a view uses it.

use diesel::QueryableByName;
use diesel::result::QueryResult;
use diesel::sql_types;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use sha2::{Digest, Sha256};

use crate::db::Statement;
use crate::db::additions::Additions;
use crate::db::{as_of_schema, functions};

/// The version of the contract that docs/bi.md promises: the first number moves when a dashboard may
/// break, the second when something is added.
pub const CONTRACT_VERSION: &str = "2.0";

/// The views, in the order in which they are built.
pub const VIEWS: &[(&str, &str)] = &[
    ("actors", include_str!("../../sql/bi/actors.sql")),
    ("actor_names", include_str!("../../sql/bi/actor_names.sql")),
    (
        "actor_countries",
        include_str!("../../sql/bi/actor_countries.sql"),
    ),
    (
        "actor_identifiers",
        include_str!("../../sql/bi/actor_identifiers.sql"),
    ),
    (
        "actor_addresses",
        include_str!("../../sql/bi/actor_addresses.sql"),
    ),
    ("relationships", include_str!("../../sql/bi/relationships.sql")),
    ("programmes", include_str!("../../sql/bi/programmes.sql")),
    ("sanctions", include_str!("../../sql/bi/sanctions.sql")),
    (
        "sanction_measures",
        include_str!("../../sql/bi/sanction_measures.sql"),
    ),
    (
        "sanction_grounds",
        include_str!("../../sql/bi/sanction_grounds.sql"),
    ),
    (
        "sanction_objectives",
        include_str!("../../sql/bi/sanction_objectives.sql"),
    ),
    (
        "sanction_programmes",
        include_str!("../../sql/bi/sanction_programmes.sql"),
    ),
    (
        "diplomatic_actions",
        include_str!("../../sql/bi/diplomatic_actions.sql"),
    ),
    (
        "action_participants",
        include_str!("../../sql/bi/action_participants.sql"),
    ),
    ("action_links", include_str!("../../sql/bi/action_links.sql")),
    (
        "action_countries",
        include_str!("../../sql/bi/action_countries.sql"),
    ),
    ("claims", include_str!("../../sql/bi/claims.sql")),
    ("citations", include_str!("../../sql/bi/citations.sql")),
    ("sources", include_str!("../../sql/bi/sources.sql")),
    ("properties", include_str!("../../sql/bi/properties.sql")),
    ("external_keys", include_str!("../../sql/bi/external_keys.sql")),
    ("calendar", include_str!("../../sql/bi/calendar.sql")),
    ("countries", include_str!("../../sql/bi/countries.sql")),
    ("actor_kinds", include_str!("../../sql/bi/actor_kinds.sql")),
    (
        "relationship_kinds",
        include_str!("../../sql/bi/relationship_kinds.sql"),
    ),
    (
        "identifier_schemes",
        include_str!("../../sql/bi/identifier_schemes.sql"),
    ),
    ("measures", include_str!("../../sql/bi/measures.sql")),
    ("grounds", include_str!("../../sql/bi/grounds.sql")),
    ("objectives", include_str!("../../sql/bi/objectives.sql")),
    ("action_types", include_str!("../../sql/bi/action_types.sql")),
    ("cameo_codes", include_str!("../../sql/bi/cameo_codes.sql")),
    ("property_names", include_str!("../../sql/bi/property_names.sql")),
    ("dyad_month", include_str!("../../sql/bi/dyad_month.sql")),
    ("dyad_tension", include_str!("../../sql/bi/dyad_tension.sql")),
    (
        "dyad_tension_month",
        include_str!("../../sql/bi/dyad_tension_month.sql"),
    ),
    (
        "escalation_chains",
        include_str!("../../sql/bi/escalation_chains.sql"),
    ),
    ("sanction_panel", include_str!("../../sql/bi/sanction_panel.sql")),
    (
        "counter_sanctions",
        include_str!("../../sql/bi/counter_sanctions.sql"),
    ),
    (
        "coordinated_sanctions",
        include_str!("../../sql/bi/coordinated_sanctions.sql"),
    ),
    ("freshness", include_str!("../../sql/bi/freshness.sql")),
    ("enumerations", include_str!("../../sql/bi/enumerations.sql")),
    (
        "data_dictionary",
        include_str!("../../sql/bi/data_dictionary.sql"),
    ),
];

/// The functions; built after the views that they return rows of. No two have one name.
pub const FUNCTIONS: &[(&str, &str)] = &[
    (
        "sanctions_in_force",
        include_str!("../../sql/bi/sanctions_in_force.sql"),
    ),
    (
        "relationships_holding",
        include_str!("../../sql/bi/relationships_holding.sql"),
    ),
    (
        "sanctions_as_of",
        include_str!("../../sql/bi/sanctions_as_of.sql"),
    ),
    (
        "relationships_as_of",
        include_str!("../../sql/bi/relationships_as_of.sql"),
    ),
    ("actors_as_of", include_str!("../../sql/bi/actors_as_of.sql")),
    (
        "diplomatic_actions_as_of",
        include_str!("../../sql/bi/diplomatic_actions_as_of.sql"),
    ),
];

/// How the comment of schema bi begins.
const ABOUT: &str = "What BI tools read: documented, stable, read-only";

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

/// What the comment of schema `bi` notes of the contract in the database.
pub struct Built {
    views: Vec<String>,
    functions: Vec<String>,
    /// Digest of the contract as PostgreSQL had it when it was built; `None` if the program was older than that note.
    noted: Option<String>,
    digest: String,
}

impl Built {
    /// Returns whether the contract of this program is what was built.
    pub fn is_current(&self, additions: &Additions) -> bool {
        self.digest == digest(additions)
    }

    /// Returns whether the contract in the database is still what was built: nothing of it was dropped or replaced.
    ///
    /// # Errors
    /// If PostgreSQL refuses the statement.
    pub async fn stands(&self, connection: &mut AsyncPgConnection) -> QueryResult<bool> {
        let rows: Vec<NameRow> = standing().load(connection).await?;
        let stands = rows.iter().any(|row| self.was_noted_as(&row.name));
        if !stands && self.noted.is_some() {
            tracing::warn!("views or functions of schema bi are not what was built there");
        }
        Ok(stands)
    }

    /// Returns whether a digest of the contract as PostgreSQL has it is the one that was noted when it was built.
    pub fn was_noted_as(&self, standing: &str) -> bool {
        self.noted.as_deref() == Some(standing)
    }

    /// Returns what a comment of schema bi notes; `None` if it is not one that this program writes.
    pub fn parse(note: &str) -> Option<Self> {
        let (about, digest) = note.split_once("; built from ")?;
        let names = |kind: &str| {
            about
                .split("; ")
                .find_map(|part| part.strip_prefix(kind))
                .unwrap_or_default()
                .split(", ")
                .filter(|name| {
                    !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'))
                })
                .map(str::to_owned)
                .collect()
        };
        Some(Self {
            views: names("views "),
            functions: names("functions "),
            noted: about
                .split("; ")
                .find_map(|part| part.strip_prefix("stands as "))
                .map(str::to_owned),
            digest: digest.to_owned(),
        })
    }
}

fn digest(additions: &Additions) -> String {
    let mut digest = Sha256::new();
    digest.update(CONTRACT_VERSION.as_bytes());
    let mut add = |name: &str, sql: &str| {
        digest.update([0]);
        digest.update(name.as_bytes());
        digest.update([0]);
        digest.update(sql.as_bytes());
    };
    for (name, sql) in VIEWS
        .iter()
        .chain(FUNCTIONS)
        .copied()
        .chain(as_of_schema::texts())
    {
        add(name, sql);
    }
    for select in &additions.selects {
        add(select.table, select.template);
    }
    add("whole_documents", &additions.whole_documents.join(","));
    for (name, sql) in functions::texts(additions) {
        add(&name, &sql);
    }
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn names(parts: &[(&'static str, &str)]) -> Vec<&'static str> {
    parts.iter().map(|(name, _)| *name).collect()
}

/// Selects the comment of schema `bi`, if it has one.
pub const NOTE: &str = "select obj_description(oid, 'pg_namespace') as name from pg_namespace \
     where nspname = 'bi' and obj_description(oid, 'pg_namespace') is not null";

/// Returns the statement that selects a digest of the contract as PostgreSQL has it. It sets the search path for the rest of
/// its transaction.
pub fn standing() -> Statement {
    let owned = |parts| names(parts).into_iter().map(str::to_owned).collect::<Vec<_>>();
    Statement::new("with contract as materialized (select ")
        .bind(owned(VIEWS))
        .sql("::text[] as views, ")
        .bind(owned(FUNCTIONS))
        .sql("::text[] as functions, ")
        .sql(include_str!("standing_contract.sql"))
}

/// Returns what is built in the database; `None` if no version of Demarche built it.
///
/// # Errors
/// If PostgreSQL refuses the statement.
pub async fn built(connection: &mut AsyncPgConnection) -> QueryResult<Option<Built>> {
    let rows: Vec<NameRow> = diesel::sql_query(NOTE).load(connection).await?;
    Ok(rows.into_iter().next().and_then(|row| Built::parse(&row.name)))
}

/// The views and functions of the contract, those of the program that built them included.
pub struct Contract {
    views: Vec<String>,
    functions: Vec<String>,
    /// The functions of schema public that the program built that migrated last.
    functions_built: Vec<String>,
}

impl Contract {
    /// Returns the contract of this program together with what was built before; `None` if nothing was.
    pub fn with(built: Option<Built>, functions_built: Vec<String>) -> Self {
        let (mut views, mut functions) = built
            .map(|built| (built.views, built.functions))
            .unwrap_or_default();
        views.extend(names(VIEWS).into_iter().map(str::to_owned));
        functions.extend(names(FUNCTIONS).into_iter().map(str::to_owned));
        for names in [&mut views, &mut functions] {
            names.sort_unstable();
            names.dedup();
        }
        Self {
            views,
            functions,
            functions_built,
        }
    }

    /// The names of the functions of schema public that an earlier program built.
    pub fn functions_built(&self) -> &[String] {
        &self.functions_built
    }

    /// Returns the objects outside the contract that depend on it, in schema `bi` or in others.
    ///
    /// # Errors
    /// If PostgreSQL refuses the statement.
    pub async fn dependents(&self, connection: &mut AsyncPgConnection) -> QueryResult<Vec<String>> {
        let rows: Vec<NameRow> = diesel::sql_query(include_str!("dependents_of_views.sql"))
            .bind::<sql_types::Array<sql_types::Text>, _>(&self.views)
            .bind::<sql_types::Array<sql_types::Text>, _>(&self.functions)
            .load(connection)
            .await?;
        Ok(rows.into_iter().map(|row| row.name).collect())
    }

    /// Drops the contract, without CASCADE, so that nothing else is dropped.
    ///
    /// # Errors
    /// If another object depends on the contract, or a lock is not granted in time.
    pub async fn drop(&self, connection: &mut AsyncPgConnection) -> QueryResult<()> {
        let functions: Vec<NameRow> = diesel::sql_query(
            "select function.oid::regprocedure::text as name from pg_proc as function \
             join pg_namespace as home on home.oid = function.pronamespace \
             where home.nspname = 'bi' and function.proname::text = any ($1)",
        )
        .bind::<sql_types::Array<sql_types::Text>, _>(&self.functions)
        .load(connection)
        .await?;
        let views: Vec<String> = self.views.iter().map(|name| format!("bi.{name}")).collect();
        let mut statements = format!("drop view if exists {}", views.join(", "));
        if !functions.is_empty() {
            let functions: Vec<String> = functions.into_iter().map(|row| row.name).collect();
            statements = format!("drop function {}; {statements}", functions.join(", "));
        }
        connection.batch_execute(&statements).await?;
        as_of_schema::drop(connection).await
    }
}

/// Notes in the comment of schema `bi` what was built: the last statement of the transaction that builds it.
///
/// # Errors
/// If PostgreSQL refuses a statement.
pub async fn note(connection: &mut AsyncPgConnection, additions: &Additions) -> QueryResult<()> {
    let standing: Vec<NameRow> = standing().load(connection).await?;
    let standing: String = standing.into_iter().map(|row| row.name).collect();
    connection
        .batch_execute(&format!(
            "comment on schema bi is '{ABOUT}; contract {CONTRACT_VERSION}; views {}; functions {}; \
             stands as {standing}; built from {}'",
            names(VIEWS).join(", "),
            names(FUNCTIONS).join(", "),
            digest(additions)
        ))
        .await
}

/// Builds the contract in a database that has nothing of it.
///
/// # Errors
/// If PostgreSQL refuses a statement of a view or function, or a part of schema `as_of` would read a table of the present.
pub async fn build(connection: &mut AsyncPgConnection, additions: &Additions) -> QueryResult<()> {
    connection.batch_execute("create schema if not exists bi").await?;
    as_of_schema::build(connection, additions).await?;
    // Functions of schema public are built unchecked. Here a function whose columns are not those of its view must fail.
    connection
        .batch_execute("set local check_function_bodies = on")
        .await?;
    for (_, sql) in VIEWS.iter().chain(FUNCTIONS) {
        connection.batch_execute(sql).await?;
    }
    // PostgreSQL lets PUBLIC execute a new function.
    let functions: Vec<String> = names(FUNCTIONS).iter().map(|name| format!("bi.{name}")).collect();
    let functions = functions.join(", ");
    connection
        .batch_execute(&format!(
            "revoke execute on function {functions} from public;
             do $$
             declare reader constant text := current_database() || '_bi';
             begin
               if exists (select from pg_roles where rolname = reader) then
                 execute format('grant execute on function {functions} to %I', reader);
               end if;
             end $$"
        ))
        .await
}
