create or replace function register_record(record text, reference text) returns void
language plpgsql
as $$
declare
  key text := case when reference is null then 'code' else 'id' end;
  record_id text := case when reference is null then format('entry_id(%L, record.code)', record) else 'record.id' end;
  -- What a registry begins with has always been recorded, so that records backdated to earlier days may name it.
  recorded_since timestamptz := case when not exists (select from users) then '1970-01-01 00:00:00+00' end;
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
  execute format(
    $baseline$
      with written as (
        insert into revisions (resource, record_id, version, operation, changed_by, document, backdated_to)
        select %1$L, %2$s, record.version, 'baseline', 'role:' || session_user, %1$s_document(record.%3$I), $1
        from %1$I as record
        order by record.updated_at, record.%3$I
        returning id
      )
      insert into outbox (revision_id) select id from written
    $baseline$,
    record, record_id, key
  )
  using recorded_since;
end
$$;
comment on function register_record(text, text) is 'For migrations: keeps history of a table of records. Takes the table and the column by which child tables name a record of it (null for a vocabulary); makes its triggers and functions, and writes a first revision of each row that it has. The table needs the columns version, changed_in, created_at and updated_at, and the function <table>_document(uuid)';
revoke execute on function register_record(text, text) from public;
