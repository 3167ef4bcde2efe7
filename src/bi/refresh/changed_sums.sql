-- The sums that contain an act that changed: as it was, which the deleted rows show, and as it is.
with happened (initiator_state_id, target_state_id, month) as (
  select initiator_state_id, target_state_id, coalesce(date_trunc('month', day::timestamp)::date, 'infinity') from moved_action_dyads
  union
  select imposer_state_id, target_state_id, coalesce(date_trunc('month', imposed_day::timestamp)::date, 'infinity') from moved_sanction_dyads
  union
  select imposer_state_id, target_state_id, date_trunc('month', lifted_day::timestamp)::date
  from moved_sanction_dyads
  where lifted_day is not null
  union
  select imposer_state_id, target_state_id, date_trunc('month', expires_day::timestamp)::date
  from moved_sanction_dyads
  where expires_day is not null
)
insert into changed_months (initiator_state_id, target_state_id, first_day, last_day)
select initiator_state_id, target_state_id, month, (month + interval '1 month')::date - 1
from happened;
analyze changed_months;

insert into changed_scores (initiator_state_id, target_state_id, first_day)
select initiator_state_id, target_state_id, min(day)
from moved_action_dyads
where modality = 'actual' and not is_denied and day is not null
group by initiator_state_id, target_state_id;
analyze changed_scores;

with moved as (
  select
    dyad.imposer_state_id,
    dyad.target_state_id,
    fact.first_year,
    fact.last_year,
    fact.sort,
    fact.word,
    fact.outcome,
    sum(dyad.rows) as number
  from moved_sanction_dyads as dyad
  cross join lateral unnest(dyad.facts) as fact
  group by 1, 2, 3, 4, 5, 6, 7
  having sum(dyad.rows) <> 0
)
insert into changed_spans (imposer_state_id, target_state_id, first_year, last_year, sort, word, outcome, number)
select
  imposer_state_id,
  target_state_id,
  first_year,
  last_year,
  sort,
  word,
  outcome,
  moved.number + coalesce(stored.number, 0)
from moved
left join bi_store.sanction_spans as stored
  using (imposer_state_id, target_state_id, first_year, last_year, sort, word, outcome);
analyze changed_spans;

insert into changed_sanction_dyads (imposer_state_id, target_state_id)
select imposer_state_id, target_state_id from changed_spans
union
-- A new year adds a row to every sanction that is still in force.
select span.imposer_state_id, span.target_state_id
from bi_store.sanction_spans as span
where exists (
  select from bi_store.refreshes as refresh
  where refresh.stored_table = 'sanction_years'
    and extract(year from refresh.as_of at time zone 'UTC') < extract(year from now() at time zone 'UTC')
);
analyze changed_sanction_dyads;

-- Paired again are the sanctions that changed, as responses; those that respond to them by a link; and those that respond to
-- them by their ground: all within a year and before the next announcement. Bodies that respond for several states are taken
-- whole.
insert into moved_announcements (imposer_state_id, target_state_id, imposed_day, action_id)
select imposer_state_id, target_state_id, imposed_day, action_id
from moved_sanction_dyads
where imposed_day is not null
union
select dyad.imposer_state_id, dyad.target_state_id, dyad.imposed_day, dyad.action_id
from changed_actions as changed
join bi_store.sanction_dyads as dyad on dyad.action_id = changed.id
where dyad.imposed_day is not null;
analyze moved_announcements;

-- `offset 0` makes the planner look the rows up one by one: it overestimates the rows of the step before.
with recursive answers (imposer_state_id, target_state_id, day) as (
  select imposer_state_id, target_state_id, imposed_day
  from moved_announcements
  union
  select answer.imposer_state_id, answer.target_state_id, answer.imposed_day
  from moved_announcements as moved
  join action_links as link on link.linked_action_id = moved.action_id and link.kind in ('retaliates_for', 'responds_to')
  join bi_store.sanction_dyads as answer
    on answer.action_id = link.action_id
    and answer.imposer_state_id = moved.target_state_id
    and answer.target_state_id = moved.imposer_state_id
  where answer.imposed_day is not null
  union
  select answer.imposer_state_id, answer.target_state_id, answer.imposed_day
  from (select distinct imposer_state_id, target_state_id, imposed_day from moved_announcements) as moved
  cross join lateral (
    select min(coalesce(later.imposed_day, 'infinity')) as day
    from bi_store.sanction_dyads as later
    where later.imposer_state_id = moved.imposer_state_id
      and later.target_state_id = moved.target_state_id
      and coalesce(later.imposed_day, 'infinity') > moved.imposed_day
      and not later.is_denied
  ) as next
  cross join lateral (
    select answer.imposer_state_id, answer.target_state_id, answer.imposed_day
    from bi_store.sanction_dyads as answer
    where answer.imposer_state_id = moved.target_state_id
      and answer.target_state_id = moved.imposer_state_id
      and coalesce(answer.imposed_day, 'infinity') >= moved.imposed_day
      and coalesce(answer.imposed_day, 'infinity') < least(next.day, moved.imposed_day + 366)
      and answer.retaliates
      and not answer.is_denied
    offset 0
  ) as answer
),
whole as (
  select imposer_state_id, target_state_id, day
  from answers
  union
  select beside.imposer_state_id, beside.target_state_id, whole.day
  from whole
  cross join lateral (
    select answer.sanction_id
    from bi_store.sanction_dyads as answer
    where answer.imposer_state_id = whole.imposer_state_id
      and answer.target_state_id = whole.target_state_id
      and coalesce(answer.imposed_day, 'infinity') = whole.day
    offset 0
  ) as answer
  join bi_store.sanction_dyads as beside on beside.sanction_id = answer.sanction_id
),
compared as (
  select imposer_state_id, target_state_id, day, true as are_answers
  from whole
  union
  select first.imposer_state_id, first.target_state_id, first.imposed_day, false
  from whole
  join bi_store.sanction_dyads as answer
    on answer.imposer_state_id = whole.imposer_state_id
    and answer.target_state_id = whole.target_state_id
    and coalesce(answer.imposed_day, 'infinity') = whole.day
  join action_links as link on link.action_id = answer.action_id and link.kind in ('retaliates_for', 'responds_to')
  join bi_store.sanction_dyads as first
    on first.action_id = link.linked_action_id
    and first.imposer_state_id = whole.target_state_id
    and first.target_state_id = whole.imposer_state_id
  where first.imposed_day is not null
  union
  select whole.target_state_id, whole.imposer_state_id, last.day, false
  from whole
  cross join lateral (
    select max(coalesce(earlier.imposed_day, 'infinity')) as day
    from bi_store.sanction_dyads as earlier
    where earlier.imposer_state_id = whole.target_state_id
      and earlier.target_state_id = whole.imposer_state_id
      and coalesce(earlier.imposed_day, 'infinity') <= whole.day
      and not earlier.is_denied
  ) as last
  where last.day is not null
)
insert into compared_days (imposer_state_id, target_state_id, first_day, last_day, are_answers)
select imposer_state_id, target_state_id, day, day, bool_or(are_answers)
from compared
group by imposer_state_id, target_state_id, day;
analyze compared_days;

insert into changed_targets (target_id)
select distinct sanction.target_id
from changed_sanctions as changed
join sanctions as sanction on sanction.id = changed.id;
analyze changed_targets;

-- With the sanctions that go together with them, before and now: a pair is computed if both are in this set.
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
