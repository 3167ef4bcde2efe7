create view as_of.programmes as
select
  change.record_id as id,
  revision.document ->> 'code' as code,
  revision.document ->> 'name' as name,
  (revision.document -> 'imposer' ->> 'id')::uuid as imposer_id,
  revision.document ->> 'legal_basis' as legal_basis,
  revision.document ->> 'url' as url,
  revision.document ->> 'description' as description,
  revision.document -> 'properties' as properties,
  (revision.document ->> 'version')::integer as version,
  revision.written_in as changed_in,
  (revision.document ->> 'created_at')::timestamptz as created_at,
  (revision.document ->> 'updated_at')::timestamptz as updated_at
from changes as change
join revisions as revision on revision.id = change.revision_id
where change.resource = 'programmes'
  and revision.resource = 'programmes'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.programmes is 'The table of that name, as of the moment';
