with ends as materialized (
  select
    sanction.id,
    sanction.imposer_id,
    sanction.target_id,
    sanction.starts_earliest as earliest,
    sanction.starts_latest as latest,
    sanction.action_id,
    extract(
      year from coalesce(nullif(sanction.starts_earliest, '-infinity'), sanction.starts_latest)
    )::integer as first_year,
    case
      -- Lifted at an unknown time before a day: by the rule of sanction_status it was never in force.
      when sanction.lifted_on_earliest = '-infinity' then 0
      else extract(year from nullif(least(sanction.lifted_on_earliest - 1, sanction.expires_on_latest), 'infinity'))::integer
    end as last_year,
    sanction.claim_status in ('denied', 'retracted') as is_denied
  from changed_sanctions as changed
  join sanctions as sanction on sanction.id = changed.id
),
imposed_for (id, state_id) as (
  select distinct ends.id, tie.state_id
  from ends
  join bi_store.actor_ties as tie
    on tie.actor_id = ends.imposer_id
    and coalesce(tie.first_day <= ends.latest, true)
    and coalesce(tie.last_day >= ends.earliest, true)
),
tied as materialized (
  select ends.id, tie.state_id, tie.is_state
  from ends
  join bi_store.actor_ties as tie
    on tie.actor_id = ends.target_id
    and coalesce(tie.first_day <= ends.latest, true)
    and coalesce(tie.last_day >= ends.earliest, true)
),
counted_against (id, state_id) as (
  select tied.id, tied.state_id
  from tied
  union
  select ends.id, coalesce(housed.country_state_id, target_state(ends.target_id, ends.earliest, ends.latest))
  from ends
  join bi_store.actor_states as housed
    on housed.actor_id = ends.target_id and num_nonnulls(housed.country_state_id, housed.country_periods) > 0
  left join tied on tied.id = ends.id and tied.is_state
  where tied.id is null
),
in_force as materialized (
  select ends.id, ends.action_id, ends.first_year, coalesce(ends.last_year, 9999) as last_year
  from ends
  where not ends.is_denied and ends.first_year is not null
),
listed (id, sort, word, outcome, first_year, last_year) as (
  select
    in_force.id,
    'measure',
    case when taken.measure = 'aid_suspension' and action.cameo_code = '1622' then 'military_aid_suspension' else taken.measure end,
    '',
    greatest(in_force.first_year, extract(year from partial_date_sort_day(taken."from"))::integer),
    least(in_force.last_year, extract(year from nullif(partial_date_latest(taken.until), 'infinity'))::integer)
  from in_force
  join sanction_measures as taken on taken.sanction_id = in_force.id
  left join diplomatic_actions as action on action.id = in_force.action_id
  union all
  select
    in_force.id, 'objective', wanted.objective, coalesce(wanted.outcome::text, 'ongoing'), in_force.first_year, in_force.last_year
  from in_force
  join sanction_objectives as wanted on wanted.sanction_id = in_force.id
),
facts as (
  select
    listed.id,
    array_agg(
      row(listed.sort, listed.word, listed.outcome, listed.first_year, listed.last_year)::bi_store.sanction_fact
      order by listed.sort, listed.word, listed.outcome, listed.first_year, listed.last_year
    ) as facts
  from listed
  where listed.first_year <= listed.last_year
  group by listed.id
)
select
  sanction.id as sanction_id,
  imposed_for.state_id as imposer_state_id,
  counted_against.state_id as target_state_id,
  sanction.action_id,
  partial_date_sort_day(coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)) as imposed_day,
  coalesce(nullif(sanction.lifted_on_earliest, '-infinity'), sanction.lifted_on_latest) as lifted_day,
  case
    when coalesce(sanction.lifted_on_earliest > sanction.expires_on_latest, true) then
      coalesce(nullif(sanction.expires_on_earliest, '-infinity'), sanction.expires_on_latest)
  end as expires_day,
  ends.first_year,
  ends.last_year,
  exists (
    select from sanction_grounds as given
    where given.sanction_id = sanction.id and given.ground = 'retaliation'
  ) as retaliates,
  ends.is_denied,
  case
    when in_force.first_year <= in_force.last_year then
      row(
        case when sanction.target_id = counted_against.state_id then 'on_state' else 'sanction' end,
        '', '', in_force.first_year, in_force.last_year
      )::bi_store.sanction_fact || coalesce(facts.facts, '{}')
    else '{}'
  end as facts
from ends
join imposed_for on imposed_for.id = ends.id
join counted_against on counted_against.id = ends.id and counted_against.state_id <> imposed_for.state_id
join sanctions as sanction on sanction.id = ends.id
left join in_force on in_force.id = ends.id
left join facts on facts.id = ends.id
