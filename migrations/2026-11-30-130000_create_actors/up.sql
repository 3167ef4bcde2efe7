-- Actors, with names, countries and identifiers.

create table actors (
  id uuid not null default uuid_v7(),
  kind text not null,
  name text not null,
  plain_name text not null generated always as (plain_name(name)) stored,
  description text,
  began_on partial_date,
  began_on_earliest date generated always as (partial_date_earliest(began_on)) stored,
  began_on_latest date generated always as (partial_date_latest(began_on)) stored,
  ended_on partial_date,
  ended_on_earliest date generated always as (partial_date_earliest(ended_on)) stored,
  ended_on_latest date generated always as (partial_date_latest(ended_on)) stored,
  properties jsonb not null default '{}',
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint actors_pkey primary key (id),
  constraint actors_kind_fkey foreign key (kind) references actor_kinds (code),
  constraint actors_name_check check (name ~ '\S' and length(name) <= 500),
  constraint actors_period_check check (partial_date_in_order(began_on, ended_on)),
  constraint actors_properties_check check (is_text_lists(properties)),
  constraint actors_version_check check (version > 0),
  constraint actors_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint actors_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
create index actors_kind_idx on actors (kind, id);
create index actors_name_idx on actors (name, id);
create index actors_plain_name_idx on actors using gin (plain_name gin_trgm_ops);
create index actors_created_at_idx on actors (created_at, id);
create index actors_updated_at_idx on actors (updated_at, id);
comment on table actors is 'Anyone who acts or is acted upon: states, bodies, people, companies, armed groups, vessels, aircraft, groups';
comment on column actors.id is 'UUID of version 7';
comment on column actors.kind is 'What sort of actor it is: a code of actor_kinds';
comment on column actors.name is 'The name the actor is best known by';
comment on column actors.plain_name is 'The name without accents and capitals, as it is searched';
comment on column actors.description is 'Who this is, in a sentence or two';
comment on column actors.began_on is 'Birth, founding or building, as written';
comment on column actors.began_on_earliest is 'First day that began_on may mean; -infinity where it says not later than';
comment on column actors.began_on_latest is 'Last day that began_on may mean';
comment on column actors.ended_on is 'Death, dissolution or scrapping, as written';
comment on column actors.ended_on_earliest is 'First day that ended_on may mean; -infinity where it says not later than';
comment on column actors.ended_on_latest is 'Last day that ended_on may mean';
comment on column actors.properties is 'What a list or dataset says and no column holds: an object of name to list of strings, FollowTheMoney names where it has one';
comment on column actors.version is 'Moves by one with every transaction that changes the record or its children; starts at 1';
comment on column actors.changed_in is 'The last transaction that changed the record: one transaction makes one version';
comment on column actors.created_at is 'When the registry learned of the record';
comment on column actors.updated_at is 'When the record last changed in the registry';

create table actor_names (
  actor_id uuid not null,
  position smallint not null,
  name text not null,
  plain_name text not null generated always as (plain_name(name)) stored,
  kind name_kind not null,
  lang text,
  constraint actor_names_pkey primary key (actor_id, position),
  constraint actor_names_actor_id_fkey foreign key (actor_id) references actors (id) on delete cascade,
  constraint actor_names_position_check check (position >= 0),
  constraint actor_names_name_check check (name ~ '\S' and length(name) <= 500),
  constraint actor_names_lang_check check (lang ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$')
);
create unique index actor_names_actor_id_name_kind_lang_key on actor_names (actor_id, name, kind, coalesce(lang, ''));
create index actor_names_plain_name_idx on actor_names using gin (plain_name gin_trgm_ops);
comment on table actor_names is 'Further names of actors';
comment on column actor_names.actor_id is 'Whose name it is';
comment on column actor_names.position is 'Order in which the names were given, from 0';
comment on column actor_names.name is 'The name as written';
comment on column actor_names.plain_name is 'The name without accents and capitals, as it is searched';
comment on column actor_names.kind is 'alias, weak_alias, former, original_script or acronym';
comment on column actor_names.lang is 'Language of the name, a BCP 47 tag such as es; null where not said';

create table actor_countries (
  actor_id uuid not null,
  position smallint not null,
  code text not null,
  role country_role not null,
  constraint actor_countries_pkey primary key (actor_id, position),
  constraint actor_countries_actor_id_fkey foreign key (actor_id) references actors (id) on delete cascade,
  constraint actor_countries_code_fkey foreign key (code) references countries (code),
  constraint actor_countries_actor_id_code_role_key unique (actor_id, code, role),
  constraint actor_countries_position_check check (position >= 0)
);
create index actor_countries_code_idx on actor_countries (code, actor_id);
comment on table actor_countries is 'Countries that actors belong to';
comment on column actor_countries.actor_id is 'Whose country it is';
comment on column actor_countries.position is 'Order in which the countries were given, from 0';
comment on column actor_countries.code is 'A code of countries';
comment on column actor_countries.role is 'nationality, jurisdiction, flag, territory or residence';

create table actor_identifiers (
  id uuid not null default uuid_v7(),
  actor_id uuid not null,
  position smallint not null,
  scheme text not null,
  is_unique boolean not null,
  value text not null,
  country text,
  valid_from partial_date,
  valid_until partial_date,
  constraint actor_identifiers_pkey primary key (id),
  constraint actor_identifiers_actor_id_fkey foreign key (actor_id) references actors (id) on delete cascade,
  constraint actor_identifiers_scheme_fkey foreign key (scheme, is_unique)
    references identifier_schemes (code, is_unique) on update cascade,
  constraint actor_identifiers_country_fkey foreign key (country) references countries (code),
  constraint actor_identifiers_actor_id_position_key unique (actor_id, position),
  constraint actor_identifiers_position_check check (position >= 0),
  constraint actor_identifiers_value_check check (value ~ '\S' and length(value) <= 500),
  constraint actor_identifiers_period_check check (partial_date_in_order(valid_from, valid_until))
);
create unique index actor_identifiers_actor_id_scheme_value_country_key
  on actor_identifiers (actor_id, scheme, value, coalesce(country, ''));
create unique index actor_identifiers_scheme_value_key on actor_identifiers (scheme, value) where is_unique;
create index actor_identifiers_scheme_value_idx on actor_identifiers (scheme, value);
create index actor_identifiers_value_idx on actor_identifiers (value);
create index actor_identifiers_scheme_is_unique_idx on actor_identifiers (scheme, is_unique);
create index actor_identifiers_country_idx on actor_identifiers (country);
comment on table actor_identifiers is 'Numbers and codes by which others know actors';
comment on column actor_identifiers.id is 'UUID of version 7';
comment on column actor_identifiers.actor_id is 'Whose identifier it is';
comment on column actor_identifiers.position is 'Order in which the identifiers were given, from 0';
comment on column actor_identifiers.scheme is 'Who numbers: a code of identifier_schemes';
comment on column actor_identifiers.is_unique is 'Whether the scheme gives a value to one actor only; follows identifier_schemes';
comment on column actor_identifiers.value is 'The number or code as written';
comment on column actor_identifiers.country is 'The country that issued it, where that matters';
comment on column actor_identifiers.valid_from is 'When it began to hold, as written';
comment on column actor_identifiers.valid_until is 'When it ceased to hold, as written';

create trigger actor_identifiers_check before insert or update of scheme, value on actor_identifiers
  for each row execute function check_identifier();
