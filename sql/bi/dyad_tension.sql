create view bi.dyad_tension as
select
  dyad.initiator_state_id,
  initiator.name as initiator_state,
  initiator.iso_code as initiator_state_code,
  initiator.iso3_code as initiator_state_alpha3,
  dyad.target_state_id,
  target.name as target_state,
  target.iso_code as target_state_code,
  target.iso3_code as target_state_alpha3,
  case
    when initiator.name collate "C" < target.name collate "C" then initiator.name || ' – ' || target.name
    else target.name || ' – ' || initiator.name
  end as pair,
  dyad.week,
  dyad.score,
  dyad.score_unweighted,
  dyad.actions,
  dyad.goldstein_sum
from bi_store.dyad_weeks as dyad
join bi_store.states as initiator on initiator.state_id = dyad.initiator_state_id
join bi_store.states as target on target.state_id = dyad.target_state_id
where dyad.week <= (now() at time zone 'UTC')::date;
comment on view bi.dyad_tension is 'Tension between two states; one row per direction and week. score = the sum, over the initiator''s actions towards the target up to the Sunday that ends the week, of goldstein * weight * exp(-days / 90), with the days from the action to that Sunday: 37 percent of an action is left after 90 days, 13 percent after half a year. weight is that of the best grade among the sources that support the action, the mean of its two marks: reliability A 1, B 0.75, C 0.5, D 0.25, E 0, F 0.5; credibility 1 1, 2 0.75, 3 0.5, 4 0.25, 5 0, 6 0.5; a missing mark weighs 0.5 (A1 weighs 1, B2 0.75, C3 0.5, and an action without a grade 0.5). There is a row for each week from an action until 52 weeks later, when less than 2 percent of it is left; after a longer time without actions the series begins again with what is left of all before. Only actions that are actual, neither denied nor retracted, and have a date; a date that is not known to the day counts from the first day that it may mean. A joint action, which has initiators of several states and no target, is an action of each of them towards each of the others. For a pair as a whole, sum both directions by pair and week. Computed by demarche bi refresh; freshness says as of when';
comment on column bi.dyad_tension.initiator_state_id is 'Id of the state that acted, in actors';
comment on column bi.dyad_tension.initiator_state is 'Name of the state that acted, or organization such as European Union';
comment on column bi.dyad_tension.initiator_state_code is 'ISO 3166 code of two letters of the state that acted; four letters for a former state; null for an organization without one';
comment on column bi.dyad_tension.initiator_state_alpha3 is 'ISO 3166 code of three letters of the state that acted';
comment on column bi.dyad_tension.target_state_id is 'Id of the state acted upon, in actors';
comment on column bi.dyad_tension.target_state is 'Name of the state acted upon';
comment on column bi.dyad_tension.target_state_code is 'ISO 3166 code of two letters of the state acted upon; four letters for a former state; null for an organization without one';
comment on column bi.dyad_tension.target_state_alpha3 is 'ISO 3166 code of three letters of the state acted upon';
comment on column bi.dyad_tension.pair is 'Both states in alphabetical order, the same in both directions: Colombia – United States';
comment on column bi.dyad_tension.week is 'Monday of the week; the scores are those of its Sunday';
comment on column bi.dyad_tension.score is 'Decayed Goldstein score, each action weighted by its grade: the lower, the higher the tension; positive if cooperation prevails';
comment on column bi.dyad_tension.score_unweighted is 'Decayed Goldstein score in which every action weighs 1';
comment on column bi.dyad_tension.actions is 'Actions that count, in this week alone';
comment on column bi.dyad_tension.goldstein_sum is 'Sum of the Goldstein scores of the actions of this week alone, without weight and decay';
