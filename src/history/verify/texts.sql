select
  format(
    'search_texts does not have the words of version %s of %s %s, as its revision has them',
    coalesce(known.version, texts.version), coalesce(known.resource, texts.resource), coalesce(known.record_id, texts.record_id)
  ) as fault,
  count(*) over () as count
from (
  select change.sequence, revision.record_id, revision.version, revision.resource, search_vector(revision.document) as vector
  from changes as change
  join revisions as revision on revision.id = change.revision_id
  join record_kinds as kind on kind.resource = revision.resource
  where kind.reference is not null
    and revision.document is not null
) as known
full join search_texts as texts
  on texts.record_id = known.record_id
  and texts.version = known.version
  and texts.resource = known.resource
where known.vector is distinct from texts.vector
order by known.sequence, 1
limit 
