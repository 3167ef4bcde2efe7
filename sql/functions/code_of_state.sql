create or replace function code_of_state(state_id uuid) returns text
language plpgsql stable parallel safe security definer cost 1 set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select min(identifier.value)
    from actor_identifiers as identifier
    where identifier.actor_id = state_id and identifier.scheme in ('iso3166', 'iso3166_3')
  );
end
$$;
comment on function code_of_state(uuid) is 'The code of a state in countries: of two letters, of four where it is a former one; for where it is asked of few rows among many';
revoke execute on function code_of_state(uuid) from public;
