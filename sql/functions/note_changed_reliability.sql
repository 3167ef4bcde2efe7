create or replace function note_changed_reliability() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  insert into bi_store.changed_records (resource, id)
  select tg_table_name, come.id
  from come
  join gone on gone.id = come.id
  where come.reliability is distinct from gone.reliability;
  return null;
end
$$;
comment on function note_changed_reliability() is 'Trigger of sources: queues those whose reliability changed';
revoke execute on function note_changed_reliability() from public;
