create or replace function actors_counted_against(principal_ids uuid[])
  returns table (
    actor_id uuid, always boolean, first_days date[], last_days date[],
    depends boolean, state_first_days date[], state_last_days date[],
    countries text[], places integer[], country_ids uuid[], holders bigint[], from_days date[], until_days date[]
  )
language sql stable parallel safe rows 200 set search_path = pg_catalog, public, pg_temp
begin atomic
  with acting as (
    select
      acting.actor_id,
      bool_or(num_nonnulls(acting.first_day, acting.last_day) = 0) as always,
      array_agg(acting.first_day) as first_days,
      array_agg(acting.last_day) as last_days
    from actors_acting_for(principal_ids) as acting
    group by acting.actor_id
  ), holder as materialized (
    select identifier.value as code, count(*) as number, (array_agg(identifier.actor_id))[1] as actor_id
    from actor_identifiers as identifier
    where identifier.scheme in ('iso3166', 'iso3166_3')
    group by identifier.value
  ), national as materialized (
    select distinct own.actor_id
    from holder
    join actor_countries as own on own.code = holder.code
    join actors as actor on actor.id = own.actor_id and actor.kind <> 'state'
    where holder.actor_id = any (principal_ids)
      and holder.number = 1
      and own.role in ('jurisdiction', 'flag', 'nationality')
  ), country as materialized (
    select
      country.actor_id,
      country.code,
      array_position(array['jurisdiction', 'flag', 'nationality'], country.role::text) as place,
      holder.actor_id as country_id,
      coalesce(holder.number, 0) as holders,
      partial_date_earliest(country."from") as from_day,
      partial_date_latest(country.until) as until_day
    from national
    join actor_countries as country on country.actor_id = national.actor_id
    left join holder on holder.code = country.code
    where country.role in ('jurisdiction', 'flag', 'nationality')
  ), countries as (
    select
      country.actor_id,
      bool_or(num_nonnulls(country.from_day, country.until_day) > 0) as is_dated,
      array_agg(country.code) as codes,
      array_agg(country.place) as places,
      array_agg(country.country_id) as country_ids,
      array_agg(country.holders) as holders,
      array_agg(country.from_day) as from_days,
      array_agg(country.until_day) as until_days
    from country
    group by country.actor_id
  ), tied as (
    select way.actor_id, array_agg(way.first_day) as first_days, array_agg(way.last_day) as last_days
    from principals_of_actors(array(select national.actor_id from national)) as way
    where way.kind = 'state'
    group by way.actor_id
  )
  select
    actor_id,
    coalesce(acting.always, false) or (
      tied.actor_id is null
      and not countries.is_dated
      and coalesce(
        country_of(
          countries.codes, countries.places, countries.country_ids, countries.holders, countries.from_days,
          countries.until_days, null, null
        ) = any (principal_ids),
        false
      )
    ),
    acting.first_days,
    acting.last_days,
    countries.is_dated or tied.actor_id is not null,
    tied.first_days,
    tied.last_days,
    countries.codes,
    countries.places,
    countries.country_ids,
    countries.holders,
    countries.from_days,
    countries.until_days
  from acting
  full join countries using (actor_id)
  left join tied using (actor_id);
end;
comment on function actors_counted_against(uuid[]) is 'The actors against whom an act may count against one of these, one row each: always; or by ties, between each first day and the last day at the same place; or, where it depends, as target_state decides: by the country of that time (country_of) while no tie to a state counts';
revoke execute on function actors_counted_against(uuid[]) from public;
