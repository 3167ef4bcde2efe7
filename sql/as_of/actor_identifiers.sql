create view as_of.actor_identifiers as
select
  md5(change.record_id::text || child.place::text)::uuid as id,
  change.record_id as actor_id,
  (child.place - 1)::smallint as position,
  child.item ->> 'scheme' as scheme,
  -- Not joined: who does not ask for it would pay for it.
  coalesce(
    (select scheme.is_unique from identifier_schemes as scheme where scheme.code = child.item ->> 'scheme'),
    false
  ) as is_unique,
  child.item ->> 'value' as value,
  child.item ->> 'country' as country,
  child.item ->> 'valid_from' as valid_from,
  child.item ->> 'valid_until' as valid_until
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'identifiers'))) with ordinality as child (item, place)
where change.resource = 'actors'
  and revision.resource = 'actors'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.actor_identifiers is 'The table of that name, as of the moment; ids are made of the actor and the place';
