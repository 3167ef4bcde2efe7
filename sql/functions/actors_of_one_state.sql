create or replace function actors_of_one_state(state_id uuid)
  returns table (actor_id uuid, first_day date, last_day date, depends boolean)
language sql stable parallel safe rows 200
begin atomic
  select
    acting.actor_id,
    acting.first_day,
    acting.last_day,
    acting.actor_id in (select other.actor_id from others_acted_for(state_id) as other where other.kind = 'state')
  from actors_acting_for(state_id) as acting
  where exists (select from actors as state where state.id = state_id and state.kind = 'state');
end;
comment on function actors_of_one_state(uuid) is 'The actors whose acts count for this state, each with the days between which they do; where depends, some of its acts count for another state too, and imposer_state has to decide';
revoke execute on function actors_of_one_state(uuid) from public;
