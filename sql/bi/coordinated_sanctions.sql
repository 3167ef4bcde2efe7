create view bi.coordinated_sanctions as
select
  pair.earlier_sanction_id,
  earlier_imposer.name as earlier_imposer,
  earlier_side.name as earlier_side,
  pair.earlier_side_id as earlier_imposing_party_id,
  earlier_side.name as earlier_imposing_party,
  coalesce(earlier_party.code, earlier_side.name) as earlier_imposing_party_code,
  pair.later_sanction_id,
  later_imposer.name as later_imposer,
  later_side.name as later_side,
  pair.later_side_id as later_imposing_party_id,
  later_side.name as later_imposing_party,
  coalesce(later_party.code, later_side.name) as later_imposing_party_code,
  pair.basis,
  pair.target_id,
  target.name as target,
  pair.target_state_id,
  target_state.name as target_state,
  pair.earlier_day as earlier_on,
  pair.later_day as later_on,
  pair.later_day - pair.earlier_day as days_apart,
  pair.earlier_precision as earlier_on_precision,
  pair.later_precision as later_on_precision,
  pair.least_days_apart,
  pair.most_days_apart,
  pair.earlier_sanctions,
  pair.later_sanctions,
  pair.earlier_action_id,
  pair.later_action_id
from bi_store.coordinated_sanctions as pair
left join sanctions as earlier on earlier.id = pair.earlier_sanction_id
left join actors as earlier_imposer on earlier_imposer.id = earlier.imposer_id
left join actors as earlier_side on earlier_side.id = pair.earlier_side_id
left join bi_store.states as earlier_party on earlier_party.state_id = pair.earlier_side_id
left join sanctions as later on later.id = pair.later_sanction_id
left join actors as later_imposer on later_imposer.id = later.imposer_id
left join actors as later_side on later_side.id = pair.later_side_id
left join bi_store.states as later_party on later_party.state_id = pair.later_side_id
left join actors as target on target.id = pair.target_id
left join actors as target_state on target_state.id = pair.target_state_id;
comment on view bi.coordinated_sanctions is 'Sanctions of different sides that go together; one row per pair and basis. basis same_target: two sanctions against the same actor, imposed at most 30 days apart, where a date that is known to the month counts with all its days; filter most_days_apart for pairs that certainly are, and days_apart for a shorter time. basis same_action: one action announced sanctions of both sides against the same state, its people or its companies. basis coordinated_with: two actions that a link coordinated_with joins announced them, however far apart. For the last two, a row stands for all sanctions of one announcement against that state and all of the other. A pair may have several bases: count one basis, or distinct pairs. A side is the state of the imposer, else the organization of which the imposer is a body, else the imposer itself; so two offices of one state are not coordinated. Denied and retracted sanctions are not included. Computed by demarche bi refresh; freshness says as of when';
comment on column bi.coordinated_sanctions.earlier_sanction_id is 'Id of the sanction that was imposed first; the lower id if both were imposed on one day';
comment on column bi.coordinated_sanctions.earlier_imposer is 'Name of the body that imposed the earlier sanction';
comment on column bi.coordinated_sanctions.earlier_side is 'Name of the imposing party: the state of that body, else its organization such as European Union, else the body itself';
comment on column bi.coordinated_sanctions.later_sanction_id is 'Id of the other sanction';
comment on column bi.coordinated_sanctions.later_imposer is 'Name of the body that imposed the later sanction';
comment on column bi.coordinated_sanctions.later_side is 'Name of the imposing party: the state of that body, else its organization such as European Union, else the body itself';
comment on column bi.coordinated_sanctions.basis is 'Why the two are a pair: same_target, same_action or coordinated_with';
comment on column bi.coordinated_sanctions.target_id is 'Id of the target of both; null if the targets are several actors of one state';
comment on column bi.coordinated_sanctions.target is 'Name of the target of both';
comment on column bi.coordinated_sanctions.target_state_id is 'Id of the state against which the sanctions count; null if there is none or more than one';
comment on column bi.coordinated_sanctions.target_state is 'Name of the state against which the sanctions count';
comment on column bi.coordinated_sanctions.earlier_on is 'When the earlier sanction was imposed (imposed_on, else effective_on, else announced_on; the first day that it may mean)';
comment on column bi.coordinated_sanctions.later_on is 'When the later sanction was imposed';
comment on column bi.coordinated_sanctions.days_apart is 'later_on - earlier_on';
comment on column bi.coordinated_sanctions.earlier_on_precision is 'Precision of the date of the earlier sanction: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.coordinated_sanctions.later_on_precision is 'Precision of the date of the later sanction: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.coordinated_sanctions.least_days_apart is 'Least number of days that may lie between the two: 1 for 2024-06 and 2024-07; 0 if the dates share a day';
comment on column bi.coordinated_sanctions.most_days_apart is 'Most days that may lie between the two: 60 for 2024-06 and 2024-07; null if one of the dates is open';
comment on column bi.coordinated_sanctions.earlier_sanctions is 'Number of sanctions for which the earlier one stands; 1 for same_target';
comment on column bi.coordinated_sanctions.later_sanctions is 'Number of sanctions for which the later one stands; 1 for same_target';
comment on column bi.coordinated_sanctions.earlier_action_id is 'Id of the action that announced the earlier sanction';
comment on column bi.coordinated_sanctions.later_action_id is 'Id of the action that announced the later sanction';
comment on column bi.coordinated_sanctions.earlier_imposing_party_id is 'Id of the imposing party of the earlier sanction, as in sanctions; never null';
comment on column bi.coordinated_sanctions.earlier_imposing_party is 'The same as earlier_side, under the name that it has in sanctions';
comment on column bi.coordinated_sanctions.earlier_imposing_party_code is 'Code of the imposing party of the earlier sanction, as in sanctions; never null';
comment on column bi.coordinated_sanctions.later_imposing_party_id is 'Id of the imposing party of the later sanction, as in sanctions; never null';
comment on column bi.coordinated_sanctions.later_imposing_party is 'The same as later_side, under the name that it has in sanctions';
comment on column bi.coordinated_sanctions.later_imposing_party_code is 'Code of the imposing party of the later sanction, as in sanctions; never null';
