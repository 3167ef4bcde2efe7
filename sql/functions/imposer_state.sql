create or replace function imposer_state(actor_id uuid, earliest date, latest date) returns uuid
language sql stable parallel safe security definer cost 10000
begin atomic
  select case when count(*) = 1 then (array_agg(own.id))[1] end
  from actors_acted_for(actor_id, earliest, latest) as own
  where own.kind = 'state';
end;
comment on function imposer_state(uuid, date, date) is 'The one state for which an act of this actor counts; null if there is none or more than one';
revoke execute on function imposer_state(uuid, date, date) from public;
