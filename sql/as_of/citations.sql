-- Each kind of claim by itself: who asks for the citations of one then looks among the revisions of that one alone.
create view as_of.citations as
select
  (child.item ->> 'id')::uuid as id,
  change.record_id as relationship_id,
  null::uuid as sanction_id,
  null::uuid as action_id,
  (child.place - 1)::integer as position,
  (child.item -> 'source' ->> 'id')::uuid as source_id,
  (child.item ->> 'credibility')::smallint as credibility,
  (child.item ->> 'stance')::citation_stance as stance,
  child.item ->> 'locator' as locator,
  child.item ->> 'quote' as quote,
  (child.item -> 'attributed_to' ->> 'id')::uuid as attributed_to_id
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'citations'))) with ordinality as child (item, place)
where change.resource = 'relationships'
  and revision.resource = 'relationships'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null
union all
select
  (child.item ->> 'id')::uuid as id,
  null::uuid as relationship_id,
  change.record_id as sanction_id,
  null::uuid as action_id,
  (child.place - 1)::integer as position,
  (child.item -> 'source' ->> 'id')::uuid as source_id,
  (child.item ->> 'credibility')::smallint as credibility,
  (child.item ->> 'stance')::citation_stance as stance,
  child.item ->> 'locator' as locator,
  child.item ->> 'quote' as quote,
  (child.item -> 'attributed_to' ->> 'id')::uuid as attributed_to_id
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'citations'))) with ordinality as child (item, place)
where change.resource = 'sanctions'
  and revision.resource = 'sanctions'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null
union all
select
  (child.item ->> 'id')::uuid as id,
  null::uuid as relationship_id,
  null::uuid as sanction_id,
  change.record_id as action_id,
  (child.place - 1)::integer as position,
  (child.item -> 'source' ->> 'id')::uuid as source_id,
  (child.item ->> 'credibility')::smallint as credibility,
  (child.item ->> 'stance')::citation_stance as stance,
  child.item ->> 'locator' as locator,
  child.item ->> 'quote' as quote,
  (child.item -> 'attributed_to' ->> 'id')::uuid as attributed_to_id
from changes as change
join revisions as revision on revision.id = change.revision_id
cross join lateral unnest(array(select jsonb_array_elements(revision.document -> 'citations'))) with ordinality as child (item, place)
where change.resource = 'diplomatic_actions'
  and revision.resource = 'diplomatic_actions'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.citations is 'The table of that name, as of the moment';
