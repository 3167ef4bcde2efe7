-- Where it got worst since 2020: the dyads with most conflict, and the sanctions that came with it.
select initiator_state, target_state, sum(conflict) as conflict, sum(goldstein_sum) as goldstein, sum(sanctions_imposed) as sanctions
from bi.dyad_month
where month >= '2020-01-01'
group by initiator_state, target_state
order by goldstein
limit 20;
-- by hand
with recursive acting (actor_id, state_id, first_day, last_day) as (
  select id, id, null::date, null::date from actors where kind = 'state'
  union
  select
    tie.subject_id, acting.state_id,
    greatest(acting.first_day, tie.started_on_earliest), least(acting.last_day, tie.ended_on_latest)
  from acting
  join relationships as tie on tie.object_id = acting.actor_id
  join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
  where tie.claim_status not in ('denied', 'retracted')
)
select one.name, other.name, count(*) filter (where act.quad_class in (3, 4)) as conflict, sum(act.goldstein) as goldstein
from (
  select distinct action.id, initiating.state_id as one_id, targeted.state_id as other_id, code.quad_class, code.goldstein
  from diplomatic_actions as action
  join cameo_codes as code on code.code = action.cameo_code
  join action_participants as initiator on initiator.action_id = action.id and initiator.role = 'initiator'
  join acting as initiating on initiating.actor_id = initiator.actor_id
    and (initiating.first_day is null or action.occurred_on_latest >= initiating.first_day)
    and (initiating.last_day is null or action.occurred_on_earliest <= initiating.last_day)
  join action_participants as target on target.action_id = action.id and target.role = 'target'
  join acting as targeted on targeted.actor_id = target.actor_id and targeted.state_id <> initiating.state_id
    and (targeted.first_day is null or action.occurred_on_latest >= targeted.first_day)
    and (targeted.last_day is null or action.occurred_on_earliest <= targeted.last_day)
  where action.modality = 'actual' and action.claim_status not in ('denied', 'retracted')
    and action.occurred_on_earliest >= '2020-01-01'
) as act
join actors as one on one.id = act.one_id
join actors as other on other.id = act.other_id
group by one.name, other.name
order by goldstein
limit 20;
