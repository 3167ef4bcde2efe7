, before (depth, id, link) as (
  select 0, given.root_id, null::public.link_kind
  from given
  union
  select before.depth + 1, link.linked_action_id, link.kind
  from before
  cross join given
  join action_links as link on link.action_id = before.id
  where before.depth < given.depth and link.kind in ('responds_to', 'retaliates_for', 'escalates')
), after (depth, id, link) as (
  select 0, given.root_id, null::public.link_kind
  from given
  union
  select after.depth + 1, link.action_id, link.kind
  from after
  cross join given
  join action_links as link on link.linked_action_id = after.id
  where after.depth < given.depth and link.kind in ('responds_to', 'retaliates_for', 'escalates')
), reached as (
  select distinct on (step.direction, step.id) step.direction, step.id, step.depth, step.link
  from (
    select 'before' as direction, before.id, before.depth, before.link
    from before
    union all
    select 'after', after.id, after.depth, after.link
    from after
  ) as step
  where step.depth > 0
  order by step.direction, step.id, step.depth, step.link
)
select json_build_object(
  'root', {record},
  'items', (
    select coalesce(json_agg(json_build_object(
      'depth', reached.depth,
      'direction', reached.direction,
      'link', reached.link,
      'action', {record}
    ) order by
      reached.direction = 'after',
      reached.depth,
      coalesce(partial_date_sort_day(action.occurred_on), 'infinity'),
      action.id
    ), '[]')
    from reached
    join diplomatic_actions as action on action.id = reached.id
  )
)::text as record
from given
join diplomatic_actions as action on action.id = given.root_id
