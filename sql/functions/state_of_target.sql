create or replace function state_of_target(target_id uuid, earliest date, latest date) returns uuid
language plpgsql stable parallel safe security definer cost 1 set search_path = pg_catalog, public, pg_temp
as $$
begin
  return target_state(target_id, earliest, latest);
end
$$;
comment on function state_of_target(uuid, date, date) is 'target_state, for where it is asked of few rows among many';
revoke execute on function state_of_target(uuid, date, date) from public;
