-- Sanctions by imposer and year.
select imposer, imposed_year, count(*) as sanctions
from bi.sanctions
where counts
group by imposer, imposed_year
order by imposed_year, sanctions desc;
-- by hand
select imposer.name, counted.year, sum(counted.sanctions) as sanctions
from (
  select
    imposer_id,
    extract(year from coalesce(nullif(imposed_on_earliest, '-infinity'), imposed_on_latest)) as year,
    count(*) as sanctions
  from sanctions
  where claim_status not in ('denied', 'retracted')
  group by 1, 2
) as counted
join actors as imposer on imposer.id = counted.imposer_id
group by imposer.name, counted.year
order by counted.year, sanctions desc;
