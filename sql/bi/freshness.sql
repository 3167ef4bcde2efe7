create view bi.freshness as
select
  refresh.stored_table,
  refresh.as_of,
  refresh.refreshed_at,
  refresh.manner,
  refresh.stored_rows,
  refresh.changed_rows,
  waiting.records as records_waiting
from bi_store.refreshes as refresh
cross join (
  select count(*) as records
  from (select distinct resource, id from bi_store.changed_records) as changed
) as waiting;
comment on view bi.freshness is 'How fresh the analysis views are; one row per table that they read. All tables are computed together. Views of records (actors, sanctions, diplomatic_actions and their children) always show the present, except for the states of actors whose ties have dates';
comment on column bi.freshness.stored_table is 'Name of the table in schema bi_store';
comment on column bi.freshness.as_of is 'The table contains every change recorded by this time';
comment on column bi.freshness.refreshed_at is 'When the refresh ran';
comment on column bi.freshness.manner is 'How the table was computed: full, or incremental (only what depends on changed records)';
comment on column bi.freshness.stored_rows is 'Number of rows of the table';
comment on column bi.freshness.changed_rows is 'Number of rows that the last refresh deleted or inserted; a changed row counts twice';
comment on column bi.freshness.records_waiting is 'Number of records of all kinds that have changed since and wait for the next refresh';
