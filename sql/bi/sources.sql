create view bi.sources as
select
  source.id as source_id,
  source.kind::text as kind,
  source.title,
  source.publisher,
  source.author,
  source.url,
  source.archive_url,
  source.published_on::text as published_on,
  nullif(source.published_on_earliest, '-infinity') as published_on_earliest,
  nullif(source.published_on_latest, 'infinity') as published_on_latest,
  partial_date_precision(source.published_on) as published_on_precision,
  source.retrieved_at,
  source.language,
  source.reliability::text as reliability,
  source.content_sha256,
  source.notes,
  (
    select count(*)
    from citations as citation
    where citation.source_id = source.id
  ) as citation_count,
  source.created_at,
  source.updated_at
from sources as source;
comment on view bi.sources is 'Documents on which claims rest; one row per source';
comment on column bi.sources.source_id is 'Id of the source';
comment on column bi.sources.kind is 'Kind of the source';
comment on column bi.sources.title is 'Title of the document';
comment on column bi.sources.publisher is 'Publisher; two sources of one publisher do not confirm each other';
comment on column bi.sources.author is 'Author or speaker';
comment on column bi.sources.url is 'Address of the document';
comment on column bi.sources.archive_url is 'Address of an archived copy';
comment on column bi.sources.published_on is 'When the document was published, as written';
comment on column bi.sources.published_on_earliest is 'First day that published_on may mean; null if open';
comment on column bi.sources.published_on_latest is 'Last day that published_on may mean; null if its end is open';
comment on column bi.sources.published_on_precision is 'Precision of published_on: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.sources.retrieved_at is 'When the document was read';
comment on column bi.sources.language is 'Language of the document, a BCP 47 tag such as es';
comment on column bi.sources.reliability is 'Reliability on the Admiralty scale: A completely reliable to E unreliable, F cannot be judged; null if nobody judged it';
comment on column bi.sources.content_sha256 is 'SHA-256 hash of the document as read, in lower-case hexadecimal';
comment on column bi.sources.notes is 'Further notes';
comment on column bi.sources.citation_count is 'Number of citations of the source';
comment on column bi.sources.created_at is 'When the record was created';
comment on column bi.sources.updated_at is 'When the record last changed';
