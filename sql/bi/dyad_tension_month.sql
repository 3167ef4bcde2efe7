create view bi.dyad_tension_month as
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
  dyad.month,
  dyad.score,
  dyad.score_unweighted,
  dyad.actions,
  dyad.goldstein_sum
from bi_store.dyad_tension_months as dyad
join bi_store.states as initiator on initiator.state_id = dyad.initiator_state_id
join bi_store.states as target on target.state_id = dyad.target_state_id
where dyad.month <= (now() at time zone 'UTC')::date;
comment on view bi.dyad_tension_month is 'Tension between two states by month; one row per direction and month. The scores are those of dyad_tension on the last day of the month: score = the sum, over the initiator''s actions towards the target up to that day, of goldstein * weight * exp(-days / 90), with the days from the action to the last day of the month and the weight of the action''s best grade, as the comment of dyad_tension has it. There is a row for each month from an action until 12 months later; after a longer time without actions the series begins again with what is left of all before. Only actions that are actual, neither denied nor retracted, and have a date; a date that is not known to the day counts from the first day that it may mean. For a pair as a whole, sum both directions by pair and month. Computed by demarche bi refresh; freshness says as of when';
comment on column bi.dyad_tension_month.initiator_state_id is 'Id of the state that acted, in actors';
comment on column bi.dyad_tension_month.initiator_state is 'Name of the state that acted, or organization such as European Union';
comment on column bi.dyad_tension_month.initiator_state_code is 'ISO 3166 code of two letters of the state that acted; four letters for a former state; null for an organization without one';
comment on column bi.dyad_tension_month.initiator_state_alpha3 is 'ISO 3166 code of three letters of the state that acted';
comment on column bi.dyad_tension_month.target_state_id is 'Id of the state acted upon, in actors';
comment on column bi.dyad_tension_month.target_state is 'Name of the state acted upon';
comment on column bi.dyad_tension_month.target_state_code is 'ISO 3166 code of two letters of the state acted upon; four letters for a former state; null for an organization without one';
comment on column bi.dyad_tension_month.target_state_alpha3 is 'ISO 3166 code of three letters of the state acted upon';
comment on column bi.dyad_tension_month.pair is 'Both states in alphabetical order, the same in both directions: Colombia – United States';
comment on column bi.dyad_tension_month.month is 'First day of the month; the scores are those of its last day';
comment on column bi.dyad_tension_month.score is 'Decayed Goldstein score, each action weighted by its grade: the lower, the higher the tension; positive if cooperation prevails';
comment on column bi.dyad_tension_month.score_unweighted is 'Decayed Goldstein score in which every action weighs 1';
comment on column bi.dyad_tension_month.actions is 'Actions that count, in this month alone';
comment on column bi.dyad_tension_month.goldstein_sum is 'Sum of the Goldstein scores of the actions of this month alone, without weight and decay';
