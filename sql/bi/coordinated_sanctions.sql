create view bi.coordinated_sanctions as
select
  pair.earlier_sanction_id,
  earlier_imposer.name as earlier_imposer,
  earlier_side.name as earlier_side,
  pair.later_sanction_id,
  later_imposer.name as later_imposer,
  later_side.name as later_side,
  pair.basis,
  pair.target_id,
  target.name as target,
  pair.target_state_id,
  target_state.name as target_state,
  pair.earlier_day as earlier_on,
  pair.later_day as later_on,
  pair.later_day - pair.earlier_day as days_apart,
  pair.earlier_sanctions,
  pair.later_sanctions,
  pair.earlier_action_id,
  pair.later_action_id
from bi_store.coordinated_sanctions as pair
left join sanctions as earlier on earlier.id = pair.earlier_sanction_id
left join actors as earlier_imposer on earlier_imposer.id = earlier.imposer_id
left join actors as earlier_side on earlier_side.id = pair.earlier_side_id
left join sanctions as later on later.id = pair.later_sanction_id
left join actors as later_imposer on later_imposer.id = later.imposer_id
left join actors as later_side on later_side.id = pair.later_side_id
left join actors as target on target.id = pair.target_id
left join actors as target_state on target_state.id = pair.target_state_id;
comment on view bi.coordinated_sanctions is 'Sanctions of different imposers that go together, a row a pair. basis same_target: two sanctions of different sides against the same actor, imposed at most 30 days apart; filter days_apart for a shorter time. basis same_action: one action announced sanctions of both sides against the same state, its people or its companies; basis coordinated_with: so did two actions that a link coordinated_with joins, however far apart. Of these two a row stands for all sanctions of the one announcement against that state and all of the other. A pair may be there by several bases: count one basis, or distinct pairs. A side is the state of the imposer, else the European Union where it acts for that, else the imposer itself, so that two offices of one state are not coordinated. Denied and retracted sanctions are left out. Worked out by demarche bi refresh; freshness says as of when';
comment on column bi.coordinated_sanctions.earlier_sanction_id is 'Id of the sanction that was imposed first; that of the lower id where both were on one day';
comment on column bi.coordinated_sanctions.earlier_imposer is 'Name of the body that imposed it';
comment on column bi.coordinated_sanctions.earlier_side is 'Name of the state of that body, else European Union, else the body itself';
comment on column bi.coordinated_sanctions.later_sanction_id is 'Id of the other sanction';
comment on column bi.coordinated_sanctions.later_imposer is 'Name of the body that imposed the other';
comment on column bi.coordinated_sanctions.later_side is 'Name of the state of that body, else European Union, else the body itself';
comment on column bi.coordinated_sanctions.basis is 'Why the two are taken for a pair: same_target, same_action or coordinated_with';
comment on column bi.coordinated_sanctions.target_id is 'Id of the actor that both are against; null where they are against several of one state';
comment on column bi.coordinated_sanctions.target is 'Name of the actor that both are against';
comment on column bi.coordinated_sanctions.target_state_id is 'Id of the state that the sanctions count against; null where that is not one';
comment on column bi.coordinated_sanctions.target_state is 'Name of the state that the sanctions count against';
comment on column bi.coordinated_sanctions.earlier_on is 'When the earlier was imposed (imposed_on, else effective_on, else announced_on; the first day that it may mean)';
comment on column bi.coordinated_sanctions.later_on is 'When the later was imposed';
comment on column bi.coordinated_sanctions.days_apart is 'later_on - earlier_on';
comment on column bi.coordinated_sanctions.earlier_sanctions is 'How many sanctions the earlier stands for: 1 for same_target';
comment on column bi.coordinated_sanctions.later_sanctions is 'How many sanctions the later stands for: 1 for same_target';
comment on column bi.coordinated_sanctions.earlier_action_id is 'Id of the action that announced the earlier';
comment on column bi.coordinated_sanctions.later_action_id is 'Id of the action that announced the later';
