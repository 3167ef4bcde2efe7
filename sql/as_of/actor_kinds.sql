create view as_of.actor_kinds as
select
  revision.document ->> 'code' as code,
  revision.document ->> 'label' as label,
  revision.document ->> 'description' as description,
  (revision.document ->> 'version')::integer as version,
  revision.written_in as changed_in,
  (revision.document ->> 'created_at')::timestamptz as created_at,
  (revision.document ->> 'updated_at')::timestamptz as updated_at
from changes as change
join revisions as revision on revision.id = change.revision_id
where change.resource = 'actor_kinds'
  and revision.resource = 'actor_kinds'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.actor_kinds is 'The table of that name, as of the moment';
