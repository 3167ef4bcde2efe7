-- Sanctions that are alike are counted before they are spread over their years: there are few sorts, and many years.
with in_force as materialized (
  select
    dyad.imposer_state_id,
    dyad.target_state_id,
    dyad.sanction_id,
    dyad.action_id,
    dyad.first_year,
    -- Views show years up to this one; the rows of the next are there when it begins.
    least(coalesce(dyad.last_year, 9999), extract(year from now() at time zone 'UTC')::integer + 1) as last_year
  from changed_sanction_dyads as changed
  join bi_store.sanction_dyads as dyad using (imposer_state_id, target_state_id)
  where not dyad.is_denied and dyad.first_year is not null
),
facts (imposer_state_id, target_state_id, first_year, last_year, sort, word, outcome, number) as (
  select
    dyad.imposer_state_id, dyad.target_state_id, dyad.first_year, dyad.last_year,
    case when sanction.target_id = dyad.target_state_id then 'on_state' else 'sanction' end, null, null, count(*)
  from in_force as dyad
  join sanctions as sanction on sanction.id = dyad.sanction_id
  group by 1, 2, 3, 4, 5
  union all
  select
    dyad.imposer_state_id,
    dyad.target_state_id,
    greatest(dyad.first_year, extract(year from partial_date_sort_day(taken."from"))::integer),
    least(dyad.last_year, extract(year from partial_date_latest(taken.until))::integer),
    'measure',
    case when taken.measure = 'aid_suspension' and action.cameo_code = '1622' then 'military_aid_suspension' else taken.measure end,
    null,
    count(*)
  from in_force as dyad
  join sanction_measures as taken on taken.sanction_id = dyad.sanction_id
  left join diplomatic_actions as action on action.id = dyad.action_id
  group by 1, 2, 3, 4, 6
  union all
  select
    dyad.imposer_state_id, dyad.target_state_id, dyad.first_year, dyad.last_year,
    'objective', wanted.objective, coalesce(wanted.outcome::text, 'ongoing'), count(*)
  from in_force as dyad
  join sanction_objectives as wanted on wanted.sanction_id = dyad.sanction_id
  group by 1, 2, 3, 4, 6, 7
),
yearly as (
  select facts.imposer_state_id, facts.target_state_id, year, facts.sort, facts.word, facts.outcome, sum(facts.number) as number
  from facts
  cross join lateral generate_series(facts.first_year, facts.last_year) as year
  group by 1, 2, 3, 4, 5, 6
),
classed as (
  select
    yearly.*,
    class.name as class,
    class.kind_of_trade
  from yearly
  left join (
    values
      ('export_control', 'trade', 'exp_part'),
      ('import_restriction', 'trade', 'imp_part'),
      ('tariff', 'trade', 'imp_part'),
      ('price_cap', 'trade', 'imp_part'),
      ('sectoral', 'trade', null),
      ('full_embargo', 'trade', 'exp_compl'),
      ('full_embargo', 'trade', 'imp_compl'),
      ('full_embargo', 'financial', null),
      ('blockade', 'trade', null),
      ('arms_embargo', 'arms', null),
      ('arms_restriction', 'arms', null),
      ('military_aid_suspension', 'military', null),
      ('asset_freeze', 'financial', null),
      ('financial_restriction', 'financial', null),
      ('investment_ban', 'financial', null),
      ('aid_suspension', 'financial', null),
      ('claims_prohibition', 'financial', null),
      ('travel_ban', 'travel', null),
      ('visa_ban', 'travel', null),
      ('entry_ban', 'travel', null)
  ) as class (measure, name, kind_of_trade) on class.measure = yearly.word and yearly.sort = 'measure'
)
select
  imposer_state_id,
  target_state_id,
  year,
  sum(number) filter (where sort in ('on_state', 'sanction'))::integer as sanctions,
  coalesce(sum(number) filter (where sort = 'on_state'), 0)::integer as sanctions_on_state,
  coalesce(bool_or(class = 'trade'), false) as trade,
  string_agg(distinct kind_of_trade, ',' order by kind_of_trade) as descr_trade,
  coalesce(bool_or(class = 'arms'), false) as arms,
  coalesce(bool_or(class = 'military'), false) as military,
  coalesce(bool_or(class = 'financial'), false) as financial,
  coalesce(bool_or(class = 'travel'), false) as travel,
  coalesce(bool_or(sort = 'measure' and class is null), false) as other,
  string_agg(word, ',' order by word, outcome) filter (where sort = 'objective') as objective,
  string_agg(outcome, ',' order by word, outcome) filter (where sort = 'objective') as success
from classed
group by imposer_state_id, target_state_id, year
having bool_or(sort in ('on_state', 'sanction'))
