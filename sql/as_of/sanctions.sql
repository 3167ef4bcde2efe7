create view as_of.sanctions as
select
  change.record_id as id,
  (revision.document -> 'imposer' ->> 'id')::uuid as imposer_id,
  (revision.document -> 'target' ->> 'id')::uuid as target_id,
  revision.document ->> 'reason' as reason,
  revision.document ->> 'legal_basis' as legal_basis,
  revision.document ->> 'provisions' as provisions,
  revision.document ->> 'announced_on' as announced_on,
  partial_date_earliest(revision.document ->> 'announced_on') as announced_on_earliest,
  revision.document ->> 'imposed_on' as imposed_on,
  partial_date_earliest(revision.document ->> 'imposed_on') as imposed_on_earliest,
  partial_date_latest(revision.document ->> 'imposed_on') as imposed_on_latest,
  revision.document ->> 'effective_on' as effective_on,
  partial_date_earliest(coalesce(revision.document ->> 'effective_on', revision.document ->> 'imposed_on')) as starts_earliest,
  partial_date_latest(coalesce(revision.document ->> 'effective_on', revision.document ->> 'imposed_on')) as starts_latest,
  revision.document ->> 'expires_on' as expires_on,
  partial_date_earliest(revision.document ->> 'expires_on') as expires_on_earliest,
  partial_date_latest(revision.document ->> 'expires_on') as expires_on_latest,
  revision.document ->> 'lifted_on' as lifted_on,
  partial_date_earliest(revision.document ->> 'lifted_on') as lifted_on_earliest,
  partial_date_latest(revision.document ->> 'lifted_on') as lifted_on_latest,
  revision.document ->> 'lift_reason' as lift_reason,
  (revision.document -> 'action' ->> 'id')::uuid as action_id,
  revision.document ->> 'list_code' as list_code,
  revision.document ->> 'list_part' as list_part,
  revision.document ->> 'list_uid' as list_uid,
  (revision.document ->> 'claim_status')::claim_status as claim_status,
  revision.document -> 'properties' as properties,
  (revision.document ->> 'version')::integer as version,
  revision.written_in as changed_in,
  (revision.document ->> 'created_at')::timestamptz as created_at,
  (revision.document ->> 'updated_at')::timestamptz as updated_at
from changes as change
join revisions as revision on revision.id = change.revision_id
where change.resource = 'sanctions'
  and revision.resource = 'sanctions'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.sanctions is 'The table of that name, as of the moment';
