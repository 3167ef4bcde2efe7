create view bi.action_participants as
select
  participant.action_id,
  participant.position,
  participant.role::text as role,
  participant.actor_id,
  actor.name as actor,
  actor.kind as actor_kind,
  kind.label as actor_kind_label,
  state.id as state_id,
  state.name as state,
  country.code as state_code,
  country.iso3 as state_alpha3
from action_participants as participant
left join diplomatic_actions as action on action.id = participant.action_id
left join actors as actor on actor.id = participant.actor_id
left join actor_kinds as kind on kind.code = actor.kind
left join actors as state
  on state.id = case
    when participant.role in ('initiator', 'mediator') then
      imposer_state(participant.actor_id, action.occurred_on_earliest, action.occurred_on_latest)
    else target_state(participant.actor_id, action.occurred_on_earliest, action.occurred_on_latest)
  end
left join (
  select identifier.actor_id, min(identifier.value) as code
  from actor_identifiers as identifier
  where identifier.scheme in ('iso3166', 'iso3166_3')
  group by identifier.actor_id
) as country_code on country_code.actor_id = state.id
left join countries as country on country.code = country_code.code;
comment on view bi.action_participants is 'Who took part in diplomatic actions, and for which state that counts; one row per action and participant';
comment on column bi.action_participants.action_id is 'Id of the action';
comment on column bi.action_participants.position is 'Order in which the participants were given, from 0';
comment on column bi.action_participants.role is 'The part it plays: initiator, target, affected or mediator';
comment on column bi.action_participants.actor_id is 'Id of the participant';
comment on column bi.action_participants.actor is 'Name of the participant';
comment on column bi.action_participants.actor_kind is 'What sort of actor it is, as a code of actor_kinds';
comment on column bi.action_participants.actor_kind_label is 'What sort of actor it is, in words';
comment on column bi.action_participants.state_id is 'Id of the state that it counts for: of an initiator or mediator by its ties alone, of a target or who is affected by its ties, else its one country of jurisdiction, flag or nationality; null where that is not one';
comment on column bi.action_participants.state is 'Name of the state that it counts for';
comment on column bi.action_participants.state_code is 'The state as a code of countries: ISO 3166-1 alpha-2, four letters for a former state';
comment on column bi.action_participants.state_alpha3 is 'ISO 3166-1 alpha-3 code of the state, where there is one';
