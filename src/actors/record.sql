{object}(
  'id', actor.id,
  'kind', actor.kind,
  'name', actor.name,
  'names', (
    select coalesce({list}({object}(
      'name', name.name, 'kind', name.kind, 'lang', name.lang
    ) order by name.position), '[]')
    from actor_names as name
    where name.actor_id = actor.id
  ),
  'countries', (
    select coalesce({list}({object}(
      'code', country.code, 'role', country.role
    ) order by country.position), '[]')
    from actor_countries as country
    where country.actor_id = actor.id
  ),
  'identifiers', (
    select coalesce({list}({object}(
      'scheme', identifier.scheme,
      'value', identifier.value,
      'country', identifier.country,
      'valid_from', identifier.valid_from,
      'valid_until', identifier.valid_until
    ) order by identifier.position), '[]')
    from actor_identifiers as identifier
    where identifier.actor_id = actor.id
  ),
  'description', actor.description,
  'began_on', actor.began_on,
  'ended_on', actor.ended_on,
  'properties', actor.properties,
  'external_keys', {external_keys},
  'version', actor.version,
  'created_at', {time:actor.created_at},
  'updated_at', {time:actor.updated_at}
)
