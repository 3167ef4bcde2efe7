create view bi.action_participants as
select
  participant.action_id,
  participant.position,
  participant.role::text as role,
  participant.actor_id,
  actor.name as actor,
  actor.kind as actor_kind,
  kind.label as actor_kind_label,
  case
    when acting.depends_on_day and kept.action_id is not null then kept.state_id
    when not acting.depends_on_day then case
      when participant.role in ('initiator', 'mediator') then acting.imposer_state_id
      else acting.target_state_id
    end
    when (
      -- An actor without a row has no state, unless it was recorded after the last refresh.
      acting.actor_id is not null
      or participant.actor_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then state_of_participant(participant.action_id, participant.role, participant.actor_id)
  end as state_id,
  case
    when acting.depends_on_day and kept.action_id is not null then kept_state.name
    when not acting.depends_on_day then case
      when participant.role in ('initiator', 'mediator') then imposing_state.name
      else targeted_state.name
    end
    when (
      -- An actor without a row has no state, unless it was recorded after the last refresh.
      acting.actor_id is not null
      or participant.actor_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then name_of_state(state_of_participant(participant.action_id, participant.role, participant.actor_id))
  end as state,
  case
    when acting.depends_on_day and kept.action_id is not null then kept_state.iso_code
    when not acting.depends_on_day then case
      when participant.role in ('initiator', 'mediator') then imposing_state.iso_code
      else targeted_state.iso_code
    end
    when (
      -- An actor without a row has no state, unless it was recorded after the last refresh.
      acting.actor_id is not null
      or participant.actor_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then code_of_state(state_of_participant(participant.action_id, participant.role, participant.actor_id))
  end as state_code,
  case
    when acting.depends_on_day and kept.action_id is not null then kept_state.iso3_code
    when not acting.depends_on_day then case
      when participant.role in ('initiator', 'mediator') then imposing_state.iso3_code
      else targeted_state.iso3_code
    end
    when (
      -- An actor without a row has no state, unless it was recorded after the last refresh.
      acting.actor_id is not null
      or participant.actor_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then alpha3_of_state(state_of_participant(participant.action_id, participant.role, participant.actor_id))
  end as state_alpha3
from action_participants as participant
left join (
  bi_store.actor_states as acting
  left join bi_store.states as imposing_state on imposing_state.state_id = acting.imposer_state_id
  left join bi_store.states as targeted_state on targeted_state.state_id = acting.target_state_id
) on acting.actor_id = participant.actor_id
left join (
  bi_store.participant_states as kept
  left join bi_store.states as kept_state on kept_state.state_id = kept.state_id
) on kept.action_id = participant.action_id and kept.position = participant.position
left join (
  actors as actor
  left join actor_kinds as kind on kind.code = actor.kind
) on actor.id = participant.actor_id;
comment on view bi.action_participants is 'Participants of diplomatic actions, and the states for which they count; one row per action and participant';
comment on column bi.action_participants.action_id is 'Id of the action';
comment on column bi.action_participants.position is 'Order of the participants in the record, from 0';
comment on column bi.action_participants.role is 'Role of the participant: initiator, target, affected or mediator';
comment on column bi.action_participants.actor_id is 'Id of the participant';
comment on column bi.action_participants.actor is 'Name of the participant';
comment on column bi.action_participants.actor_kind is 'Kind of the actor, as a code of actor_kinds';
comment on column bi.action_participants.actor_kind_label is 'Label of the kind';
comment on column bi.action_participants.state_id is 'Id of the state for which the participant counts: for an initiator or mediator by its ties alone; for a target or an affected actor by its ties, else its one country of jurisdiction, flag or nationality; null if there is none or more than one';
comment on column bi.action_participants.state is 'Name of the state for which the participant counts';
comment on column bi.action_participants.state_code is 'The state as a code of countries: ISO 3166-1 alpha-2, four letters for a former state';
comment on column bi.action_participants.state_alpha3 is 'ISO 3166-1 alpha-3 code of the state, if there is one';
