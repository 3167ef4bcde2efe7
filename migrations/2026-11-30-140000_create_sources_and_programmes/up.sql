-- Sources, which are documents that claims rest on; and programmes, which are legal bases of sanctions.

create table sources (
  id uuid not null default uuid_v7(),
  kind source_kind not null,
  title text not null,
  publisher text,
  author text,
  url text,
  archive_url text,
  published_on partial_date,
  published_on_earliest date generated always as (partial_date_earliest(published_on)) stored,
  published_on_latest date generated always as (partial_date_latest(published_on)) stored,
  retrieved_at timestamptz,
  language text,
  reliability source_reliability,
  content_sha256 text,
  notes text,
  properties jsonb not null default '{}',
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint sources_pkey primary key (id),
  constraint sources_title_check check (title ~ '\S' and length(title) <= 500),
  constraint sources_publisher_check check (publisher ~ '\S' and length(publisher) <= 500),
  constraint sources_url_check check (url ~ '^[Hh][Tt][Tt][Pp][Ss]?://[^\s]+$'),
  constraint sources_archive_url_check check (archive_url ~ '^[Hh][Tt][Tt][Pp][Ss]?://[^\s]+$'),
  constraint sources_language_check check (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  constraint sources_content_sha256_check check (content_sha256 ~ '^[0-9a-f]{64}$'),
  constraint sources_properties_check check (is_text_lists(properties)),
  constraint sources_version_check check (version > 0),
  constraint sources_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint sources_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
create index sources_kind_idx on sources (kind, id);
create index sources_publisher_idx on sources (publisher, id);
create index sources_title_idx on sources (title, id);
create index sources_published_on_idx on sources (coalesce(partial_date_sort_day(published_on), 'infinity'), id);
create index sources_published_on_descending_idx on sources (coalesce(partial_date_sort_day(published_on), '-infinity'), id);
create index sources_created_at_idx on sources (created_at, id);
create index sources_updated_at_idx on sources (updated_at, id);
comment on table sources is 'Sources of claims: lists, statements, laws, articles, speeches, datasets';
comment on column sources.id is 'UUID of version 7';
comment on column sources.kind is 'What sort of document it is';
comment on column sources.title is 'Title of the document';
comment on column sources.publisher is 'Who published it; two sources of one publisher do not confirm each other';
comment on column sources.author is 'Who wrote or said it';
comment on column sources.url is 'Where it was read';
comment on column sources.archive_url is 'Where a copy is kept';
comment on column sources.published_on is 'When it was published, as written';
comment on column sources.published_on_earliest is 'First day that published_on may mean; -infinity where it says not later than';
comment on column sources.published_on_latest is 'Last day that published_on may mean';
comment on column sources.retrieved_at is 'When it was read';
comment on column sources.language is 'Its language, a BCP 47 tag such as es';
comment on column sources.reliability is 'Admiralty scale: A completely reliable to E unreliable, F cannot be judged; null if not assessed';
comment on column sources.content_sha256 is 'SHA-256 of what was read, in lower-case hexadecimal';
comment on column sources.notes is 'What else to know of it';
comment on column sources.properties is 'What a list or dataset says and no column holds: an object of name to list of strings, FollowTheMoney names where it has one';
comment on column sources.version is 'Moves by one with every transaction that changes the record or its children; starts at 1';
comment on column sources.changed_in is 'The last transaction that changed the record: one transaction makes one version';
comment on column sources.created_at is 'When the registry learned of the record';
comment on column sources.updated_at is 'When the record last changed in the registry';

create table programmes (
  id uuid not null default uuid_v7(),
  code text not null,
  name text not null,
  imposer_id uuid not null,
  legal_basis text,
  url text,
  description text,
  properties jsonb not null default '{}',
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint programmes_pkey primary key (id),
  constraint programmes_code_key unique (code),
  constraint programmes_code_check check (code ~ '^[^\s@][^\s]{0,199}$'),
  constraint programmes_name_check check (name ~ '\S' and length(name) <= 500),
  constraint programmes_imposer_id_fkey foreign key (imposer_id) references actors (id),
  constraint programmes_url_check check (url ~ '^[Hh][Tt][Tt][Pp][Ss]?://[^\s]+$'),
  constraint programmes_properties_check check (is_text_lists(properties)),
  constraint programmes_version_check check (version > 0),
  constraint programmes_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint programmes_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
create index programmes_imposer_id_idx on programmes (imposer_id, id);
create index programmes_name_idx on programmes (name, id);
create index programmes_created_at_idx on programmes (created_at, id);
create index programmes_updated_at_idx on programmes (updated_at, id);
comment on table programmes is 'Legal bases under which sanctions are imposed';
comment on column programmes.id is 'UUID of version 7';
comment on column programmes.code is 'The publisher''s own tag, such as ILLICIT-DRUGS-EO14059; prefixed by the publisher where two collide';
comment on column programmes.name is 'What the programme is called';
comment on column programmes.imposer_id is 'The body that imposes under it';
comment on column programmes.legal_basis is 'The law it rests on';
comment on column programmes.url is 'The publisher''s page about it';
comment on column programmes.description is 'What it is about';
comment on column programmes.properties is 'What a list or dataset says and no column holds: an object of name to list of strings, FollowTheMoney names where it has one';
comment on column programmes.version is 'Moves by one with every transaction that changes the record or its children; starts at 1';
comment on column programmes.changed_in is 'The last transaction that changed the record: one transaction makes one version';
comment on column programmes.created_at is 'When the registry learned of the record';
comment on column programmes.updated_at is 'When the record last changed in the registry';
