select distinct
  case
    when citation.sanction_id is not null then 'sanctions'
    when citation.action_id is not null then 'diplomatic-actions'
    else 'relationships'
  end as resource,
  coalesce(citation.sanction_id, citation.action_id, citation.relationship_id) as id,
  'source' as role
from citations as citation
where citation.source_id = wanted.id
