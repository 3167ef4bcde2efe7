select
  action.id,
  '/participants/' || participant.position as pointer,
  format('%s began on %s, after the act of %s; correct one of the dates', party.name, party.began_on, action.occurred_on) as detail
from diplomatic_actions as action
join action_participants as participant
  on participant.action_id = action.id
  and participant.role in ('initiator', 'target')
join actors as party
  on party.id = participant.actor_id
  and party.began_on_earliest > action.occurred_on_latest
-- A day that is only about known is no limit.
where strpos(concat(party.began_on, action.occurred_on), '~') = 0
