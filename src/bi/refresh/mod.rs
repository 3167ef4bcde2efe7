//! Computes the tables of schema `bi_store`: all of them, or only the rows that changed records affect. Both run the same
//! statements (`*.sql`), over all records or over those that changed, and compare the result with what is stored; only
//! rows that differ are removed and added, so that readers never wait.
//!
//! A refresh is one transaction with one snapshot, of the queue of changed records and of the registry alike.

mod manner;
mod tables;
mod work;

use std::time::Duration;

use diesel::QueryableByName;
use diesel::result::{DatabaseErrorKind, Error as DieselError, QueryResult};
use diesel::sql_types;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::db::Db;
use crate::error::{Error, Result};
pub use manner::Manner;
pub use tables::shared_selects;
use work::{Work, count};

/// From this many changed records on, a full refresh is not slower.
const FULL_FROM: i64 = 100_000;

/// What to do while another refresh runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfBusy {
    /// Wait until it ends, then refresh
    Wait,
    /// Return at once
    Skip,
}

/// What a refresh did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refreshed {
    /// How much was computed; full also if an incremental refresh had to become one
    pub manner: Manner,
    /// Records that were queued as changed
    pub changed_records: i64,
    /// Rows that were removed or added
    pub changed_rows: i64,
}

#[derive(QueryableByName)]
struct PlanRow {
    #[diesel(sql_type = sql_types::BigInt)]
    changed_records: i64,
    #[diesel(sql_type = sql_types::Bool)]
    is_first: bool,
    #[diesel(sql_type = sql_types::Bool)]
    ties_changed: bool,
}

/// Counts the reasons for a refresh: records changed, a year began, or nothing was computed yet.
const IS_DUE: &str = "select count(*) as count from ( \
     (select 1 from bi_store.changed_records limit 1) \
     union all select 1 where not exists (select from bi_store.refreshes) \
     union all select 1 from bi_store.refreshes where stored_table = 'sanction_years' \
       and extract(year from as_of at time zone 'UTC') < extract(year from now() at time zone 'UTC') \
   ) as due";

/// Refreshes at an interval if anything changed. Never returns; a failure is logged and the next refresh tries again.
pub async fn keep_fresh(db: Db, every: Duration) {
    loop {
        let refreshed = match db.pooled().await {
            Ok(mut connection) => refresh_if_due(&mut connection).await,
            Err(error) => Err(error),
        };
        match refreshed {
            Ok(Some(refreshed)) => tracing::debug!(
                manner = refreshed.manner.word(),
                changed_records = refreshed.changed_records,
                changed_rows = refreshed.changed_rows,
                "refreshed the tables of schema bi"
            ),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "the tables of schema bi could not be refreshed; the next refresh tries again")
            }
        }
        tokio::time::sleep(every).await;
    }
}

/// Refreshes if anything changed and no other refresh runs; returns `None` otherwise.
///
/// # Errors
///
/// If a statement fails.
pub async fn refresh_if_due(connection: &mut AsyncPgConnection) -> Result<Option<Refreshed>> {
    if count(connection, IS_DUE).await? == 0 {
        return Ok(None);
    }
    refresh(connection, Manner::Incremental, IfBusy::Skip).await
}

/// Computes the tables and stores what differs. An incremental refresh becomes a full one if nothing is stored yet or more
/// than 100,000 records changed. Returns `None` if another refresh runs and `if_busy` is [`IfBusy::Skip`].
///
/// # Errors
///
/// If a statement fails; nothing is changed then.
pub async fn refresh(
    connection: &mut AsyncPgConnection,
    manner: Manner,
    if_busy: IfBusy,
) -> Result<Option<Refreshed>> {
    let done = connection
        .build_transaction()
        .repeatable_read()
        .run(async |connection| in_transaction(connection, manner, if_busy).await)
        .await;
    match done {
        Ok(refreshed) => Ok(Some(refreshed)),
        Err(error) if is_busy(&error) && if_busy == IfBusy::Skip => Ok(None),
        Err(error) => Err(Error::from(error)),
    }
}

fn is_busy(error: &DieselError) -> bool {
    matches!(error, DieselError::DatabaseError(DatabaseErrorKind::Unknown, information)
        if information.message().contains("could not obtain lock on relation"))
}

async fn in_transaction(
    connection: &mut AsyncPgConnection,
    manner: Manner,
    if_busy: IfBusy,
) -> QueryResult<Refreshed> {
    // Locked before the snapshot is taken, so that a refresh that waited for another sees its result. The lock blocks only
    // other refreshes.
    connection
        .batch_execute(&format!(
            "set local statement_timeout = 0; set local lock_timeout = 0; \
             set local work_mem = '128MB'; set local jit = off; \
             lock table bi_store.refreshes in exclusive mode{}",
            match if_busy {
                IfBusy::Wait => "",
                IfBusy::Skip => " nowait",
            }
        ))
        .await?;
    connection.batch_execute(include_str!("begin.sql")).await?;
    let plan: PlanRow = diesel::sql_query(
        "select count(*) as changed_records, \
           not exists (select from bi_store.refreshes) as is_first, \
           coalesce(bool_or(resource in ('relationships', 'actors', 'relationship_kinds', 'countries')), false) as ties_changed \
         from changed_records",
    )
    .get_result(connection)
    .await?;
    let manner = if plan.is_first || plan.changed_records > FULL_FROM {
        Manner::Full
    } else {
        manner
    };
    let mut work = Work {
        connection,
        manner,
        changed_rows: 0,
    };
    if manner == Manner::Incremental {
        // Favours indexes: an incremental refresh looks few rows up in long tables.
        work.run("set local random_page_cost = 1.1").await?;
    }
    let ties_changed = manner == Manner::Full || plan.ties_changed;
    for stored in tables::TIES {
        if ties_changed {
            work.bring_up_to_date(stored).await?;
        } else {
            work.leave(stored).await?;
        }
    }
    if ties_changed {
        work.run(match manner {
            Manner::Full => include_str!("all_actors.sql"),
            Manner::Incremental => include_str!("changed_actors.sql"),
        })
        .await?;
        work.bring_up_to_date(&tables::ACTOR_STATES).await?;
    } else {
        work.leave(&tables::ACTOR_STATES).await?;
    }
    work.run(match manner {
        Manner::Full => include_str!("all_acts.sql"),
        Manner::Incremental => include_str!("changed_acts.sql"),
    })
    .await?;
    for stored in tables::ACTS {
        work.bring_up_to_date(stored).await?;
    }
    work.run(match manner {
        Manner::Full => include_str!("all_sums.sql"),
        Manner::Incremental => include_str!("changed_sums.sql"),
    })
    .await?;
    if manner == Manner::Full {
        // The statements of sums read their own subqueries, which the planner without statistics takes for small.
        work.run("set local enable_nestloop = off").await?;
    }
    for stored in tables::SUMS {
        work.bring_up_to_date(stored).await?;
    }
    Ok(Refreshed {
        manner,
        changed_records: plan.changed_records,
        changed_rows: work.changed_rows,
    })
}
