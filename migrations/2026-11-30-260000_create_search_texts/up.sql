-- Full text. The words of each revision, which never change; so a search of any moment reads the same index.
create table search_texts (
  record_id uuid not null,
  version integer not null,
  resource text not null,
  vector tsvector not null,
  constraint search_texts_pkey primary key (record_id, version, resource)
);
create index search_texts_vector_idx on search_texts using gin (vector);
comment on table search_texts is 'The words of each revision of a record, for full text; derived from revisions when they get their sequence number';
comment on column search_texts.record_id is 'Id of the record';
comment on column search_texts.version is 'Version of the record that has the words';
comment on column search_texts.resource is 'Table of the record';
comment on column search_texts.vector is 'What search_vector makes of the document of the revision';

insert into search_texts (record_id, version, resource, vector)
select revision.record_id, revision.version, revision.resource, search_vector(revision.document)
from changes as change
join revisions as revision on revision.id = change.revision_id
join record_kinds as kind on kind.resource = revision.resource
where kind.reference is not null
  and revision.document is not null;

create trigger search_texts_refuse_rewriting before update or delete on search_texts
  for each row execute function refuse_rewriting();
create trigger search_texts_refuse_truncate before truncate on search_texts
  for each statement execute function refuse_rewriting();

create view current_search_texts as
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
comment on view current_search_texts is 'The words of each record as it is now: those of its last revision, also while that waits for its sequence number';
comment on column current_search_texts.record_id is 'Id of the record';
comment on column current_search_texts.version is 'Version of the record';
comment on column current_search_texts.resource is 'Table of the record';
comment on column current_search_texts.vector is 'What search_vector makes of its document';
