with wanted (id) as (
  select sanction.id
  from changed_targets as changed
  join sanctions as sanction on sanction.target_id = changed.target_id
  union
  select sanction.id
  from changed_announcements as changed
  join sanctions as sanction on sanction.action_id = changed.id
),
imposed as materialized (
  select
    sanction.id,
    sanction.target_id,
    sanction.action_id,
    partial_date_sort_day(coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)) as day,
    partial_date_earliest(coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)) as first_day,
    partial_date_latest(coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)) as last_day,
    partial_date_precision(coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)) as precision,
    coalesce(
      case when dated.sanction_id is null then imposing.imposing_party_id else dated.imposing_party_id end,
      sanction.imposer_id
    ) as side_id,
    case when dated.sanction_id is null then targeted.target_state_id else dated.target_state_id end as target_state_id,
    changed.id is not null as is_changed
  from wanted
  join sanctions as sanction on sanction.id = wanted.id
  left join changed_sanctions as changed on changed.id = wanted.id
  left join bi_store.sanction_states as dated on dated.sanction_id = sanction.id
  left join bi_store.actor_states as imposing on imposing.actor_id = sanction.imposer_id
  left join bi_store.actor_states as targeted on targeted.actor_id = sanction.target_id
  where sanction.claim_status not in ('denied', 'retracted')
),
of_one_target as materialized (
  select imposed.* from imposed where imposed.target_id in (select target_id from changed_targets)
),
-- Pairs a changed sanction with all others, in both orders. A date that is known to the month counts with all its days, a more
-- vague one with its first.
pairs as (
  select earlier, later
  from of_one_target as earlier
  join of_one_target as later
    on later.target_id = earlier.target_id
    and later.side_id <> earlier.side_id
    and later.day between earlier.day and 30 + case
      when earlier.last_day <= earlier.day + 30 then earlier.last_day
      else earlier.day
    end
    and (later.day, later.id) > (earlier.day, earlier.id)
  where earlier.is_changed
  union all
  select earlier, later
  from of_one_target as later
  join of_one_target as earlier
    on earlier.target_id = later.target_id
    and earlier.side_id <> later.side_id
    and later.day between earlier.day and 30 + case
      when earlier.last_day <= earlier.day + 30 then earlier.last_day
      else earlier.day
    end
    and (later.day, later.id) > (earlier.day, earlier.id)
  where later.is_changed and not earlier.is_changed
),
same_target as (
  select
    (earlier).id as earlier_sanction_id,
    (later).id as later_sanction_id,
    'same_target' as basis,
    (earlier).side_id as earlier_side_id,
    (later).side_id as later_side_id,
    (earlier).target_id,
    (earlier).target_state_id,
    (earlier).action_id as earlier_action_id,
    (later).action_id as later_action_id,
    1 as earlier_sanctions,
    1 as later_sanctions,
    (earlier).day as earlier_day,
    (later).day as later_day,
    (earlier).precision as earlier_precision,
    (later).precision as later_precision,
    (earlier).first_day as earlier_first_day,
    (earlier).last_day as earlier_last_day,
    (later).first_day as later_first_day,
    (later).last_day as later_last_day
  from pairs
),
announcements as materialized (
  select
    imposed.action_id,
    imposed.side_id,
    imposed.target_state_id,
    count(*)::integer as sanctions,
    min(imposed.day) as day,
    (array_agg(imposed.precision order by imposed.day nulls last, imposed.id))[1] as precision,
    (array_agg(imposed.first_day order by imposed.day nulls last, imposed.id))[1] as first_day,
    (array_agg(imposed.last_day order by imposed.day nulls last, imposed.id))[1] as last_day,
    (array_agg(imposed.id order by imposed.day nulls last, imposed.id))[1] as id,
    case when count(distinct imposed.target_id) = 1 then (array_agg(imposed.target_id))[1] end as target_id
  from imposed
  where imposed.action_id is not null and imposed.target_state_id is not null
  group by 1, 2, 3
),
together (earlier_action_id, later_action_id, basis) as (
  select id, id, 'same_action'
  from changed_announcements
  union
  select link.action_id, link.linked_action_id, 'coordinated_with'
  from action_links as link
  where link.kind = 'coordinated_with'
    and (
      link.action_id in (select id from changed_announcements)
      and link.linked_action_id in (select id from changed_announcements)
    )
),
announced as (
  select distinct on (earlier.id, later.id, together.basis)
    earlier.id as earlier_sanction_id,
    later.id as later_sanction_id,
    together.basis,
    earlier.side_id as earlier_side_id,
    later.side_id as later_side_id,
    case when earlier.target_id = later.target_id then earlier.target_id end as target_id,
    earlier.target_state_id,
    earlier.action_id as earlier_action_id,
    later.action_id as later_action_id,
    earlier.sanctions as earlier_sanctions,
    later.sanctions as later_sanctions,
    earlier.day as earlier_day,
    later.day as later_day,
    earlier.precision as earlier_precision,
    later.precision as later_precision,
    earlier.first_day as earlier_first_day,
    earlier.last_day as earlier_last_day,
    later.first_day as later_first_day,
    later.last_day as later_last_day
  from (
    select earlier_action_id as one, later_action_id as other, basis from together
    union
    select later_action_id, earlier_action_id, basis from together
  ) as together
  join announcements as earlier on earlier.action_id = together.one
  join announcements as later
    on later.action_id = together.other
    and later.side_id <> earlier.side_id
    and later.target_state_id = earlier.target_state_id
    and (coalesce(later.day, 'infinity'), later.id) > (coalesce(earlier.day, 'infinity'), earlier.id)
  order by earlier.id, later.id, together.basis
),
together_or_near as (
  select * from same_target
  union all
  select * from announced
)
select
  pair.earlier_sanction_id,
  pair.later_sanction_id,
  pair.basis,
  pair.earlier_side_id,
  pair.later_side_id,
  pair.target_id,
  pair.target_state_id,
  pair.earlier_action_id,
  pair.later_action_id,
  pair.earlier_sanctions,
  pair.later_sanctions,
  pair.earlier_day,
  pair.later_day,
  pair.earlier_precision,
  pair.later_precision,
  case
    when num_nulls(pair.earlier_day, pair.later_day) > 0 then null
    -- An open end reaches the other date, which sorts later.
    when pair.earlier_last_day = 'infinity' or pair.later_first_day = '-infinity' then 0
    else greatest(pair.later_first_day - pair.earlier_last_day, 0)
  end as least_days_apart,
  case
    when not (
      isfinite(pair.earlier_first_day) and isfinite(pair.earlier_last_day)
      and isfinite(pair.later_first_day) and isfinite(pair.later_last_day)
    ) then null
    else greatest(pair.later_last_day - pair.earlier_first_day, pair.earlier_last_day - pair.later_first_day)
  end as most_days_apart
from together_or_near as pair
