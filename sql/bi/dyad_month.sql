create view bi.dyad_month as
select
  dyad.initiator_state_id,
  initiator.name as initiator_state,
  initiator.iso_code as initiator_state_code,
  initiator.iso3_code as initiator_state_alpha3,
  dyad.target_state_id,
  target.name as target_state,
  target.iso_code as target_state_code,
  target.iso3_code as target_state_alpha3,
  nullif(dyad.month, 'infinity') as month,
  dyad.actions,
  dyad.joint_actions,
  dyad.verbal_cooperation + dyad.material_cooperation as cooperation,
  dyad.verbal_conflict + dyad.material_conflict as conflict,
  dyad.verbal_cooperation,
  dyad.material_cooperation,
  dyad.verbal_conflict,
  dyad.material_conflict,
  dyad.goldstein_sum,
  dyad.goldstein_sum / nullif(dyad.actions, 0) as goldstein_mean,
  dyad.unsure_month_actions,
  dyad.sanctions_imposed,
  dyad.sanctions_lifted,
  dyad.sanctions_expiring,
  dyad.alleged_actions,
  dyad.planned_actions,
  dyad.threatened_actions,
  dyad.hypothetical_actions,
  dyad.denied_actions,
  dyad.denied_sanctions
from bi_store.dyad_months as dyad
join bi_store.states as initiator on initiator.state_id = dyad.initiator_state_id
join bi_store.states as target on target.state_id = dyad.target_state_id;
comment on view bi.dyad_month is 'What a state did to another in a month; one row per direction and month with any act. An act counts for every state for which its initiator acts. It counts against every state for which its targets act, or to which they belong if they act for none. A joint act, which has initiators of several states and no target, such as an agreement, counts for each of them towards each of the others, so in both directions. An act between bodies of one state is not an act between states. Only actual acts that are neither denied nor retracted are counted; the last columns have the others. Computed by demarche bi refresh; freshness says as of when';
comment on column bi.dyad_month.initiator_state_id is 'Id of the state that acted, in actors';
comment on column bi.dyad_month.initiator_state is 'Name of the state that acted, or organization such as European Union';
comment on column bi.dyad_month.initiator_state_code is 'ISO 3166 code of two letters of the state that acted; four letters for a former state; null for an organization without one';
comment on column bi.dyad_month.initiator_state_alpha3 is 'ISO 3166 code of three letters of the state that acted';
comment on column bi.dyad_month.target_state_id is 'Id of the state acted upon, in actors';
comment on column bi.dyad_month.target_state is 'Name of the state acted upon';
comment on column bi.dyad_month.target_state_code is 'ISO 3166 code of two letters of the state acted upon; four letters for a former state; null for an organization without one';
comment on column bi.dyad_month.target_state_alpha3 is 'ISO 3166 code of three letters of the state acted upon';
comment on column bi.dyad_month.month is 'First day of the month, which is that of the first day that the date may mean; null if there is no date';
comment on column bi.dyad_month.actions is 'Diplomatic actions that count';
comment on column bi.dyad_month.joint_actions is 'Of the actions, those that both states did jointly; they are in both directions, so a sum over both directions of a pair has them twice';
comment on column bi.dyad_month.cooperation is 'Of the actions, those of quad classes 1 and 2';
comment on column bi.dyad_month.conflict is 'Of the actions, those of quad classes 3 and 4';
comment on column bi.dyad_month.verbal_cooperation is 'Of the actions, those of quad class 1';
comment on column bi.dyad_month.material_cooperation is 'Of the actions, those of quad class 2';
comment on column bi.dyad_month.verbal_conflict is 'Of the actions, those of quad class 3';
comment on column bi.dyad_month.material_conflict is 'Of the actions, those of quad class 4';
comment on column bi.dyad_month.goldstein_sum is 'Sum of the Goldstein scores of the actions, each from -10 (most conflictual) to 10 (most cooperative)';
comment on column bi.dyad_month.goldstein_mean is 'goldstein_sum / actions; null if there are no actions';
comment on column bi.dyad_month.unsure_month_actions is 'Of the actions, those whose date is not known to the month: they may belong to a later month';
comment on column bi.dyad_month.sanctions_imposed is 'Sanctions imposed (imposed_on, else effective_on, else announced_on), neither denied nor retracted';
comment on column bi.dyad_month.sanctions_lifted is 'Sanctions lifted (lifted_on), neither denied nor retracted';
comment on column bi.dyad_month.sanctions_expiring is 'Sanctions whose last day (expires_on) is in this month and that were not lifted before, neither denied nor retracted; in a future month they have not expired yet';
comment on column bi.dyad_month.alleged_actions is 'Not counted: actions that are alleged';
comment on column bi.dyad_month.planned_actions is 'Not counted: actions that are planned';
comment on column bi.dyad_month.threatened_actions is 'Not counted: actions that are threatened';
comment on column bi.dyad_month.hypothetical_actions is 'Not counted: actions that are hypothetical';
comment on column bi.dyad_month.denied_actions is 'Not counted: actions whose claim is denied or retracted, whatever their modality';
comment on column bi.dyad_month.denied_sanctions is 'Not counted: sanctions whose claim is denied or retracted, in the month of their imposition as claimed';
