-- On the Sunday that ends a week, an action contributes its score times exp(-days / 90). The sums of a week are decimal, so that
-- they don't depend on the order of rows; from week to week the sum decays. Weeks before the first one that changed are kept,
-- and the sum continues from there.
with remains (weekday, share) as (
  select weekday, round(exp(-(7 - weekday) / 90.0), 15)
  from generate_series(1, 7) as weekday
),
eventful as (
  select
    dyad.initiator_state_id,
    dyad.target_state_id,
    changed.first_week,
    date_trunc('week', dyad.day::timestamp)::date as week,
    count(*)::integer as actions,
    sum(dyad.goldstein) as goldstein_sum,
    sum(dyad.goldstein * dyad.weight * remains.share)::double precision as added,
    sum(dyad.goldstein * remains.share)::double precision as added_unweighted
  from changed_weeks as changed
  join bi_store.action_dyads as dyad
    on dyad.initiator_state_id = changed.initiator_state_id
    and dyad.target_state_id = changed.target_state_id
    and coalesce(dyad.day, 'infinity') >= changed.first_week
  join remains on remains.weekday = extract(isodow from dyad.day)
  where dyad.modality = 'actual' and not dyad.is_denied
  group by 1, 2, 3, 4
  union all
  select
    before.initiator_state_id,
    before.target_state_id,
    changed.first_week,
    before.week,
    before.actions,
    before.goldstein_sum,
    before.score,
    before.score_unweighted
  from changed_weeks as changed
  cross join lateral (
    select stored.*
    from bi_store.dyad_weeks as stored
    where stored.initiator_state_id = changed.initiator_state_id
      and stored.target_state_id = changed.target_state_id
      and stored.week < changed.first_week
      and stored.actions > 0
    order by stored.week desc
    limit 1
  ) as before
),
spaced as (
  select
    eventful.*,
    -- After centuries the remainder is zero, and exp would underflow. The first week has no week before it.
    exp(-least(eventful.week - lag(eventful.week) over dyad, 9000) / 90.0::double precision) as remaining,
    lead(eventful.week) over dyad as next_week
  from eventful
  window dyad as (partition by eventful.initiator_state_id, eventful.target_state_id order by eventful.week)
),
scored as (
  select
    spaced.*,
    decayed_sum(spaced.remaining, spaced.added) over dyad as score,
    decayed_sum(spaced.remaining, spaced.added_unweighted) over dyad as score_unweighted
  from spaced
  window dyad as (partition by spaced.initiator_state_id, spaced.target_state_id order by spaced.week)
)
select
  scored.initiator_state_id,
  scored.target_state_id,
  scored.week + 7 * later as week,
  case later when 0 then scored.actions else 0 end as actions,
  case later when 0 then scored.goldstein_sum else 0 end as goldstein_sum,
  scored.score * exp(-7 * later / 90.0::double precision) as score,
  scored.score_unweighted * exp(-7 * later / 90.0::double precision) as score_unweighted
from scored
cross join lateral generate_series(0, least(52, (scored.next_week - scored.week) / 7 - 1)) as later
where scored.week + 7 * later >= scored.first_week
