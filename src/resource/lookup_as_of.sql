from wanted
cross join lateral (
  values (replace(wanted.resource, '-', '_'), wanted.scheme || ':' || wanted.value)
) as sought (resource, key)
cross join lateral (
  select wanted.id
  where wanted.id is not null
  union
  -- The id of an actor that was merged by then names the actor that it was merged into.
  select merge.into_id
  from merges_from(wanted.id) as merge
  where wanted.resource = 'actors'
  union
  select found.id
  from records_that_had(sought.resource, sought.key) as found (id)
) as candidate
join changes as change
  on change.resource = sought.resource
  and change.record_id = candidate.id
  and change.recorded_at <= moment()
  and change.superseded_at > moment()
join revisions as revision on revision.id = change.revision_id
where revision.document is not null
  and (wanted.id is not null or revision_keys(revision.resource, revision.document) @> array[sought.key])
order by wanted.index, name, id
