select
  participant.action_id,
  participant.position,
  case count(distinct tie.state_id)
    when 1 then (array_agg(tie.state_id) filter (where tie.state_id is not null))[1]
    when 0 then case
      when participant.role not in ('target', 'affected') then null
      when acting.country_periods is null then acting.country_state_id
      else target_state(participant.actor_id, action.occurred_on_earliest, action.occurred_on_latest)
    end
  end as state_id
from changed_actions as changed
join action_participants as participant on participant.action_id = changed.id
join bi_store.actor_states as acting on acting.actor_id = participant.actor_id and acting.depends_on_day
join diplomatic_actions as action on action.id = participant.action_id
left join bi_store.actor_ties as tie
  on tie.actor_id = participant.actor_id
  and tie.is_state
  and coalesce(tie.first_day <= action.occurred_on_latest, true)
  and coalesce(tie.last_day >= action.occurred_on_earliest, true)
group by
  participant.action_id, participant.position, participant.role, participant.actor_id, acting.country_state_id, acting.country_periods,
  action.occurred_on_earliest, action.occurred_on_latest
