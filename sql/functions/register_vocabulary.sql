create or replace function register_vocabulary(vocabulary text) returns void
language plpgsql
as $$
begin
  perform register_record(vocabulary, null);
end
$$;
comment on function register_vocabulary(text) is 'For migrations: keeps history of a vocabulary, a table with the key code; see register_record';
revoke execute on function register_vocabulary(text) from public;
