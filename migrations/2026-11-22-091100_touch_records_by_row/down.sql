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
do $$
declare
  record_table text;
begin
  for record_table in select distinct record from touched_by() loop
    execute format('drop function touch_%s()', record_table);
  end loop;
end
$$;
drop function keep_version_of_children(text, text, text);

create function touch_record() returns trigger
language plpgsql
as $$
begin
  -- Arguments: the record's table and the column of the child that names it. An update that sets
  -- nothing but updated_at reaches move_version, which does the counting.
  if tg_op in ('UPDATE', 'DELETE') then
    execute format(
      'update %1$I set updated_at = now() where id in (select %2$I from gone where %2$I is not null)',
      tg_argv[0], tg_argv[1]
    );
  end if;
  if tg_op in ('UPDATE', 'INSERT') then
    execute format(
      'update %1$I set updated_at = now() where id in (select %2$I from come where %2$I is not null)',
      tg_argv[0], tg_argv[1]
    );
  end if;
  return null;
end
$$;
comment on function touch_record() is 'Trigger of every child table: a change of a child moves the version of its record';

create function keep_version_of_children(child text, record text, reference text) returns void
language plpgsql
as $$
begin
  execute format(
    'create trigger %1$s_insert_touches_%2$s after insert on %1$I
       referencing new table as come for each statement execute function touch_record(%2$L, %3$L)',
    child, record, reference
  );
  execute format(
    'create trigger %1$s_update_touches_%2$s after update on %1$I
       referencing old table as gone new table as come for each statement execute function touch_record(%2$L, %3$L)',
    child, record, reference
  );
  execute format(
    'create trigger %1$s_delete_touches_%2$s after delete on %1$I
       referencing old table as gone for each statement execute function touch_record(%2$L, %3$L)',
    child, record, reference
  );
end
$$;
comment on function keep_version_of_children(text, text, text) is 'For migrations: makes the triggers by which a child table moves the version of its record';

select keep_version_of_children(child, record, reference) from touched_by();
drop function touched_by();
