-- One imposer's measures against one target.

create table sanctions (
  id uuid not null default uuid_v7(),
  imposer_id uuid not null,
  target_id uuid not null,
  reason text,
  legal_basis text,
  provisions text,
  announced_on partial_date,
  announced_on_earliest date generated always as (partial_date_earliest(announced_on)) stored,
  imposed_on partial_date,
  imposed_on_earliest date generated always as (partial_date_earliest(imposed_on)) stored,
  imposed_on_latest date generated always as (partial_date_latest(imposed_on)) stored,
  effective_on partial_date,
  starts_earliest date generated always as (partial_date_earliest(coalesce(effective_on, imposed_on))) stored,
  starts_latest date generated always as (partial_date_latest(coalesce(effective_on, imposed_on))) stored,
  expires_on partial_date,
  expires_on_earliest date generated always as (partial_date_earliest(expires_on)) stored,
  expires_on_latest date generated always as (partial_date_latest(expires_on)) stored,
  lifted_on partial_date,
  lifted_on_earliest date generated always as (partial_date_earliest(lifted_on)) stored,
  lifted_on_latest date generated always as (partial_date_latest(lifted_on)) stored,
  lift_reason text,
  action_id uuid,
  list_code text,
  list_part text,
  list_uid text,
  claim_status claim_status not null default 'reported',
  properties jsonb not null default '{}',
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint sanctions_pkey primary key (id),
  constraint sanctions_imposer_id_fkey foreign key (imposer_id) references actors (id),
  constraint sanctions_target_id_fkey foreign key (target_id) references actors (id),
  constraint sanctions_ends_check check (imposer_id <> target_id),
  constraint sanctions_action_id_fkey foreign key (action_id) references diplomatic_actions (id),
  constraint sanctions_lifted_on_check check (partial_date_in_order(coalesce(imposed_on, effective_on), lifted_on)),
  constraint sanctions_expires_on_check check (partial_date_in_order(coalesce(effective_on, imposed_on), expires_on)),
  constraint sanctions_announced_on_check check (partial_date_in_order(announced_on, lifted_on)),
  constraint sanctions_list_check check (list_code is not null or (list_part is null and list_uid is null)),
  constraint sanctions_list_code_check check (list_code ~ '\S' and length(list_code) <= 200),
  constraint sanctions_list_part_check check (list_part ~ '\S' and length(list_part) <= 200),
  constraint sanctions_list_uid_check check (list_uid ~ '\S' and length(list_uid) <= 200),
  constraint sanctions_properties_check check (is_text_lists(properties)),
  constraint sanctions_version_check check (version > 0)
);
create index sanctions_imposer_id_idx on sanctions (imposer_id, id);
create index sanctions_target_id_idx on sanctions (target_id, id);
create index sanctions_action_id_idx on sanctions (action_id, id);
create unique index sanctions_list_key on sanctions (list_code, coalesce(list_part, ''), list_uid)
  where list_uid is not null and lifted_on is null;
create index sanctions_list_code_idx on sanctions (list_code, id);
create index sanctions_imposed_on_idx on sanctions (coalesce(partial_date_sort_day(imposed_on), 'infinity'), id);
create index sanctions_imposed_on_descending_idx on sanctions (coalesce(partial_date_sort_day(imposed_on), '-infinity'), id);
create index sanctions_lifted_on_idx on sanctions (coalesce(partial_date_sort_day(lifted_on), 'infinity'), id);
create index sanctions_lifted_on_descending_idx on sanctions (coalesce(partial_date_sort_day(lifted_on), '-infinity'), id);
create index sanctions_claim_status_idx on sanctions (claim_status, id);
create index sanctions_created_at_idx on sanctions (created_at, id);
create index sanctions_updated_at_idx on sanctions (updated_at, id);
comment on table sanctions is 'One imposer''s measures against one target; joint sanctions are as many rows as there are legal acts';
comment on column sanctions.id is 'UUID of version 7';
comment on column sanctions.imposer_id is 'The body that acted';
comment on column sanctions.target_id is 'Who is sanctioned';
comment on column sanctions.reason is 'The stated why';
comment on column sanctions.legal_basis is 'The law';
comment on column sanctions.provisions is 'What exactly is forbidden';
comment on column sanctions.announced_on is 'When it was announced, as written';
comment on column sanctions.announced_on_earliest is 'First day that announced_on may mean; -infinity where it says not later than';
comment on column sanctions.imposed_on is 'When it was imposed, as written';
comment on column sanctions.imposed_on_earliest is 'First day that imposed_on may mean; -infinity where it says not later than';
comment on column sanctions.imposed_on_latest is 'Last day that imposed_on may mean';
comment on column sanctions.effective_on is 'When it takes effect, where that is not the day it was imposed, as written';
comment on column sanctions.starts_earliest is 'First day on which it may have come into force: of effective_on, else of imposed_on';
comment on column sanctions.starts_latest is 'Last day on which it may have come into force';
comment on column sanctions.expires_on is 'The last day it is in force, where the act sets one, as written';
comment on column sanctions.expires_on_earliest is 'First day that expires_on may mean; -infinity where it says not later than';
comment on column sanctions.expires_on_latest is 'Last day that expires_on may mean';
comment on column sanctions.lifted_on is 'The first day it is no longer in force, as written';
comment on column sanctions.lifted_on_earliest is 'First day that lifted_on may mean; -infinity where it says not later than';
comment on column sanctions.lifted_on_latest is 'Last day that lifted_on may mean';
comment on column sanctions.lift_reason is 'Why it was lifted';
comment on column sanctions.action_id is 'The diplomatic action that announced it';
comment on column sanctions.list_code is 'The official list that carries it, such as us_ofac_sdn';
comment on column sanctions.list_part is 'The part of that list';
comment on column sanctions.list_uid is 'The number of the entry on that list; one entry is in one sanction that is not lifted';
comment on column sanctions.claim_status is 'How far the claim is established';
comment on column sanctions.properties is 'What a list or dataset says and no column holds: an object of name to list of strings, FollowTheMoney names where it has one';
comment on column sanctions.version is 'Moves by one with every transaction that changes the record or its children; starts at 1';
comment on column sanctions.changed_in is 'The transaction that changed the record last, by which one transaction makes one version';
comment on column sanctions.created_at is 'When the registry learned of the record';
comment on column sanctions.updated_at is 'When the record last changed in the registry';
select keep_version('sanctions');

create table sanction_programmes (
  sanction_id uuid not null,
  position smallint not null,
  programme_id uuid not null,
  constraint sanction_programmes_pkey primary key (sanction_id, position),
  constraint sanction_programmes_sanction_id_fkey foreign key (sanction_id) references sanctions (id) on delete cascade,
  constraint sanction_programmes_programme_id_fkey foreign key (programme_id) references programmes (id),
  constraint sanction_programmes_sanction_id_programme_id_key unique (sanction_id, programme_id),
  constraint sanction_programmes_position_check check (position >= 0)
);
create index sanction_programmes_programme_id_idx on sanction_programmes (programme_id, sanction_id);
comment on table sanction_programmes is 'Programmes that a sanction was imposed under';
comment on column sanction_programmes.sanction_id is 'The sanction';
comment on column sanction_programmes.position is 'Order in which the programmes were given, from 0';
comment on column sanction_programmes.programme_id is 'The programme';
select keep_version_of_children('sanction_programmes', 'sanctions', 'sanction_id');

create table sanction_measures (
  sanction_id uuid not null,
  position smallint not null,
  measure text not null,
  "from" partial_date,
  until partial_date,
  constraint sanction_measures_pkey primary key (sanction_id, position),
  constraint sanction_measures_sanction_id_fkey foreign key (sanction_id) references sanctions (id) on delete cascade,
  constraint sanction_measures_measure_fkey foreign key (measure) references measures (code),
  constraint sanction_measures_position_check check (position >= 0),
  constraint sanction_measures_period_check check (partial_date_in_order("from", until))
);
create unique index sanction_measures_sanction_id_measure_from_key
  on sanction_measures (sanction_id, measure, coalesce("from", ''));
create index sanction_measures_measure_idx on sanction_measures (measure, sanction_id);
comment on table sanction_measures is 'What a sanction does to its target';
comment on column sanction_measures.sanction_id is 'The sanction';
comment on column sanction_measures.position is 'Order in which the measures were given, from 0';
comment on column sanction_measures.measure is 'A code of measures';
comment on column sanction_measures."from" is 'When the measure began, where that is not when the sanction did, as written';
comment on column sanction_measures.until is 'When the measure ended, where that is not when the sanction did, as written';
select keep_version_of_children('sanction_measures', 'sanctions', 'sanction_id');

create table sanction_grounds (
  sanction_id uuid not null,
  position smallint not null,
  ground text not null,
  constraint sanction_grounds_pkey primary key (sanction_id, position),
  constraint sanction_grounds_sanction_id_fkey foreign key (sanction_id) references sanctions (id) on delete cascade,
  constraint sanction_grounds_ground_fkey foreign key (ground) references grounds (code),
  constraint sanction_grounds_sanction_id_ground_key unique (sanction_id, ground),
  constraint sanction_grounds_position_check check (position >= 0)
);
create index sanction_grounds_ground_idx on sanction_grounds (ground, sanction_id);
comment on table sanction_grounds is 'What the target is said to have done';
comment on column sanction_grounds.sanction_id is 'The sanction';
comment on column sanction_grounds.position is 'Order in which the grounds were given, from 0';
comment on column sanction_grounds.ground is 'A code of grounds';
select keep_version_of_children('sanction_grounds', 'sanctions', 'sanction_id');

create table sanction_objectives (
  sanction_id uuid not null,
  position smallint not null,
  objective text not null,
  outcome sanction_outcome,
  constraint sanction_objectives_pkey primary key (sanction_id, position),
  constraint sanction_objectives_sanction_id_fkey foreign key (sanction_id) references sanctions (id) on delete cascade,
  constraint sanction_objectives_objective_fkey foreign key (objective) references objectives (code),
  constraint sanction_objectives_sanction_id_objective_key unique (sanction_id, objective),
  constraint sanction_objectives_position_check check (position >= 0)
);
create index sanction_objectives_objective_idx on sanction_objectives (objective, sanction_id);
comment on table sanction_objectives is 'What the imposer wants, and what came of it';
comment on column sanction_objectives.sanction_id is 'The sanction';
comment on column sanction_objectives.position is 'Order in which the objectives were given, from 0';
comment on column sanction_objectives.objective is 'A code of objectives';
comment on column sanction_objectives.outcome is 'What came of it; null where not judged';
select keep_version_of_children('sanction_objectives', 'sanctions', 'sanction_id');
