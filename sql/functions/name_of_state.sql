create or replace function name_of_state(state_id uuid) returns text
language plpgsql stable parallel safe security definer cost 1 set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (select actor.name from actors as actor where actor.id = state_id);
end
$$;
comment on function name_of_state(uuid) is 'Name of a state, for where it is asked of few rows among many';
revoke execute on function name_of_state(uuid) from public;
