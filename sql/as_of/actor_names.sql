create view as_of.actor_names as
select
  change.record_id as actor_id,
  (child.place - 1)::smallint as position,
  child.item ->> 'name' as name,
  plain_name(child.item ->> 'name') as plain_name,
  (child.item ->> 'kind')::name_kind as kind,
  child.item ->> 'lang' as lang
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'names'))) with ordinality as child (item, place)
where change.resource = 'actors'
  and revision.resource = 'actors'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.actor_names is 'The table of that name, as of the moment';
