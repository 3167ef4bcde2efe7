create or replace function refuse_causal_circle() returns trigger
language plpgsql
as $$
begin
  -- Two transactions that each add half of a circle would not see each other's half: one at a time.
  perform pg_advisory_xact_lock(hashtextextended('action_links causal circle', 0));
  if exists (
    with recursive causes (id) as (
      select new.linked_action_id
      union
      select link.linked_action_id
      from causes
      join action_links as link on link.action_id = causes.id
      where link.kind in ('responds_to', 'retaliates_for', 'escalates')
    )
    select from causes where id = new.action_id
  ) then
    raise exception using
      errcode = 'check_violation', constraint = 'action_links_circle_check', table = 'action_links',
      message = 'causal links close a circle';
  end if;
  return null;
end
$$;
drop table locks;
