with ends as materialized (
  select
    participant.action_id,
    participant.role,
    participant.actor_id,
    action.occurred_on_earliest as earliest,
    action.occurred_on_latest as latest
  from changed_actions as changed
  join diplomatic_actions as action on action.id = changed.id
  join action_participants as participant on participant.action_id = action.id
  where participant.role in ('initiator', 'target')
),
tied as materialized (
  select ends.action_id, ends.role, ends.actor_id, tie.state_id, tie.is_state
  from ends
  join bi_store.actor_ties as tie
    on tie.actor_id = ends.actor_id
    and coalesce(tie.first_day <= ends.latest, true)
    and coalesce(tie.last_day >= ends.earliest, true)
),
-- Materialized: without statistics, as after a first load, the planner would compute it again for each initiator.
counted_against (action_id, state_id) as materialized (
  select tied.action_id, tied.state_id
  from tied
  where tied.role = 'target'
  union all
  select ends.action_id, coalesce(housed.country_state_id, target_state(ends.actor_id, ends.earliest, ends.latest))
  from ends
  join bi_store.actor_states as housed
    on housed.actor_id = ends.actor_id and num_nonnulls(housed.country_state_id, housed.country_periods) > 0
  left join tied
    on tied.action_id = ends.action_id and tied.role = ends.role and tied.actor_id = ends.actor_id and tied.is_state
  where ends.role = 'target' and tied.action_id is null
),
dyads as (
  select distinct
    initiator.action_id,
    initiator.state_id as initiator_state_id,
    target.state_id as target_state_id,
    false as is_joint
  from tied as initiator
  join counted_against as target on target.action_id = initiator.action_id and target.state_id <> initiator.state_id
  where initiator.role = 'initiator'
  union all
  -- A joint act, which has initiators and no target, is an act of each initiator's states towards those of the others.
  select distinct initiator.action_id, initiator.state_id, partner.state_id, true
  from tied as initiator
  join tied as partner
    on partner.action_id = initiator.action_id
    and partner.actor_id <> initiator.actor_id
    and partner.state_id <> initiator.state_id
  where initiator.role = 'initiator'
    and partner.role = 'initiator'
    and not exists (select from ends as target where target.action_id = initiator.action_id and target.role = 'target')
),
weights as (
  select citation.action_id, max(grade_weight(source.reliability, citation.credibility)) as weight
  from changed_actions as changed
  join citations as citation on citation.action_id = changed.id
  join sources as source on source.id = citation.source_id
  where citation.stance = 'supports'
  group by citation.action_id
)
select
  dyads.action_id,
  dyads.initiator_state_id,
  dyads.target_state_id,
  coalesce(nullif(action.occurred_on_earliest, '-infinity'), action.occurred_on_latest) as day,
  action.occurred_on is not null
    and date_trunc('month', action.occurred_on_earliest::timestamp) = date_trunc('month', action.occurred_on_latest::timestamp) as is_month_known,
  cameo.goldstein,
  cameo.quad_class,
  coalesce(weights.weight, 0.5)::numeric(4, 3) as weight,
  action.modality,
  action.claim_status in ('denied', 'retracted') as is_denied,
  dyads.is_joint
from dyads
join diplomatic_actions as action on action.id = dyads.action_id
join cameo_codes as cameo on cameo.code = action.cameo_code
left join weights on weights.action_id = dyads.action_id
