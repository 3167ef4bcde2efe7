select 'diplomatic-actions' as resource, link.action_id as id, 'link ' || link.kind as role
from action_links as link
where link.linked_action_id = wanted.id
union all
select 'sanctions', sanction.id, 'action'
from sanctions as sanction
where sanction.action_id = wanted.id
