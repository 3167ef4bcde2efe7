-- What BI needs and can't work out at each question: the states for which actors count, dyads, and what is summed over them.
-- `demarche bi refresh` (src/bi) keeps it; views of schema bi read it; nobody else has a right to it. Everything here can be
-- worked out anew from the tables of schema public, and stays when views are rebuilt.

create schema bi_store;
comment on schema bi_store is 'Data that the views of schema bi stand on; worked out by demarche bi refresh from schema public, of no other use';

-- Which records have changed since the last refresh. A refresh takes out what it sees, in the transaction in which it works
-- it out: a change that commits later is still there for the next, whatever its time.
create table bi_store.changed_records (
  resource text not null,
  id uuid
);
comment on table bi_store.changed_records is 'Records that changed since the last refresh, once a transaction that changed them; written by triggers, taken out by the refresh';
comment on column bi_store.changed_records.resource is 'The table of the record';
comment on column bi_store.changed_records.id is 'The record; null for an entry of a vocabulary';

-- Once a transaction: the version moves with the first change of a record, and stays for the others.
create function note_changed_records() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    insert into bi_store.changed_records (resource, id) select tg_table_name, come.id from come;
  elsif tg_op = 'DELETE' then
    insert into bi_store.changed_records (resource, id) select tg_table_name, gone.id from gone;
  else
    insert into bi_store.changed_records (resource, id)
    select tg_table_name, come.id
    from come
    join gone on gone.id = come.id
    where come.version <> gone.version;
  end if;
  return null;
end
$$;
comment on function note_changed_records() is 'Trigger of records that BI stores something of: queues them for the next refresh';

-- A grade changes with the reliability of its source, which may be cited by half the registry; its title may change in peace.
create function note_changed_reliability() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  insert into bi_store.changed_records (resource, id)
  select tg_table_name, come.id
  from come
  join gone on gone.id = come.id
  where come.reliability is distinct from gone.reliability;
  return null;
end
$$;
comment on function note_changed_reliability() is 'Trigger of sources: queues those whose reliability is judged anew';

create function note_changed_vocabulary() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  insert into bi_store.changed_records (resource) values (tg_table_name);
  return null;
end
$$;
comment on function note_changed_vocabulary() is 'Trigger of vocabularies that decide what BI counts: queues that one of their entries changed';

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

-- Whose act it is, for all actors at once (model: "Whose act is it?").
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
comment on table bi_store.actor_ties is 'For which states, and for which intergovernmental organizations with an ISO code (the European Union), acts of an actor count, itself where it is one, by every chain of ties that counts: what acts_for finds, for all actors at once';
comment on column bi_store.actor_ties.actor_id is 'Who acts';
comment on column bi_store.actor_ties.state_id is 'The state for which the act counts';
comment on column bi_store.actor_ties.is_state is 'Whether it is a state, and not the European Union';
comment on column bi_store.actor_ties.first_day is 'The act counts where it may have ended on this day or later; null where always. Where a chain without days leads to the state no other chain to it is kept';
comment on column bi_store.actor_ties.last_day is 'The act counts where it may have begun on this day or earlier; null where always';

create table bi_store.actor_states (
  actor_id uuid not null,
  depends_on_day boolean not null,
  imposer_state_id uuid,
  target_state_id uuid,
  country_state_id uuid,
  constraint actor_states_pkey primary key (actor_id)
);
comment on table bi_store.actor_states is 'The one state that acts of, and against, an actor count for, where that is the same on every day; actors without a state have no row';
comment on column bi_store.actor_states.actor_id is 'The actor';
comment on column bi_store.actor_states.depends_on_day is 'Whether one of its ties has a day: then sanction_states and participant_states have the states, act by act, and the two columns here are null';
comment on column bi_store.actor_states.imposer_state_id is 'What imposer_state finds on every day: the one state for which its acts count';
comment on column bi_store.actor_states.target_state_id is 'What target_state finds on every day: the one state that acts against it count against';
comment on column bi_store.actor_states.country_state_id is 'The one state of the first of the roles jurisdiction, flag, nationality that it has: counts where no tie does, and only against it';

create table bi_store.sanction_states (
  sanction_id uuid not null,
  imposer_state_id uuid,
  target_state_id uuid,
  constraint sanction_states_pkey primary key (sanction_id)
);
comment on table bi_store.sanction_states is 'The states of those sanctions whose imposer or target depends on the day; both states of them stand here';
comment on column bi_store.sanction_states.sanction_id is 'The sanction';
comment on column bi_store.sanction_states.imposer_state_id is 'The one state for which imposing it counts; null where that is not one';
comment on column bi_store.sanction_states.target_state_id is 'The one state that it counts against; null where that is not one';

create table bi_store.participant_states (
  action_id uuid not null,
  position smallint not null,
  state_id uuid,
  constraint participant_states_pkey primary key (action_id, position)
);
comment on table bi_store.participant_states is 'The states of those participants of actions who depend on the day';
comment on column bi_store.participant_states.action_id is 'The action';
comment on column bi_store.participant_states.position is 'The participant''s place';
comment on column bi_store.participant_states.state_id is 'For initiators and mediators the one state for which it counts, for targets and affected the one state that it counts against; null where that is not one';
