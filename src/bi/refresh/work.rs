//! Brings one table of schema `bi_store` up to date.

use diesel::QueryableByName;
use diesel::result::QueryResult;
use diesel::sql_types;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use super::manner::Manner;
use super::tables::Stored;

/// Statistics of a table are renewed from this many changed rows on, if they are also at least a tenth of the table: to sample
/// a long table takes longer than a small refresh.
const ROWS_WORTH_ANALYZING: i64 = 1_000;
/// The changed rows are worth analyzing if the table has at most this many times as many.
const TABLE_WORTH_ANALYZING: i64 = 10;

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = sql_types::BigInt)]
    count: i64,
}

/// Returns the `count` that a statement selects.
pub(super) async fn count(connection: &mut AsyncPgConnection, sql: &str) -> QueryResult<i64> {
    let row: CountRow = diesel::sql_query(sql).get_result(connection).await?;
    Ok(row.count)
}

/// The transaction of a refresh.
pub(super) struct Work<'c> {
    pub connection: &'c mut AsyncPgConnection,
    pub manner: Manner,
    /// Rows added or removed so far
    pub changed_rows: i64,
}

impl Work<'_> {
    /// Runs statements that return nothing.
    pub async fn run(&mut self, sql: &str) -> QueryResult<()> {
        self.connection.batch_execute(sql).await
    }

    /// Adds and removes rows until the table has what its statement selects.
    pub async fn bring_up_to_date(&mut self, stored: &Stored) -> QueryResult<()> {
        let Stored { table, moved, .. } = stored;
        let fresh = stored.fresh.sql()?;
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
        let moved_columns: String = moved.iter().map(|column| format!(", {column}")).collect();
        self.create_moved(stored).await?;
        // The rows to add are found before the first is added: with a plan for an empty table, the search would scan the
        // rows that the statement itself adds, over and over.
        self.run(&format!(
            "create temp table fresh_{table} on commit drop as {fresh};
             analyze fresh_{table};
             with removed as (
               delete from bi_store.{table} as stored
               {concerned} and not exists (select from fresh_{table} as fresh where {same})
               returning stored.*
             )
             insert into moved_{table} select -1{moved_columns} from removed;
             create temp table added_{table} on commit drop as
               select fresh.* from fresh_{table} as fresh
               where not exists (select from bi_store.{table} as stored where {same});
             insert into bi_store.{table} select * from added_{table};
             insert into moved_{table} select 1{moved_columns} from added_{table};
             drop table added_{table};
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
        let is_small_share = format!(
            "select count(*) as count from bi_store.refreshes \
             where stored_table = '{table}' and stored_rows > {TABLE_WORTH_ANALYZING} * {changed}"
        );
        if changed >= ROWS_WORTH_ANALYZING && count(self.connection, &is_small_share).await? == 0 {
            // Now, not by autovacuum later: without statistics the statements that follow take hours.
            self.run(&format!("analyze bi_store.{table}")).await?;
        }
        self.note(stored).await
    }

    /// Notes that a table is up to date which no queued record can have changed.
    pub async fn leave(&mut self, stored: &Stored) -> QueryResult<()> {
        self.create_moved(stored).await?;
        // Without statistics the planner assumes ten pages for an empty table.
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
        // Only a full refresh counts the rows; an incremental one adds what it changed.
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
