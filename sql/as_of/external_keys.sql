-- Each kind of record by itself: who asks for the keys of one then looks among the revisions of that one alone.
create view as_of.external_keys as
select
  child.item ->> 'scheme' as scheme,
  child.item ->> 'value' as value,
  (child.place - 1)::smallint as position,
  change.record_id as actor_id,
  null::uuid as relationship_id,
  null::uuid as programme_id,
  null::uuid as sanction_id,
  null::uuid as action_id,
  null::uuid as source_id
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'external_keys'))) with ordinality as child (item, place)
where change.resource = 'actors'
  and revision.resource = 'actors'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null
union all
select
  child.item ->> 'scheme' as scheme,
  child.item ->> 'value' as value,
  (child.place - 1)::smallint as position,
  null::uuid as actor_id,
  change.record_id as relationship_id,
  null::uuid as programme_id,
  null::uuid as sanction_id,
  null::uuid as action_id,
  null::uuid as source_id
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'external_keys'))) with ordinality as child (item, place)
where change.resource = 'relationships'
  and revision.resource = 'relationships'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null
union all
select
  child.item ->> 'scheme' as scheme,
  child.item ->> 'value' as value,
  (child.place - 1)::smallint as position,
  null::uuid as actor_id,
  null::uuid as relationship_id,
  change.record_id as programme_id,
  null::uuid as sanction_id,
  null::uuid as action_id,
  null::uuid as source_id
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'external_keys'))) with ordinality as child (item, place)
where change.resource = 'programmes'
  and revision.resource = 'programmes'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null
union all
select
  child.item ->> 'scheme' as scheme,
  child.item ->> 'value' as value,
  (child.place - 1)::smallint as position,
  null::uuid as actor_id,
  null::uuid as relationship_id,
  null::uuid as programme_id,
  change.record_id as sanction_id,
  null::uuid as action_id,
  null::uuid as source_id
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'external_keys'))) with ordinality as child (item, place)
where change.resource = 'sanctions'
  and revision.resource = 'sanctions'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null
union all
select
  child.item ->> 'scheme' as scheme,
  child.item ->> 'value' as value,
  (child.place - 1)::smallint as position,
  null::uuid as actor_id,
  null::uuid as relationship_id,
  null::uuid as programme_id,
  null::uuid as sanction_id,
  change.record_id as action_id,
  null::uuid as source_id
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'external_keys'))) with ordinality as child (item, place)
where change.resource = 'diplomatic_actions'
  and revision.resource = 'diplomatic_actions'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null
union all
select
  child.item ->> 'scheme' as scheme,
  child.item ->> 'value' as value,
  (child.place - 1)::smallint as position,
  null::uuid as actor_id,
  null::uuid as relationship_id,
  null::uuid as programme_id,
  null::uuid as sanction_id,
  null::uuid as action_id,
  change.record_id as source_id
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'external_keys'))) with ordinality as child (item, place)
where change.resource = 'sources'
  and revision.resource = 'sources'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.external_keys is 'The table of that name, as of the moment';
