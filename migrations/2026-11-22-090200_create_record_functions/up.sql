-- What every record shares: ids that order by time, a version that moves once a transaction, and the shapes of free fields.

create function uuid_v7() returns uuid
language sql volatile parallel safe
begin atomic
  select (
    lpad(to_hex(floor(extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
    || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14, 3)
    || substr(replace(gen_random_uuid()::text, '-', ''), 17, 16)
  )::uuid;
end;
comment on function uuid_v7() is 'A new UUID of version 7 (RFC 9562): milliseconds since 1970, then random bits';

create function is_text_lists(value jsonb) returns boolean
language sql immutable parallel safe
begin atomic
  select case
    when jsonb_typeof(value) <> 'object' then false
    else not jsonb_path_exists(
      value,
      'strict $.* ? (@.type() != "array" || exists (@[*] ? (@.type() != "string")))'
    )
  end;
end;
comment on function is_text_lists(jsonb) is 'Whether a value is an object of name to list of strings, the shape of properties';

create function move_version() returns trigger
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
comment on function move_version() is 'Trigger of every record: the version moves once a transaction that changes the record or its children';

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

create function keep_version(record text) returns void
language plpgsql
as $$
begin
  execute format(
    'create trigger %1$s_move_version before update on %1$I
       for each row execute function move_version()',
    record
  );
end
$$;
comment on function keep_version(text) is 'For migrations: makes the trigger by which a record moves its version';

create function plain_name(name text) returns text
language sql immutable strict parallel safe
return lower(public.unaccent('public.unaccent'::regdictionary, name));
comment on function plain_name(text) is 'A name without accents and capitals, as names are searched';

create table secrets (
  name text not null,
  value bytea not null,
  constraint secrets_pkey primary key (name)
);
comment on table secrets is 'Random keys that every server of this registry shares';
comment on column secrets.name is 'What the key is for: cursor signs the cursors of pages';
comment on column secrets.value is 'The key';
insert into secrets (name, value)
values ('cursor', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
