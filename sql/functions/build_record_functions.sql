create or replace function build_record_functions(record text) returns void
language plpgsql
as $$
declare
  reference text := (select kind.reference from record_kinds as kind where kind.resource = record);
  -- An entry of a vocabulary has no id: its revisions have the id that entry_id makes from its code.
  key text := case when reference is null then 'code' else 'id' end;
  new_id text := case when reference is null then format('entry_id(%L, new.code)', record) else 'new.id' end;
  old_id text := case when reference is null then format('entry_id(%L, old.code)', record) else 'old.id' end;
begin
  execute format(
    $functions$
      create or replace function revise_%1$s() returns trigger
      language plpgsql security definer set search_path = pg_catalog, public, pg_temp
      as $body$
      declare
        document jsonb;
        last integer;
        last_operation revision_operation;
        writer text := coalesce(nullif(current_setting('demarche.by', true), ''), 'role:' || session_user);
        request text := nullif(current_setting('demarche.request_id', true), '');
        reason text := nullif(current_setting('demarche.comment', true), '');
        backdated timestamptz := nullif(current_setting('demarche.backdated_to', true), '');
        is_restored boolean;
        is_merged boolean;
        written bigint;
      begin
        if tg_op = 'DELETE' then
          select revision.version, revision.operation into last, last_operation
          from revisions as revision
          where revision.record_id = %4$s and revision.resource = %1$L
          order by revision.version desc
          limit 1;
          -- No revision is written for a record that this transaction created, created again, or has a deletion of already.
          if last is null or last_operation in ('delete', 'merge') or %1$s_document(old.%2$I) is not null then
            return null;
          end if;
          is_merged := coalesce(current_setting('demarche.merged', true) = %4$s::text, false);
          insert into revisions (
            resource, record_id, version, operation, changed_by, request_id, comment, merged_into, backdated_to
          )
          values (
            %1$L, %4$s, last + 1, case when is_merged then 'merge'::revision_operation else 'delete' end,
            writer, request, reason,
            case when is_merged then current_setting('demarche.merged_into', true)::uuid end,
            backdated
          )
          returning id into written;
        else
          document := %1$s_document(new.%2$I);
          -- The transaction deleted the record again.
          if document is null then
            return null;
          end if;
          is_restored := coalesce(%3$s::text = any (string_to_array(current_setting('demarche.restored', true), ',')), false);
          insert into revisions (
            resource, record_id, version, operation, changed_by, request_id, comment, document, backdated_to
          )
          values (
            %1$L, %3$s, (document ->> 'version')::integer,
            case
              when is_restored then 'restore'::revision_operation
              when tg_op = 'INSERT' then 'create'
              else 'update'
            end,
            writer, request, reason, document, backdated
          )
          on conflict on constraint revisions_record_id_version_key do nothing
          returning id into written;
        end if;
        if written is null then
          return null;
        end if;
        insert into outbox (revision_id) values (written);
        perform set_config('demarche.revised_in', pg_current_xact_id()::text, true);
        return null;
      end
      $body$
    $functions$,
    record, key, new_id, old_id
  );
  execute format('revoke execute on function revise_%s() from public', record);
  execute format('comment on function revise_%s() is %L', record,
    format('Trigger of %s, at the end of a transaction: writes the revision. Made by build_record_functions', record));

  if reference is null then
    execute format(
      $function$
        create or replace function %1$s_document(entry_code text) returns jsonb
        language plpgsql stable set search_path = pg_catalog, public, pg_temp
        as $body$
        begin
          return (
            select to_jsonb(entry) - 'changed_in' || jsonb_build_object(
              'created_at', utc_text(entry.created_at), 'updated_at', utc_text(entry.updated_at)
            )
            from %1$I as entry
            where entry.code = entry_code
          );
        end
        $body$
      $function$,
      record
    );
    execute format('revoke execute on function %s_document(text) from public', record);
    execute format('comment on function %s_document(text) is %L', record,
      format('An entry of %s; null if there is none. Made by build_record_functions', record));
  else
    execute format(
      $function$
        create or replace function touch_%1$s() returns trigger
        language plpgsql
        as $body$
        begin
          -- An update that sets only updated_at makes move_version move the version.
          if tg_op <> 'INSERT' and old.%2$I is not null then
            update %1$I as record
            set updated_at = recording_time()
            where record.id = old.%2$I
              and (
                record.changed_in <> pg_current_xact_id()::text::bigint
                or record.updated_at <> recording_time()
                or current_setting('demarche.revised_in', true) = pg_current_xact_id()::text
              );
          end if;
          if tg_op = 'INSERT' or tg_op = 'UPDATE' and new.%2$I is distinct from old.%2$I then
            update %1$I as record
            set updated_at = recording_time()
            where record.id = new.%2$I
              and (
                record.changed_in <> pg_current_xact_id()::text::bigint
                or record.updated_at <> recording_time()
                or current_setting('demarche.revised_in', true) = pg_current_xact_id()::text
              );
          end if;
          return null;
        end
        $body$
      $function$,
      record, reference
    );
    execute format('comment on function touch_%s() is %L', record,
      format('Trigger of the child tables of %s: a change of a child moves the version of its record. Made by build_record_functions', record));
  end if;
end
$$;
comment on function build_record_functions(text) is 'Makes the functions that each registered kind of record has of its own, with plans that PostgreSQL keeps: revise_…, touch_… of a record, …_document of a vocabulary. Called by register_record, and by migrate for every kind';
revoke execute on function build_record_functions(text) from public;
