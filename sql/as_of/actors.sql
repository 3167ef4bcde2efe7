create view as_of.actors as
select
  change.record_id as id,
  revision.document ->> 'kind' as kind,
  revision.document ->> 'name' as name,
  plain_name(revision.document ->> 'name') as plain_name,
  revision.document ->> 'description' as description,
  revision.document ->> 'began_on' as began_on,
  partial_date_earliest(revision.document ->> 'began_on') as began_on_earliest,
  partial_date_latest(revision.document ->> 'began_on') as began_on_latest,
  revision.document ->> 'ended_on' as ended_on,
  partial_date_earliest(revision.document ->> 'ended_on') as ended_on_earliest,
  partial_date_latest(revision.document ->> 'ended_on') as ended_on_latest,
  revision.document -> 'properties' as properties,
  (revision.document ->> 'version')::integer as version,
  revision.written_in as changed_in,
  (revision.document ->> 'created_at')::timestamptz as created_at,
  (revision.document ->> 'updated_at')::timestamptz as updated_at,
  revision.written_in as xmin,
  revision.document
from changes as change
join revisions as revision on revision.id = change.revision_id
where change.resource = 'actors'
  and revision.resource = 'actors'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.actors is 'The table of that name, as of the moment; document is the whole record as it is answered';
