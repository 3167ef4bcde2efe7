-- Not generated: a merge is recorded in the revision that ends an actor.
create view as_of.merged_actors as
select
  change.record_id as actor_id,
  revision.merged_into as into_id
from public.changes as change
join public.revisions as revision on revision.id = change.revision_id
where change.resource = 'actors'
  and revision.resource = 'actors'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.operation = 'merge';
comment on view as_of.merged_actors is 'The table of that name, as of the moment';
