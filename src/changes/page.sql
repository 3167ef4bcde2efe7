
),
measured as (
  select
    found.sequence,
    found.resource,
    found.record_id,
    revision.version,
    revision.operation::text,
    found.recorded_at,
    found.is_backdated,
    revision.changed_by,
    revision.comment,
    revision.merged_into,
    revision.document,
    row_number() over (order by found.sequence desc) = 1 as is_last,
    -- What stands before it on the page: the first is read however large it is.
    coalesce(sum(pg_column_size(revision.document)) over (
      order by found.sequence rows between unbounded preceding and 1 preceding
    ), 0) as bytes_before
  from found
  join revisions as revision on revision.id = found.revision_id
)
select
  chain_head.sequence as head,
  measured.sequence,
  measured.resource,
  measured.record_id,
  case when measured.resource = any (vocabularies.names) then
    coalesce(measured.document ->> 'code', (
      -- A deletion has no document: the one before says what was deleted.
      select before.document ->> 'code'
      from revisions as before
      where before.record_id = measured.record_id
        and before.resource = measured.resource
        and before.version < measured.version
        and before.document is not null
      order by before.version desc
      limit 1
    ))
  end as code,
  measured.version,
  measured.operation,
  measured.recorded_at,
  measured.is_backdated,
  measured.changed_by,
  measured.comment,
  measured.merged_into,
  measured.document::text as document,
  measured.is_last
from chain_head
cross join vocabularies
left join measured on measured.bytes_before < 