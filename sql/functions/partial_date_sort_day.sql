create or replace function partial_date_sort_day(value text) returns date
  language sql immutable parallel safe
return coalesce(nullif(partial_date_earliest(value), date '-infinity'), partial_date_latest(value));
comment on function partial_date_sort_day(text) is 'The day by which a list or a timeline sorts a partial date: its earliest, or its latest where the beginning is open';
