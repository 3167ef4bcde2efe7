create or replace function link_sha256(previous bytea, sequence bigint, recorded_at timestamptz, is_backdated boolean, revision revisions)
  returns bytea
language sql immutable parallel safe
return sha256(previous || convert_to(array_to_json(array[
  sequence::text,
  utc_text(recorded_at),
  is_backdated::text,
  revision.id::text,
  revision.resource,
  revision.record_id::text,
  revision.version::text,
  revision.operation::text,
  revision.changed_by,
  revision.request_id,
  revision.comment,
  revision.merged_into::text,
  revision.document::text,
  utc_text(revision.written_at),
  utc_text(revision.backdated_to)
])::text, 'UTF8'));
comment on function link_sha256(bytea, bigint, timestamptz, boolean, revisions) is 'A link of the chain: SHA-256 of the link before, followed by a JSON array of texts in UTF-8: sequence, recorded_at, is_backdated and all that the revision says';
