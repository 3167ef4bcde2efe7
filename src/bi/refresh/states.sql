select
  actor.id as state_id,
  actor.name,
  actor.kind,
  coalesce(iso.value, former.value) as iso_code,
  country.iso3 as iso3_code,
  country.region,
  coalesce(iso.value, former.value, acronym.value, actor.name) as code
from (
  select id from actors where kind in ('state', 'intergovernmental_organization') and is_party(id)
  union
  select actor_id from actor_identifiers where scheme in ('iso3166', 'iso3166_3')
) as counted
join actors as actor on actor.id = counted.id
left join (
  select distinct on (identifier.actor_id) identifier.actor_id, identifier.value
  from actor_identifiers as identifier
  where identifier.scheme = 'iso3166'
  order by identifier.actor_id, identifier.position
) as iso on iso.actor_id = actor.id
left join (
  select distinct on (identifier.actor_id) identifier.actor_id, identifier.value
  from actor_identifiers as identifier
  where identifier.scheme = 'iso3166_3'
  order by identifier.actor_id, identifier.position
) as former on former.actor_id = actor.id
left join (
  select distinct on (identifier.actor_id) identifier.actor_id, identifier.value
  from actor_identifiers as identifier
  where identifier.scheme = 'igo'
  order by identifier.actor_id, identifier.position
) as acronym on acronym.actor_id = actor.id
left join countries as country on country.code = coalesce(iso.value, former.value)
