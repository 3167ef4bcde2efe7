-- The function of that name of schema public, which functions.sql copied, would read all revisions of actions: the mirror has an
-- index for the action that has a link only. In PL/pgSQL, so that the planner takes the number of rows from the declaration.
create or replace function as_of.action_links_to(wanted_action_id uuid)
  returns table (action_id uuid, kind public.link_kind, "position" smallint)
language plpgsql stable parallel safe rows 2
set search_path = pg_catalog, as_of, pg_temp
as $$
begin
  return query
    select link.action_id, link.kind, link."position"
    from (
      select distinct revision.record_id
      from revisions as revision
      where revision.resource = 'diplomatic_actions'
        and jsonb_path_query_array(revision.document, '$.links[*].action.id') @> jsonb_build_array(wanted_action_id)
    ) as had
    -- Not a join, for which the planner may read the links of all actions.
    cross join lateral (
      select link.action_id, link.kind, link."position"
      from action_links as link
      where link.action_id = had.record_id and link.linked_action_id = wanted_action_id
      offset 0
    ) as link;
end
$$;
