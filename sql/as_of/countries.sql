create view as_of.countries as
select
  revision.document ->> 'code' as code,
  revision.document ->> 'label' as label,
  revision.document ->> 'description' as description,
  revision.document ->> 'iso3' as iso3,
  revision.document ->> 'iso_numeric' as iso_numeric,
  revision.document ->> 'region' as region,
  revision.document ->> 'subregion' as subregion,
  revision.document ->> 'began_on' as began_on,
  revision.document ->> 'ended_on' as ended_on,
  (revision.document ->> 'version')::integer as version,
  revision.written_in as changed_in,
  (revision.document ->> 'created_at')::timestamptz as created_at,
  (revision.document ->> 'updated_at')::timestamptz as updated_at
from changes as change
join revisions as revision on revision.id = change.revision_id
where change.resource = 'countries'
  and revision.resource = 'countries'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.countries is 'The table of that name, as of the moment';
