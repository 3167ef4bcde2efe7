with announcements as materialized (
  select
    dyad.imposer_state_id,
    dyad.target_state_id,
    dyad.action_id,
    dyad.imposed_day,
    count(*)::integer as sanctions,
    (array_agg(dyad.sanction_id order by dyad.sanction_id))[1] as sanction_id,
    bool_or(dyad.retaliates) as retaliates,
    bool_or(compared.are_answers) as is_answer
  from compared_days as compared
  join bi_store.sanction_dyads as dyad
    on dyad.imposer_state_id = compared.imposer_state_id
    and dyad.target_state_id = compared.target_state_id
    and coalesce(dyad.imposed_day, 'infinity') between compared.first_day and compared.last_day
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
  where answer.is_answer
  order by
    first.sanction_id,
    answer.sanction_id,
    link.kind = 'retaliates_for' desc,
    first.imposer_state_id,
    answer.imposer_state_id
),
-- For each day on which one state of a pair announced a sanction: the last day until then on which the other state did.
days as (
  select
    imposer_state_id,
    target_state_id,
    imposed_day,
    least(imposer_state_id, target_state_id) as one,
    greatest(imposer_state_id, target_state_id) as other
  from announcements
  group by imposer_state_id, target_state_id, imposed_day
),
preceded as (
  select
    imposer_state_id,
    target_state_id,
    imposed_day,
    case imposer_state_id
      when one then max(imposed_day) filter (where imposer_state_id = other) over so_far
      else max(imposed_day) filter (where imposer_state_id = one) over so_far
    end as preceding_day
  from days
  window so_far as (
    partition by one, other order by imposed_day range between unbounded preceding and current row
  )
),
first_of_day as (
  select distinct on (imposer_state_id, target_state_id, imposed_day) announcements.*
  from announcements
  order by imposer_state_id, target_state_id, imposed_day, sanction_id
),
grounded as (
  -- A body that counts for two states responds once, although acts against it count against both.
  select distinct on (first.sanction_id, answer.sanction_id)
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
  join preceded using (imposer_state_id, target_state_id, imposed_day)
  join first_of_day as first
    on first.imposer_state_id = answer.target_state_id
    and first.target_state_id = answer.imposer_state_id
    and first.imposed_day = preceded.preceding_day
  where answer.is_answer
    and answer.retaliates
    and preceded.preceding_day >= answer.imposed_day - 365
    and not exists (select from linked where linked.answering_sanction_id = answer.sanction_id)
    -- Two sanctions that retaliate on the same day are one pair.
    and not (first.imposed_day = answer.imposed_day and first.retaliates and first.sanction_id > answer.sanction_id)
  order by first.sanction_id, answer.sanction_id, first.imposer_state_id, answer.imposer_state_id
)
select * from linked
union all
select * from grounded
