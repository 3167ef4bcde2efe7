do $$
declare
  kept text;
begin
  foreach kept in array array[
    'actors', 'sources', 'programmes', 'relationships', 'diplomatic_actions', 'sanctions', 'countries', 'actor_kinds',
    'relationship_kinds', 'identifier_schemes', 'measures', 'grounds', 'objectives', 'action_types', 'cameo_codes'
  ] loop
    execute format('drop trigger %1$s_continue_version on %1$I', kept);
    execute format('drop trigger %1$s_keep_id on %1$I', kept);
    execute format('drop trigger %1$s_insert_is_revised on %1$I', kept);
    execute format('drop trigger %1$s_update_is_revised on %1$I', kept);
    execute format('drop trigger %1$s_delete_is_revised on %1$I', kept);
    execute format('alter table %1$I drop constraint %1$s_created_at_check, drop constraint %1$s_updated_at_check', kept);
    execute format('alter table %I alter column created_at set default now()', kept);
    execute format('alter table %I alter column updated_at set default now()', kept);
    execute format('drop function continue_version_of_%s()', kept);
    execute format('drop function revise_%s()', kept);
  end loop;
  foreach kept in array array[
    'actors', 'actor_names', 'actor_countries', 'actor_identifiers', 'sources', 'programmes', 'relationships',
    'diplomatic_actions', 'action_countries', 'action_participants', 'action_links', 'sanctions', 'sanction_programmes',
    'sanction_measures', 'sanction_grounds', 'sanction_objectives', 'citations', 'external_keys', 'countries', 'actor_kinds',
    'relationship_kinds', 'identifier_schemes', 'measures', 'grounds', 'objectives', 'action_types', 'cameo_codes'
  ] loop
    execute format('drop trigger %1$s_refuse_truncate on %1$I', kept);
  end loop;
end
$$;
drop function sequence_revisions(boolean, timestamptz);
drop function keep_revisions(text, text, text);
drop function refuse_new_id();
drop function refuse_truncate();
drop function link_sha256(bytea, bigint, timestamptz, boolean, revisions);
drop table chain_head;
drop table changes;
drop table outbox;
drop table revisions;
drop function refuse_rewriting();
drop type revision_operation;

create or replace function move_version() returns trigger
language plpgsql
as $$
begin
  -- A record and its children may be written by several statements of one transaction: that is one version.
  if old.changed_in = pg_current_xact_id()::text::bigint and old.updated_at = now() then
    new.version := old.version;
  else
    new.version := old.version + 1;
  end if;
  new.changed_in := pg_current_xact_id()::text::bigint;
  new.created_at := old.created_at;
  new.updated_at := now();
  return new;
end
$$;

do $$
declare
  touched record;
begin
  for touched in
    select * from (values
      ('actors', 'actor_id'),
      ('relationships', 'relationship_id'),
      ('programmes', 'programme_id'),
      ('sanctions', 'sanction_id'),
      ('diplomatic_actions', 'action_id'),
      ('sources', 'source_id')
    ) as touched (record, reference)
  loop
    execute format(
      $touch$
        create or replace function touch_%1$s() returns trigger
        language plpgsql
        as $body$
        begin
          -- An update that sets nothing but updated_at reaches move_version, which does the counting.
          if tg_op <> 'INSERT' and old.%2$I is not null then
            update %1$I as record
            set updated_at = now()
            where record.id = old.%2$I
              and (record.changed_in <> pg_current_xact_id()::text::bigint or record.updated_at <> now());
          end if;
          if tg_op = 'INSERT' or tg_op = 'UPDATE' and new.%2$I is distinct from old.%2$I then
            update %1$I as record
            set updated_at = now()
            where record.id = new.%2$I
              and (record.changed_in <> pg_current_xact_id()::text::bigint or record.updated_at <> now());
          end if;
          return null;
        end
        $body$
      $touch$,
      touched.record, touched.reference
    );
  end loop;
end
$$;
drop function recording_time();
