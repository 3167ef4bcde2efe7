-- What actors did to, or with, others.

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
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
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
  constraint diplomatic_actions_version_check check (version > 0)
);
create index diplomatic_actions_type_idx on diplomatic_actions (type, id);
create index diplomatic_actions_cameo_code_idx on diplomatic_actions (cameo_code, id);
create index diplomatic_actions_occurred_on_idx on diplomatic_actions (coalesce(partial_date_sort_day(occurred_on), 'infinity'), id);
create index diplomatic_actions_occurred_on_descending_idx on diplomatic_actions (coalesce(partial_date_sort_day(occurred_on), '-infinity'), id);
create index diplomatic_actions_claim_status_idx on diplomatic_actions (claim_status, id);
create index diplomatic_actions_title_idx on diplomatic_actions (title, id);
create index diplomatic_actions_created_at_idx on diplomatic_actions (created_at, id);
create index diplomatic_actions_updated_at_idx on diplomatic_actions (updated_at, id);
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
comment on column diplomatic_actions.changed_in is 'The transaction that changed the record last, by which one transaction makes one version';
comment on column diplomatic_actions.created_at is 'When the registry learned of the record';
comment on column diplomatic_actions.updated_at is 'When the record last changed in the registry';
select keep_version('diplomatic_actions');

create function default_cameo_code() returns trigger
language plpgsql
as $$
begin
  if new.cameo_code is null then
    select cameo_code into new.cameo_code from action_types where code = new.type;
  end if;
  return new;
end
$$;
comment on function default_cameo_code() is 'Trigger of diplomatic_actions: the code of the type where none is given';
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
select keep_version_of_children('action_countries', 'diplomatic_actions', 'action_id');

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
select keep_version_of_children('action_participants', 'diplomatic_actions', 'action_id');

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
comment on column action_links.kind is 'How it bears; responds_to, retaliates_for and escalates never close a circle';
comment on column action_links.linked_action_id is 'The action it bears on';
select keep_version_of_children('action_links', 'diplomatic_actions', 'action_id');

create function refuse_causal_circle() returns trigger
language plpgsql
as $$
begin
  -- Two transactions that each add half of a circle would not see each other's half: one at a time.
  perform pg_advisory_xact_lock(hashtextextended('action_links causal circle', 0));
  if exists (
    with recursive causes (id) as (
      select new.linked_action_id
      union
      select link.linked_action_id
      from causes
      join action_links as link on link.action_id = causes.id
      where link.kind in ('responds_to', 'retaliates_for', 'escalates')
    )
    select from causes where id = new.action_id
  ) then
    raise exception using
      errcode = 'check_violation', constraint = 'action_links_circle_check', table = 'action_links',
      message = 'causal links close a circle';
  end if;
  return null;
end
$$;
comment on function refuse_causal_circle() is 'Trigger of action_links: no action answers itself, not even by way of others';
create constraint trigger action_links_circle_check after insert or update on action_links
  for each row when (new.kind in ('responds_to', 'retaliates_for', 'escalates'))
  execute function refuse_causal_circle();
