-- How well the days of a pair are known, and the least and the most days that may lie between them. The next refresh
-- computes everything.

alter table bi_store.coordinated_sanctions
  add column earlier_precision text,
  add column later_precision text,
  add column least_days_apart integer,
  add column most_days_apart integer;
comment on column bi_store.coordinated_sanctions.earlier_precision is 'Precision of the date of the earlier; null if it has none';
comment on column bi_store.coordinated_sanctions.later_precision is 'Precision of the date of the later; null if it has none';
comment on column bi_store.coordinated_sanctions.least_days_apart is 'Least number of days that may lie between the two; null if one has no date';
comment on column bi_store.coordinated_sanctions.most_days_apart is 'Most days that may lie between the two; null if one has no date, or one that is open';

delete from bi_store.refreshes;
