-- A changed child moves its record's version by a trigger for each row, which costs a fraction of one for each statement:
-- its update is planned once a connection, it is not called where the child belongs to a record of another table, and it
-- has nothing to do where the transaction has made or touched the record before.

create function touched_by() returns table (child text, record text, reference text)
language sql immutable
as $$
  values
    ('actor_names', 'actors', 'actor_id'),
    ('actor_countries', 'actors', 'actor_id'),
    ('actor_identifiers', 'actors', 'actor_id'),
    ('action_countries', 'diplomatic_actions', 'action_id'),
    ('action_participants', 'diplomatic_actions', 'action_id'),
    ('action_links', 'diplomatic_actions', 'action_id'),
    ('sanction_programmes', 'sanctions', 'sanction_id'),
    ('sanction_measures', 'sanctions', 'sanction_id'),
    ('sanction_grounds', 'sanctions', 'sanction_id'),
    ('sanction_objectives', 'sanctions', 'sanction_id'),
    ('citations', 'relationships', 'relationship_id'),
    ('citations', 'sanctions', 'sanction_id'),
    ('citations', 'diplomatic_actions', 'action_id'),
    ('external_keys', 'actors', 'actor_id'),
    ('external_keys', 'relationships', 'relationship_id'),
    ('external_keys', 'programmes', 'programme_id'),
    ('external_keys', 'sanctions', 'sanction_id'),
    ('external_keys', 'diplomatic_actions', 'action_id'),
    ('external_keys', 'sources', 'source_id')
$$;

do $$
declare
  touched record;
begin
  for touched in select * from touched_by() loop
    execute format('drop trigger %s_insert_touches_%s on %I', touched.child, touched.record, touched.child);
    execute format('drop trigger %s_update_touches_%s on %I', touched.child, touched.record, touched.child);
    execute format('drop trigger %s_delete_touches_%s on %I', touched.child, touched.record, touched.child);
  end loop;
end
$$;
drop function touch_record();
drop function keep_version_of_children(text, text, text);

create function keep_version_of_children(child text, record text, reference text) returns void
language plpgsql
as $$
begin
  if to_regprocedure(format('touch_%s()', record)) is null then
    execute format(
      $touch$
        create function touch_%1$s() returns trigger
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
      record, reference
    );
    execute format(
      'comment on function touch_%s() is %L',
      record,
      format('Trigger of the children of %s: a change of a child moves the version of its record', record)
    );
  end if;
  execute format(
    'create trigger %1$s_insert_touches_%2$s after insert on %1$I
       for each row when (new.%3$I is not null) execute function touch_%2$s()',
    child, record, reference
  );
  execute format(
    'create trigger %1$s_update_touches_%2$s after update on %1$I
       for each row when (new.%3$I is not null or old.%3$I is not null) execute function touch_%2$s()',
    child, record, reference
  );
  execute format(
    'create trigger %1$s_delete_touches_%2$s after delete on %1$I
       for each row when (old.%3$I is not null) execute function touch_%2$s()',
    child, record, reference
  );
end
$$;
comment on function keep_version_of_children(text, text, text) is 'For migrations: makes the triggers by which a child table moves the version of its record';

select keep_version_of_children(child, record, reference) from touched_by();
drop function touched_by();
