//! Brings the schema to what this program expects: migrations, and the contract of schema `bi` around
//! them, all in one transaction. A query that comes meanwhile waits for the end and finds the new views. A
//! failure changes nothing.

use std::time::{Duration, Instant};

use diesel::QueryableByName;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::sql_types;
use diesel_async::{
    AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    TransactionManager,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::db::additions::Additions;
use crate::db::as_of_schema;
use crate::db::connect::{self, Target, Use};
use crate::db::functions::{self, Failed};
use crate::db::views::{self, Contract};
use crate::db::watch::Watch;
use crate::db::{Db, Statement};
use crate::error::Result;

/// The migrations of this program.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// How long `migrate` tries to get the locks that it needs, unless a setting says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How long one attempt waits for a lock. Other queries queue behind it meanwhile. PostgreSQL looks for deadlocks after a
/// second: an attempt that waits for less is never the reason that another query is cancelled.
const ATTEMPT: Duration = Duration::from_millis(800);
/// Pause between attempts, in which the queries that queued run.
const PAUSE: Duration = Duration::from_millis(1200);
/// Longest wait of the last attempt, for databases whose queries overlap without end; at most half of the patience.
const LAST_ATTEMPT: Duration = Duration::from_secs(10);

/// Selects a row if the table exists in which diesel notes the migrations that were applied.
const MIGRATIONS_TABLE: &str =
    "select relname::text as name from pg_class where oid = to_regclass('public.__diesel_schema_migrations')";

type Transactions = <AsyncPgConnection as AsyncConnection>::TransactionManager;

/// A failure to migrate. The database is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database can't be reached.
    #[error("the database can't be reached: {0}")]
    Connect(#[from] diesel::ConnectionError),
    /// A statement failed.
    #[error("a statement failed: {0}")]
    Statement(#[from] diesel::result::Error),
    /// A migration failed.
    #[error("a migration failed: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
    /// The database has migrations of a newer program; their versions.
    #[error("the database has migrations that this program does not know ({0}): run a newer demarche")]
    Newer(String),
    /// The database was made by version 0.1, before the baseline of the migrations.
    #[error(
        "the database was made by demarche 0.1, and no later version can migrate it; nothing was changed. Start a demo again \
         with demarche demo --fresh. For a registry of your own, read what you need with demarche 0.1, and load it into a new \
         database"
    )]
    Older,
    /// The encoding of the database is another than UTF-8; its name.
    #[error(
        "the database has the encoding {0}, which can't hold every name; nothing was changed. Create it with \
         createdb --template=template0 --encoding=UTF8"
    )]
    Encoding(String),
    /// A function of `sql/functions` can't be built.
    #[error("the SQL function {name} can't be built: {error}")]
    Function {
        /// The name of the function.
        name: String,
        /// What PostgreSQL says.
        error: String,
    },
    /// Other objects depend on views or functions of schema `bi`; their names.
    #[error(
        "objects outside the contract depend on views of schema bi: {0}; drop or move them, then migrate again"
    )]
    Dependents(String),
    /// The locks could not be had in time.
    #[error(
        "other sessions use what has to be altered, and did not end within {seconds} s: {holders}; nothing was changed; migrate again when they are done, or end them with pg_terminate_backend"
    )]
    Busy {
        /// How long it was tried.
        seconds: u64,
        /// The sessions that hold the locks.
        holders: String,
    },
    /// The task that migrates panicked or was cancelled.
    #[error("the task that migrates ended: {0}")]
    Task(#[from] tokio::task::JoinError),
}

impl MigrateError {
    /// Whether a lock was not granted in time. diesel hides the SQLSTATE, so the message has to say so. If the message is not in
    /// English, the watch has seen which session held the lock.
    fn is_of_locks(&self) -> bool {
        let message = match self {
            Self::Statement(error) => error.to_string(),
            Self::Migration(error) => error.to_string(),
            Self::Connect(_)
            | Self::Newer(_)
            | Self::Older
            | Self::Encoding(_)
            | Self::Function { .. }
            | Self::Dependents(_)
            | Self::Busy { .. }
            | Self::Task(_) => {
                return false;
            }
        };
        ["lock timeout", "deadlock detected", "statement timeout"]
            .iter()
            .any(|words| message.contains(words))
    }
}

/// What a migration did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Migrated {
    /// Versions of the migrations that were applied, oldest first; empty if there were none.
    pub migrations: Vec<String>,
    /// Whether the views of schema `bi` were rebuilt.
    pub views_rebuilt: bool,
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

/// Returns the versions of the migrations that this program has, oldest first.
///
/// # Errors
/// [`MigrateError::Migration`] if the name of a migration has no version.
pub fn known_versions() -> std::result::Result<Vec<String>, MigrateError> {
    let mut versions: Vec<String> = MigrationSource::<Pg>::migrations(&MIGRATIONS)
        .map_err(MigrateError::Migration)?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    versions.sort();
    Ok(versions)
}

/// Applies pending migrations and rebuilds functions and views, if there is a difference to what this program expects. Other
/// queries have `patience` to release the locks.
///
/// # Errors
/// Each failure leaves the database as it was.
pub async fn migrate(
    target: &Target,
    additions: &Additions,
    patience: Duration,
) -> std::result::Result<Migrated, MigrateError> {
    let runtime = tokio::runtime::Handle::current();
    let mut connection = connect::on(&runtime, target.clone(), Use::Exclusive(connect::COMMAND_TIME)).await?;
    connection.batch_execute("set statement_timeout = 0").await?;
    refuse_other_encoding(&mut connection).await?;
    refuse_unknown(&mut connection).await?;
    // Held to the end, wherever that is.
    let _turn = Turn::take(&runtime, target, &mut connection).await?;
    refuse_unknown(&mut connection).await?;
    let pending = pending(&mut connection).await?;
    let built = views::built(&mut connection).await?;
    let functions_built = as_of_schema::functions_built(&mut connection).await?;
    if pending.is_empty()
        && let Some(built) = built.as_ref().filter(|built| built.is_current(additions))
        && built.stands(&mut connection).await?
    {
        return Ok(Migrated::default());
    }
    let contract = Contract::with(built, functions_built);
    let watch = Watch::of(target, &mut connection).await;
    let begun = Instant::now();
    loop {
        let (wait, is_last) = next_attempt(patience, begun.elapsed());
        let (returned, attempt) = all_at_once(connection, &contract, additions, pending.len(), wait).await?;
        connection = returned;
        let error = match attempt {
            Ok(()) => break,
            Err(error) => error,
        };
        let is_of_locks = error.is_of_locks();
        if !is_of_locks && (is_last || !watch.saw_a_holder_recently()) {
            return Err(error);
        }
        let holders = watch.holders();
        if is_last {
            return Err(MigrateError::Busy {
                seconds: begun.elapsed().as_secs_f64().round() as u64,
                holders,
            });
        }
        tracing::info!(%holders, "waiting for queries of others to end");
        tokio::time::sleep(PAUSE).await;
    }
    Ok(Migrated {
        migrations: pending,
        views_rebuilt: true,
    })
}

/// Returns how long the next attempt waits, and whether it is the last one, which ends when the patience does.
fn next_attempt(patience: Duration, elapsed: Duration) -> (Duration, bool) {
    let left = patience.saturating_sub(elapsed);
    if left <= LAST_ATTEMPT.min(patience / 2) || left < ATTEMPT + PAUSE + ATTEMPT {
        (left.clamp(ATTEMPT, LAST_ATTEMPT), true)
    } else {
        (ATTEMPT, false)
    }
}

/// One program migrates at a time: it holds a lock on diesel's table, of a mode that conflicts only with itself. Not an
/// advisory lock, which every login can take. The lock ends with its transaction, and migrations have transactions of their own,
/// so it has a connection of its own.
struct Turn {
    _connection: AsyncPgConnection,
}

impl Turn {
    async fn take(
        runtime: &tokio::runtime::Handle,
        target: &Target,
        connection: &mut AsyncPgConnection,
    ) -> std::result::Result<Self, MigrateError> {
        // The table as diesel creates it. Of two programs that create it at once, one fails on a unique index.
        let made = connection
            .batch_execute(
                "create table if not exists public.__diesel_schema_migrations (
                   version varchar(50) primary key not null,
                   run_on timestamp not null default current_timestamp
                 )",
            )
            .await;
        if let Err(error) = made {
            let there: Vec<NameRow> = diesel::sql_query(MIGRATIONS_TABLE).load(connection).await?;
            if there.is_empty() {
                return Err(error.into());
            }
        }
        let mut turn = connect::on(runtime, target.clone(), Use::Exclusive(connect::COMMAND_TIME)).await?;
        turn.batch_execute(
            "set statement_timeout = 0;
             set lock_timeout = '5min';
             set idle_in_transaction_session_timeout = 0;
             begin;
             lock table public.__diesel_schema_migrations in share update exclusive mode",
        )
        .await?;
        Ok(Self { _connection: turn })
    }
}

/// One transaction: the contract is dropped, functions and pending migrations run, the contract is built. Each migration is
/// a savepoint in it, so none may ask to run outside of a transaction; a test makes sure of that.
async fn all_at_once(
    mut connection: AsyncPgConnection,
    contract: &Contract,
    additions: &Additions,
    pending: usize,
    wait: Duration,
) -> std::result::Result<(AsyncPgConnection, std::result::Result<(), MigrateError>), MigrateError> {
    Transactions::begin_transaction(&mut connection).await?;
    let mut done = drop_contract(&mut connection, contract, wait).await;
    let mut left_out: Option<Vec<Failed>> = None;
    for _ in 0..pending {
        if done.is_err() {
            break;
        }
        // What a migration needs is there by then; what needs later migrations is left out.
        let built = match &left_out {
            None => functions::build(&mut connection, additions).await,
            Some(failed) => functions::build_rest(&mut connection, additions, failed).await,
        };
        match built {
            Ok(failed) => left_out = Some(failed),
            Err(error) => {
                done = Err(error.into());
                break;
            }
        }
        (connection, done) = tokio::task::spawn_blocking(move || {
            let mut harness = AsyncMigrationHarness::new(connection);
            let done = harness
                .run_next_migration(MIGRATIONS)
                .map(drop)
                .map_err(MigrateError::Migration);
            (harness.into_inner(), done)
        })
        .await?;
    }
    if done.is_ok() {
        done = build_contract(&mut connection, contract, additions, pending > 0).await;
    }
    match done {
        Ok(()) => {
            let committed = Transactions::commit_transaction(&mut connection).await;
            Ok((connection, committed.map_err(MigrateError::from)))
        }
        Err(error) => {
            Transactions::rollback_transaction(&mut connection).await?;
            Ok((connection, Err(error)))
        }
    }
}

async fn drop_contract(
    connection: &mut AsyncPgConnection,
    contract: &Contract,
    wait: Duration,
) -> std::result::Result<(), MigrateError> {
    let dependents = contract.dependents(connection).await?;
    if !dependents.is_empty() {
        return Err(MigrateError::Dependents(dependents.join(", ")));
    }
    // A lock's timeout is that of each lock, and there are as many as there are views.
    let wait = wait.as_millis();
    connection
        .batch_execute(&format!(
            "set local lock_timeout = {wait}; set local statement_timeout = {wait}"
        ))
        .await?;
    contract.drop(connection).await?;
    // Whatever the path of the login: what is created without a schema belongs into public.
    connection
        .batch_execute("set local statement_timeout = 0; set local search_path = public")
        .await?;
    Ok(())
}

async fn build_contract(
    connection: &mut AsyncPgConnection,
    contract: &Contract,
    additions: &Additions,
    has_migrated: bool,
) -> std::result::Result<(), MigrateError> {
    if let Some(failed) = functions::build(connection, additions).await?.into_iter().next() {
        return Err(MigrateError::Function {
            name: failed.name,
            error: failed.error,
        });
    }
    functions::drop_removed(connection, additions, contract.functions_built()).await?;
    functions::build_for_records(connection).await?;
    if has_migrated {
        // A kind that was registered has first revisions. Those whose documents need what a later migration creates were not
        // written yet, in the order of their registration.
        connection
            .batch_execute(
                "select write_baseline(record.name) from unnest(string_to_array( \
                   nullif(current_setting('demarche.unwritten_baselines', true), ''), ',' \
                 )) with ordinality as record (name, place) order by record.place; \
                 select set_config('demarche.unwritten_baselines', '', true)",
            )
            .await?;
        connection
            // Revisions that wait are written first. What is superseded is checked after the changes are there, and before the
            // search path changes.
            .batch_execute(
                "set constraints all immediate; set constraints all deferred; select sequence_revisions(true, null); \
                 set constraints all immediate; analyze revisions, changes, name_history, search_texts",
            )
            .await?;
    }
    views::build(connection, additions).await?;
    connection.batch_execute(GRANTS).await?;
    views::note(connection, additions).await?;
    Ok(())
}

async fn applied_migrations(db: &Db) -> Result<Vec<String>> {
    let there: Vec<NameRow> = db.read(Statement::new(MIGRATIONS_TABLE)).await?;
    if there.is_empty() {
        return Ok(Vec::new());
    }
    let statement = Statement::new("select version as name from public.__diesel_schema_migrations");
    let applied: Vec<NameRow> = db.read(statement).await?;
    Ok(applied.into_iter().map(|row| row.name).collect())
}

/// Whether the schema is what this program expects.
///
/// # Errors
/// Those of [`Db::read`].
pub async fn is_current(db: &Db) -> Result<bool> {
    let applied = applied_migrations(db).await?;
    let known = known_versions().map_err(crate::error::Error::internal)?;
    Ok(known.iter().all(|version| applied.contains(version)))
}

/// Whether the schema of a connection's database is what this program expects.
pub(super) async fn is_complete(
    connection: &mut AsyncPgConnection,
) -> std::result::Result<bool, MigrateError> {
    Ok(pending(connection).await?.is_empty())
}

/// Whether schema bi is what this program builds, and stands as it was built.
///
/// # Errors
/// Those of [`Db::read`].
pub async fn is_contract_kept(db: &Db, additions: &Additions) -> Result<bool> {
    let note = db.read_one::<NameRow>(Statement::new(views::NOTE)).await?;
    let Some(built) = note.and_then(|row| views::Built::parse(&row.name)) else {
        return Ok(false);
    };
    if !built.is_current(additions) {
        return Ok(false);
    }
    let standing = db.read_one::<NameRow>(views::standing()).await?;
    Ok(standing.is_some_and(|row| built.was_noted_as(&row.name)))
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

/// Refuses a database of another program: of a newer one, or of one from before the first migration that this one has.
async fn refuse_unknown(connection: &mut AsyncPgConnection) -> std::result::Result<(), MigrateError> {
    check_versions(&applied(connection).await?)
}

fn check_versions(applied: &[String]) -> std::result::Result<(), MigrateError> {
    let known = known_versions()?;
    let mut unknown: Vec<&str> = applied
        .iter()
        .filter(|version| !known.contains(version))
        .map(String::as_str)
        .collect();
    unknown.sort_unstable();
    match (unknown.as_slice().first(), known.as_slice().first()) {
        (None, _) => Ok(()),
        (Some(oldest), Some(first)) if *oldest < first.as_str() => Err(MigrateError::Older),
        (Some(_), _) => Err(MigrateError::Newer(unknown.join(", "))),
    }
}

/// Refuses a database that is not in UTF-8: it could not hold every name, and PostgreSQL normalizes Unicode there alone.
async fn refuse_other_encoding(connection: &mut AsyncPgConnection) -> std::result::Result<(), MigrateError> {
    let encoding: NameRow = diesel::sql_query("select current_setting('server_encoding') as name")
        .get_result(connection)
        .await?;
    if encoding.name == "UTF8" {
        Ok(())
    } else {
        Err(MigrateError::Encoding(encoding.name))
    }
}

/// Refuses a database of demarche 0.1, which this program can't serve. A database that does not answer yet may be the right
/// one, and that of a newer program is served.
///
/// # Errors
/// `MigrateError::Older`.
pub async fn refuse_older(db: &Db) -> std::result::Result<(), MigrateError> {
    let Ok(applied) = applied_migrations(db).await else {
        return Ok(());
    };
    match check_versions(&applied) {
        Err(MigrateError::Newer(_)) => Ok(()),
        checked => checked,
    }
}

/// Name of the NOLOGIN role of which BI logins are members. Roles belong to the cluster, so it
/// carries the database's name: two registries of one cluster do not share their readers.
pub fn group_role(database: &str) -> String {
    format!("{database}_bi")
}

/// Lets the group role read the views, and run what they stand on, where there is such a role.
pub const GRANTS: &str = include_str!("grants_of_bi.sql");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_end_when_the_patience_does() {
        for tenths in 0..1000 {
            let patience = Duration::from_millis(100 * tenths);
            let mut elapsed = Duration::ZERO;
            loop {
                let (wait, is_last) = next_attempt(patience, elapsed);
                elapsed += wait;
                if is_last {
                    break;
                }
                elapsed += PAUSE;
            }
            assert_eq!(elapsed, patience.max(ATTEMPT));
        }
    }
}
