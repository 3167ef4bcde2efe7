-- Who sanctions whom: the matrix of what is in force.
select imposer_state, target_state, count(*) as sanctions
from bi.sanctions
where counts and status = 'in_force'
group by imposer_state, target_state
order by sanctions desc
limit 60;
-- by hand
with recursive acting (actor_id, state_id, first_day, last_day) as (
  select id, id, null::date, null::date from actors where kind = 'state'
  union
  select
    tie.subject_id, acting.state_id,
    greatest(acting.first_day, tie.started_on_earliest), least(acting.last_day, tie.ended_on_latest)
  from acting
  join relationships as tie on tie.object_id = acting.actor_id
  join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
  join actors as subject on subject.id = tie.subject_id and subject.kind <> 'state'
  where tie.claim_status not in ('denied', 'retracted')
),
belonging (actor_id, state_id) as (
  select distinct on (country.actor_id) country.actor_id, code.actor_id
  from actor_countries as country
  join actor_identifiers as code on code.scheme = 'iso3166' and code.value = country.code
  where country.role in ('jurisdiction', 'flag', 'nationality')
  order by country.actor_id, array_position('{jurisdiction,flag,nationality}', country.role::text)
),
in_force as materialized (
  select id, imposer_id, target_id, starts_earliest, starts_latest
  from sanctions
  where claim_status not in ('denied', 'retracted')
    and starts_earliest <= current_date
    and (lifted_on is null or current_date < lifted_on_earliest)
    and (expires_on is null or current_date <= expires_on_latest)
),
imposed (id, state_id) as (
  select in_force.id, min(acting.state_id::text)::uuid
  from in_force
  join acting
    on acting.actor_id = in_force.imposer_id
    and (acting.first_day is null or in_force.starts_latest >= acting.first_day)
    and (acting.last_day is null or in_force.starts_earliest <= acting.last_day)
  group by in_force.id
  having count(distinct acting.state_id) = 1
)
select imposer.name, target.name, count(*) as sanctions
from in_force
left join imposed on imposed.id = in_force.id
left join actors as imposer on imposer.id = imposed.state_id
left join acting as tied on tied.actor_id = in_force.target_id
left join belonging on belonging.actor_id = in_force.target_id
left join actors as target on target.id = coalesce(tied.state_id, belonging.state_id)
group by imposer.name, target.name
order by sanctions desc
limit 60;
