select
  format(
    'change %s (%s %s) is version %s, and the change of the record before it version %s',
    change.sequence, change.resource, change.record_id, change.version, change.version_before
  ) as fault,
  count(*) over () as count
from (
  select
    change.sequence,
    change.resource,
    change.record_id,
    revision.version,
    lag(revision.version) over (partition by change.resource, change.record_id order by change.sequence) as version_before
  from changes as change
  join revisions as revision on revision.id = change.revision_id
) as change
where change.version <> change.version_before + 1
order by change.sequence
limit 
