-- All kinds of links by which one act follows upon the other.
select
  action.id,
  '/links/' || link.position as pointer,
  format(
    '%s %s, which is dated %s, after this act of %s; correct one of the dates',
    replace(link.kind::text, '_', ' '), earlier.title, earlier.occurred_on, action.occurred_on
  ) as detail
from diplomatic_actions as action
join action_links as link
  on link.action_id = action.id
  and link.kind in ('responds_to', 'retaliates_for', 'escalates', 'alleges', 'implements', 'lifts', 'supersedes')
join diplomatic_actions as earlier
  on earlier.id = link.linked_action_id
  and action.occurred_on_latest < earlier.occurred_on_earliest
-- A day that is only about known is no limit.
where strpos(concat(action.occurred_on, earlier.occurred_on), '~') = 0
