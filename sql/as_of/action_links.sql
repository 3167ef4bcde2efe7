create view as_of.action_links as
select
  change.record_id as action_id,
  (child.place - 1)::smallint as position,
  (child.item ->> 'kind')::link_kind as kind,
  (child.item -> 'action' ->> 'id')::uuid as linked_action_id
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'links'))) with ordinality as child (item, place)
where change.resource = 'diplomatic_actions'
  and revision.resource = 'diplomatic_actions'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.action_links is 'The table of that name, as of the moment';
