-- Cooperation and conflict, by year.
select occurred_year, quad_class_label, count(*) as actions, avg(goldstein) as goldstein
from bi.diplomatic_actions
where counts_as_event
group by occurred_year, quad_class_label
order by occurred_year, quad_class_label;
-- by hand
select counted.year, code.quad_class, sum(counted.actions) as actions,
  sum(counted.actions * code.goldstein) / sum(counted.actions) as goldstein
from (
  select
    cameo_code,
    extract(year from coalesce(nullif(occurred_on_earliest, '-infinity'), occurred_on_latest)) as year,
    count(*) as actions
  from diplomatic_actions
  where modality = 'actual' and claim_status not in ('denied', 'retracted')
  group by 1, 2
) as counted
join cameo_codes as code on code.code = counted.cameo_code
group by counted.year, code.quad_class
order by counted.year, code.quad_class;
