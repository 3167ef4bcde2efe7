select
  sanction.id,
  'sanctions' as resource,
  sanction.claim_status,
  imposer.name || ' sanctions ' || target.name as summary,
  sanction.created_at,
  sanction.updated_at
from sanctions as sanction
join actors as imposer on imposer.id = sanction.imposer_id
join actors as target on target.id = sanction.target_id
union all
select
  relationship.id,
  'relationships',
  relationship.claim_status,
  subject.name || ' ' || kind.label || ' ' || object.name,
  relationship.created_at,
  relationship.updated_at
from relationships as relationship
join relationship_kinds as kind on kind.code = relationship.kind
join actors as subject on subject.id = relationship.subject_id
join actors as object on object.id = relationship.object_id
union all
select
  action.id,
  'diplomatic-actions',
  action.claim_status,
  action.title,
  action.created_at,
  action.updated_at
from diplomatic_actions as action
