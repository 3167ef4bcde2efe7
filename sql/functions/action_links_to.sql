create or replace function action_links_to(wanted_action_id uuid)
  returns table (action_id uuid, kind link_kind, "position" smallint)
language sql stable parallel safe rows 2
begin atomic
  select link.action_id, link.kind, link."position"
  from action_links as link
  where link.linked_action_id = wanted_action_id;
end;
comment on function action_links_to(uuid) is 'The links to an action: the action that has each, its kind and its position there. Schema as_of has another text, which finds them by an index';
revoke execute on function action_links_to(uuid) from public;
