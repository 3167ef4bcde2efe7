create or replace function note_changed_vocabulary() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  insert into bi_store.changed_records (resource) values (tg_table_name);
  return null;
end
$$;
comment on function note_changed_vocabulary() is 'Trigger of vocabularies that decide what BI counts: queues that one of their entries changed';
revoke execute on function note_changed_vocabulary() from public;
