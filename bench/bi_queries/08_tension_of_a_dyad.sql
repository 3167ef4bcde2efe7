-- The tension of a pair, week by week, both directions.
select week, sum(score) as score, sum(score_unweighted) as unweighted
from bi.dyad_tension
where (initiator_state_code, target_state_code) in (('US', 'RU'), ('RU', 'US'))
group by week
order by week;
-- by hand
with state (actor_id, code, first_day, last_day) as materialized (
  select actor_id, value, null::date, null::date
  from actor_identifiers
  where scheme = 'iso3166' and value in ('US', 'RU')
  union all
  select tie.subject_id, identifier.value, tie.started_on_earliest, tie.ended_on_latest
  from actor_identifiers as identifier
  join relationships as tie on tie.object_id = identifier.actor_id and tie.claim_status not in ('denied', 'retracted')
  join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
  where identifier.scheme = 'iso3166' and identifier.value in ('US', 'RU')
),
act as materialized (
  select distinct action.id, one.code, action.occurred_on_earliest as day, code.goldstein
  from state as one
  join action_participants as initiator on initiator.actor_id = one.actor_id and initiator.role = 'initiator'
  join action_participants as target on target.action_id = initiator.action_id and target.role = 'target'
  join state as other on other.actor_id = target.actor_id and other.code <> one.code
  join diplomatic_actions as action on action.id = initiator.action_id
  join cameo_codes as code on code.code = action.cameo_code
  where action.modality = 'actual' and action.claim_status not in ('denied', 'retracted')
    and (one.first_day is null or action.occurred_on_latest >= one.first_day)
    and (one.last_day is null or action.occurred_on_earliest <= one.last_day)
    and (other.first_day is null or action.occurred_on_latest >= other.first_day)
    and (other.last_day is null or action.occurred_on_earliest <= other.last_day)
),
by_week as (
  select date_trunc('week', day)::date as week, sum(goldstein * exp((day - '2000-01-01'::date) / 90.0)) as grown
  from act
  where day > '-infinity'
  group by 1
)
select week, sum(grown) over (order by week) * exp(-(week + 6 - '2000-01-01'::date) / 90.0) as unweighted
from by_week
order by week;
