select
  relationship.id,
  '' as pointer,
  format(
    'says the same as /v1/relationships/%s: %s %s %s, for a time that overlaps; keep one of the two, or give them other dates or roles',
    other.id,
    (select subject.name from actors as subject where subject.id = relationship.subject_id),
    kind.label,
    (select object.name from actors as object where object.id = relationship.object_id)
  ) as detail
from relationships as relationship
join relationship_kinds as kind on kind.code = relationship.kind
cross join lateral (
select other.id
from relationships as other
where other.subject_id in (relationship.subject_id, relationship.object_id)
  and other.object_id in (relationship.subject_id, relationship.object_id)
  and other.kind = relationship.kind
  and other.id <> relationship.id
  -- A tie that reads the same from both ends says the same from either.
  and (other.subject_id = relationship.subject_id or kind.label = kind.inverse_label)
  and (other.role = relationship.role or other.role is null or relationship.role is null)
  and (
    (
      coalesce(relationship.started_on_latest, '-infinity') < coalesce(other.ended_on_earliest, 'infinity')
      and coalesce(other.started_on_latest, '-infinity') < coalesce(relationship.ended_on_earliest, 'infinity')
    )
    or (relationship.started_on = other.started_on and relationship.ended_on = other.ended_on)
  )
  and other.claim_status not in ('denied', 'retracted')
-- Many equal relationships would have a warning for each pair.
limit 3
) as other
where relationship.claim_status not in ('denied', 'retracted')
