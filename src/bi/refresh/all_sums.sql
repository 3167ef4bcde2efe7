insert into changed_months (initiator_state_id, target_state_id, first_day, last_day)
select initiator_state_id, target_state_id, '-infinity'::date, 'infinity'::date from bi_store.action_dyads
union
select imposer_state_id, target_state_id, '-infinity'::date, 'infinity'::date from bi_store.sanction_dyads;
analyze changed_months;
insert into changed_scores (initiator_state_id, target_state_id, first_day)
select distinct initiator_state_id, target_state_id, '-infinity'::date from bi_store.action_dyads;
analyze changed_scores;
insert into changed_spans (imposer_state_id, target_state_id, first_year, last_year, sort, word, outcome, number)
select
  dyad.imposer_state_id,
  dyad.target_state_id,
  fact.first_year,
  fact.last_year,
  fact.sort,
  fact.word,
  fact.outcome,
  count(*)
from bi_store.sanction_dyads as dyad
cross join lateral unnest(dyad.facts) as fact
group by 1, 2, 3, 4, 5, 6, 7;
analyze changed_spans;
insert into changed_sanction_dyads (imposer_state_id, target_state_id)
select distinct imposer_state_id, target_state_id from bi_store.sanction_dyads;
analyze changed_sanction_dyads;
insert into compared_days (imposer_state_id, target_state_id, first_day, last_day, are_answers)
select imposer_state_id, target_state_id, '-infinity', 'infinity', true from changed_sanction_dyads;
analyze compared_days;
insert into changed_targets (target_id) select distinct target_id from sanctions;
analyze changed_targets;
insert into changed_announcements (id) select distinct action_id from sanctions where action_id is not null;
analyze changed_announcements;
insert into changed_chains (id)
select distinct linked_action_id from action_links where kind in ('responds_to', 'retaliates_for', 'escalates');
analyze changed_chains;
