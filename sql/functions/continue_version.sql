create or replace function continue_version() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  revised_id uuid;
  last integer;
begin
  if tg_argv[0] = 'id' then
    revised_id := new.id;
  else
    revised_id := entry_id(tg_table_name, new.code);
  end if;
  select max(revision.version) into last
  from revisions as revision
  where revision.record_id = revised_id
    and revision.resource = tg_table_name;
  if last is not null then
    new.version := last + 1;
  end if;
  return new;
end
$$;
comment on function continue_version() is 'Trigger of every record, with its key (id or code) as argument: a record that is created again under the same key continues its versions';
revoke execute on function continue_version() from public;
