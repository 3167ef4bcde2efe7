select
  format(
    'revision %s (%s %s, version %s) has no sequence number and does not wait for one',
    revision.id, revision.resource, revision.record_id, revision.version
  ) as fault,
  count(*) over () as count
from revisions as revision
left join changes as change on change.revision_id = revision.id
left join outbox as queued on queued.revision_id = revision.id
where change.revision_id is null
  and queued.revision_id is null
order by revision.id
limit 
