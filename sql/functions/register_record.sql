create or replace function register_record(record text, reference text) returns void
language plpgsql
as $$
declare
  key text := case when reference is null then 'code' else 'id' end;
begin
  insert into record_kinds (resource, reference) values (record, reference);
  perform build_record_functions(record);
  execute format(
    $triggers$
      create trigger %1$s_move_version before update on %1$I
        for each row execute function move_version();
      create trigger %1$s_begin_version before insert on %1$I
        for each row when (new.version <> 1) execute function begin_version();
      create trigger %1$s_continue_version before insert on %1$I
        for each row execute function continue_version(%2$L);
      create trigger %1$s_keep_id before update on %1$I
        for each row when (old.%2$I is distinct from new.%2$I) execute function refuse_new_id();
      create constraint trigger %1$s_insert_is_revised after insert on %1$I deferrable initially deferred
        for each row execute function revise_%1$s();
      -- The version moves with the first change of a transaction, and not with later ones.
      create constraint trigger %1$s_update_is_revised after update on %1$I deferrable initially deferred
        for each row when (old.version <> new.version) execute function revise_%1$s();
      create constraint trigger %1$s_delete_is_revised after delete on %1$I deferrable initially deferred
        for each row execute function revise_%1$s();
      create trigger %1$s_refuse_truncate before truncate on %1$I
        for each statement execute function refuse_truncate()
    $triggers$,
    record, key
  );
  -- The migration that creates property_names does it for the kinds before.
  if reference is not null and to_regclass('public.property_names') is not null then
    perform register_properties(record);
  end if;
  begin
    perform write_baseline(record);
  exception
    -- A later migration creates what the document has: migrate writes it after the last one.
    when undefined_table or undefined_column or undefined_function then
      perform set_config(
        'demarche.unwritten_baselines',
        concat_ws(',', nullif(current_setting('demarche.unwritten_baselines', true), ''), record),
        true
      );
  end;
end
$$;
comment on function register_record(text, text) is 'For migrations: keeps history of a table of records. Takes the table and the column by which child tables name a record of it (null for a vocabulary); makes its triggers and functions, and writes a first revision of each row that it has. The table needs the columns version, changed_in, created_at and updated_at, and the function <table>_document(uuid)';
revoke execute on function register_record(text, text) from public;
