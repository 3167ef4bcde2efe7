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
comment on view bi.freshness is 'How fresh the analysis views are, a row for each table that they stand on; all are worked out together. Views of records (actors, sanctions, diplomatic_actions and what belongs to them) are always as of now, but for the states of those whose ties have dates';
comment on column bi.freshness.stored_table is 'The table, of schema bi_store';
comment on column bi.freshness.as_of is 'Every change that had been recorded by then is in it';
comment on column bi.freshness.refreshed_at is 'When the work was done';
comment on column bi.freshness.manner is 'How it was worked out: full, or incremental where only what changed was looked at';
comment on column bi.freshness.stored_rows is 'How many rows it has';
comment on column bi.freshness.changed_rows is 'How many rows the last refresh took out or put in; a row that changed counts twice';
comment on column bi.freshness.records_waiting is 'How many records, of all kinds, have changed since and wait for the next refresh';
