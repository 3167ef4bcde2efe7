  -- The id of a merged actor names the actor that it was merged into.
  select actor.id, actor.name
  from merges_from(wanted.id) as merge
  join actors as actor on actor.id = merge.into_id
  where wanted.resource = 'actors' and not exists (select from actors as present where present.id = wanted.id)
  union all
  select actor.id, actor.name
  from actor_identifiers as identifier
  join actors as actor on actor.id = identifier.actor_id
  where wanted.resource = 'actors'
    and identifier.scheme = wanted.scheme
    and normal_identifier(identifier.scheme, identifier.value) = normal_identifier(wanted.scheme, wanted.value)
  union all
  select actor.id, actor.name
  from actor_identifiers as identifier
  join actors as actor on actor.id = identifier.actor_id
  where wanted.resource = 'actors'
    and identifier.scheme = wanted.scheme
    and identifier.country = split_part(wanted.value, ':', 1)
    and normal_identifier(identifier.scheme, identifier.value)
      = normal_identifier(wanted.scheme, substr(wanted.value, strpos(wanted.value, ':') + 1))
  union all
  select programme.id, programme.code
  from programmes as programme
  where wanted.resource = 'programmes' and wanted.scheme = 'programme' and programme.code = wanted.value
