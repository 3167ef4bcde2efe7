with pairs as (
  select distinct
    least(imposer_state_id, target_state_id) as one,
    greatest(imposer_state_id, target_state_id) as other
  from changed_sanction_dyads
),
announcements as materialized (
  select
    dyad.imposer_state_id,
    dyad.target_state_id,
    dyad.action_id,
    dyad.imposed_day,
    count(*)::integer as sanctions,
    (array_agg(dyad.sanction_id order by dyad.sanction_id))[1] as sanction_id,
    bool_or(dyad.retaliates) as retaliates
  from pairs
  join bi_store.sanction_dyads as dyad
    on (dyad.imposer_state_id = pairs.one and dyad.target_state_id = pairs.other)
    or (dyad.imposer_state_id = pairs.other and dyad.target_state_id = pairs.one)
  where not dyad.is_denied and dyad.imposed_day is not null
  group by 1, 2, 3, 4
),
linked as (
  select distinct on (first.sanction_id, answer.sanction_id)
    first.sanction_id as first_sanction_id,
    answer.sanction_id as answering_sanction_id,
    first.imposer_state_id as first_state_id,
    answer.imposer_state_id as answering_state_id,
    first.action_id as first_action_id,
    answer.action_id as answering_action_id,
    first.sanctions as first_sanctions,
    answer.sanctions as answering_sanctions,
    first.imposed_day as first_day,
    answer.imposed_day as answering_day,
    link.kind::text as basis
  from announcements as answer
  join action_links as link on link.action_id = answer.action_id and link.kind in ('retaliates_for', 'responds_to')
  join announcements as first
    on first.action_id = link.linked_action_id
    and first.imposer_state_id = answer.target_state_id
    and first.target_state_id = answer.imposer_state_id
  order by first.sanction_id, answer.sanction_id, link.kind = 'retaliates_for' desc
),
grounded as (
  select
    first.sanction_id,
    answer.sanction_id as answering_sanction_id,
    first.imposer_state_id,
    answer.imposer_state_id as answering_state_id,
    first.action_id,
    answer.action_id as answering_action_id,
    first.sanctions,
    answer.sanctions as answering_sanctions,
    first.imposed_day,
    answer.imposed_day as answering_day,
    'ground'
  from announcements as answer
  cross join lateral (
    select announcement.*
    from announcements as announcement
    where announcement.imposer_state_id = answer.target_state_id
      and announcement.target_state_id = answer.imposer_state_id
      and announcement.imposed_day between answer.imposed_day - 365 and answer.imposed_day
    order by announcement.imposed_day desc, announcement.sanction_id
    limit 1
  ) as first
  where answer.retaliates
    and not exists (select from linked where linked.answering_sanction_id = answer.sanction_id)
    -- Two that retaliate on one day don't answer each other twice.
    and not (first.imposed_day = answer.imposed_day and first.retaliates and first.sanction_id > answer.sanction_id)
)
select * from linked
union all
select * from grounded
