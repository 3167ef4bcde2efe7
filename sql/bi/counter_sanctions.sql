create view bi.counter_sanctions as
select
  pair.first_state_id,
  first_state.name as first_state,
  first_state.iso3_code as first_state_alpha3,
  pair.first_state_id as first_imposing_party_id,
  first_state.name as first_imposing_party,
  first_state.code as first_imposing_party_code,
  pair.answering_state_id,
  answering_state.name as answering_state,
  answering_state.iso3_code as answering_state_alpha3,
  pair.answering_state_id as answering_imposing_party_id,
  answering_state.name as answering_imposing_party,
  answering_state.code as answering_imposing_party_code,
  pair.first_day as first_on,
  pair.answering_day as answered_on,
  pair.answering_day - pair.first_day as lag_days,
  pair.basis,
  pair.first_sanctions,
  pair.answering_sanctions,
  pair.first_sanction_id,
  first_target.name as first_target,
  pair.answering_sanction_id,
  answering_target.name as answering_target,
  pair.first_action_id,
  first_action.title as first_action,
  pair.answering_action_id,
  answering_action.title as answering_action
from bi_store.counter_sanctions as pair
join bi_store.states as first_state on first_state.state_id = pair.first_state_id
join bi_store.states as answering_state on answering_state.state_id = pair.answering_state_id
left join sanctions as first_sanction on first_sanction.id = pair.first_sanction_id
left join actors as first_target on first_target.id = first_sanction.target_id
left join sanctions as answering_sanction on answering_sanction.id = pair.answering_sanction_id
left join actors as answering_target on answering_target.id = answering_sanction.target_id
left join diplomatic_actions as first_action on first_action.id = pair.first_action_id
left join diplomatic_actions as answering_action on answering_action.id = pair.answering_action_id;
comment on view bi.counter_sanctions is 'Sanctions of a state against another, and the counter-sanctions of the other; one row per announcement and answer. Sanctions of one state against another that one action announced on one day are one announcement; so are those of one day that no action announced. An announcement is an answer if its action retaliates_for or responds_to the action that announced the first sanctions. Without such a link, sanctions with the ground retaliation answer the other state''s latest announcement of the 365 days before. Denied and retracted sanctions and those without a date are not included. Computed by demarche bi refresh; freshness says as of when';
comment on column bi.counter_sanctions.first_state_id is 'Id of the state that acted first, in actors';
comment on column bi.counter_sanctions.first_state is 'Name of the state that acted first';
comment on column bi.counter_sanctions.first_state_alpha3 is 'ISO 3166 code of three letters of the state that acted first';
comment on column bi.counter_sanctions.answering_state_id is 'Id of the state that answered, in actors';
comment on column bi.counter_sanctions.answering_state is 'Name of the state that answered';
comment on column bi.counter_sanctions.answering_state_alpha3 is 'ISO 3166 code of three letters of the state that answered';
comment on column bi.counter_sanctions.first_on is 'When the first sanctions were imposed (imposed_on, else effective_on, else announced_on; the first day that it may mean)';
comment on column bi.counter_sanctions.answered_on is 'When the counter-sanctions were imposed';
comment on column bi.counter_sanctions.lag_days is 'answered_on - first_on; negative if a link says that it answers sanctions that were only announced by then, or if dates are only partly known';
comment on column bi.counter_sanctions.basis is 'Why the two are a pair: retaliates_for or responds_to (a link between the actions that announced them), or ground (the counter-sanctions have the ground retaliation)';
comment on column bi.counter_sanctions.first_sanctions is 'Number of sanctions in the first announcement';
comment on column bi.counter_sanctions.answering_sanctions is 'Number of counter-sanctions in the answer';
comment on column bi.counter_sanctions.first_sanction_id is 'Lowest id of the first sanctions';
comment on column bi.counter_sanctions.first_target is 'Name of the target of that sanction';
comment on column bi.counter_sanctions.answering_sanction_id is 'Lowest id of the counter-sanctions';
comment on column bi.counter_sanctions.answering_target is 'Name of the target of that sanction';
comment on column bi.counter_sanctions.first_action_id is 'Id of the action that announced the first sanctions';
comment on column bi.counter_sanctions.first_action is 'Title of the action that announced the first sanctions';
comment on column bi.counter_sanctions.answering_action_id is 'Id of the action that announced the counter-sanctions';
comment on column bi.counter_sanctions.answering_action is 'Title of the action that announced the counter-sanctions';
comment on column bi.counter_sanctions.first_imposing_party_id is 'The same as first_state_id, under the name that it has in sanctions';
comment on column bi.counter_sanctions.first_imposing_party is 'The same as first_state';
comment on column bi.counter_sanctions.first_imposing_party_code is 'Code of the state or organization that imposed the first sanctions, as in sanctions; never null';
comment on column bi.counter_sanctions.answering_imposing_party_id is 'The same as answering_state_id, under the name that it has in sanctions';
comment on column bi.counter_sanctions.answering_imposing_party is 'The same as answering_state';
comment on column bi.counter_sanctions.answering_imposing_party_code is 'Code of the state or organization that imposed the counter-sanctions, as in sanctions; never null';
