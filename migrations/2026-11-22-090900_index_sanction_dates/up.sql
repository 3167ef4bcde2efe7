-- Sanctions in the order in which they expire, and those that were, or may have been, imposed within a period.

create index sanctions_expires_on_idx on sanctions (coalesce(partial_date_sort_day(expires_on), 'infinity'), id);
create index sanctions_expires_on_descending_idx on sanctions (coalesce(partial_date_sort_day(expires_on), '-infinity'), id);
create index sanctions_imposed_on_days_idx on sanctions using gist (daterange(imposed_on_earliest, imposed_on_latest, '[]'))
  where imposed_on is not null;
