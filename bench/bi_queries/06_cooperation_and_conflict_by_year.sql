-- Cooperation and conflict between states, by year.
select extract(year from month) as year, sum(cooperation) as cooperation, sum(conflict) as conflict,
  sum(goldstein_sum) / nullif(sum(actions), 0) as goldstein
from bi.dyad_month
group by 1
order by 1;
-- by hand
with tied as materialized (
  select id as actor_id, id as state_id, null::date as first_day, null::date as last_day
  from actors
  where kind = 'state'
  union all
  select tie.subject_id, tie.object_id, tie.started_on_earliest, tie.ended_on_latest
  from relationships as tie
  join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
  join actors as state on state.id = tie.object_id and state.kind = 'state'
  where tie.claim_status not in ('denied', 'retracted')
)
select counted.year, sum(counted.actions) filter (where code.quad_class in (1, 2)) as cooperation,
  sum(counted.actions) filter (where code.quad_class in (3, 4)) as conflict,
  sum(counted.actions * code.goldstein) / sum(counted.actions) as goldstein
from (
  select extract(year from dyad.day) as year, dyad.cameo_code, count(*) as actions
  from (
    select distinct action.id, one.state_id as one_id, other.state_id as other_id, action.cameo_code, action.occurred_on_earliest as day
    from diplomatic_actions as action
    join action_participants as initiator on initiator.action_id = action.id and initiator.role = 'initiator'
    join tied as one on one.actor_id = initiator.actor_id
      and coalesce(one.first_day <= action.occurred_on_latest, true)
      and coalesce(one.last_day >= action.occurred_on_earliest, true)
    join action_participants as target on target.action_id = action.id and target.role = 'target'
    join tied as other on other.actor_id = target.actor_id and other.state_id <> one.state_id
      and coalesce(other.first_day <= action.occurred_on_latest, true)
      and coalesce(other.last_day >= action.occurred_on_earliest, true)
    where action.modality = 'actual' and action.claim_status not in ('denied', 'retracted')
  ) as dyad
  group by 1, 2
) as counted
join cameo_codes as code on code.code = counted.cameo_code
group by counted.year
order by counted.year;
