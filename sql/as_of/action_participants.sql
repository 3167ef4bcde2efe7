create view as_of.action_participants as
select
  change.record_id as action_id,
  (child.place - 1)::smallint as position,
  (child.item ->> 'role')::participant_role as role,
  (child.item -> 'actor' ->> 'id')::uuid as actor_id
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'participants'))) with ordinality as child (item, place)
where change.resource = 'diplomatic_actions'
  and revision.resource = 'diplomatic_actions'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.action_participants is 'The table of that name, as of the moment';
