create or replace function closes_causal_cycle(taken_action_id uuid, cause_id uuid) returns boolean
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  most bigint := 32;
  walked bigint;
  is_met boolean;
begin
  -- Both ways in turn, each a little farther every time: what costs is the shorter of the two, and a new action has no effects.
  loop
    with recursive effect (id) as (
      select taken_action_id
      union
      select link.action_id
      from effect
      join action_links as link on link.linked_action_id = effect.id
      where link.kind in ('responds_to', 'retaliates_for', 'escalates')
    )
    select count(*), coalesce(bool_or(found.id = cause_id), false)
    into walked, is_met
    from (select effect.id from effect limit most) as found;
    if is_met or walked < most then
      return is_met;
    end if;
    with recursive cause (id) as (
      select cause_id
      union
      select link.linked_action_id
      from cause
      join action_links as link on link.action_id = cause.id
      where link.kind in ('responds_to', 'retaliates_for', 'escalates')
    )
    select count(*), coalesce(bool_or(found.id = taken_action_id), false)
    into walked, is_met
    from (select cause.id from cause limit most) as found;
    if is_met or walked < most then
      return is_met;
    end if;
    most := most * 4;
  end loop;
end
$$;
comment on function closes_causal_cycle(uuid, uuid) is 'Whether an action is already among the causes of another one, so that a causal link to that one closes a cycle; its plan never depends on statistics';
revoke execute on function closes_causal_cycle(uuid, uuid) from public;
