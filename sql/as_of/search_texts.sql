-- Not generated: the words of a revision are kept, not derived from its document, and a snippet is made of the document itself.
create view as_of.current_search_texts as
select texts.record_id, texts.version, texts.resource, texts.vector
from public.search_texts as texts
join public.revisions as revision
  on revision.record_id = texts.record_id
  and revision.version = texts.version
  and revision.resource = texts.resource
join public.changes as change on change.revision_id = revision.id
where change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment();
comment on view as_of.current_search_texts is 'The view of that name, as of the moment';

create function as_of.current_document(resource text, record_id uuid) returns jsonb
language plpgsql stable parallel safe
as $$
begin
  return (
    select revision.document
    from public.revisions as revision
    join public.changes as change on change.revision_id = revision.id
    where revision.record_id = current_document.record_id
      and revision.resource = current_document.resource
      and change.recorded_at <= as_of.moment()
      and change.superseded_at > as_of.moment()
    limit 1
  );
end
$$;
comment on function as_of.current_document(text, uuid) is 'The function of that name, as of the moment';
revoke execute on function as_of.current_document(text, uuid) from public;
