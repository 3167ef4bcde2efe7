-- The causes of an action that are on its own day, along causal links, which form no cycle: the depth of an action is the number
-- of links from the farthest of them. Only actions with such a cause are here.
select up.origin_id as action_id, max(up.depth) as depth
from (
  with recursive up (origin_id, id, depth) as (
    select wanted.id, wanted.id, 0
    from (
      select concerned.action_id as id
      from concerned
      where concerned.action_id is not null
      union
      select sanction.action_id
      from concerned
      join sanctions as sanction on sanction.id = concerned.sanction_id
      where sanction.action_id is not null
    ) as wanted
    union
    select up.origin_id, cause.id, up.depth + 1
    from up
    join diplomatic_actions as effect on effect.id = up.id
    join action_links as link
      on link.action_id = up.id and link.kind in ('responds_to', 'retaliates_for', 'escalates')
    join diplomatic_actions as cause
      on cause.id = link.linked_action_id
      and partial_date_sort_day(cause.occurred_on) = partial_date_sort_day(effect.occurred_on)
  )
  select up.origin_id, up.depth
  from up
  where up.depth > 0
) as up
group by up.origin_id
