create or replace function keep_name_history() returns trigger
language plpgsql
as $$
declare
  names text[] := (select plain_names(revision.document) from revisions as revision where revision.id = new.revision_id);
begin
  update name_history
  set superseded_at = new.recorded_at
  where actor_id = new.record_id
    and superseded_at = 'infinity'
    and plain_name <> all (names);
  insert into name_history (sequence, position, actor_id, plain_name, recorded_at)
  select new.sequence, row_number() over (order by name), new.record_id, name, new.recorded_at
  from (
    select unnest(names)
    except
    select plain_name from name_history where actor_id = new.record_id and superseded_at = 'infinity'
  ) as brought (name);
  return null;
end
$$;
comment on function keep_name_history() is 'Trigger of changes: the names that an actor is known by from this change on';
revoke execute on function keep_name_history() from public;
