create or replace function state_of_imposer(imposer_id uuid, earliest date, latest date) returns uuid
language plpgsql stable parallel safe security definer cost 1 set search_path = pg_catalog, public, pg_temp
as $$
begin
  return imposer_state(imposer_id, earliest, latest);
end
$$;
comment on function state_of_imposer(uuid, date, date) is 'imposer_state, for where it is asked of few rows among many';
revoke execute on function state_of_imposer(uuid, date, date) from public;
