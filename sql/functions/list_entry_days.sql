create or replace function list_entry_days(starts_earliest date, lifted_on_latest date, expires_on_latest date) returns daterange
language sql immutable parallel safe
-- A sanction ends before the day on which it is lifted, and with the day on which it expires.
return daterange(
  coalesce(starts_earliest, '-infinity'),
  greatest(
    coalesce(starts_earliest, '-infinity'),
    least(coalesce(lifted_on_latest, 'infinity'), coalesce(expires_on_latest + 1, 'infinity'))
  ),
  '[)'
);
comment on function list_entry_days(date, date, date) is 'The days on which a sanction may be in force, from the earliest possible to the latest possible: an entry of a list is in one sanction on each';
revoke execute on function list_entry_days(date, date, date) from public;
