//! Works out what schema `bi_store` holds: all of it, or what the records that changed since bear upon. Both
//! ways run the same statements (`refresh/*.sql`), over all records or over those that changed, and compare
//! what comes out with what is stored; only what differs is taken out and put in, so that readers never wait.
//!
//! One transaction sees one moment: what it takes from the queue of changed records, and what it works out.

use std::time::Duration;

use diesel::QueryableByName;
use diesel::result::{DatabaseErrorKind, Error as DieselError, QueryResult};
use diesel::sql_types;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::db::Db;
use crate::error::{Error, Result};

/// From so many changed records on, working out everything is no slower.
const MANY: i64 = 100_000;
/// From so many changed rows on, a table's statistics are taken anew, where they are this share of it: reading a
/// sample of a long table costs more than a small refresh.
const WORTH_ANALYZING: i64 = 1_000;
const SHARE_WORTH_ANALYZING: i64 = 10;

/// A table of schema `bi_store`, and what should be in it.
struct Stored {
    table: &'static str,
    /// Columns that name a row, none of them ever null.
    key: &'static [&'static str],
    /// Of which rows an incremental refresh speaks: what follows `delete from … as stored`.
    concerned: &'static str,
    /// Columns that are kept of the rows that came or went, for the tables that follow.
    moved: &'static [&'static str],
    fresh: &'static str,
}

/// Who counts for whom: small, and worked out whole whenever it may have changed.
const TIES: &[Stored] = &[
    Stored {
        table: "states",
        key: &["state_id"],
        concerned: "where true",
        moved: &[],
        fresh: include_str!("refresh/states.sql"),
    },
    Stored {
        table: "actor_ties",
        key: &["actor_id", "state_id"],
        concerned: "where true",
        moved: &["actor_id"],
        fresh: include_str!("refresh/actor_ties.sql"),
    },
];

/// Actor by actor.
const ACTOR_STATES: Stored = Stored {
    table: "actor_states",
    key: &["actor_id"],
    concerned: "using changed_actors as changed where stored.actor_id = changed.id",
    moved: &["actor_id"],
    fresh: include_str!("refresh/actor_states.sql"),
};

/// Act by act.
const ACTS: &[Stored] = &[
    Stored {
        table: "sanction_states",
        key: &["sanction_id"],
        concerned: "using changed_sanctions as changed where stored.sanction_id = changed.id",
        moved: &[],
        fresh: include_str!("refresh/sanction_states.sql"),
    },
    Stored {
        table: "participant_states",
        key: &["action_id", "position"],
        concerned: "using changed_actions as changed where stored.action_id = changed.id",
        moved: &[],
        fresh: include_str!("refresh/participant_states.sql"),
    },
    Stored {
        table: "action_dyads",
        key: &["action_id", "initiator_state_id", "target_state_id"],
        concerned: "using changed_actions as changed where stored.action_id = changed.id",
        moved: &[
            "initiator_state_id",
            "target_state_id",
            "day",
            "modality",
            "is_denied",
        ],
        fresh: include_str!("refresh/action_dyads.sql"),
    },
    Stored {
        table: "sanction_dyads",
        key: &["sanction_id", "imposer_state_id", "target_state_id"],
        concerned: "using changed_sanctions as changed where stored.sanction_id = changed.id",
        moved: &[
            "imposer_state_id",
            "target_state_id",
            "action_id",
            "imposed_day",
            "lifted_day",
            "expires_day",
            "facts",
        ],
        fresh: include_str!("refresh/sanction_dyads.sql"),
    },
];

/// What is made of several acts.
const SUMS: &[Stored] = &[
    Stored {
        table: "dyad_months",
        key: &["initiator_state_id", "target_state_id", "month"],
        concerned: "using changed_months as changed \
             where stored.initiator_state_id = changed.initiator_state_id \
               and stored.target_state_id = changed.target_state_id \
               and stored.month between changed.first_day and changed.last_day",
        moved: &[],
        fresh: include_str!("refresh/dyad_months.sql"),
    },
    Stored {
        table: "dyad_weeks",
        key: &["initiator_state_id", "target_state_id", "week"],
        concerned: "using changed_weeks as changed \
             where stored.initiator_state_id = changed.initiator_state_id \
               and stored.target_state_id = changed.target_state_id \
               and stored.week >= changed.first_week",
        moved: &[],
        fresh: include_str!("refresh/dyad_weeks.sql"),
    },
    Stored {
        table: "sanction_spans",
        key: &[
            "imposer_state_id",
            "target_state_id",
            "first_year",
            "last_year",
            "sort",
            "word",
            "outcome",
        ],
        concerned: "using changed_spans as changed \
             where stored.imposer_state_id = changed.imposer_state_id \
               and stored.target_state_id = changed.target_state_id \
               and stored.first_year = changed.first_year \
               and stored.last_year = changed.last_year \
               and stored.sort = changed.sort \
               and stored.word = changed.word \
               and stored.outcome = changed.outcome",
        moved: &[],
        fresh: include_str!("refresh/sanction_spans.sql"),
    },
    Stored {
        table: "sanction_years",
        key: &["imposer_state_id", "target_state_id", "year"],
        concerned: "using changed_sanction_dyads as changed \
             where stored.imposer_state_id = changed.imposer_state_id \
               and stored.target_state_id = changed.target_state_id",
        moved: &[],
        fresh: include_str!("refresh/sanction_years.sql"),
    },
    Stored {
        table: "counter_sanctions",
        key: &["first_sanction_id", "answering_sanction_id"],
        concerned: "using compared_days as changed \
             where changed.are_answers \
               and stored.answering_state_id = changed.imposer_state_id \
               and stored.first_state_id = changed.target_state_id \
               and stored.answering_day between changed.first_day and changed.last_day",
        moved: &[],
        fresh: include_str!("refresh/counter_sanctions.sql"),
    },
    Stored {
        table: "coordinated_sanctions",
        key: &["earlier_sanction_id", "later_sanction_id", "basis"],
        concerned: "using ( \
               select pair.earlier_sanction_id, pair.later_sanction_id, pair.basis \
               from changed_sanctions as changed \
               join bi_store.coordinated_sanctions as pair \
                 on pair.earlier_sanction_id = changed.id and pair.basis = 'same_target' \
               union \
               select pair.earlier_sanction_id, pair.later_sanction_id, pair.basis \
               from changed_sanctions as changed \
               join bi_store.coordinated_sanctions as pair \
                 on pair.later_sanction_id = changed.id and pair.basis = 'same_target' \
               union \
               select pair.earlier_sanction_id, pair.later_sanction_id, pair.basis \
               from changed_announcements as changed \
               join bi_store.coordinated_sanctions as pair \
                 on pair.earlier_action_id = changed.id and pair.basis <> 'same_target' \
               join changed_announcements as other on other.id = pair.later_action_id \
             ) as changed \
             where stored.earlier_sanction_id = changed.earlier_sanction_id \
               and stored.later_sanction_id = changed.later_sanction_id \
               and stored.basis = changed.basis",
        moved: &[],
        fresh: include_str!("refresh/coordinated_sanctions.sql"),
    },
    Stored {
        table: "chain_steps",
        key: &["chain_id", "action_id"],
        concerned: "using changed_chains as changed where stored.chain_id = changed.id",
        moved: &[],
        fresh: include_str!("refresh/chain_steps.sql"),
    },
];

/// How much is worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Full,
    Incremental,
}

impl Manner {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Incremental => "incremental",
        }
    }
}

/// What happens while another refresh is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfBusy {
    Wait,
    LeaveIt,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refreshed {
    pub manner: Manner,
    /// Records that were queued
    pub changed_records: i64,
    /// Rows that were taken out or put in
    pub changed_rows: i64,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = sql_types::BigInt)]
    count: i64,
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

/// Whether there is anything to do: something changed, a year began, or nothing was worked out yet.
const IS_DUE: &str = "select count(*) as count from ( \
     (select 1 from bi_store.changed_records limit 1) \
     union all select 1 where not exists (select from bi_store.refreshes) \
     union all select 1 from bi_store.refreshes where stored_table = 'sanction_years' \
       and extract(year from as_of at time zone 'UTC') < extract(year from now() at time zone 'UTC') \
   ) as due";

/// Refreshes by itself from time to time, for as long as it is let run.
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
                "refreshed what BI stands on"
            ),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "what BI stands on could not be refreshed, trying again later")
            }
        }
        tokio::time::sleep(every).await;
    }
}

/// Refreshes where anything has changed and no other server is at it.
pub async fn refresh_if_due(connection: &mut AsyncPgConnection) -> Result<Option<Refreshed>> {
    if count(connection, IS_DUE).await? == 0 {
        return Ok(None);
    }
    refresh(connection, Manner::Incremental, IfBusy::LeaveIt).await
}

/// Works out what should be stored and makes it so. An incremental refresh becomes a full one where
/// nothing is there yet or very much has changed. None where another refresh is under way and is left to it.
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
        Err(error) if is_busy(&error) && if_busy == IfBusy::LeaveIt => Ok(None),
        Err(error) => Err(Error::from(error)),
    }
}

fn is_busy(error: &DieselError) -> bool {
    matches!(error, DieselError::DatabaseError(DatabaseErrorKind::Unknown, information)
        if information.message().contains("could not obtain lock on relation"))
}

async fn count(connection: &mut AsyncPgConnection, sql: &str) -> QueryResult<i64> {
    let row: CountRow = diesel::sql_query(sql).get_result(connection).await?;
    Ok(row.count)
}

async fn in_transaction(
    connection: &mut AsyncPgConnection,
    manner: Manner,
    if_busy: IfBusy,
) -> QueryResult<Refreshed> {
    // The lock comes before the first look at any data: who waited for another refresh sees what it did.
    // It shuts out other refreshes alone.
    connection
        .batch_execute(&format!(
            "set local statement_timeout = 0; set local lock_timeout = 0; \
             set local work_mem = '128MB'; set local jit = off; \
             lock table bi_store.refreshes in exclusive mode{}",
            match if_busy {
                IfBusy::Wait => "",
                IfBusy::LeaveIt => " nowait",
            }
        ))
        .await?;
    connection
        .batch_execute(include_str!("refresh/begin.sql"))
        .await?;
    let plan: PlanRow = diesel::sql_query(
        "select count(*) as changed_records, \
           not exists (select from bi_store.refreshes) as is_first, \
           coalesce(bool_or(resource in ('relationships', 'actors', 'relationship_kinds', 'countries')), false) as ties_changed \
         from changed_records",
    )
    .get_result(connection)
    .await?;
    let manner = if plan.is_first || plan.changed_records > MANY {
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
        // Little is looked up in long tables, which are not read whole for it.
        work.run("set local random_page_cost = 1.1").await?;
    }
    let ties_changed = manner == Manner::Full || plan.ties_changed;
    for stored in TIES {
        if ties_changed {
            work.bring_up_to_date(stored).await?;
        } else {
            work.leave(stored).await?;
        }
    }
    if ties_changed {
        work.run(match manner {
            Manner::Full => include_str!("refresh/all_actors.sql"),
            Manner::Incremental => include_str!("refresh/changed_actors.sql"),
        })
        .await?;
        work.bring_up_to_date(&ACTOR_STATES).await?;
    } else {
        work.leave(&ACTOR_STATES).await?;
    }
    work.run(match manner {
        Manner::Full => include_str!("refresh/all_acts.sql"),
        Manner::Incremental => include_str!("refresh/changed_acts.sql"),
    })
    .await?;
    for stored in ACTS {
        work.bring_up_to_date(stored).await?;
    }
    work.run(match manner {
        Manner::Full => include_str!("refresh/all_sums.sql"),
        Manner::Incremental => include_str!("refresh/changed_sums.sql"),
    })
    .await?;
    if manner == Manner::Full {
        // Sums stand on tables within their statements, of which the planner knows nothing: it takes them for small.
        work.run("set local enable_nestloop = off").await?;
    }
    for stored in SUMS {
        work.bring_up_to_date(stored).await?;
    }
    Ok(Refreshed {
        manner,
        changed_records: plan.changed_records,
        changed_rows: work.changed_rows,
    })
}

/// A refresh under way.
struct Work<'c> {
    connection: &'c mut AsyncPgConnection,
    manner: Manner,
    changed_rows: i64,
}

impl Work<'_> {
    async fn run(&mut self, sql: &str) -> QueryResult<()> {
        self.connection.batch_execute(sql).await
    }

    /// Makes the table what its statement says, of the rows that it speaks of.
    async fn bring_up_to_date(&mut self, stored: &Stored) -> QueryResult<()> {
        let Stored {
            table, fresh, moved, ..
        } = stored;
        let concerned = match self.manner {
            Manner::Full => "where true",
            Manner::Incremental => stored.concerned,
        };
        let same_key: Vec<String> = stored
            .key
            .iter()
            .map(|column| format!("fresh.{column} = stored.{column}"))
            .collect();
        let same = format!(
            "{} and row(fresh.*) is not distinct from row(stored.*)",
            same_key.join(" and ")
        );
        let kept: String = moved.iter().map(|column| format!(", {column}")).collect();
        self.create_moved(stored).await?;
        // What comes is found before any of it is put in: planned for an empty table, the search would wade
        // through what it puts in itself, over and over.
        self.run(&format!(
            "create temp table fresh_{table} on commit drop as {fresh};
             analyze fresh_{table};
             with gone as (
               delete from bi_store.{table} as stored
               {concerned} and not exists (select from fresh_{table} as fresh where {same})
               returning stored.*
             )
             insert into moved_{table} select -1{kept} from gone;
             create temp table come_{table} on commit drop as
               select fresh.* from fresh_{table} as fresh
               where not exists (select from bi_store.{table} as stored where {same});
             insert into bi_store.{table} select * from come_{table};
             insert into moved_{table} select 1{kept} from come_{table};
             drop table come_{table};
             drop table fresh_{table};
             analyze moved_{table}"
        ))
        .await?;
        let changed = count(
            self.connection,
            &format!("select count(*) as count from moved_{table}"),
        )
        .await?;
        self.changed_rows += changed;
        let most_stayed = format!(
            "select count(*) as count from bi_store.refreshes \
             where stored_table = '{table}' and stored_rows > {SHARE_WORTH_ANALYZING} * {changed}"
        );
        if changed >= WORTH_ANALYZING && count(self.connection, &most_stayed).await? == 0 {
            // At once: the statements that follow read this table, and without statistics take hours.
            self.run(&format!("analyze bi_store.{table}")).await?;
        }
        self.note(stored).await
    }

    /// For a table that nothing can have changed.
    async fn leave(&mut self, stored: &Stored) -> QueryResult<()> {
        self.create_moved(stored).await?;
        // Else the planner takes it for ten pages.
        self.run(&format!("analyze moved_{}", stored.table)).await?;
        self.note(stored).await
    }

    async fn create_moved(&mut self, stored: &Stored) -> QueryResult<()> {
        let table = stored.table;
        let columns: String = stored.moved.iter().map(|column| format!(", {column}")).collect();
        self.run(&format!(
            "create temp table moved_{table} on commit drop as
               select 0 as rows{columns} from bi_store.{table} with no data"
        ))
        .await
    }

    async fn note(&mut self, stored: &Stored) -> QueryResult<()> {
        let (table, manner) = (stored.table, self.manner.word());
        // A full refresh counts; after that it is known how many rows came and went.
        let rows = match self.manner {
            Manner::Full => format!("(select count(*) from bi_store.{table})"),
            Manner::Incremental => {
                format!("refresh.stored_rows + (select coalesce(sum(rows), 0) from moved_{table})")
            }
        };
        self.run(&format!(
            "insert into bi_store.refreshes as refresh (stored_table, as_of, refreshed_at, manner, stored_rows, changed_rows)
             select '{table}', now(), clock_timestamp(), '{manner}',
               (select count(*) from bi_store.{table}), (select count(*) from moved_{table})
             where not exists (select from bi_store.refreshes where stored_table = '{table}');
             update bi_store.refreshes as refresh
             set as_of = now(),
                 refreshed_at = clock_timestamp(),
                 manner = '{manner}',
                 stored_rows = {rows},
                 changed_rows = (select count(*) from moved_{table})
             where stored_table = '{table}'"
        ))
        .await
    }
}
