-- One actor may have become part of another, and that of a third. Should they ever close a circle, each is told once.
-- In PL/pgSQL, which keeps its plan: every reference of every write asks it.
create function merges_from(merged_id uuid) returns table (actor_id uuid, into_id uuid, depth integer)
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
    ) cycle actor_id set is_circle using way
    select merge.actor_id, merge.into_id, merge.depth
    from merge
    where not merge.is_circle;
end
$$;
comment on function merges_from(uuid) is 'The merges by which an id leads to the actor that it stands for now, the first of them with depth 1';
revoke execute on function merges_from(uuid) from public;
