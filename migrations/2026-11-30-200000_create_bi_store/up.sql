-- What BI needs and can't compute for each query: the states for which actors count, dyads, and what is summed over them.
-- `demarche bi refresh` (src/bi) maintains it, and views of schema bi read it; no other role has a right to it. Everything here can be
-- computed again from the tables of schema public, and stays when views are rebuilt.

create schema bi_store;
comment on schema bi_store is 'Data for the views of schema bi, computed by demarche bi refresh from schema public';

-- Records that changed since the last refresh. A refresh deletes the rows that it sees, in the transaction that computes their
-- effects: a change that commits later remains for the next refresh.
create table bi_store.changed_records (
  resource text not null,
  id uuid
);
comment on table bi_store.changed_records is 'Records that changed since the last refresh, one row for each transaction that changed them; written by triggers, deleted by the refresh';
comment on column bi_store.changed_records.resource is 'The table of the record';
comment on column bi_store.changed_records.id is 'The record; null for an entry of a vocabulary';

-- One row for each transaction: the version changes with the first change of a record and not with later ones.

-- The reliability of a source is part of the grades of all claims that cite it; its other fields are not.

do $$
declare
  record text;
begin
  foreach record in array array['sanctions', 'diplomatic_actions', 'relationships', 'actors'] loop
    execute format(
      'create trigger %1$s_insert_is_noted after insert on %1$I
         referencing new table as come for each statement execute function note_changed_records()', record);
    execute format(
      'create trigger %1$s_update_is_noted after update on %1$I
         referencing old table as gone new table as come for each statement execute function note_changed_records()', record);
    execute format(
      'create trigger %1$s_delete_is_noted after delete on %1$I
         referencing old table as gone for each statement execute function note_changed_records()', record);
  end loop;
  foreach record in array array['relationship_kinds', 'cameo_codes', 'countries'] loop
    execute format(
      'create trigger %1$s_change_is_noted after insert or update or delete on %1$I
         for each statement execute function note_changed_vocabulary()', record);
  end loop;
end
$$;
create trigger sources_update_is_noted after update on sources
  referencing old table as gone new table as come for each statement execute function note_changed_reliability();

-- Whose act it is, for all actors at once (docs/data-model.md, "Whose act is it?").
create table bi_store.states (
  state_id uuid not null,
  name text not null,
  kind text not null,
  iso_code text,
  iso3_code text,
  region text,
  constraint states_pkey primary key (state_id)
);
comment on table bi_store.states is 'States, former ones among them, and what else has an ISO code: territories and the European Union; with the codes that dashboards filter by';
comment on column bi_store.states.state_id is 'Id of the state, an actor';
comment on column bi_store.states.kind is 'Kind of the actor: only a state is ever an imposer_state';
comment on column bi_store.states.name is 'Name of the state';
comment on column bi_store.states.iso_code is 'ISO 3166-1 code of two letters, or the ISO 3166-3 code of four of a former state';
comment on column bi_store.states.iso3_code is 'ISO 3166-1 code of three letters';
comment on column bi_store.states.region is 'Region of the world';

create table bi_store.actor_ties (
  actor_id uuid not null,
  state_id uuid not null,
  is_state boolean not null,
  first_day date,
  last_day date
);
create index actor_ties_actor_id_idx on bi_store.actor_ties (actor_id);
comment on table bi_store.actor_ties is 'For which states, and for which intergovernmental organizations with an ISO code (the European Union), acts of an actor count, itself if it is one, by every chain of ties that counts: what acts_for finds, for all actors at once';
comment on column bi_store.actor_ties.actor_id is 'The actor';
comment on column bi_store.actor_ties.state_id is 'The state for which the act counts';
comment on column bi_store.actor_ties.is_state is 'True for a state, false for the European Union';
comment on column bi_store.actor_ties.first_day is 'The act counts if it may have ended on this day or later; null if every day counts. If a chain without days leads to the state, no other chain to it is stored';
comment on column bi_store.actor_ties.last_day is 'The act counts if it may have begun on this day or earlier; null if every day counts';

create table bi_store.actor_states (
  actor_id uuid not null,
  depends_on_day boolean not null,
  imposer_state_id uuid,
  target_state_id uuid,
  country_state_id uuid,
  constraint actor_states_pkey primary key (actor_id)
);
comment on table bi_store.actor_states is 'The one state that acts of, and against, an actor count for, if it is the same on every day; actors without a state have no row';
comment on column bi_store.actor_states.actor_id is 'The actor';
comment on column bi_store.actor_states.depends_on_day is 'Whether one of its ties has a day: then sanction_states and participant_states have the states of each act, and the two columns here are null';
comment on column bi_store.actor_states.imposer_state_id is 'The result of imposer_state, the same on every day: the one state for which its acts count';
comment on column bi_store.actor_states.target_state_id is 'The result of target_state, the same on every day: the one state against which acts against it count';
comment on column bi_store.actor_states.country_state_id is 'The one state of the first of the roles jurisdiction, flag, nationality that it has: used if no tie gives a state, and only for acts against it';

create table bi_store.sanction_states (
  sanction_id uuid not null,
  imposer_state_id uuid,
  target_state_id uuid,
  constraint sanction_states_pkey primary key (sanction_id)
);
comment on table bi_store.sanction_states is 'The states of those sanctions whose imposer or target depends on the day; the row has both states';
comment on column bi_store.sanction_states.sanction_id is 'The sanction';
comment on column bi_store.sanction_states.imposer_state_id is 'The one state for which imposing it counts; null if there is none or more than one';
comment on column bi_store.sanction_states.target_state_id is 'The one state against which it counts; null if there is none or more than one';

create table bi_store.participant_states (
  action_id uuid not null,
  position smallint not null,
  state_id uuid,
  constraint participant_states_pkey primary key (action_id, position)
);
comment on table bi_store.participant_states is 'The states of those participants of actions who depend on the day';
comment on column bi_store.participant_states.action_id is 'The action';
comment on column bi_store.participant_states.position is 'The participant''s position in the action';
comment on column bi_store.participant_states.state_id is 'For initiators and mediators the one state for which it counts, for targets and affected the one state against which it counts; null if there is none or more than one';

create table bi_store.action_dyads (
  action_id uuid not null,
  initiator_state_id uuid not null,
  target_state_id uuid not null,
  day date,
  is_month_known boolean not null,
  goldstein numeric(3, 1) not null,
  quad_class smallint not null,
  weight numeric(4, 3) not null,
  modality modality not null,
  is_denied boolean not null,
  constraint action_dyads_pkey primary key (action_id, initiator_state_id, target_state_id)
);
create index action_dyads_dyad_idx on bi_store.action_dyads (initiator_state_id, target_state_id, (coalesce(day, 'infinity')))
  include (day, goldstein, weight, modality, is_denied);
comment on table bi_store.action_dyads is 'Which state''s act an action is, and against which: a row for each pair of states; an act between bodies of one state is no act between states';
comment on column bi_store.action_dyads.action_id is 'The action';
comment on column bi_store.action_dyads.initiator_state_id is 'The state that acted';
comment on column bi_store.action_dyads.target_state_id is 'The state against which the act counts';
comment on column bi_store.action_dyads.day is 'The day by which it is sorted: the first that occurred_on may mean, or the last if its beginning is open; null if not known';
comment on column bi_store.action_dyads.is_month_known is 'Whether all days that occurred_on may mean lie in one month';
comment on column bi_store.action_dyads.goldstein is 'Goldstein score of its CAMEO code';
comment on column bi_store.action_dyads.quad_class is 'Quad class of its CAMEO code';
comment on column bi_store.action_dyads.weight is 'grade_weight of the best source that supports it; 0.5 if none does';
comment on column bi_store.action_dyads.modality is 'Whether it took place';
comment on column bi_store.action_dyads.is_denied is 'Whether the claim is denied or retracted';

create type bi_store.sanction_fact as (
  sort text,
  word text,
  outcome text,
  first_year integer,
  last_year integer
);
comment on type bi_store.sanction_fact is 'What a sanction contributes to the years of its dyad';
comment on column bi_store.sanction_fact.sort is 'on_state or sanction (the sanction itself, on the state or on an actor of it), measure, objective';
comment on column bi_store.sanction_fact.word is 'The measure or objective; empty for the sanction itself';
comment on column bi_store.sanction_fact.outcome is 'The outcome of the objective; empty for other facts';
comment on column bi_store.sanction_fact.first_year is 'The first year for which it holds';
comment on column bi_store.sanction_fact.last_year is 'The last year for which it holds; 9999 while no end is known';

create table bi_store.sanction_dyads (
  sanction_id uuid not null,
  imposer_state_id uuid not null,
  target_state_id uuid not null,
  action_id uuid,
  imposed_day date,
  lifted_day date,
  expires_day date,
  first_year integer,
  last_year integer,
  retaliates boolean not null,
  is_denied boolean not null,
  facts bi_store.sanction_fact[] not null,
  constraint sanction_dyads_pkey primary key (sanction_id, imposer_state_id, target_state_id)
);
create index sanction_dyads_dyad_idx on bi_store.sanction_dyads (imposer_state_id, target_state_id, (coalesce(imposed_day, 'infinity')));
create index sanction_dyads_lifted_idx on bi_store.sanction_dyads (imposer_state_id, target_state_id, lifted_day)
  where lifted_day is not null;
create index sanction_dyads_expiring_idx on bi_store.sanction_dyads (imposer_state_id, target_state_id, expires_day)
  where expires_day is not null;
create index sanction_dyads_action_id_idx on bi_store.sanction_dyads (action_id);
comment on table bi_store.sanction_dyads is 'Which state''s act a sanction is, and against which: a row for each pair of states';
comment on column bi_store.sanction_dyads.sanction_id is 'The sanction';
comment on column bi_store.sanction_dyads.imposer_state_id is 'The state that imposed it';
comment on column bi_store.sanction_dyads.target_state_id is 'The state against which it counts';
comment on column bi_store.sanction_dyads.action_id is 'The action that announced it';
comment on column bi_store.sanction_dyads.imposed_day is 'The first day that imposed_on may mean, else effective_on, else announced_on; null if none is known';
comment on column bi_store.sanction_dyads.lifted_day is 'The first day that lifted_on may mean';
comment on column bi_store.sanction_dyads.expires_day is 'The first day that expires_on may mean; null if it was lifted by then';
comment on column bi_store.sanction_dyads.first_year is 'The year in which it came into force; null if not known';
comment on column bi_store.sanction_dyads.last_year is 'The last year in which it was in force; null while no end is known';
comment on column bi_store.sanction_dyads.retaliates is 'Whether retaliation is among its grounds';
comment on column bi_store.sanction_dyads.is_denied is 'Whether the claim is denied or retracted';
comment on column bi_store.sanction_dyads.facts is 'What it contributes to the years of the dyad; empty if it is denied or its year is unknown';

create table bi_store.dyad_months (
  initiator_state_id uuid not null,
  target_state_id uuid not null,
  month date not null,
  actions integer not null,
  verbal_cooperation integer not null,
  material_cooperation integer not null,
  verbal_conflict integer not null,
  material_conflict integer not null,
  goldstein_sum numeric not null,
  unsure_month_actions integer not null,
  sanctions_imposed integer not null,
  sanctions_lifted integer not null,
  sanctions_expiring integer not null,
  alleged_actions integer not null,
  planned_actions integer not null,
  threatened_actions integer not null,
  hypothetical_actions integer not null,
  denied_actions integer not null,
  denied_sanctions integer not null,
  constraint dyad_months_pkey primary key (initiator_state_id, target_state_id, month)
);
create index dyad_months_target_state_id_idx on bi_store.dyad_months (target_state_id);
create index dyad_months_month_idx on bi_store.dyad_months (month);
comment on table bi_store.dyad_months is 'What a state did to another in a month';
comment on column bi_store.dyad_months.initiator_state_id is 'The state that acted';
comment on column bi_store.dyad_months.target_state_id is 'The state against which the act counts';
comment on column bi_store.dyad_months.month is 'The first day of the month; infinity if the day is not known';
comment on column bi_store.dyad_months.actions is 'Actions that count';
comment on column bi_store.dyad_months.verbal_cooperation is 'Of them, in quad class 1';
comment on column bi_store.dyad_months.material_cooperation is 'Of them, in quad class 2';
comment on column bi_store.dyad_months.verbal_conflict is 'Of them, in quad class 3';
comment on column bi_store.dyad_months.material_conflict is 'Of them, in quad class 4';
comment on column bi_store.dyad_months.goldstein_sum is 'Sum of the Goldstein scores of the actions that count';
comment on column bi_store.dyad_months.unsure_month_actions is 'Of the actions that count, those that may have taken place in another month';
comment on column bi_store.dyad_months.sanctions_imposed is 'Sanctions imposed, neither denied nor retracted';
comment on column bi_store.dyad_months.sanctions_lifted is 'Sanctions lifted, neither denied nor retracted';
comment on column bi_store.dyad_months.sanctions_expiring is 'Sanctions whose last day is in this month and that were not lifted before, neither denied nor retracted';
comment on column bi_store.dyad_months.alleged_actions is 'Not counted: alleged';
comment on column bi_store.dyad_months.planned_actions is 'Not counted: planned';
comment on column bi_store.dyad_months.threatened_actions is 'Not counted: threatened';
comment on column bi_store.dyad_months.hypothetical_actions is 'Not counted: hypothetical';
comment on column bi_store.dyad_months.denied_actions is 'Not counted: denied or retracted, whatever the modality';
comment on column bi_store.dyad_months.denied_sanctions is 'Not counted: sanctions imposed, the claim denied or retracted';

create table bi_store.dyad_weeks (
  initiator_state_id uuid not null,
  target_state_id uuid not null,
  week date not null,
  actions integer not null,
  goldstein_sum numeric not null,
  score double precision not null,
  score_unweighted double precision not null,
  constraint dyad_weeks_pkey primary key (initiator_state_id, target_state_id, week)
);
create index dyad_weeks_target_state_id_idx on bi_store.dyad_weeks (target_state_id);
create index dyad_weeks_week_idx on bi_store.dyad_weeks (week);
comment on table bi_store.dyad_weeks is 'The decayed Goldstein score of what a state did to another, at the end of each week';
comment on column bi_store.dyad_weeks.initiator_state_id is 'The state that acted';
comment on column bi_store.dyad_weeks.target_state_id is 'The state against which the act counts';
comment on column bi_store.dyad_weeks.week is 'Monday of the week';
comment on column bi_store.dyad_weeks.actions is 'Actions that count, in this week';
comment on column bi_store.dyad_weeks.goldstein_sum is 'Sum of their Goldstein scores';
comment on column bi_store.dyad_weeks.score is 'Decayed score, each action weighted by grade';
comment on column bi_store.dyad_weeks.score_unweighted is 'Decayed score, every action with the same weight';

create table bi_store.chain_steps (
  chain_id uuid not null,
  action_id uuid not null,
  step integer not null,
  depth integer not null,
  answers_action_id uuid,
  day date,
  days_since_answered integer,
  days_since_previous integer,
  is_counted boolean not null,
  goldstein numeric(3, 1) not null,
  goldstein_cumulated numeric not null,
  constraint chain_steps_pkey primary key (chain_id, action_id)
);
create index chain_steps_action_id_idx on bi_store.chain_steps (action_id);
comment on table bi_store.chain_steps is 'The steps of chains of actions that respond to each other';
comment on column bi_store.chain_steps.chain_id is 'The first action of the chain';
comment on column bi_store.chain_steps.action_id is 'The action of this step';
comment on column bi_store.chain_steps.step is 'Position in the chain, from 1';
comment on column bi_store.chain_steps.depth is 'Number of responses from the first action, on the shortest way';
comment on column bi_store.chain_steps.answers_action_id is 'The action to which this one responds, the latest if there are several in the chain; null for the first step';
comment on column bi_store.chain_steps.day is 'The day by which it is sorted';
comment on column bi_store.chain_steps.days_since_answered is 'Days after the action to which it responds';
comment on column bi_store.chain_steps.days_since_previous is 'Days after the step before it';
comment on column bi_store.chain_steps.is_counted is 'Whether it is actual and neither denied nor retracted';
comment on column bi_store.chain_steps.goldstein is 'Goldstein score of its CAMEO code';
comment on column bi_store.chain_steps.goldstein_cumulated is 'Sum of the scores of the steps that count, up to this one';

create table bi_store.sanction_spans (
  imposer_state_id uuid not null,
  target_state_id uuid not null,
  first_year integer not null,
  last_year integer not null,
  sort text not null,
  word text not null,
  outcome text not null,
  number integer not null,
  constraint sanction_spans_pkey primary key (imposer_state_id, target_state_id, first_year, last_year, sort, word, outcome)
);
comment on table bi_store.sanction_spans is 'How many sanctions of a state against another contribute the same to the same years: sums of the facts of sanction_dyads, from which sanction_years is computed';
comment on column bi_store.sanction_spans.imposer_state_id is 'The state that imposes';
comment on column bi_store.sanction_spans.target_state_id is 'The state against which they count';
comment on column bi_store.sanction_spans.first_year is 'The first year for which it holds';
comment on column bi_store.sanction_spans.last_year is 'The last year for which it holds; 9999 while no end is known';
comment on column bi_store.sanction_spans.sort is 'on_state or sanction (the sanction itself, on the state or on an actor of it), measure, objective';
comment on column bi_store.sanction_spans.word is 'The measure or objective; empty for the sanction itself';
comment on column bi_store.sanction_spans.outcome is 'The outcome of the objective; empty for other facts';
comment on column bi_store.sanction_spans.number is 'How many';

create table bi_store.sanction_years (
  imposer_state_id uuid not null,
  target_state_id uuid not null,
  year integer not null,
  sanctions integer not null,
  sanctions_on_state integer not null,
  trade boolean not null,
  descr_trade text,
  arms boolean not null,
  military boolean not null,
  financial boolean not null,
  travel boolean not null,
  other boolean not null,
  objective text,
  success text,
  constraint sanction_years_pkey primary key (imposer_state_id, target_state_id, year)
);
create index sanction_years_target_state_id_idx on bi_store.sanction_years (target_state_id);
create index sanction_years_year_idx on bi_store.sanction_years (year);
comment on table bi_store.sanction_years is 'Sanctions of a state against another in force in a year, in the columns of the Global Sanctions Data Base';
comment on column bi_store.sanction_years.imposer_state_id is 'The state that imposes';
comment on column bi_store.sanction_years.target_state_id is 'The state against which they count';
comment on column bi_store.sanction_years.year is 'The year';
comment on column bi_store.sanction_years.sanctions is 'Sanctions in force at some time of the year';
comment on column bi_store.sanction_years.sanctions_on_state is 'Of them, those whose target is the state itself';
comment on column bi_store.sanction_years.trade is 'A measure of trade';
comment on column bi_store.sanction_years.descr_trade is 'exp_part, imp_part, exp_compl, imp_compl, joined by commas';
comment on column bi_store.sanction_years.arms is 'A measure on arms';
comment on column bi_store.sanction_years.military is 'A measure on military assistance';
comment on column bi_store.sanction_years.financial is 'A measure of finance';
comment on column bi_store.sanction_years.travel is 'A measure of travel';
comment on column bi_store.sanction_years.other is 'A measure of another sort';
comment on column bi_store.sanction_years.objective is 'Objectives, joined by commas';
comment on column bi_store.sanction_years.success is 'The outcome of each objective, in the same order';

create table bi_store.counter_sanctions (
  first_sanction_id uuid not null,
  answering_sanction_id uuid not null,
  first_state_id uuid not null,
  answering_state_id uuid not null,
  first_action_id uuid,
  answering_action_id uuid,
  first_sanctions integer not null,
  answering_sanctions integer not null,
  first_day date,
  answering_day date,
  basis text not null,
  constraint counter_sanctions_pkey primary key (first_sanction_id, answering_sanction_id)
);
create index counter_sanctions_states_idx on bi_store.counter_sanctions (first_state_id, answering_state_id, answering_day);
comment on table bi_store.counter_sanctions is 'Pairs of announcements of sanctions of two states, of which the later responds to the earlier';
comment on column bi_store.counter_sanctions.first_sanction_id is 'The earlier sanction; of those announced together, the one with the lowest id';
comment on column bi_store.counter_sanctions.answering_sanction_id is 'The responding sanction; of those announced together, the one with the lowest id';
comment on column bi_store.counter_sanctions.first_state_id is 'The state that imposed the earlier sanctions';
comment on column bi_store.counter_sanctions.answering_state_id is 'The state that responded';
comment on column bi_store.counter_sanctions.first_action_id is 'The action that announced the earlier sanctions';
comment on column bi_store.counter_sanctions.answering_action_id is 'The action that announced the response';
comment on column bi_store.counter_sanctions.first_sanctions is 'How many sanctions were announced together';
comment on column bi_store.counter_sanctions.answering_sanctions is 'How many sanctions were announced together in response';
comment on column bi_store.counter_sanctions.first_day is 'When the earlier ones were imposed';
comment on column bi_store.counter_sanctions.answering_day is 'When the response was imposed';
comment on column bi_store.counter_sanctions.basis is 'retaliates_for, responds_to, or ground';

create table bi_store.coordinated_sanctions (
  earlier_sanction_id uuid not null,
  later_sanction_id uuid not null,
  basis text not null,
  earlier_side_id uuid not null,
  later_side_id uuid not null,
  target_id uuid,
  target_state_id uuid,
  earlier_action_id uuid,
  later_action_id uuid,
  earlier_sanctions integer not null,
  later_sanctions integer not null,
  earlier_day date,
  later_day date,
  constraint coordinated_sanctions_pkey primary key (earlier_sanction_id, later_sanction_id, basis)
);
create index coordinated_sanctions_later_sanction_id_idx on bi_store.coordinated_sanctions (later_sanction_id);
create index coordinated_sanctions_earlier_action_id_idx on bi_store.coordinated_sanctions (earlier_action_id);
create index coordinated_sanctions_later_action_id_idx on bi_store.coordinated_sanctions (later_action_id);
create index coordinated_sanctions_target_id_idx on bi_store.coordinated_sanctions (target_id);
comment on table bi_store.coordinated_sanctions is 'Sanctions of two imposers that go together';
comment on column bi_store.coordinated_sanctions.earlier_sanction_id is 'The sanction imposed first; of two on the same day, the one with the lower id';
comment on column bi_store.coordinated_sanctions.later_sanction_id is 'The other one';
comment on column bi_store.coordinated_sanctions.basis is 'same_target, same_action or coordinated_with';
comment on column bi_store.coordinated_sanctions.earlier_side_id is 'The state of the imposer, else the European Union if it acts for it, else the imposer';
comment on column bi_store.coordinated_sanctions.later_side_id is 'The same of the other imposer';
comment on column bi_store.coordinated_sanctions.target_id is 'Whom both are against; null where that is not one actor';
comment on column bi_store.coordinated_sanctions.target_state_id is 'The state that both count against';
comment on column bi_store.coordinated_sanctions.earlier_action_id is 'The action that announced the earlier';
comment on column bi_store.coordinated_sanctions.later_action_id is 'The action that announced the later';
comment on column bi_store.coordinated_sanctions.earlier_sanctions is 'How many sanctions the earlier stands for';
comment on column bi_store.coordinated_sanctions.later_sanctions is 'How many sanctions the later stands for';
comment on column bi_store.coordinated_sanctions.earlier_day is 'When the earlier was imposed';
comment on column bi_store.coordinated_sanctions.later_day is 'When the later was imposed';

create table bi_store.refreshes (
  stored_table text not null,
  as_of timestamptz not null,
  refreshed_at timestamptz not null,
  manner text not null,
  stored_rows bigint not null,
  changed_rows bigint not null,
  constraint refreshes_manner_check check (manner in ('full', 'incremental')),
  constraint refreshes_pkey primary key (stored_table)
);
comment on table bi_store.refreshes is 'When each table of this schema was last computed';
comment on column bi_store.refreshes.stored_table is 'The table';
comment on column bi_store.refreshes.as_of is 'Every change that had been committed by then is in it';
comment on column bi_store.refreshes.refreshed_at is 'When it was computed';
comment on column bi_store.refreshes.manner is 'full or incremental';
comment on column bi_store.refreshes.stored_rows is 'Rows in the table';
comment on column bi_store.refreshes.changed_rows is 'Rows that the last refresh took out or put in';
