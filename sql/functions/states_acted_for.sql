create or replace function states_acted_for(actor_id uuid, earliest date, latest date) returns setof uuid
language sql stable parallel safe security definer cost 10000
begin atomic
  select own.id from actors_acted_for(actor_id, earliest, latest) as own where own.kind = 'state';
end;
comment on function states_acted_for(uuid, date, date) is 'The states for which an act of this actor between these days counts: itself where it is a state, else by its ties of kinds that count, one after another, each overlapping the act; an undated tie always holds, a denied or retracted one never';
revoke execute on function states_acted_for(uuid, date, date) from public;
