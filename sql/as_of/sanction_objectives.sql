create view as_of.sanction_objectives as
select
  change.record_id as sanction_id,
  (child.place - 1)::smallint as position,
  child.item ->> 'objective' as objective,
  (child.item ->> 'outcome')::sanction_outcome as outcome
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'objectives'))) with ordinality as child (item, place)
where change.resource = 'sanctions'
  and revision.resource = 'sanctions'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.sanction_objectives is 'The table of that name, as of the moment';
