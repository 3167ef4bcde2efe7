create or replace function actors_of_one_state(wanted_ids uuid[])
  returns table (actor_id uuid, always boolean, state_ids uuid[], first_days date[], last_days date[])
language sql stable parallel safe rows 100 set search_path = pg_catalog, public, pg_temp
begin atomic
  select
    way.actor_id,
    count(distinct way.principal_id) = 1
      and bool_and(way.principal_id = any (wanted_ids))
      and bool_or(num_nonnulls(way.first_day, way.last_day) = 0),
    array_agg(way.principal_id),
    array_agg(way.first_day),
    array_agg(way.last_day)
  from principals_of_actors(array(
    select acting.actor_id
    from actors_acting_for(array(
      select state.id from actors as state where state.id = any (wanted_ids) and state.kind = 'state'
    )) as acting
  )) as way
  where way.kind = 'state'
  group by way.actor_id;
end;
comment on function actors_of_one_state(uuid[]) is 'The actors whose acts may count for one of these states and no other, one row each: always, or as imposer_state decides by the states for which they count, each between the first and the last day at its place';
revoke execute on function actors_of_one_state(uuid[]) from public;
