create view bi.sanction_measures as
select
  taken.sanction_id,
  taken.position,
  taken.measure,
  measure.label as measure_label,
  taken."from"::text as measure_from,
  nullif(partial_date_earliest(taken."from"), '-infinity') as measure_from_earliest,
  nullif(partial_date_latest(taken."from"), 'infinity') as measure_from_latest,
  partial_date_precision(taken."from") as measure_from_precision,
  taken.until::text as measure_until,
  nullif(partial_date_earliest(taken.until), '-infinity') as measure_until_earliest,
  nullif(partial_date_latest(taken.until), 'infinity') as measure_until_latest,
  partial_date_precision(taken.until) as measure_until_precision,
  sanction.claim_status not in ('denied', 'retracted') as counts
from sanction_measures as taken
left join sanctions as sanction on sanction.id = taken.sanction_id
left join measures as measure on measure.code = taken.measure;
comment on view bi.sanction_measures is 'Measures of sanctions; one row per sanction and measure';
comment on column bi.sanction_measures.sanction_id is 'Id of the sanction';
comment on column bi.sanction_measures.position is 'Order of the measures in the record, from 0';
comment on column bi.sanction_measures.measure is 'The measure, as a code of measures';
comment on column bi.sanction_measures.measure_label is 'The measure, in words';
comment on column bi.sanction_measures.measure_from is 'When the measure began, if not with the sanction, as written';
comment on column bi.sanction_measures.measure_from_earliest is 'First day that measure_from may mean; null if open';
comment on column bi.sanction_measures.measure_from_latest is 'Last day that measure_from may mean; null if its end is open';
comment on column bi.sanction_measures.measure_from_precision is 'Precision of measure_from: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.sanction_measures.measure_until is 'When the measure ended, if not with the sanction, as written';
comment on column bi.sanction_measures.measure_until_earliest is 'First day that measure_until may mean; null if open';
comment on column bi.sanction_measures.measure_until_latest is 'Last day that measure_until may mean; null if its end is open';
comment on column bi.sanction_measures.measure_until_precision is 'Precision of measure_until: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.sanction_measures.counts is 'True if the sanction counts: its claim is neither denied nor retracted';
