create view as_of.diplomatic_actions as
select
  change.record_id as id,
  revision.document ->> 'type' as type,
  revision.document ->> 'cameo_code' as cameo_code,
  (revision.document ->> 'modality')::modality as modality,
  revision.document ->> 'title' as title,
  revision.document ->> 'summary' as summary,
  revision.document ->> 'reason' as reason,
  revision.document ->> 'condition' as condition,
  revision.document ->> 'channel' as channel,
  revision.document ->> 'place' as place,
  (revision.document ->> 'latitude')::double precision as latitude,
  (revision.document ->> 'longitude')::double precision as longitude,
  revision.document ->> 'occurred_on' as occurred_on,
  partial_date_earliest(revision.document ->> 'occurred_on') as occurred_on_earliest,
  partial_date_latest(revision.document ->> 'occurred_on') as occurred_on_latest,
  revision.document ->> 'ended_on' as ended_on,
  partial_date_earliest(revision.document ->> 'ended_on') as ended_on_earliest,
  partial_date_latest(revision.document ->> 'ended_on') as ended_on_latest,
  (revision.document ->> 'ongoing')::boolean as ongoing,
  (revision.document ->> 'fatalities_min')::integer as fatalities_min,
  (revision.document ->> 'fatalities_max')::integer as fatalities_max,
  (revision.document ->> 'claim_status')::claim_status as claim_status,
  revision.document -> 'properties' as properties,
  (revision.document ->> 'version')::integer as version,
  revision.written_in as changed_in,
  (revision.document ->> 'created_at')::timestamptz as created_at,
  (revision.document ->> 'updated_at')::timestamptz as updated_at
from changes as change
join revisions as revision on revision.id = change.revision_id
where change.resource = 'diplomatic_actions'
  and revision.resource = 'diplomatic_actions'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.diplomatic_actions is 'The table of that name, as of the moment';
