-- What is summed over the acts that changed: those of before, which are in what was taken out, and those of now.
insert into changed_sanction_dyads (imposer_state_id, target_state_id)
select imposer_state_id, target_state_id from moved_sanction_dyads
union
select dyad.imposer_state_id, dyad.target_state_id
from changed_sanctions as changed
join bi_store.sanction_dyads as dyad on dyad.sanction_id = changed.id
union
-- A year has begun.
select dyad.imposer_state_id, dyad.target_state_id
from bi_store.sanction_dyads as dyad
where exists (
  select from bi_store.refreshes as refresh
  where refresh.stored_table = 'sanction_years'
    and extract(year from refresh.as_of at time zone 'UTC') < extract(year from now() at time zone 'UTC')
);
analyze changed_sanction_dyads;

insert into changed_dyads (initiator_state_id, target_state_id)
select initiator_state_id, target_state_id from moved_action_dyads
union
select imposer_state_id, target_state_id from moved_sanction_dyads;
analyze changed_dyads;

insert into changed_targets (target_id)
select sanction.target_id
from changed_sanctions as changed
join sanctions as sanction on sanction.id = changed.id
union
select pair.target_id
from changed_sanctions as changed
join bi_store.coordinated_sanctions as pair
  on changed.id = pair.earlier_sanction_id and pair.target_id is not null
union
select pair.target_id
from changed_sanctions as changed
join bi_store.coordinated_sanctions as pair
  on changed.id = pair.later_sanction_id and pair.target_id is not null;
analyze changed_targets;

-- With those that go together with them, before and now: a pair is worked out where both are here.
with touched (id) as (
  select sanction.action_id
  from changed_sanctions as changed
  join sanctions as sanction on sanction.id = changed.id and sanction.action_id is not null
  union
  select unnest(array[pair.earlier_action_id, pair.later_action_id])
  from changed_sanctions as changed
  join bi_store.coordinated_sanctions as pair on changed.id = pair.earlier_sanction_id
  union
  select unnest(array[pair.earlier_action_id, pair.later_action_id])
  from changed_sanctions as changed
  join bi_store.coordinated_sanctions as pair on changed.id = pair.later_sanction_id
)
insert into changed_announcements (id)
select id from touched where id is not null
union
select link.linked_action_id
from touched
join action_links as link on link.action_id = touched.id and link.kind = 'coordinated_with'
union
select link.action_id
from touched
join action_links as link on link.linked_action_id = touched.id and link.kind = 'coordinated_with'
union
select unnest(array[pair.earlier_action_id, pair.later_action_id])
from touched
join bi_store.coordinated_sanctions as pair on pair.earlier_action_id = touched.id and pair.later_action_id is not null
union
select pair.earlier_action_id
from touched
join bi_store.coordinated_sanctions as pair on pair.later_action_id = touched.id and pair.earlier_action_id is not null;
analyze changed_announcements;

with recursive answered (id) as (
  select id from changed_actions
  union
  select link.linked_action_id
  from answered
  join action_links as link
    on link.action_id = answered.id and link.kind in ('responds_to', 'retaliates_for', 'escalates')
)
insert into changed_chains (id)
select id from answered
union
select step.chain_id
from changed_actions as changed
join bi_store.chain_steps as step on step.action_id = changed.id;
analyze changed_chains;
