create or replace function partial_date_precision(value text) returns text
  language sql immutable parallel safe
return case
  when value is null then null
  when (value collate "C") like '[%' then 'one_of'
  when (value collate "C") like '..%' then 'not_later_than'
  when (value collate "C") like '%/..' then 'not_before'
  when (value collate "C") like '%/%' then 'interval'
  when (value collate "C") like '%~' then 'approximate'
  when length(value) = 4 then 'year'
  when length(value) = 7 then 'month'
  else 'day'
end;
comment on function partial_date_precision(text) is 'How well a valid partial date is known: day, month, year, approximate (with ~), interval (between two, each with or without ~), not_later_than, not_before or one_of; null for null';
