, before (depth, id) as (
  select 0, given.asked_id
  from given
  union
  select before.depth + 1, link.linked_action_id
  from before
  cross join given
  join action_links as link on link.action_id = before.id
  where before.depth < given.depth and link.kind = any (given.kinds)
), after (depth, id) as (
  select 0, given.asked_id
  from given
  union
  select after.depth + 1, link.action_id
  from after
  cross join given
  cross join lateral action_links_to(after.id) as link
  where after.depth < given.depth and link.kind = any (given.kinds)
), members (direction, id, depth) as materialized (
  select null, given.asked_id, 0
  from given
  union all
  -- The nearest. What follows links finds near actions first, and ends with the limit, however many there are.
  (
    select 'before', found.id, min(found.depth) as depth
    from (select before.id, before.depth from before limit 20000) as found
    cross join given
    where found.id <> given.asked_id
    group by found.id
    order by depth, found.id
    limit (select given.most from given)
  )
  union all
  (
    select 'after', found.id, min(found.depth) as depth
    from (select after.id, after.depth from after limit 20000) as found
    cross join given
    where found.id <> given.asked_id
    group by found.id
    order by depth, found.id
    limit (select given.most from given)
  )
), edge (direction, id) as materialized (
  -- Members that have links to actions beyond.
  select distinct 'before', member.id
  from members as member
  cross join given
  join action_links as link on link.action_id = member.id and link.kind = any (given.kinds)
  left join members as beyond on beyond.id = link.linked_action_id and beyond.direction is distinct from 'after'
  where member.direction is distinct from 'after'
    and beyond.id is null
  union all
  select distinct 'after', member.id
  from members as member
  cross join given
  join lateral action_links_to(member.id) as link on link.kind = any (given.kinds)
  left join members as beyond on beyond.id = link.action_id and beyond.direction is distinct from 'before'
  where member.direction is distinct from 'before'
    and beyond.id is null
), first (id) as materialized (
  -- A beginning has no link of these kinds. There may be several, and none where links form a cycle.
  select member.id
  from members as member
  cross join given
  join diplomatic_actions as action on action.id = member.id
  where member.direction is distinct from 'after'
  order by
    exists (select from action_links as link where link.action_id = member.id and link.kind = any (given.kinds)),
    coalesce(partial_date_sort_day(action.occurred_on), 'infinity'),
    member.depth desc,
    member.id
  limit 1
)
select json_build_object(
  'root', {record}::json,
  'asked', (
    select json_build_object('id', asked.id, 'title', asked.title)
    from diplomatic_actions as asked
    where asked.id = given.asked_id
  ),
  'truncated', exists (select from edge),
  'edge', (
    select coalesce(json_agg(json_build_object(
      'direction', edge.direction,
      'action', json_build_object('id', action.id, 'title', action.title)
    ) order by edge.direction = 'after', action.id), '[]')
    from edge
    join diplomatic_actions as action on action.id = edge.id
  ),
  'items', (
    select coalesce(json_agg(json_build_object(
      'depth', member.depth,
      'direction', member.direction,
      'link', step.kind,
      'parent', step.parent,
      'asked', member.direction is null,
      'action', {record}::json
    ) order by
      member.direction is null desc,
      member.direction = 'after',
      member.depth,
      coalesce(partial_date_sort_day(action.occurred_on), 'infinity'),
      action.id
    ), '[]')
    from members as member
    join diplomatic_actions as action on action.id = member.id
    left join lateral (
      select link.kind, json_build_object('id', parent.id, 'title', parent.title) as parent
      from action_links as link
      join members as nearer on nearer.id = link.linked_action_id
      join diplomatic_actions as parent on parent.id = nearer.id
      where link.action_id = member.id
        and link.kind = any (given.kinds)
        and case
          when member.direction = 'after' then nearer.direction is distinct from 'before' and nearer.depth = member.depth - 1
          else nearer.direction = 'before'
        end
      order by
        link.kind,
        coalesce(partial_date_sort_day(parent.occurred_on), '-infinity') desc,
        parent.id
      limit 1
    ) as step on true
    where not (member.direction is distinct from 'after' and member.id = first.id)
  )
)::text as record
from given
cross join first
join diplomatic_actions as action on action.id = first.id
