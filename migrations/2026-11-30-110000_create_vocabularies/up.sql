-- Vocabularies: closed ones, which the code branches on, are enums; open ones are tables.

create extension if not exists pg_trgm;

create type claim_status as enum (
  'reported', 'unconfirmed', 'corroborated', 'confirmed', 'disputed', 'denied', 'retracted'
);
comment on type claim_status is 'How far a claim is established, from reported to retracted';

create type modality as enum ('actual', 'alleged', 'planned', 'threatened', 'hypothetical');
comment on type modality is 'Whether an action took place or was only said, meant or imagined';

create type name_kind as enum ('alias', 'weak_alias', 'former', 'original_script', 'acronym');
comment on type name_kind is 'What sort of further name an actor has';

create type country_role as enum ('nationality', 'jurisdiction', 'flag', 'territory', 'residence');
comment on type country_role is 'What ties an actor to a country';

create type participant_role as enum ('initiator', 'target', 'affected', 'mediator');
comment on type participant_role is 'The part an actor plays in a diplomatic action';

create type link_kind as enum (
  'responds_to', 'retaliates_for', 'escalates', 'alleges', 'implements', 'lifts', 'supersedes',
  'part_of', 'coordinated_with', 'contradicts'
);
comment on type link_kind is 'How one diplomatic action bears on another; the first three are causal and never form a cycle';

create type source_kind as enum (
  'official_list', 'official_statement', 'legal_text', 'news_article', 'social_media_post',
  'speech', 'report', 'academic', 'dataset', 'other'
);
comment on type source_kind is 'What sort of document a source is';

create type source_reliability as enum ('A', 'B', 'C', 'D', 'E', 'F');
comment on type source_reliability is 'Admiralty scale: A completely reliable, B usually, C fairly, D not usually, E unreliable, F cannot be judged';

create type citation_stance as enum ('supports', 'disputes', 'mentions');
comment on type citation_stance is 'What a source does with the claim that cites it';

create type sanction_outcome as enum (
  'ongoing', 'success_total', 'success_part', 'nego_settlement', 'failed'
);
comment on type sanction_outcome is 'What came of an objective, in the words of the Global Sanctions Data Base';

create table countries (
  code text not null,
  label text not null,
  description text,
  iso3 text,
  iso_numeric text,
  region text,
  subregion text,
  began_on partial_date,
  ended_on partial_date,
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint countries_pkey primary key (code),
  constraint countries_code_check check (code ~ '^[A-Z]{2,4}$'),
  constraint countries_label_check check (label ~ '\S'),
  constraint countries_iso3_key unique (iso3),
  constraint countries_iso3_check check (iso3 ~ '^[A-Z]{3}$'),
  constraint countries_iso_numeric_check check (iso_numeric ~ '^[0-9]{3}$'),
  constraint countries_period_check check (partial_date_in_order(began_on, ended_on)),
  constraint countries_version_check check (version > 0),
  constraint countries_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint countries_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
comment on table countries is 'Countries and territories, present (ISO 3166-1, and XK, EU) and former (ISO 3166-3 and academic data)';
comment on column countries.code is 'ISO 3166-1 alpha-2; for a former country its ISO 3166-3 four-letter code, or a four-letter code of this registry where ISO has none';
comment on column countries.label is 'Short English name';
comment on column countries.description is 'A note on what the code covers';
comment on column countries.iso3 is 'ISO 3166-1 alpha-3, where there is one';
comment on column countries.iso_numeric is 'ISO 3166-1 numeric code, three digits, where there is one';
comment on column countries.region is 'Continent, in the words of the UN geoscheme';
comment on column countries.subregion is 'Subregion, in the words of the UN geoscheme';
comment on column countries.began_on is 'When a former country began, where recorded';
comment on column countries.ended_on is 'When a former country ended; null for a present one';
comment on column countries.version is 'Moves by one with every transaction that changes the entry; starts at 1';
comment on column countries.changed_in is 'The last transaction that changed the entry: one transaction makes one version';
comment on column countries.created_at is 'When the registry learned of the entry';
comment on column countries.updated_at is 'When the entry last changed in the registry';

create table actor_kinds (
  code text not null,
  label text not null,
  description text,
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint actor_kinds_pkey primary key (code),
  constraint actor_kinds_code_check check (code ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint actor_kinds_label_check check (label ~ '\S'),
  constraint actor_kinds_version_check check (version > 0),
  constraint actor_kinds_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint actor_kinds_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
comment on table actor_kinds is 'What sorts of actors there are';
comment on column actor_kinds.code is 'Stable word used in records';
comment on column actor_kinds.label is 'The word as a person reads it';
comment on column actor_kinds.description is 'What belongs under it';
comment on column actor_kinds.version is 'Moves by one with every transaction that changes the entry; starts at 1';
comment on column actor_kinds.changed_in is 'The last transaction that changed the entry: one transaction makes one version';
comment on column actor_kinds.created_at is 'When the registry learned of the entry';
comment on column actor_kinds.updated_at is 'When the entry last changed in the registry';

create table relationship_kinds (
  code text not null,
  label text not null,
  inverse_label text not null,
  description text,
  counts_for_state boolean not null default false,
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint relationship_kinds_pkey primary key (code),
  constraint relationship_kinds_code_check check (code ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint relationship_kinds_label_check check (label ~ '\S'),
  constraint relationship_kinds_inverse_label_check check (inverse_label ~ '\S'),
  constraint relationship_kinds_version_check check (version > 0),
  constraint relationship_kinds_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint relationship_kinds_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
comment on table relationship_kinds is 'Typed ties between two actors, read from subject to object';
comment on column relationship_kinds.code is 'Stable word used in records, read subject kind object: OFAC agency_of Treasury';
comment on column relationship_kinds.label is 'The tie as read from the subject';
comment on column relationship_kinds.inverse_label is 'The tie as read from the object';
comment on column relationship_kinds.description is 'What belongs under it';
comment on column relationship_kinds.counts_for_state is 'Whether an act of the subject counts as an act of the state at the end of the object';
comment on column relationship_kinds.version is 'Moves by one with every transaction that changes the entry; starts at 1';
comment on column relationship_kinds.changed_in is 'The last transaction that changed the entry: one transaction makes one version';
comment on column relationship_kinds.created_at is 'When the registry learned of the entry';
comment on column relationship_kinds.updated_at is 'When the entry last changed in the registry';

create table identifier_schemes (
  code text not null,
  label text not null,
  description text,
  is_unique boolean not null default true,
  pattern text,
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint identifier_schemes_pkey primary key (code),
  constraint identifier_schemes_code_check check (code ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint identifier_schemes_label_check check (label ~ '\S'),
  constraint identifier_schemes_code_is_unique_key unique (code, is_unique),
  constraint identifier_schemes_pattern_check check (is_regular_expression(pattern)),
  constraint identifier_schemes_version_check check (version > 0),
  constraint identifier_schemes_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint identifier_schemes_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
comment on table identifier_schemes is 'Who numbers actors, and whether a number belongs to one actor only';
comment on column identifier_schemes.code is 'Stable word used in records and natural keys (iso3166:CO)';
comment on column identifier_schemes.label is 'The scheme''s name';
comment on column identifier_schemes.description is 'Who issues it and what it numbers';
comment on column identifier_schemes.is_unique is 'True where a value belongs to one actor; false where real lists share values';
comment on column identifier_schemes.pattern is 'Regular expression (POSIX, anchored) that every value fits; null where any text does';
comment on column identifier_schemes.version is 'Moves by one with every transaction that changes the entry; starts at 1';
comment on column identifier_schemes.changed_in is 'The last transaction that changed the entry: one transaction makes one version';
comment on column identifier_schemes.created_at is 'When the registry learned of the entry';
comment on column identifier_schemes.updated_at is 'When the entry last changed in the registry';

create table measures (
  code text not null,
  label text not null,
  description text,
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint measures_pkey primary key (code),
  constraint measures_code_check check (code ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint measures_label_check check (label ~ '\S'),
  constraint measures_version_check check (version > 0),
  constraint measures_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint measures_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
comment on table measures is 'What a sanction does to its target';
comment on column measures.code is 'Stable word used in records';
comment on column measures.label is 'The word as a person reads it';
comment on column measures.description is 'What belongs under it';
comment on column measures.version is 'Moves by one with every transaction that changes the entry; starts at 1';
comment on column measures.changed_in is 'The last transaction that changed the entry: one transaction makes one version';
comment on column measures.created_at is 'When the registry learned of the entry';
comment on column measures.updated_at is 'When the entry last changed in the registry';

create table grounds (
  code text not null,
  label text not null,
  description text,
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint grounds_pkey primary key (code),
  constraint grounds_code_check check (code ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint grounds_label_check check (label ~ '\S'),
  constraint grounds_version_check check (version > 0),
  constraint grounds_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint grounds_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
comment on table grounds is 'What a target is said to have done to be sanctioned';
comment on column grounds.code is 'Stable word used in records';
comment on column grounds.label is 'The word as a person reads it';
comment on column grounds.description is 'What belongs under it';
comment on column grounds.version is 'Moves by one with every transaction that changes the entry; starts at 1';
comment on column grounds.changed_in is 'The last transaction that changed the entry: one transaction makes one version';
comment on column grounds.created_at is 'When the registry learned of the entry';
comment on column grounds.updated_at is 'When the entry last changed in the registry';

create table objectives (
  code text not null,
  label text not null,
  description text,
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint objectives_pkey primary key (code),
  constraint objectives_code_check check (code ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint objectives_label_check check (label ~ '\S'),
  constraint objectives_version_check check (version > 0),
  constraint objectives_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint objectives_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
comment on table objectives is 'What an imposer wants of a sanction: the nine of the Global Sanctions Data Base';
comment on column objectives.code is 'Stable word used in records';
comment on column objectives.label is 'The word as a person reads it';
comment on column objectives.description is 'What belongs under it';
comment on column objectives.version is 'Moves by one with every transaction that changes the entry; starts at 1';
comment on column objectives.changed_in is 'The last transaction that changed the entry: one transaction makes one version';
comment on column objectives.created_at is 'When the registry learned of the entry';
comment on column objectives.updated_at is 'When the entry last changed in the registry';

create table cameo_codes (
  code text not null,
  label text not null,
  description text,
  root text not null,
  quad_class smallint not null,
  goldstein numeric(3, 1) not null,
  goldstein_from text,
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint cameo_codes_pkey primary key (code),
  constraint cameo_codes_code_check check (code ~ '^(0[1-9]|1[0-9]|20)[0-9]{0,2}$'),
  constraint cameo_codes_label_check check (label ~ '\S'),
  constraint cameo_codes_root_check check (root = left(code, 2)),
  constraint cameo_codes_quad_class_check check (quad_class between 1 and 4),
  constraint cameo_codes_goldstein_check check (goldstein between -10 and 10),
  constraint cameo_codes_goldstein_from_fkey foreign key (goldstein_from) references cameo_codes (code),
  constraint cameo_codes_version_check check (version > 0),
  constraint cameo_codes_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint cameo_codes_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
create index cameo_codes_goldstein_from_idx on cameo_codes (goldstein_from);
comment on table cameo_codes is 'Event codes of CAMEO with the quad class and the Goldstein score that GDELT publishes';
comment on column cameo_codes.code is 'CAMEO code, two to four digits';
comment on column cameo_codes.label is 'The code''s name in the CAMEO codebook';
comment on column cameo_codes.description is 'A note, such as whose score the code takes';
comment on column cameo_codes.root is 'The first two digits, 01 to 20';
comment on column cameo_codes.quad_class is '1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict';
comment on column cameo_codes.goldstein is 'Goldstein score, -10 (most conflictual) to 10 (most cooperative)';
comment on column cameo_codes.goldstein_from is 'The parent code whose score this one takes, where none is published for it; null where the score is its own';
comment on column cameo_codes.version is 'Moves by one with every transaction that changes the entry; starts at 1';
comment on column cameo_codes.changed_in is 'The last transaction that changed the entry: one transaction makes one version';
comment on column cameo_codes.created_at is 'When the registry learned of the entry';
comment on column cameo_codes.updated_at is 'When the entry last changed in the registry';

create table action_types (
  code text not null,
  label text not null,
  description text,
  cameo_code text not null,
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint action_types_pkey primary key (code),
  constraint action_types_code_check check (code ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint action_types_label_check check (label ~ '\S'),
  constraint action_types_cameo_code_fkey foreign key (cameo_code) references cameo_codes (code),
  constraint action_types_version_check check (version > 0),
  constraint action_types_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint action_types_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
create index action_types_cameo_code_idx on action_types (cameo_code);
comment on table action_types is 'What actors do to one another, each tied to a CAMEO code';
comment on column action_types.code is 'Stable word used in records';
comment on column action_types.label is 'The word as a person reads it';
comment on column action_types.description is 'What belongs under it';
comment on column action_types.cameo_code is 'The CAMEO code that an action of this type has unless it says otherwise';
comment on column action_types.version is 'Moves by one with every transaction that changes the entry; starts at 1';
comment on column action_types.changed_in is 'The last transaction that changed the entry: one transaction makes one version';
comment on column action_types.created_at is 'When the registry learned of the entry';
comment on column action_types.updated_at is 'When the entry last changed in the registry';
