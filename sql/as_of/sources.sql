create view as_of.sources as
select
  change.record_id as id,
  (revision.document ->> 'kind')::source_kind as kind,
  revision.document ->> 'title' as title,
  revision.document ->> 'publisher' as publisher,
  revision.document ->> 'author' as author,
  revision.document ->> 'url' as url,
  revision.document ->> 'archive_url' as archive_url,
  revision.document ->> 'published_on' as published_on,
  partial_date_earliest(revision.document ->> 'published_on') as published_on_earliest,
  partial_date_latest(revision.document ->> 'published_on') as published_on_latest,
  (revision.document ->> 'retrieved_at')::timestamptz as retrieved_at,
  revision.document ->> 'language' as language,
  (revision.document ->> 'reliability')::source_reliability as reliability,
  revision.document ->> 'content_sha256' as content_sha256,
  revision.document ->> 'notes' as notes,
  revision.document -> 'properties' as properties,
  (revision.document ->> 'version')::integer as version,
  revision.written_in as changed_in,
  (revision.document ->> 'created_at')::timestamptz as created_at,
  (revision.document ->> 'updated_at')::timestamptz as updated_at,
  revision.document
from changes as change
join revisions as revision on revision.id = change.revision_id
where change.resource = 'sources'
  and revision.resource = 'sources'
  and change.recorded_at <= as_of.moment()
  and change.superseded_at > as_of.moment()
  and revision.document is not null;
comment on view as_of.sources is 'The table of that name, as of the moment; document is the whole record as it is answered';
