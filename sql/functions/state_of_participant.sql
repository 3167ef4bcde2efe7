create or replace function state_of_participant(taken_action_id uuid, role participant_role, actor_id uuid) returns uuid
language plpgsql stable parallel safe security definer cost 1 set search_path = pg_catalog, public, pg_temp
as $$
declare
  earliest date;
  latest date;
begin
  select action.occurred_on_earliest, action.occurred_on_latest
  into earliest, latest
  from diplomatic_actions as action
  where action.id = taken_action_id;
  if role in ('initiator', 'mediator') then
    return imposer_state(actor_id, earliest, latest);
  end if;
  return target_state(actor_id, earliest, latest);
end
$$;
comment on function state_of_participant(uuid, participant_role, uuid) is 'The state for which a participant of an action counts: of an initiator or mediator imposer_state, of others target_state; for where it is asked of few rows among many';
revoke execute on function state_of_participant(uuid, participant_role, uuid) from public;
