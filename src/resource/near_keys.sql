  select identifier.scheme || ':' || identifier.value
  from actor_identifiers as identifier
  where wanted.resource = 'actors' and identifier.scheme = wanted.scheme and compact_key(identifier.value) = wanted.compact
  union all
  select 'programme:' || programme.code
  from programmes as programme
  where wanted.resource = 'programmes' and wanted.scheme = 'programme' and compact_key(programme.code) = wanted.compact
) as found (key)
where wanted.compact <> ''
