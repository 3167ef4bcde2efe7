-- Follows what the object owns, and what that owns, as long as all of it may be owned at one time.
select
  relationship.id,
  '/object' as pointer,
  format(
    '%s owns %s, which owns %s at the same time, directly or through others; correct the dates or the claim_status of one of the relationships',
    (select subject.name from actors as subject where subject.id = relationship.subject_id),
    (select object.name from actors as object where object.id = relationship.object_id),
    (select subject.name from actors as subject where subject.id = relationship.subject_id)
  ) as detail
from relationships as relationship
where relationship.kind = 'owns'
  and relationship.claim_status not in ('denied', 'retracted')
  and exists (
    with recursive owned (id, first_day, last_day) as (
      select relationship.object_id, relationship.started_on_earliest, relationship.ended_on_latest
      union
      select
        further.object_id,
        greatest(owned.first_day, further.started_on_earliest),
        least(owned.last_day, further.ended_on_latest)
      from owned
      join relationships as further
        on further.subject_id = owned.id
        and further.kind = 'owns'
        and further.claim_status not in ('denied', 'retracted')
        and coalesce(further.started_on_earliest <= owned.last_day, true)
        and coalesce(further.ended_on_latest >= owned.first_day, true)
      where owned.id <> relationship.subject_id
    )
    select from owned where owned.id = relationship.subject_id
  )
