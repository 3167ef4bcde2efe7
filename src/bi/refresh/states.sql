select
  actor.id as state_id,
  actor.name,
  actor.kind,
  coalesce(iso.value, former.value) as iso_code,
  country.iso3 as iso3_code,
  country.region
from actors as actor
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
where actor.kind = 'state' or iso.value is not null or former.value is not null
