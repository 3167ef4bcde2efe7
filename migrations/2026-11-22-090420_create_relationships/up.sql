-- Typed, dated ties between actors.

create table relationships (
  id uuid not null default uuid_v7(),
  subject_id uuid not null,
  object_id uuid not null,
  kind text not null,
  role text,
  share_percent numeric(5, 2),
  started_on partial_date,
  started_on_earliest date generated always as (partial_date_earliest(started_on)) stored,
  started_on_latest date generated always as (partial_date_latest(started_on)) stored,
  ended_on partial_date,
  ended_on_earliest date generated always as (partial_date_earliest(ended_on)) stored,
  ended_on_latest date generated always as (partial_date_latest(ended_on)) stored,
  description text,
  claim_status claim_status not null default 'reported',
  properties jsonb not null default '{}',
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint relationships_pkey primary key (id),
  constraint relationships_subject_id_fkey foreign key (subject_id) references actors (id),
  constraint relationships_object_id_fkey foreign key (object_id) references actors (id),
  constraint relationships_kind_fkey foreign key (kind) references relationship_kinds (code),
  constraint relationships_ends_check check (subject_id <> object_id),
  constraint relationships_share_percent_check check (share_percent between 0 and 100),
  constraint relationships_period_check check (partial_date_in_order(started_on, ended_on)),
  constraint relationships_properties_check check (is_text_lists(properties)),
  constraint relationships_version_check check (version > 0)
);
create index relationships_subject_id_idx on relationships (subject_id, id);
create index relationships_object_id_idx on relationships (object_id, id);
create index relationships_kind_idx on relationships (kind, id);
create index relationships_claim_status_idx on relationships (claim_status, id);
create index relationships_started_on_idx on relationships (coalesce(partial_date_sort_day(started_on), 'infinity'), id);
create index relationships_started_on_descending_idx on relationships (coalesce(partial_date_sort_day(started_on), '-infinity'), id);
create index relationships_created_at_idx on relationships (created_at, id);
create index relationships_updated_at_idx on relationships (updated_at, id);
comment on table relationships is 'Typed, dated ties between two actors, read subject kind object';
comment on column relationships.id is 'UUID of version 7';
comment on column relationships.subject_id is 'Who has the tie';
comment on column relationships.object_id is 'To whom';
comment on column relationships.kind is 'What sort of tie it is: a code of relationship_kinds';
comment on column relationships.role is 'The subject''s role in it: interior minister, chairman, spouse';
comment on column relationships.share_percent is 'Share owned, 0 to 100, in percent';
comment on column relationships.started_on is 'When the tie began, as written';
comment on column relationships.started_on_earliest is 'First day that started_on may mean; -infinity where it says not later than';
comment on column relationships.started_on_latest is 'Last day that started_on may mean';
comment on column relationships.ended_on is 'When the tie ended, as written';
comment on column relationships.ended_on_earliest is 'First day that ended_on may mean; -infinity where it says not later than';
comment on column relationships.ended_on_latest is 'Last day that ended_on may mean';
comment on column relationships.description is 'What else to know of it';
comment on column relationships.claim_status is 'How far the claim is established';
comment on column relationships.properties is 'What a list or dataset says and no column holds: an object of name to list of strings, FollowTheMoney names where it has one';
comment on column relationships.version is 'Moves by one with every transaction that changes the record or its children; starts at 1';
comment on column relationships.changed_in is 'The transaction that changed the record last, by which one transaction makes one version';
comment on column relationships.created_at is 'When the registry learned of the record';
comment on column relationships.updated_at is 'When the record last changed in the registry';
select keep_version('relationships');
