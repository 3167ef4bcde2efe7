{object}(
  'id', actor.id,
  'kind', actor.kind,
  'name', actor.name,
  'names', (
    select coalesce({list}({object}(
      'name', name.name, 'kind', name.kind, 'lang', name.lang, 'from', name."from", 'until', name.until
    ) order by name.position), '[]')
    from actor_names as name
    where name.actor_id = actor.id
  ),
  'countries', (
    select coalesce({list}({object}(
      'code', country.code, 'role', country.role, 'from', country."from", 'until', country.until
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
  'addresses', (
    select coalesce({list}({object}(
      'full', address."full",
      'street', address.street,
      'city', address.city,
      'region', address.region,
      'postal_code', address.postal_code,
      'country', address.country,
      'from', address."from",
      'until', address.until
    ) order by address.position), '[]')
    from actor_addresses as address
    where address.actor_id = actor.id
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
