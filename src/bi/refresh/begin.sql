-- The records that this refresh computes again. It deletes from the queue the rows that it sees here, and no others.
create temp table changed_records (resource text not null, id uuid) on commit drop;
with taken as (
  delete from bi_store.changed_records
  returning resource, id
)
insert into changed_records (resource, id)
select distinct resource, id from taken;
analyze changed_records;
create temp table changed_actors (id uuid not null) on commit drop;
create temp table moved_actors (id uuid not null) on commit drop;
create temp table changed_actions (id uuid not null) on commit drop;
create temp table changed_sanctions (id uuid not null) on commit drop;
create temp table changed_months (
  initiator_state_id uuid not null,
  target_state_id uuid not null,
  first_day date not null,
  last_day date not null
) on commit drop;
create temp table changed_scores (
  initiator_state_id uuid not null,
  target_state_id uuid not null,
  first_day date not null
) on commit drop;
create temp table changed_spans (like bi_store.sanction_spans) on commit drop;
create temp table changed_sanction_dyads (imposer_state_id uuid not null, target_state_id uuid not null) on commit drop;
create temp table moved_announcements (
  imposer_state_id uuid not null,
  target_state_id uuid not null,
  imposed_day date not null,
  action_id uuid
) on commit drop;
-- Announcements: those on days that are responses are paired again with those on the other days.
create temp table compared_days (
  imposer_state_id uuid not null,
  target_state_id uuid not null,
  first_day date not null,
  last_day date not null,
  are_answers boolean not null
) on commit drop;
create temp table changed_targets (target_id uuid not null) on commit drop;
create temp table changed_announcements (id uuid not null) on commit drop;
create temp table changed_chains (id uuid not null) on commit drop;
