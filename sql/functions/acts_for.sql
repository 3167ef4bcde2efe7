create or replace function acts_for(actor_id uuid, principal_id uuid, earliest date, latest date) returns boolean
language sql stable parallel safe security definer cost 10000
begin atomic
  select exists (select from actors_acted_for(actor_id, earliest, latest) as own where own.id = principal_id);
end;
comment on function acts_for(uuid, uuid, date, date) is 'Whether an act of this actor between these days counts for the principal, a state or a body that others act for, by the rule of states_acted_for';
revoke execute on function acts_for(uuid, uuid, date, date) from public;
