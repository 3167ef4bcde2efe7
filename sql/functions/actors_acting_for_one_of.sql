create or replace function actors_acting_for_one_of(principal_ids uuid[])
  returns table (actor_id uuid, always boolean, first_days date[], last_days date[])
language sql stable parallel safe rows 100 set search_path = pg_catalog, public, pg_temp
begin atomic
  select
    acting.actor_id,
    bool_or(num_nonnulls(acting.first_day, acting.last_day) = 0),
    array_agg(acting.first_day),
    array_agg(acting.last_day)
  from actors_acting_for(principal_ids) as acting
  group by acting.actor_id;
end;
comment on function actors_acting_for_one_of(uuid[]) is 'The actors whose acts count for one of these, one row each: always, or between each first day and the last day at the same place';
revoke execute on function actors_acting_for_one_of(uuid[]) from public;
