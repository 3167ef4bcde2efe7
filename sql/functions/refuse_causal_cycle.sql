create or replace function refuse_causal_cycle() returns trigger
language plpgsql
as $$
begin
  -- One transaction at a time: two that each add half of a cycle don't see each other's half. An action that this transaction
  -- created needs no lock, because no other one can link to it. A cycle of several transactions has a link from an older action of
  -- each of them, which is added under the lock.
  if not exists (
    select from diplomatic_actions as action
    where action.id = new.action_id
      and action.version = 1
      and action.changed_in = pg_current_xact_id()::text::bigint
  ) then
    perform from locks where name = 'causal_links' for update;
    if not found then
      raise exception 'table locks lacks the row causal_links, which is locked to add causal links';
    end if;
  end if;
  if closes_causal_cycle(new.action_id, new.linked_action_id) then
    raise exception using
      errcode = 'check_violation', constraint = 'action_links_cycle_check', table = 'action_links',
      message = 'causal links form a cycle';
  end if;
  return null;
end
$$;
comment on function refuse_causal_cycle() is 'Trigger of action_links: refuses causal links that form a cycle';
