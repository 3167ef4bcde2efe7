create view as_of.relationships as
select
  change.record_id as id,
  (revision.document -> 'subject' ->> 'id')::uuid as subject_id,
  (revision.document -> 'object' ->> 'id')::uuid as object_id,
  revision.document ->> 'kind' as kind,
  revision.document ->> 'role' as role,
  (revision.document ->> 'share_percent')::numeric(5, 2) as share_percent,
  revision.document ->> 'started_on' as started_on,
  partial_date_earliest(revision.document ->> 'started_on') as started_on_earliest,
  partial_date_latest(revision.document ->> 'started_on') as started_on_latest,
  revision.document ->> 'ended_on' as ended_on,
  partial_date_earliest(revision.document ->> 'ended_on') as ended_on_earliest,
  partial_date_latest(revision.document ->> 'ended_on') as ended_on_latest,
  revision.document ->> 'description' as description,
  (revision.document ->> 'claim_status')::claim_status as claim_status,
  revision.document -> 'properties' as properties,
  (revision.document ->> 'version')::integer as version,
  revision.written_in as changed_in,
  (revision.document ->> 'created_at')::timestamptz as created_at,
  (revision.document ->> 'updated_at')::timestamptz as updated_at
from changes as change
join revisions as revision on revision.id = change.revision_id
where change.resource = 'relationships'
  and revision.resource = 'relationships'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.relationships is 'The table of that name, as of the moment';
