select found.resource, count(distinct found.id) as used
from (
  select 'actors' as resource, actor.id::text as id
  from actors as actor
  where wanted.vocabulary = 'actor_kinds' and actor.kind = wanted.code
  union all
  select 'actors', country.actor_id::text
  from actor_countries as country
  where wanted.vocabulary = 'countries' and country.code = wanted.code
  union all
  select 'actors', identifier.actor_id::text
  from actor_identifiers as identifier
  where wanted.vocabulary = 'countries' and identifier.country = wanted.code
  union all
  select 'diplomatic-actions', country.action_id::text
  from action_countries as country
  where wanted.vocabulary = 'countries' and country.code = wanted.code
  union all
  select 'actors', identifier.actor_id::text
  from actor_identifiers as identifier
  where wanted.vocabulary = 'identifier_schemes' and identifier.scheme = wanted.code
  union all
  select 'relationships', relationship.id::text
  from relationships as relationship
  where wanted.vocabulary = 'relationship_kinds' and relationship.kind = wanted.code
  union all
  select 'sanctions', measure.sanction_id::text
  from sanction_measures as measure
  where wanted.vocabulary = 'measures' and measure.measure = wanted.code
  union all
  select 'sanctions', ground.sanction_id::text
  from sanction_grounds as ground
  where wanted.vocabulary = 'grounds' and ground.ground = wanted.code
  union all
  select 'sanctions', objective.sanction_id::text
  from sanction_objectives as objective
  where wanted.vocabulary = 'objectives' and objective.objective = wanted.code
  union all
  select 'diplomatic-actions', action.id::text
  from diplomatic_actions as action
  where wanted.vocabulary = 'action_types' and action.type = wanted.code
  union all
  select 'diplomatic-actions', action.id::text
  from diplomatic_actions as action
  where wanted.vocabulary = 'cameo_codes' and action.cameo_code = wanted.code
  union all
  select 'actors', address.actor_id::text
  from actor_addresses as address
  where wanted.vocabulary = 'countries' and address.country = wanted.code
  union all
  select replace(record.resource, '_', '-'), record.record_id::text
  from records_with_property(wanted.code) as record
  where wanted.vocabulary = 'property_names'
  union all
  select 'vocabularies/action_types', type.code
  from action_types as type
  where wanted.vocabulary = 'cameo_codes' and type.cameo_code = wanted.code
  union all
  select 'vocabularies/cameo_codes', cameo.code
  from cameo_codes as cameo
  where wanted.vocabulary = 'cameo_codes' and cameo.goldstein_from = wanted.code
) as found
group by found.resource
