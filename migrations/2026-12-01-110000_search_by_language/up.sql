-- Endings are compared in the language of a text alone, and whole names are found: the vectors say both.
alter table search_texts disable trigger search_texts_refuse_rewriting;
update search_texts as texts
set vector = search_vector(revision.document)
from revisions as revision
where revision.record_id = texts.record_id
  and revision.version = texts.version
  and revision.resource = texts.resource;
alter table search_texts enable trigger search_texts_refuse_rewriting;
