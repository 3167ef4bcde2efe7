-- How many sanctions are in force, lifted, expired.
select status, count(*) as sanctions
from bi.sanctions
where counts
group by status
order by sanctions desc;
-- by hand
select
  case
    when lifted_on is not null and current_date >= lifted_on_earliest then 'lifted'
    when expires_on is not null and current_date > expires_on_latest then 'expired'
    when starts_earliest is null then 'unknown'
    when starts_earliest <= current_date then 'in_force'
    else 'not_yet'
  end as status,
  count(*) as sanctions
from sanctions
where claim_status not in ('denied', 'retracted')
group by 1
order by sanctions desc;
