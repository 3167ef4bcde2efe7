, below (id) as (
  select wanted.linked_action_id
  from wanted
  union
  select link.linked_action_id
  from below
  join action_links as link on link.action_id = below.id
  where link.kind in ('responds_to', 'retaliates_for', 'escalates')
), above (id) as (
  select wanted.action_id
  from wanted
  union
  select link.action_id
  from above
  join action_links as link on link.linked_action_id = above.id
  where link.kind in ('responds_to', 'retaliates_for', 'escalates')
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
