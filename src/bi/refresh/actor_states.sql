-- The results of imposer_state, target_state and imposing_party for actors for which they are the same on every day.
with tied as (
  select
    tie.actor_id,
    bool_or(num_nonnulls(tie.first_day, tie.last_day) > 0) as depends_on_day,
    case when count(distinct tie.state_id) = 1 then (array_agg(tie.state_id))[1] end as state_id
  from {store}.actor_ties as tie
  {changed_actors:tie.actor_id}
  where tie.is_state
  group by tie.actor_id
),
partied as (
  select
    tie.actor_id,
    bool_or(num_nonnulls(tie.first_day, tie.last_day) > 0) as depends_on_day,
    coalesce(
      case when count(distinct tie.state_id) filter (where tie.is_state) = 1 then
        (array_agg(tie.state_id) filter (where tie.is_state))[1]
      end,
      case when count(distinct tie.state_id) filter (where not tie.is_state) = 1 then
        (array_agg(tie.state_id) filter (where not tie.is_state))[1]
      end,
      tie.actor_id
    ) as party_id
  from {store}.actor_ties as tie
  {changed_actors:tie.actor_id}
  group by tie.actor_id
),
-- Actors whose country is not the same on every day: target_state decides for each act.
dated as (
  select
    country.actor_id,
    string_agg(
      concat_ws(' ', country.role, country.code, coalesce(country."from", '-'), coalesce(country.until, '-')),
      ';' order by country.position
    ) as country_periods
  from actor_countries as country
  {changed_actors:country.actor_id}
  where country.role in ('jurisdiction', 'flag', 'nationality')
  group by country.actor_id
  having bool_or(num_nonnulls(country."from", country.until) > 0)
),
placed as (
  select
    country.actor_id,
    country.code,
    rank() over (
      partition by country.actor_id
      order by array_position(array['jurisdiction', 'flag', 'nationality'], country.role::text)
    ) as place
  from actor_countries as country
  {changed_actors:country.actor_id}
  where country.role in ('jurisdiction', 'flag', 'nationality')
),
-- Materialized: in an as-of read, each look at an identifier would read the documents of all actors.
coded as materialized (
  select identifier.actor_id, identifier.value as code
  from actor_identifiers as identifier
  where identifier.scheme in ('iso3166', 'iso3166_3')
),
housed as (
  select placed.actor_id, (array_agg(coded.actor_id))[1] as state_id
  from placed
  join coded on coded.code = placed.code
  where placed.place = 1
    and not exists (select from dated where dated.actor_id = placed.actor_id)
  group by placed.actor_id
  having count(*) = 1
)
select
  coalesce(partied.actor_id, housed.actor_id, dated.actor_id) as actor_id,
  coalesce(tied.depends_on_day, false) or dated.actor_id is not null as depends_on_day,
  case when not tied.depends_on_day and dated.actor_id is null then tied.state_id end as imposer_state_id,
  case
    when dated.actor_id is not null then null
    when tied.actor_id is null then housed.state_id
    when not tied.depends_on_day then tied.state_id
  end as target_state_id,
  housed.state_id as country_state_id,
  dated.country_periods,
  coalesce(partied.depends_on_day, false) as party_depends_on_day,
  case when not coalesce(partied.depends_on_day, false) then
    coalesce(partied.party_id, housed.actor_id, dated.actor_id)
  end as imposing_party_id
from partied
left join tied on tied.actor_id = partied.actor_id
full join housed on housed.actor_id = partied.actor_id
full join dated on dated.actor_id = coalesce(partied.actor_id, housed.actor_id)
