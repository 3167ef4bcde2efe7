create view as_of.actor_countries as
select
  change.record_id as actor_id,
  (child.place - 1)::smallint as position,
  child.item ->> 'code' as code,
  (child.item ->> 'role')::country_role as role
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'countries'))) with ordinality as child (item, place)
where change.resource = 'actors'
  and revision.resource = 'actors'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.actor_countries is 'The table of that name, as of the moment';
