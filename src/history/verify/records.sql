, last as (
  select distinct on (revision.resource, revision.record_id) revision.resource, revision.record_id, revision.version, revision.document
  from revisions as revision
  order by revision.resource, revision.record_id, revision.version desc
)
select
  case
    when last.record_id is null then format('%s %s has no revision: it was recorded while triggers were off', said.resource, said.record_id)
    when said.record_id is null then format('%s %s was deleted, but its last revision, version %s, does not record that', last.resource, last.record_id, last.version)
    when last.document is null then format('%s %s exists, but its last revision, version %s, records that it was deleted', last.resource, last.record_id, last.version)
    else format('%s %s is not what its last revision, version %s, says', last.resource, last.record_id, last.version)
  end as fault,
  count(*) over () as count
from said
full join last on last.record_id = said.record_id and last.resource = said.resource
where said.document is distinct from last.document
order by 1
limit 
