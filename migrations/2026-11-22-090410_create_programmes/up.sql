-- Legal bases under which sanctions are imposed.

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
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint programmes_pkey primary key (id),
  constraint programmes_code_key unique (code),
  constraint programmes_code_check check (code ~ '^[^\s@][^\s]{0,199}$'),
  constraint programmes_name_check check (name ~ '\S' and length(name) <= 500),
  constraint programmes_imposer_id_fkey foreign key (imposer_id) references actors (id),
  constraint programmes_url_check check (url ~ '^https?://[^\s]+$'),
  constraint programmes_properties_check check (is_text_lists(properties)),
  constraint programmes_version_check check (version > 0)
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
comment on column programmes.changed_in is 'The transaction that changed the record last, by which one transaction makes one version';
comment on column programmes.created_at is 'When the registry learned of the record';
comment on column programmes.updated_at is 'When the record last changed in the registry';
select keep_version('programmes');
