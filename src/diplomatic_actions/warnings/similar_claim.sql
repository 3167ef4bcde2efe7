-- Looks for acts that begin at most a year earlier, which an index finds; more vague dates say too little.
select
  action.id,
  '' as pointer,
  format(
    'says the same as /v1/diplomatic-actions/%s, %s: type, initiators and targets are equal, and the day may be; keep one of the two, or give them other dates',
    other.id, other.title
  ) as detail
from diplomatic_actions as action
cross join lateral (
  select other.id, other.title
  from diplomatic_actions as other
  where other.cameo_code = action.cameo_code
    and other.occurred_on_earliest between action.occurred_on_earliest - 366 and action.occurred_on_latest
    and other.occurred_on_latest >= action.occurred_on_earliest
    and other.type = action.type
    and other.modality = action.modality
    and other.id <> action.id
    and other.claim_status not in ('denied', 'retracted')
    and (
      select array_agg(row(participant.role, participant.actor_id) order by participant.role, participant.actor_id)
      from action_participants as participant
      where participant.action_id = action.id and participant.role in ('initiator', 'target')
    ) = (
      select array_agg(row(participant.role, participant.actor_id) order by participant.role, participant.actor_id)
      from action_participants as participant
      where participant.action_id = other.id and participant.role in ('initiator', 'target')
    )
  -- Many equal acts would have a warning for each pair.
  limit 3
) as other
where action.claim_status not in ('denied', 'retracted')
