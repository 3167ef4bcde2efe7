create or replace function write_baseline(record text) returns void
language plpgsql
as $$
declare
  reference text := (select kind.reference from record_kinds as kind where kind.resource = record);
  key text := case when reference is null then 'code' else 'id' end;
  record_id text := case when reference is null then format('entry_id(%L, record.code)', record) else 'record.id' end;
  -- What a registry begins with has always been recorded, so that records backdated to earlier days may name it.
  recorded_since timestamptz := case when not exists (select from users) then '1970-01-01 00:00:00+00' end;
begin
  execute format(
    $baseline$
      with written as (
        insert into revisions (resource, record_id, version, operation, changed_by, document, backdated_to)
        select %1$L, %2$s, record.version, 'baseline', 'role:' || session_user, %1$s_document(record.%3$I), $1
        from %1$I as record
        order by record.updated_at, record.%3$I
        on conflict on constraint revisions_record_id_version_key do nothing
        returning id
      )
      insert into outbox (revision_id) select id from written
    $baseline$,
    record, record_id, key
  )
  using recorded_since;
end
$$;
comment on function write_baseline(text) is 'For register_record and migrate: writes a first revision of each row of a registered table';
revoke execute on function write_baseline(text) from public;
