//! Brings the schema to what this program expects: migrations, then the views of schema `bi`, which
//! are dropped before and rebuilt after, because a view stands in the way of an altered column.

use diesel::QueryableByName;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::sql_types;
use diesel_async::{
    AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use sha2::{Digest, Sha256};

use crate::db::connect::{self, Target, Use};
use crate::db::{Db, Statement};
use crate::error::Result;

pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// The files of `views/`, in the order in which they are built.
pub const VIEWS: &[(&str, &str)] = &[
    ("actors", include_str!("../../views/actors.sql")),
    ("sanctions", include_str!("../../views/sanctions.sql")),
    (
        "diplomatic_actions",
        include_str!("../../views/diplomatic_actions.sql"),
    ),
    ("dyad_month", include_str!("../../views/dyad_month.sql")),
    ("dyad_tension", include_str!("../../views/dyad_tension.sql")),
    (
        "escalation_chains",
        include_str!("../../views/escalation_chains.sql"),
    ),
    ("sanction_panel", include_str!("../../views/sanction_panel.sql")),
    (
        "counter_sanctions",
        include_str!("../../views/counter_sanctions.sql"),
    ),
    (
        "coordinated_sanctions",
        include_str!("../../views/coordinated_sanctions.sql"),
    ),
    ("freshness", include_str!("../../views/freshness.sql")),
];

/// How the comment of schema bi begins.
const ABOUT_BI: &str = "What BI tools read: documented, stable, read-only";
/// A row where diesel has noted migrations already.
const MIGRATIONS_TABLE: &str =
    "select relname::text as name from pg_class where oid = to_regclass('public.__diesel_schema_migrations')";

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("the database can't be reached: {0}")]
    Connect(#[from] diesel::ConnectionError),
    #[error("a statement failed: {0}")]
    Statement(#[from] diesel::result::Error),
    #[error("a migration failed: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
    #[error("the database has migrations that this program does not know ({0}): run a newer demarche")]
    Newer(String),
    #[error(
        "objects outside the contract hang on views of schema bi and stand in the way: {0}; drop them or move them, then migrate again"
    )]
    Dependents(String),
    #[error("the task that migrates ended: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Migrated {
    pub migrations: Vec<String>,
    pub views_rebuilt: bool,
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

fn views_digest() -> String {
    let mut digest = Sha256::new();
    for (name, sql) in VIEWS {
        digest.update(name.as_bytes());
        digest.update([0]);
        digest.update(sql.as_bytes());
        digest.update([0]);
    }
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Names of the migrations that this program carries, oldest first.
pub fn known_versions() -> std::result::Result<Vec<String>, MigrateError> {
    let mut versions: Vec<String> = MigrationSource::<Pg>::migrations(&MIGRATIONS)
        .map_err(MigrateError::Migration)?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    versions.sort();
    Ok(versions)
}

/// Runs what is pending and rebuilds the views where either changed; does nothing otherwise.
pub async fn migrate(target: &Target) -> std::result::Result<Migrated, MigrateError> {
    let runtime = tokio::runtime::Handle::current();
    let mut connection = connect::on(&runtime, target.clone(), Use::Exclusive).await?;
    // One at a time; the lock goes with the connection.
    connection
        .batch_execute("set statement_timeout = 0; set lock_timeout = '5min'")
        .await?;
    diesel::sql_query("select pg_advisory_lock(hashtextextended('demarche migrate', 0))")
        .execute(&mut connection)
        .await?;
    connection.batch_execute("set lock_timeout = '10s'").await?;
    refuse_newer(&mut connection).await?;
    let pending = pending(&mut connection).await?;
    let digest = views_digest();
    let built = built(&mut connection).await?;
    if pending.is_empty() && built.as_ref().is_some_and(|built| built.digest == digest) {
        return Ok(Migrated::default());
    }
    drop_views(&mut connection, built.as_ref()).await?;
    let connection = if pending.is_empty() {
        connection
    } else {
        tokio::task::spawn_blocking(move || {
            let mut harness = AsyncMigrationHarness::new(connection);
            harness
                .run_pending_migrations(MIGRATIONS)
                .map_err(MigrateError::Migration)?;
            Ok::<_, MigrateError>(harness.into_inner())
        })
        .await??
    };
    let mut connection = connection;
    build_views(&mut connection, &digest).await?;
    Ok(Migrated {
        migrations: pending,
        views_rebuilt: true,
    })
}

/// Whether the schema is what this program expects.
pub async fn is_current(db: &Db) -> Result<bool> {
    let there: Vec<NameRow> = db.read(Statement::new(MIGRATIONS_TABLE)).await?;
    if there.is_empty() {
        return Ok(false);
    }
    let statement = Statement::new("select version as name from public.__diesel_schema_migrations");
    let applied: Vec<NameRow> = db.read(statement).await?;
    let known = known_versions().map_err(crate::error::Error::internal)?;
    Ok(known
        .iter()
        .all(|version| applied.iter().any(|row| &row.name == version)))
}

async fn applied(connection: &mut AsyncPgConnection) -> std::result::Result<Vec<String>, MigrateError> {
    let there: Vec<NameRow> = diesel::sql_query(MIGRATIONS_TABLE).load(connection).await?;
    if there.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<NameRow> =
        diesel::sql_query("select version as name from public.__diesel_schema_migrations")
            .load(connection)
            .await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

async fn pending(connection: &mut AsyncPgConnection) -> std::result::Result<Vec<String>, MigrateError> {
    let applied = applied(connection).await?;
    Ok(known_versions()?
        .into_iter()
        .filter(|version| !applied.contains(version))
        .collect())
}

async fn refuse_newer(connection: &mut AsyncPgConnection) -> std::result::Result<(), MigrateError> {
    let known = known_versions()?;
    let mut unknown: Vec<String> = applied(connection)
        .await?
        .into_iter()
        .filter(|version| !known.contains(version))
        .collect();
    unknown.sort();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(MigrateError::Newer(unknown.join(", ")))
    }
}

/// What the comment of schema bi notes of the views that are there.
struct Built {
    views: Vec<String>,
    digest: String,
}

async fn built(connection: &mut AsyncPgConnection) -> std::result::Result<Option<Built>, MigrateError> {
    let rows: Vec<NameRow> = diesel::sql_query(
        "select obj_description(oid, 'pg_namespace') as name from pg_namespace \
         where nspname = 'bi' and obj_description(oid, 'pg_namespace') is not null",
    )
    .load(connection)
    .await?;
    Ok(rows.into_iter().next().and_then(|row| {
        let (about, digest) = row.name.split_once("; built from ")?;
        let views = about.split_once("; views ").map_or("", |(_, views)| views);
        Some(Built {
            views: views
                .split(", ")
                .filter(|name| {
                    !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'))
                })
                .map(str::to_owned)
                .collect(),
            digest: digest.to_owned(),
        })
    }))
}

/// Drops the views of the contract, those of the program that built them included. No blind CASCADE: what
/// others hung on them, inside schema bi or out, is named.
async fn drop_views(
    connection: &mut AsyncPgConnection,
    built: Option<&Built>,
) -> std::result::Result<(), MigrateError> {
    let mut views: Vec<&str> = VIEWS.iter().map(|(name, _)| *name).collect();
    views.extend(built.iter().flat_map(|built| &built.views).map(String::as_str));
    views.sort_unstable();
    views.dedup();
    let dependents: Vec<NameRow> = diesel::sql_query(include_str!("dependents_of_views.sql"))
        .bind::<sql_types::Array<sql_types::Text>, _>(&views)
        .load(connection)
        .await?;
    if !dependents.is_empty() {
        let names: Vec<String> = dependents.into_iter().map(|row| row.name).collect();
        return Err(MigrateError::Dependents(names.join(", ")));
    }
    let named: Vec<String> = views.iter().map(|name| format!("bi.{name}")).collect();
    connection
        .transaction::<(), diesel::result::Error, _>(async |connection| {
            // Without the note too: were the migrations to fail, no program would take the views for built.
            connection
                .batch_execute(&format!(
                    "drop view if exists {};
                     do $$ begin
                       if exists (select from pg_namespace where nspname = 'bi') then
                         comment on schema bi is '{ABOUT_BI}';
                       end if;
                     end $$",
                    named.join(", ")
                ))
                .await
        })
        .await?;
    Ok(())
}

async fn build_views(
    connection: &mut AsyncPgConnection,
    digest: &str,
) -> std::result::Result<(), MigrateError> {
    let names: Vec<&str> = VIEWS.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    connection
        .transaction::<(), diesel::result::Error, _>(async |connection| {
            connection.batch_execute("create schema if not exists bi").await?;
            for (_, sql) in VIEWS {
                connection.batch_execute(sql).await?;
            }
            connection
                .batch_execute(&format!(
                    "comment on schema bi is '{ABOUT_BI}; views {names}; built from {digest}'"
                ))
                .await?;
            grant(connection).await
        })
        .await?;
    Ok(())
}

/// Name of the NOLOGIN role of which BI logins are members. Roles belong to the cluster, so it
/// carries the database's name: two registries of one cluster do not share their readers.
pub fn group_role(database: &str) -> String {
    format!("{database}_bi")
}

/// Lets the group role read the views, where there is such a role.
async fn grant(connection: &mut AsyncPgConnection) -> diesel::result::QueryResult<()> {
    connection
        .batch_execute(
            "do $$ \
         declare reader text := current_database() || '_bi'; \
         begin \
           if exists (select from pg_roles where rolname = reader) then \
             execute format('grant usage on schema bi to %I', reader); \
             execute format('grant select on all tables in schema bi to %I', reader); \
           end if; \
         end $$",
        )
        .await
}
