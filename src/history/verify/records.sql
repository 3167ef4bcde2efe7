with said (resource, record_id, document) as (
  select 'actors', record.id, actor_document(record.id) from actors as record
  union all
  select 'sources', record.id, source_document(record.id) from sources as record
  union all
  select 'programmes', record.id, programme_document(record.id) from programmes as record
  union all
  select 'relationships', record.id, relationship_document(record.id) from relationships as record
  union all
  select 'diplomatic_actions', record.id, diplomatic_action_document(record.id) from diplomatic_actions as record
  union all
  select 'sanctions', record.id, sanction_document(record.id) from sanctions as record
  union all
  select 'countries', entry_id('countries', record.code), countries_document(record.code) from countries as record
  union all
  select 'actor_kinds', entry_id('actor_kinds', record.code), actor_kinds_document(record.code) from actor_kinds as record
  union all
  select 'relationship_kinds', entry_id('relationship_kinds', record.code), relationship_kinds_document(record.code) from relationship_kinds as record
  union all
  select 'identifier_schemes', entry_id('identifier_schemes', record.code), identifier_schemes_document(record.code) from identifier_schemes as record
  union all
  select 'measures', entry_id('measures', record.code), measures_document(record.code) from measures as record
  union all
  select 'grounds', entry_id('grounds', record.code), grounds_document(record.code) from grounds as record
  union all
  select 'objectives', entry_id('objectives', record.code), objectives_document(record.code) from objectives as record
  union all
  select 'action_types', entry_id('action_types', record.code), action_types_document(record.code) from action_types as record
  union all
  select 'cameo_codes', entry_id('cameo_codes', record.code), cameo_codes_document(record.code) from cameo_codes as record
),
last as (
  select distinct on (revision.resource, revision.record_id) revision.resource, revision.record_id, revision.version, revision.document
  from revisions as revision
  order by revision.resource, revision.record_id, revision.version desc
)
select
  case
    when last.record_id is null then format('%s %s has no revision: it was recorded while triggers were off', said.resource, said.record_id)
    when said.record_id is null then format('%s %s is gone, and its last revision, version %s, knows nothing of that', last.resource, last.record_id, last.version)
    when last.document is null then format('%s %s is there, and its last revision, version %s, says that it is gone', last.resource, last.record_id, last.version)
    else format('%s %s is not what its last revision, version %s, says', last.resource, last.record_id, last.version)
  end as fault,
  count(*) over () as count
from said
full join last on last.record_id = said.record_id and last.resource = said.resource
where said.document is distinct from last.document
order by 1
limit 
