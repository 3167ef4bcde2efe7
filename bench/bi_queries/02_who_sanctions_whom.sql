-- Who sanctions whom: the matrix of what is in force.
select imposer_state, target_state, count(*) as sanctions
from bi.sanctions
where counts and status = 'in_force'
group by imposer_state, target_state
order by sanctions desc
limit 60;
-- by hand
with belonging (actor_id, state_id) as materialized (
  select distinct on (country.actor_id) country.actor_id, code.actor_id
  from actor_countries as country
  join actor_identifiers as code on code.scheme = 'iso3166' and code.value = country.code
  where country.role in ('jurisdiction', 'flag', 'nationality')
  order by country.actor_id, array_position('{jurisdiction,flag,nationality}', country.role::text)
),
tied as materialized (
  select tie.subject_id as actor_id, tie.object_id as state_id, tie.started_on_earliest, tie.ended_on_latest
  from relationships as tie
  join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
  join actors as state on state.id = tie.object_id and state.kind = 'state'
  where tie.claim_status not in ('denied', 'retracted')
),
counted as (
  select tied.state_id as imposer_state_id, coalesce(belonging.state_id, state.id) as target_state_id, count(*) as sanctions
  from sanctions as sanction
  join tied
    on tied.actor_id = sanction.imposer_id
    and coalesce(tied.started_on_earliest <= sanction.starts_latest, true)
    and coalesce(tied.ended_on_latest >= sanction.starts_earliest, true)
  left join belonging on belonging.actor_id = sanction.target_id
  left join actors as state on state.id = sanction.target_id and state.kind = 'state'
  where sanction.claim_status not in ('denied', 'retracted')
    and sanction.starts_earliest <= current_date
    and (sanction.lifted_on is null or current_date < sanction.lifted_on_earliest)
    and (sanction.expires_on is null or current_date <= sanction.expires_on_latest)
  group by 1, 2
)
select imposer.name, target.name, counted.sanctions
from counted
join actors as imposer on imposer.id = counted.imposer_state_id
left join actors as target on target.id = counted.target_state_id
order by counted.sanctions desc
limit 60;
