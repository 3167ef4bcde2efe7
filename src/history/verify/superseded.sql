select
  format(
    'change %s (%s %s) has the end %s, but the next change of the record was recorded at %s',
    change.sequence, change.resource, change.record_id, change.superseded_at, change.next_recorded_at
  ) as fault,
  count(*) over () as count
from (
  select
    change.*,
    coalesce(
      lead(change.recorded_at) over (partition by change.resource, change.record_id order by change.sequence),
      'infinity'
    ) as next_recorded_at
  from changes as change
) as change
where change.superseded_at <> change.next_recorded_at
order by change.sequence
limit 
