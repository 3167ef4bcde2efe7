select 'sanctions' as resource, sanction.id, 'imposer' as role from sanctions as sanction where sanction.imposer_id = wanted.id
union all
select 'sanctions', sanction.id, 'target' from sanctions as sanction where sanction.target_id = wanted.id
union all
select 'programmes', programme.id, 'imposer' from programmes as programme where programme.imposer_id = wanted.id
union all
select 'relationships', relationship.id, 'subject'
from relationships as relationship
where relationship.subject_id = wanted.id
union all
select 'relationships', relationship.id, 'object'
from relationships as relationship
where relationship.object_id = wanted.id
union all
select 'diplomatic-actions', participant.action_id, participant.role::text
from action_participants as participant
where participant.actor_id = wanted.id
union all
select
  case
    when citation.sanction_id is not null then 'sanctions'
    when citation.action_id is not null then 'diplomatic-actions'
    else 'relationships'
  end,
  coalesce(citation.sanction_id, citation.action_id, citation.relationship_id),
  'attributed_to'
from citations as citation
where citation.attributed_to_id = wanted.id
