create or replace function check_superseding() returns trigger
language plpgsql
as $$
declare
  of_resource text := 'actors';
  of_record uuid;
begin
  if tg_table_name = 'changes' then
    of_resource := new.resource;
    of_record := new.record_id;
  else
    of_record := new.actor_id;
  end if;
  if not exists (
    select from changes as next
    where next.resource = of_resource
      and next.record_id = of_record
      and next.sequence > new.sequence
      and next.recorded_at = new.superseded_at
  ) then
    raise exception using
      errcode = 'restrict_violation',
      message = format('superseded_at of %s is when a later change of the record was recorded, and there is none of %s', tg_table_name, new.superseded_at);
  end if;
  return null;
end
$$;
comment on function check_superseding() is 'Trigger of changes and name_history: what is superseded is so by a later change';
revoke execute on function check_superseding() from public;
