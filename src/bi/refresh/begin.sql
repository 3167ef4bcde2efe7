-- What this refresh works out anew. The queue is emptied of what is seen here, and of nothing else.
create temp table changed_records (resource text not null, id uuid) on commit drop;
with taken as (
  delete from bi_store.changed_records
  returning resource, id
)
insert into changed_records (resource, id)
select distinct resource, id from taken;
create temp table changed_actors (id uuid not null) on commit drop;
create temp table changed_actions (id uuid not null) on commit drop;
create temp table changed_sanctions (id uuid not null) on commit drop;
create temp table changed_dyads (initiator_state_id uuid not null, target_state_id uuid not null) on commit drop;
create temp table changed_sanction_dyads (imposer_state_id uuid not null, target_state_id uuid not null) on commit drop;
create temp table changed_targets (target_id uuid not null) on commit drop;
create temp table changed_announcements (id uuid not null) on commit drop;
create temp table changed_chains (id uuid not null) on commit drop;
