create or replace function note_changed_records() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    insert into bi_store.changed_records (resource, id) select tg_table_name, come.id from come;
  elsif tg_op = 'DELETE' then
    insert into bi_store.changed_records (resource, id) select tg_table_name, gone.id from gone;
  else
    insert into bi_store.changed_records (resource, id)
    select tg_table_name, come.id
    from come
    join gone on gone.id = come.id
    where come.version <> gone.version;
  end if;
  return null;
end
$$;
comment on function note_changed_records() is 'Trigger of records that BI stores something of: queues them for the next refresh';
revoke execute on function note_changed_records() from public;
