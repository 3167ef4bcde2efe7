-- What actors do to, or with, each other: claims, each with its citations.

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
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint relationships_pkey primary key (id),
  constraint relationships_subject_id_fkey foreign key (subject_id) references actors (id),
  constraint relationships_object_id_fkey foreign key (object_id) references actors (id),
  constraint relationships_kind_fkey foreign key (kind) references relationship_kinds (code),
  constraint relationships_ends_check check (subject_id <> object_id),
  constraint relationships_share_percent_check check (share_percent between 0 and 100),
  constraint relationships_period_check check (partial_date_in_order(started_on, ended_on)),
  constraint relationships_properties_check check (is_text_lists(properties)),
  constraint relationships_version_check check (version > 0),
  constraint relationships_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint relationships_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
create index relationships_subject_id_idx on relationships (subject_id, id);
create index relationships_object_id_idx on relationships (object_id, id);
create index relationships_kind_idx on relationships (kind, id);
create index relationships_claim_status_idx on relationships (claim_status, id);
create index relationships_started_on_idx on relationships (coalesce(partial_date_sort_day(started_on), 'infinity'), id);
create index relationships_started_on_descending_idx on relationships (coalesce(partial_date_sort_day(started_on), '-infinity'), id);
create index relationships_created_at_idx on relationships (created_at, id);
create index relationships_updated_at_idx on relationships (updated_at, id);
-- Reads the latest claims first (view bi.claims).
create index relationships_claimed_day_idx on relationships (started_on_latest);
comment on table relationships is 'Typed, dated ties between two actors, read subject kind object';
comment on column relationships.id is 'UUID of version 7';
comment on column relationships.subject_id is 'The actor that has the tie';
comment on column relationships.object_id is 'The actor that the tie leads to';
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
comment on column relationships.changed_in is 'The last transaction that changed the record: one transaction makes one version';
comment on column relationships.created_at is 'When the registry learned of the record';
comment on column relationships.updated_at is 'When the record last changed in the registry';

create table diplomatic_actions (
  id uuid not null default uuid_v7(),
  type text not null,
  cameo_code text not null,
  modality modality not null default 'actual',
  title text not null,
  summary text,
  reason text,
  condition text,
  channel text,
  place text,
  latitude double precision,
  longitude double precision,
  occurred_on partial_date,
  occurred_on_earliest date generated always as (partial_date_earliest(occurred_on)) stored,
  occurred_on_latest date generated always as (partial_date_latest(occurred_on)) stored,
  ended_on partial_date,
  ended_on_earliest date generated always as (partial_date_earliest(ended_on)) stored,
  ended_on_latest date generated always as (partial_date_latest(ended_on)) stored,
  ongoing boolean not null default false,
  fatalities_min integer,
  fatalities_max integer,
  claim_status claim_status not null default 'reported',
  properties jsonb not null default '{}',
  version integer not null default 1,
  changed_in bigint not null default pg_current_xact_id()::text::bigint,
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
  constraint diplomatic_actions_pkey primary key (id),
  constraint diplomatic_actions_type_fkey foreign key (type) references action_types (code),
  constraint diplomatic_actions_cameo_code_fkey foreign key (cameo_code) references cameo_codes (code),
  constraint diplomatic_actions_title_check check (title ~ '\S' and length(title) <= 500),
  constraint diplomatic_actions_latitude_check check (latitude between -90 and 90),
  constraint diplomatic_actions_longitude_check check (longitude between -180 and 180),
  constraint diplomatic_actions_place_check check ((latitude is null) = (longitude is null)),
  constraint diplomatic_actions_period_check check (partial_date_in_order(occurred_on, ended_on)),
  constraint diplomatic_actions_ongoing_check check (not (ongoing and ended_on is not null)),
  constraint diplomatic_actions_fatalities_min_check check (fatalities_min >= 0),
  constraint diplomatic_actions_fatalities_check check (fatalities_max >= coalesce(fatalities_min, 0)),
  constraint diplomatic_actions_properties_check check (is_text_lists(properties)),
  constraint diplomatic_actions_version_check check (version > 0),
  constraint diplomatic_actions_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint diplomatic_actions_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
);
create index diplomatic_actions_type_idx on diplomatic_actions (type, id);
create index diplomatic_actions_cameo_code_idx on diplomatic_actions (cameo_code, id);
create index diplomatic_actions_occurred_on_idx on diplomatic_actions (coalesce(partial_date_sort_day(occurred_on), 'infinity'), id);
create index diplomatic_actions_occurred_on_descending_idx on diplomatic_actions (coalesce(partial_date_sort_day(occurred_on), '-infinity'), id);
create index diplomatic_actions_claim_status_idx on diplomatic_actions (claim_status, id);
create index diplomatic_actions_title_idx on diplomatic_actions (title, id);
create index diplomatic_actions_created_at_idx on diplomatic_actions (created_at, id);
create index diplomatic_actions_updated_at_idx on diplomatic_actions (updated_at, id);
-- Reads the latest claims first (view bi.claims).
create index diplomatic_actions_claimed_day_idx on diplomatic_actions (occurred_on_latest);
-- Holds all that counts by year and class read: a tenth of the table.
create index diplomatic_actions_events_idx
  on diplomatic_actions (cameo_code, occurred_on_earliest, occurred_on_latest, modality, claim_status);
comment on table diplomatic_actions is 'One thing that actors did, to or with others';
comment on column diplomatic_actions.id is 'UUID of version 7';
comment on column diplomatic_actions.type is 'What was done: a code of action_types';
comment on column diplomatic_actions.cameo_code is 'CAMEO code: that of the type unless another fits better';
comment on column diplomatic_actions.modality is 'Whether it took place (actual) or was alleged, planned, threatened or imagined';
comment on column diplomatic_actions.title is 'What was done, in a line';
comment on column diplomatic_actions.summary is 'What was done, in a few sentences';
comment on column diplomatic_actions.reason is 'The stated why';
comment on column diplomatic_actions.condition is 'What would end it, as stated: until the attacks cease';
comment on column diplomatic_actions.channel is 'Through what it was said or done: X, a note verbale, a press conference';
comment on column diplomatic_actions.place is 'Where, in words';
comment on column diplomatic_actions.latitude is 'Where, in degrees north';
comment on column diplomatic_actions.longitude is 'Where, in degrees east';
comment on column diplomatic_actions.occurred_on is 'When it took place or began, as written';
comment on column diplomatic_actions.occurred_on_earliest is 'First day that occurred_on may mean; -infinity where it says not later than';
comment on column diplomatic_actions.occurred_on_latest is 'Last day that occurred_on may mean';
comment on column diplomatic_actions.ended_on is 'When it ended, as written';
comment on column diplomatic_actions.ended_on_earliest is 'First day that ended_on may mean; -infinity where it says not later than';
comment on column diplomatic_actions.ended_on_latest is 'Last day that ended_on may mean';
comment on column diplomatic_actions.ongoing is 'Whether it was going on when last heard of';
comment on column diplomatic_actions.fatalities_min is 'People killed, at least';
comment on column diplomatic_actions.fatalities_max is 'People killed, at most';
comment on column diplomatic_actions.claim_status is 'How far the claim is established';
comment on column diplomatic_actions.properties is 'What a list or dataset says and no column holds: an object of name to list of strings, FollowTheMoney names where it has one';
comment on column diplomatic_actions.version is 'Moves by one with every transaction that changes the record or its children; starts at 1';
comment on column diplomatic_actions.changed_in is 'The last transaction that changed the record: one transaction makes one version';
comment on column diplomatic_actions.created_at is 'When the registry learned of the record';
comment on column diplomatic_actions.updated_at is 'When the record last changed in the registry';

create trigger diplomatic_actions_default_cameo_code before insert or update on diplomatic_actions
  for each row when (new.cameo_code is null) execute function default_cameo_code();

create table action_countries (
  action_id uuid not null,
  position smallint not null,
  code text not null,
  constraint action_countries_pkey primary key (action_id, position),
  constraint action_countries_action_id_fkey foreign key (action_id) references diplomatic_actions (id) on delete cascade,
  constraint action_countries_code_fkey foreign key (code) references countries (code),
  constraint action_countries_action_id_code_key unique (action_id, code),
  constraint action_countries_position_check check (position >= 0)
);
create index action_countries_code_idx on action_countries (code, action_id);
comment on table action_countries is 'Countries that an action touched: where it was, whose citizens it affected';
comment on column action_countries.action_id is 'The action';
comment on column action_countries.position is 'Order in which the countries were given, from 0';
comment on column action_countries.code is 'A code of countries';

create table action_participants (
  action_id uuid not null,
  position smallint not null,
  role participant_role not null,
  actor_id uuid not null,
  constraint action_participants_pkey primary key (action_id, position),
  constraint action_participants_action_id_fkey foreign key (action_id) references diplomatic_actions (id) on delete cascade,
  constraint action_participants_actor_id_fkey foreign key (actor_id) references actors (id),
  constraint action_participants_action_id_role_actor_id_key unique (action_id, role, actor_id),
  constraint action_participants_position_check check (position >= 0)
);
create index action_participants_actor_id_idx on action_participants (actor_id, role, action_id);
comment on table action_participants is 'Who took part in an action, and how';
comment on column action_participants.action_id is 'The action';
comment on column action_participants.position is 'Order in which the participants were given, from 0';
comment on column action_participants.role is 'initiator, target, affected or mediator';
comment on column action_participants.actor_id is 'Who took part';

create table action_links (
  action_id uuid not null,
  position smallint not null,
  kind link_kind not null,
  linked_action_id uuid not null,
  constraint action_links_pkey primary key (action_id, position),
  constraint action_links_action_id_fkey foreign key (action_id) references diplomatic_actions (id) on delete cascade,
  constraint action_links_linked_action_id_fkey foreign key (linked_action_id) references diplomatic_actions (id),
  constraint action_links_action_id_kind_linked_action_id_key unique (action_id, kind, linked_action_id),
  constraint action_links_ends_check check (action_id <> linked_action_id),
  constraint action_links_position_check check (position >= 0)
);
create index action_links_linked_action_id_idx on action_links (linked_action_id, action_id);
comment on table action_links is 'How one action bears on another, read action kind linked_action: a retaliates_for b';
comment on column action_links.action_id is 'The action that bears on the other';
comment on column action_links.position is 'Order in which the links were given, from 0';
comment on column action_links.kind is 'How it bears; responds_to, retaliates_for and escalates never form a cycle';
comment on column action_links.linked_action_id is 'The action it bears on';

create constraint trigger action_links_cycle_check after insert or update on action_links
  for each row when (new.kind in ('responds_to', 'retaliates_for', 'escalates'))
  execute function refuse_causal_cycle();

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
  created_at timestamptz not null default recording_time(),
  updated_at timestamptz not null default recording_time(),
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
  constraint sanctions_version_check check (version > 0),
  constraint sanctions_created_at_check check (created_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00'),
  constraint sanctions_updated_at_check check (updated_at between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00')
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
create index sanctions_expires_on_idx on sanctions (coalesce(partial_date_sort_day(expires_on), 'infinity'), id);
create index sanctions_expires_on_descending_idx on sanctions (coalesce(partial_date_sort_day(expires_on), '-infinity'), id);
create index sanctions_imposed_on_days_idx on sanctions using gist (daterange(imposed_on_earliest, imposed_on_latest, '[]'))
  where imposed_on is not null;
-- Reads the latest claims first (view bi.claims).
create index sanctions_claimed_day_idx on sanctions ((
  case
    when imposed_on is not null then imposed_on_latest
    else partial_date_latest(coalesce(effective_on, announced_on))
  end
));
comment on table sanctions is 'One imposer''s measures against one target; joint sanctions are as many rows as there are legal acts';
comment on column sanctions.id is 'UUID of version 7';
comment on column sanctions.imposer_id is 'The body that acted';
comment on column sanctions.target_id is 'The actor that is sanctioned';
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
comment on column sanctions.changed_in is 'The last transaction that changed the record: one transaction makes one version';
comment on column sanctions.created_at is 'When the registry learned of the record';
comment on column sanctions.updated_at is 'When the record last changed in the registry';

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
comment on column sanction_objectives.outcome is 'What came of it; null if not assessed';

create table locks (
  name text not null,
  constraint locks_pkey primary key (name)
);
comment on table locks is 'Locks that one transaction at a time takes, by locking the row';
comment on column locks.name is 'What is locked; causal_links: adding causal links between actions';
insert into locks (name) values ('causal_links');
