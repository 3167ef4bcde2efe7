with merge as (
  select distinct on (revision.record_id) revision.record_id as actor_id, revision.merged_into as into_id, revision.version
  from revisions as revision
  where revision.operation = 'merge'
    and revision.resource = 'actors'
  order by revision.record_id, revision.version desc
)
select
  case
    when merge.actor_id is null then format('merged_actors says that actors %s became part of %s, and no revision says so', merged.actor_id, merged.into_id)
    when merged.actor_id is null then format('actors %s became part of %s, as its version %s says, and merged_actors does not say so', merge.actor_id, merge.into_id, merge.version)
    else format('actors %s became part of %s, as its version %s says, and merged_actors says of %s', merge.actor_id, merge.into_id, merge.version, merged.into_id)
  end as fault,
  count(*) over () as count
from merge
full join merged_actors as merged on merged.actor_id = merge.actor_id
where merged.into_id is distinct from merge.into_id
  -- An actor that was restored since need not be in that table any more.
  and (
    merged.actor_id is not null
    or not exists (
      select from revisions as later
      where later.resource = 'actors'
        and later.record_id = merge.actor_id
        and later.version > merge.version
    )
  )
order by 1
limit 
