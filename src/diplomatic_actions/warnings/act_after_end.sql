select
  action.id,
  '/participants/' || participant.position as pointer,
  format('%s ended on %s, before the act of %s; correct one of the dates', party.name, party.ended_on, action.occurred_on) as detail
from diplomatic_actions as action
join action_participants as participant
  on participant.action_id = action.id
  and participant.role in ('initiator', 'target')
join actors as party
  on party.id = participant.actor_id
  and party.ended_on_latest < action.occurred_on_earliest
-- A day that is only about known is no limit.
where strpos(concat(party.ended_on, action.occurred_on), '~') = 0
