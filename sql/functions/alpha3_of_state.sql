create or replace function alpha3_of_state(state_id uuid) returns text
language plpgsql stable parallel safe security definer cost 1 set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (select country.iso3 from countries as country where country.code = code_of_state(state_id));
end
$$;
comment on function alpha3_of_state(uuid) is 'ISO 3166-1 alpha-3 code of a state, for where it is asked of few rows among many';
revoke execute on function alpha3_of_state(uuid) from public;
