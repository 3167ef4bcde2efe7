select
  actor.id as state_id,
  actor.name,
  actor.kind,
  coalesce(iso.value, former.value) as iso_code,
  country.iso3 as iso3_code,
  country.region
from (
  select id from actors where kind = 'state'
  union
  select actor_id from actor_identifiers where scheme in ('iso3166', 'iso3166_3')
) as counted
join actors as actor on actor.id = counted.id
left join lateral (
  select identifier.value
  from actor_identifiers as identifier
  where identifier.actor_id = actor.id and identifier.scheme = 'iso3166'
  order by identifier.position
  limit 1
) as iso on true
left join lateral (
  select identifier.value
  from actor_identifiers as identifier
  where identifier.actor_id = actor.id and identifier.scheme = 'iso3166_3'
  order by identifier.position
  limit 1
) as former on true
left join countries as country on country.code = coalesce(iso.value, former.value)
