-- On the last day of a {period}, an action contributes its score times exp(-days / 90). The sums of a {period} are decimal, so that
-- they don't depend on the order of rows; from {period} to {period} the sum decays. Rows before the first {period} that changed are
-- kept, and the sum continues from there.
with remains (days, share) as (
  select days, round(exp(-days / 90.0), 15)
  from generate_series(0, 30) as days
),
changed as (
  select initiator_state_id, target_state_id, date_trunc('{period}', first_day::timestamp)::date as first_{period}
  from changed_scores
),
dated as (
  select
    dyad.initiator_state_id,
    dyad.target_state_id,
    changed.first_{period},
    date_trunc('{period}', dyad.day::timestamp)::date as {period},
    (date_trunc('{period}', dyad.day::timestamp) + interval '1 {period}')::date - 1 - dyad.day as days,
    dyad.goldstein,
    dyad.weight
  from changed
  join bi_store.action_dyads as dyad
    on dyad.initiator_state_id = changed.initiator_state_id
    and dyad.target_state_id = changed.target_state_id
    and coalesce(dyad.day, 'infinity') >= changed.first_{period}
  where dyad.modality = 'actual' and not dyad.is_denied and dyad.day is not null
),
eventful as (
  select
    dated.initiator_state_id,
    dated.target_state_id,
    dated.first_{period},
    dated.{period},
    count(*)::integer as actions,
    sum(dated.goldstein) as goldstein_sum,
    sum(dated.goldstein * dated.weight * remains.share)::double precision as added,
    sum(dated.goldstein * remains.share)::double precision as added_unweighted
  from dated
  join remains on remains.days = dated.days
  group by 1, 2, 3, 4
  union all
  select
    before.initiator_state_id,
    before.target_state_id,
    changed.first_{period},
    before.{period},
    before.actions,
    before.goldstein_sum,
    before.score,
    before.score_unweighted
  from changed
  cross join lateral (
    select stored.*
    from bi_store.{table} as stored
    where stored.initiator_state_id = changed.initiator_state_id
      and stored.target_state_id = changed.target_state_id
      and stored.{period} < changed.first_{period}
      and stored.actions > 0
    order by stored.{period} desc
    limit 1
  ) as before
),
ended as (
  select
    eventful.*,
    (eventful.{period} + interval '1 {period}')::date - 1 as last_day
  from eventful
),
spaced as (
  select
    ended.*,
    -- After centuries the remainder is zero, and exp would underflow. The first {period} has none before it.
    exp(-least(ended.last_day - lag(ended.last_day) over dyad, 9000) / 90.0::double precision) as remaining,
    lead(ended.{period}) over dyad as next_{period}
  from ended
  window dyad as (partition by ended.initiator_state_id, ended.target_state_id order by ended.{period})
),
scored as (
  select
    spaced.*,
    decayed_sum(spaced.remaining, spaced.added) over dyad as score,
    decayed_sum(spaced.remaining, spaced.added_unweighted) over dyad as score_unweighted
  from spaced
  window dyad as (partition by spaced.initiator_state_id, spaced.target_state_id order by spaced.{period})
)
select
  scored.initiator_state_id,
  scored.target_state_id,
  later.first_day::date as {period},
  case when later.first_day = scored.{period} then scored.actions else 0 end as actions,
  case when later.first_day = scored.{period} then scored.goldstein_sum else 0 end as goldstein_sum,
  scored.score * decay.share as score,
  scored.score_unweighted * decay.share as score_unweighted
from scored
cross join lateral generate_series(
  scored.{period}::timestamp,
  least(scored.{period} + interval '{lasting}', scored.next_{period}::timestamp - interval '1 day'),
  interval '1 {period}'
) as later (first_day)
cross join lateral (
  select exp(
    -((later.first_day + interval '1 {period}')::date - 1 - scored.last_day) / 90.0::double precision
  ) as share
) as decay
where later.first_day >= scored.first_{period}
