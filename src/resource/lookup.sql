select distinct wanted.place, found.id, found.name
from wanted
cross join lateral (
  select actor.id, actor.name
  from actors as actor
  where wanted.resource = 'actors' and actor.id = wanted.id
  union all
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
    and identifier.value = wanted.value
  union all
  select actor.id, actor.name
  from actor_identifiers as identifier
  join actors as actor on actor.id = identifier.actor_id
  where wanted.resource = 'actors'
    and identifier.scheme = wanted.scheme
    and identifier.country = split_part(wanted.value, ':', 1)
    and identifier.value = substr(wanted.value, strpos(wanted.value, ':') + 1)
  union all
  select actor.id, actor.name
  from external_keys as key
  join actors as actor on actor.id = key.actor_id
  where wanted.resource = 'actors' and key.scheme = wanted.scheme and key.value = wanted.value
  union all
  select relationship.id, relationship.kind
  from relationships as relationship
  where wanted.resource = 'relationships' and relationship.id = wanted.id
  union all
  select key.relationship_id, key.value
  from external_keys as key
  where wanted.resource = 'relationships'
    and key.relationship_id is not null
    and key.scheme = wanted.scheme
    and key.value = wanted.value
  union all
  select programme.id, programme.code
  from programmes as programme
  where wanted.resource = 'programmes' and programme.id = wanted.id
  union all
  select programme.id, programme.code
  from programmes as programme
  where wanted.resource = 'programmes' and wanted.scheme = 'programme' and programme.code = wanted.value
  union all
  select programme.id, programme.code
  from external_keys as key
  join programmes as programme on programme.id = key.programme_id
  where wanted.resource = 'programmes' and key.scheme = wanted.scheme and key.value = wanted.value
  union all
  select sanction.id, sanction.id::text
  from sanctions as sanction
  where wanted.resource = 'sanctions' and sanction.id = wanted.id
  union all
  select key.sanction_id, key.value
  from external_keys as key
  where wanted.resource = 'sanctions'
    and key.sanction_id is not null
    and key.scheme = wanted.scheme
    and key.value = wanted.value
  union all
  select action.id, action.title
  from diplomatic_actions as action
  where wanted.resource = 'diplomatic-actions' and action.id = wanted.id
  union all
  select action.id, action.title
  from external_keys as key
  join diplomatic_actions as action on action.id = key.action_id
  where wanted.resource = 'diplomatic-actions' and key.scheme = wanted.scheme and key.value = wanted.value
  union all
  select source.id, source.title
  from sources as source
  where wanted.resource = 'sources' and source.id = wanted.id
  union all
  select source.id, source.title
  from external_keys as key
  join sources as source on source.id = key.source_id
  where wanted.resource = 'sources' and key.scheme = wanted.scheme and key.value = wanted.value
) as found
order by wanted.place, found.name, found.id
