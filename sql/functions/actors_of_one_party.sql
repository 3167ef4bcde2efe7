create or replace function actors_of_one_party(wanted_ids uuid[])
  returns table (
    actor_id uuid, always boolean, state_ids uuid[], organization_ids uuid[], first_days date[], last_days date[]
  )
language sql stable parallel safe rows 100 set search_path = pg_catalog, public, pg_temp
begin atomic
  with way as materialized (
    select way.actor_id, way.principal_id, way.kind, way.first_day, way.last_day
    from principals_of_actors(array(
      select acting.actor_id from actors_acting_for(wanted_ids) as acting
    )) as way
  ), party as materialized (
    select principal.id, principal.kind
    from (
      select distinct way.principal_id as id, way.kind
      from way
      where way.kind in ('state', 'intergovernmental_organization')
    ) as principal
    where principal.kind = 'state' or is_party(principal.id)
  )
  select
    way.actor_id,
    case count(distinct party.id)
      when 0 then way.actor_id = any (wanted_ids)
      when 1 then bool_and(party.id = any (wanted_ids)) and bool_or(party.id is not null and num_nonnulls(way.first_day, way.last_day) = 0)
      else false
    end,
    array_agg(case party.kind when 'state' then party.id end),
    array_agg(case party.kind when 'intergovernmental_organization' then party.id end),
    array_agg(way.first_day),
    array_agg(way.last_day)
  from way
  left join party on party.id = way.principal_id
  group by way.actor_id;
end;
comment on function actors_of_one_party(uuid[]) is 'The actors whose acts may be those of one of these parties, one row each: always, or as imposing_party decides by the states and organizations for which they count, each between the first and the last day at its place';
revoke execute on function actors_of_one_party(uuid[]) from public;
