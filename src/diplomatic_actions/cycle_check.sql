, below (id) as (
  select wanted.linked_action_id
  from wanted
  union
  select link.linked_action_id
  from below
  -- Not a join, for which the planner may read all links at each step.
  cross join lateral (
    select link.linked_action_id
    from action_links as link
    where link.action_id = below.id
      and link.kind in ('responds_to', 'retaliates_for', 'escalates')
    offset 0
  ) as link
), above (id) as (
  select wanted.action_id
  from wanted
  union
  select link.action_id
  from above
  cross join lateral (
    select link.action_id
    from action_links as link
    where link.linked_action_id = above.id
      and link.kind in ('responds_to', 'retaliates_for', 'escalates')
    offset 0
  ) as link
)
select
  link.action_id as id,
  action.title,
  link.linked_action_id as next_id,
  next.title as next_title
from action_links as link
join diplomatic_actions as action on action.id = link.action_id
join diplomatic_actions as next on next.id = link.linked_action_id
where link.kind in ('responds_to', 'retaliates_for', 'escalates')
  and link.action_id in (select below.id from below)
  and link.linked_action_id in (select above.id from above)
order by link.action_id, link.linked_action_id
