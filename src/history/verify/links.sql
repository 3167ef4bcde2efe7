select
  change.sequence,
  change.sha256,
  case when revision.id is not null then array[
    change.sequence::text,
    to_char(change.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    change.is_backdated::text,
    revision.id::text,
    revision.resource,
    revision.record_id::text,
    revision.version::text,
    revision.operation::text,
    revision.changed_by,
    revision.request_id,
    revision.comment,
    revision.merged_into::text,
    revision.document::text,
    to_char(revision.written_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    to_char(revision.backdated_to at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  ] end as said,
  change.resource,
  change.record_id,
  coalesce((revision.resource, revision.record_id) = (change.resource, change.record_id), false) as is_of_revision
from changes as change
left join revisions as revision on revision.id = change.revision_id
where change.sequence > 
