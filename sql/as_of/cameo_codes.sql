create view as_of.cameo_codes as
select
  revision.document ->> 'code' as code,
  revision.document ->> 'label' as label,
  revision.document ->> 'description' as description,
  revision.document ->> 'root' as root,
  (revision.document ->> 'quad_class')::smallint as quad_class,
  (revision.document ->> 'goldstein')::numeric(3,1) as goldstein,
  revision.document ->> 'goldstein_from' as goldstein_from,
  (revision.document ->> 'version')::integer as version,
  revision.written_in as changed_in,
  (revision.document ->> 'created_at')::timestamptz as created_at,
  (revision.document ->> 'updated_at')::timestamptz as updated_at
from changes as change
join revisions as revision on revision.id = change.revision_id
where change.resource = 'cameo_codes'
  and revision.resource = 'cameo_codes'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.cameo_codes is 'The table of that name, as of the moment';
