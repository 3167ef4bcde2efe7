-- What one state did to another, month by month.
select month, actions, cooperation, conflict, goldstein_mean, sanctions_imposed
from bi.dyad_month
where initiator_state_code = 'US' and target_state_code = 'RU'
order by month;
-- by hand
with us as materialized (
  select subject_id as actor_id, started_on_earliest as first_day, ended_on_latest as last_day
  from relationships as tie
  join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
  where object_id = (select actor_id from actor_identifiers where scheme = 'iso3166' and value = 'US')
    and tie.claim_status not in ('denied', 'retracted')
  union all
  select actor_id, null, null from actor_identifiers where scheme = 'iso3166' and value = 'US'
),
ru as materialized (
  select subject_id as actor_id, started_on_earliest as first_day, ended_on_latest as last_day
  from relationships as tie
  join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
  where object_id = (select actor_id from actor_identifiers where scheme = 'iso3166' and value = 'RU')
    and tie.claim_status not in ('denied', 'retracted')
  union all
  select actor_id, null, null from actor_identifiers where scheme = 'iso3166' and value = 'RU'
)
select date_trunc('month', act.occurred_on_earliest) as month, count(*) as actions,
  count(*) filter (where act.quad_class in (1, 2)) as cooperation,
  count(*) filter (where act.quad_class in (3, 4)) as conflict, avg(act.goldstein) as goldstein
from (
  select distinct action.id, action.occurred_on_earliest, code.quad_class, code.goldstein
  from us
  join action_participants as initiator on initiator.actor_id = us.actor_id and initiator.role = 'initiator'
  join action_participants as target on target.action_id = initiator.action_id and target.role = 'target'
  join ru on ru.actor_id = target.actor_id
  join diplomatic_actions as action on action.id = initiator.action_id
  join cameo_codes as code on code.code = action.cameo_code
  where action.modality = 'actual' and action.claim_status not in ('denied', 'retracted')
    and (us.first_day is null or action.occurred_on_latest >= us.first_day)
    and (us.last_day is null or action.occurred_on_earliest <= us.last_day)
    and (ru.first_day is null or action.occurred_on_latest >= ru.first_day)
    and (ru.last_day is null or action.occurred_on_earliest <= ru.last_day)
) as act
group by 1
order by 1;
