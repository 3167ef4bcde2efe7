create or replace function move_version() returns trigger
language plpgsql
as $$
begin
  -- A record and its children may be written by several statements of one transaction: that is one version, unless it has a
  -- revision already, because the transaction had its deferred triggers run before its end.
  if old.changed_in = pg_current_xact_id()::text::bigint
    and old.updated_at = recording_time()
    and current_setting('demarche.revised_in', true) is distinct from pg_current_xact_id()::text
  then
    new.version := old.version;
  else
    new.version := old.version + 1;
  end if;
  new.changed_in := pg_current_xact_id()::text::bigint;
  new.created_at := old.created_at;
  new.updated_at := recording_time();
  return new;
end
$$;
comment on function move_version() is 'Trigger of every record: the version moves once a transaction that changes the record or its children';
