create or replace function refuse_causal_cycle() returns trigger
language plpgsql
as $$
begin
  -- One transaction at a time: two that each add half of a cycle don't see each other's half.
  perform from locks where name = 'causal_links' for update;
  if not found then
    raise exception 'table locks lacks the row causal_links, which is locked to add causal links';
  end if;
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
      errcode = 'check_violation', constraint = 'action_links_cycle_check', table = 'action_links',
      message = 'causal links form a cycle';
  end if;
  return null;
end
$$;
comment on function refuse_causal_cycle() is 'Trigger of action_links: refuses causal links that form a cycle';
