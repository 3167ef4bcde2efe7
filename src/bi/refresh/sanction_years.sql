with yearly as (
  select span.imposer_state_id, span.target_state_id, year, span.sort, span.word, span.outcome, sum(span.number) as number
  from changed_sanction_dyads as changed
  join bi_store.sanction_spans as span using (imposer_state_id, target_state_id)
  -- Views show years up to the current one. The rows of the next year are computed ahead, so that they are there when it begins.
  cross join lateral generate_series(
    span.first_year,
    least(span.last_year, extract(year from now() at time zone 'UTC')::integer + 1)
  ) as year
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
