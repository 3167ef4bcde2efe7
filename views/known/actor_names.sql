create view known.actor_names as
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
  and change.recorded_at <= known.moment()
  and change.superseded_at > known.moment()
  and revision.document is not null;
comment on view known.actor_names is 'The table of that name as it was known';
