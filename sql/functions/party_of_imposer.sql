create or replace function party_of_imposer(imposer_id uuid, earliest date, latest date) returns uuid
language plpgsql stable parallel safe security definer cost 1 set search_path = pg_catalog, public, pg_temp
as $$
begin
  return imposing_party(imposer_id, earliest, latest);
end
$$;
comment on function party_of_imposer(uuid, date, date) is 'imposing_party, for where it is asked of few rows among many';
revoke execute on function party_of_imposer(uuid, date, date) from public;
