create or replace function unregister_record(record text) returns void
language plpgsql
as $$
declare
  made record;
begin
  if exists (select from record_kinds where resource = record and reference is not null) then
    perform unregister_properties(record);
  end if;
  for made in
    select trigger.tgname, trigger.tgrelid::regclass as home
    from pg_trigger as trigger
    join pg_proc as function on function.oid = trigger.tgfoid
    where function.oid in (to_regproc('touch_' || record), to_regproc('revise_' || record))
      or (
        trigger.tgrelid = to_regclass(record)
        and function.proname in ('move_version', 'begin_version', 'continue_version', 'refuse_new_id', 'refuse_truncate')
      )
  loop
    execute format('drop trigger %I on %s', made.tgname, made.home);
  end loop;
  for made in
    delete from record_children where resource = record returning child
  loop
    if not exists (select from record_children where child = made.child) then
      execute format('drop trigger %1$s_refuse_truncate on %1$I', made.child);
    end if;
  end loop;
  execute format('drop function if exists revise_%1$s(), touch_%1$s()', record);
  if exists (select from record_kinds where resource = record and reference is null) then
    execute format('drop function %s_document(text)', record);
  end if;
  delete from record_kinds where resource = record;
end
$$;
comment on function unregister_record(text) is 'For migrations: undoes register_record and register_child for a table of records; the revisions that were written stay';
revoke execute on function unregister_record(text) from public;
