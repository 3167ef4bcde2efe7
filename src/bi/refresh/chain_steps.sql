-- A step comes after the action that it responds to: `since` is its day, or the day of an earlier step if that is later or the
-- step has no day.
with recursive walk (chain_id, action_id, depth, since) as (
  select
    changed.id,
    changed.id,
    0,
    coalesce(nullif(action.occurred_on_earliest, '-infinity'), action.occurred_on_latest, '-infinity')
  from changed_chains as changed
  join diplomatic_actions as action on action.id = changed.id
  where exists (
      select from action_links as answer
      where answer.linked_action_id = changed.id and answer.kind in ('responds_to', 'retaliates_for', 'escalates')
    )
    and not exists (
      select from action_links as answered
      where answered.action_id = changed.id and answered.kind in ('responds_to', 'retaliates_for', 'escalates')
    )
  union
  select
    walk.chain_id,
    answer.action_id,
    walk.depth + 1,
    greatest(walk.since, coalesce(nullif(action.occurred_on_earliest, '-infinity'), action.occurred_on_latest))
  from walk
  join action_links as answer
    on answer.linked_action_id = walk.action_id and answer.kind in ('responds_to', 'retaliates_for', 'escalates')
  join diplomatic_actions as action on action.id = answer.action_id
),
members as materialized (
  select
    reached.chain_id,
    reached.action_id,
    reached.depth,
    reached.since,
    coalesce(nullif(action.occurred_on_earliest, '-infinity'), action.occurred_on_latest) as day,
    action.modality = 'actual' and action.claim_status not in ('denied', 'retracted') as is_counted,
    cameo.goldstein
  from (
    select walk.chain_id, walk.action_id, max(walk.depth) as depth, max(walk.since) as since
    from walk
    group by walk.chain_id, walk.action_id
  ) as reached
  join diplomatic_actions as action on action.id = reached.action_id
  join cameo_codes as cameo on cameo.code = action.cameo_code
),
answers as (
  select distinct on (member.chain_id, member.action_id)
    member.chain_id,
    member.action_id,
    answered.action_id as answers_action_id,
    answered.day as answered_day
  from members as member
  join action_links as link
    on link.action_id = member.action_id and link.kind in ('responds_to', 'retaliates_for', 'escalates')
  join members as answered on answered.chain_id = member.chain_id and answered.action_id = link.linked_action_id
  order by member.chain_id, member.action_id, answered.since desc, answered.depth desc, answered.action_id
)
select
  member.chain_id,
  member.action_id,
  (row_number() over chain)::integer as step,
  member.depth,
  answers.answers_action_id,
  member.day,
  member.day - answers.answered_day as days_since_answered,
  member.day - lag(member.day) over chain as days_since_previous,
  member.is_counted,
  member.goldstein,
  coalesce(sum(member.goldstein) filter (where member.is_counted) over (chain rows unbounded preceding), 0) as goldstein_cumulated
from members as member
left join answers on answers.chain_id = member.chain_id and answers.action_id = member.action_id
window chain as (partition by member.chain_id order by member.since, member.depth, member.action_id)
