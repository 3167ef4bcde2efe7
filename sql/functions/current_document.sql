create or replace function current_document(resource text, record_id uuid) returns jsonb
language plpgsql stable parallel safe
as $$
begin
  return (
    select revision.document
    from public.revisions as revision
    where revision.record_id = current_document.record_id
      and revision.resource = current_document.resource
    order by revision.version desc
    limit 1
  );
end
$$;
comment on function current_document(text, uuid) is 'The document of a record as it is now, also while its last revision waits for its sequence number; null if it was deleted. Costs the same however many versions there are';
revoke execute on function current_document(text, uuid) from public;
