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
  source.published_on_latest,
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
comment on view bi.sources is 'Documents that claims rest on; one row per source';
comment on column bi.sources.source_id is 'Id of the source';
comment on column bi.sources.kind is 'What sort of document it is';
comment on column bi.sources.title is 'Title of the document';
comment on column bi.sources.publisher is 'Who published it; two sources of one publisher do not confirm each other';
comment on column bi.sources.author is 'Who wrote or said it';
comment on column bi.sources.url is 'Where it was read';
comment on column bi.sources.archive_url is 'Where a copy is kept';
comment on column bi.sources.published_on is 'When it was published, as written';
comment on column bi.sources.published_on_earliest is 'First day that published_on may mean; null where open';
comment on column bi.sources.published_on_latest is 'Last day that published_on may mean';
comment on column bi.sources.published_on_precision is 'How well published_on is known: day, month, year, approximate (about then), interval (some time between) or not_later_than';
comment on column bi.sources.retrieved_at is 'When it was read';
comment on column bi.sources.language is 'Its language, a BCP 47 tag such as es';
comment on column bi.sources.reliability is 'Admiralty scale: A completely reliable to E unreliable, F cannot be judged; null where nobody judged';
comment on column bi.sources.content_sha256 is 'SHA-256 of what was read, in lower-case hexadecimal';
comment on column bi.sources.notes is 'What else to know of it';
comment on column bi.sources.citation_count is 'How many citations name it';
comment on column bi.sources.created_at is 'When the registry learned of it';
comment on column bi.sources.updated_at is 'When it last changed in the registry';
