create view known.merged_actors as
select
  change.record_id as actor_id,
  revision.merged_into as into_id
from changes as change
join revisions as revision on revision.id = change.revision_id
where change.resource = 'actors'
  and revision.resource = 'actors'
  and change.recorded_at <= known.moment()
  and change.superseded_at > known.moment()
  and revision.operation = 'merge';
comment on view known.merged_actors is 'The table of that name as it was known';
