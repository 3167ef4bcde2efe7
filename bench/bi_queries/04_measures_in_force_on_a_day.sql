-- What was in force on a day, by measure; the labels are those of the groups.
select measure.measure_label, counted.sanctions
from (
  select taken.measure, count(*) as sanctions
  from bi.sanctions_in_force('2012-03-01') as sanction
  join bi.sanction_measures as taken using (sanction_id)
  where sanction.counts
  group by taken.measure
) as counted
join bi.measures as measure using (measure)
order by counted.sanctions desc;
-- by hand
select measure.label, counted.sanctions
from (
  select taken.measure, count(*) as sanctions
  from sanctions as sanction
  join sanction_measures as taken on taken.sanction_id = sanction.id
  where sanction.claim_status not in ('denied', 'retracted')
    and sanction.starts_earliest <= '2012-03-01'
    and (
      sanction.lifted_on is null
      or '2012-03-01' < sanction.lifted_on_latest
      or ('2012-03-01' = sanction.lifted_on_latest and sanction.lifted_on like '%~')
    )
    and (sanction.expires_on is null or '2012-03-01' <= sanction.expires_on_latest)
  group by taken.measure
) as counted
join measures as measure on measure.code = counted.measure
order by counted.sanctions desc;
