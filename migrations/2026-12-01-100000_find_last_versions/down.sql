create or replace view current_search_texts as
select texts.record_id, texts.version, texts.resource, texts.vector
from search_texts as texts
where not exists (
  select
  from revisions as later
  where later.record_id = texts.record_id
    and later.resource = texts.resource
    and later.version > texts.version
)
union all
select revision.record_id, revision.version, revision.resource, search_vector(revision.document)
from outbox as waiting
join revisions as revision on revision.id = waiting.revision_id
join record_kinds as kind on kind.resource = revision.resource
where kind.reference is not null
  and revision.document is not null
  and not exists (
    select
    from revisions as later
    where later.record_id = revision.record_id
      and later.resource = revision.resource
      and later.version > revision.version
  );
