create or replace function merges_from(merged_id uuid) returns table (actor_id uuid, into_id uuid, depth integer)
language plpgsql stable parallel safe rows 1 set search_path = pg_catalog, public, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    with recursive merge (actor_id, into_id, depth) as (
      select first.actor_id, first.into_id, 1
      from merged_actors as first
      where first.actor_id = merged_id
      union all
      select next.actor_id, next.into_id, merge.depth + 1
      from merge
      join merged_actors as next on next.actor_id = merge.into_id
    ) cycle actor_id set is_cycle using way
    select merge.actor_id, merge.into_id, merge.depth
    from merge
    where not merge.is_cycle;
end
$$;
comment on function merges_from(uuid) is 'The merges that lead from an id to the actor that it stands for now; the first has depth 1';
revoke execute on function merges_from(uuid) from public;
