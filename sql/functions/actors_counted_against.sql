create or replace function actors_counted_against(principal_id uuid)
  returns table (actor_id uuid, always boolean, first_days date[], last_days date[], depends boolean)
language sql stable parallel safe
begin atomic
  with way (actor_id, first_day, last_day, is_tie, depends) as (
    select acting.actor_id, acting.first_day, acting.last_day, true, false
    from actors_acting_for(principal_id) as acting
    union all
    select own.actor_id, null, null, false, tied.is_tied or dated.is_dated
    from actor_identifiers as identifier
    join actor_countries as own on own.code = identifier.value
    join actors as actor on actor.id = own.actor_id and actor.kind <> 'state'
    cross join lateral (
      select exists (
        select from relationships as tie
        join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
        where tie.subject_id = own.actor_id
          and tie.claim_status not in ('denied', 'retracted')
      )
    ) as tied (is_tied)
    cross join lateral (
      select exists (
        select from actor_countries as country
        where country.actor_id = own.actor_id
          and country.role in ('jurisdiction', 'flag', 'nationality')
          and num_nonnulls(country."from", country.until) > 0
      )
    ) as dated (is_dated)
    where identifier.actor_id = principal_id
      and identifier.scheme in ('iso3166', 'iso3166_3')
      and own.role in ('jurisdiction', 'flag', 'nationality')
      -- One country alone decides; of several, target_state picks the one that counts, if there is one.
      and (
        tied.is_tied
        or dated.is_dated
        or not exists (
          select from actor_countries as other
          where other.actor_id = own.actor_id
            and other.position <> own.position
            and other.role in ('jurisdiction', 'flag', 'nationality')
        )
        or target_state(own.actor_id, null, null) = principal_id
      )
  )
  select
    way.actor_id,
    bool_or(not way.depends and way.first_day is null and way.last_day is null),
    coalesce(array_agg(way.first_day) filter (where way.is_tie), '{}'),
    coalesce(array_agg(way.last_day) filter (where way.is_tie), '{}'),
    bool_or(way.depends)
  from way
  group by way.actor_id;
end;
comment on function actors_counted_against(uuid) is 'The actors against whom an act counts against this one: always; or by ties, between each first day and the last day at the same place; or, where it depends, by the country of that time while no tie counts, which target_state has to decide';
revoke execute on function actors_counted_against(uuid) from public;
