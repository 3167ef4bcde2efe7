-- actors_acting_for, for every state at once. If one of several chains between two actors has no days, the others add nothing.
with recursive principals (id, is_state) as (
  select state.state_id, state.kind = 'state'
  from {store}.states as state
  where state.kind in ('state', 'intergovernmental_organization')
),
ties (subject_id, object_id, first_day, last_day) as materialized (
  select tie.subject_id, tie.object_id, tie.started_on_earliest, tie.ended_on_latest
  from relationships as tie
  join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
  join actors as subject on subject.id = tie.subject_id
  where subject.kind <> 'state'
    and tie.claim_status not in ('denied', 'retracted')
),
chain (state_id, is_state, actor_id, first_day, last_day) as (
  select id, is_state, id, null::date, null::date from principals
  union
  select
    chain.state_id,
    chain.is_state,
    tie.subject_id,
    greatest(chain.first_day, tie.first_day),
    least(chain.last_day, tie.last_day)
  from chain
  join ties as tie on tie.object_id = chain.actor_id
)
select chain.actor_id, chain.state_id, chain.is_state, chain.first_day, chain.last_day
from chain
where num_nonnulls(chain.first_day, chain.last_day) = 0
  or not exists (
    select from chain as always
    where always.actor_id = chain.actor_id
      and always.state_id = chain.state_id
      and num_nonnulls(always.first_day, always.last_day) = 0
  )
