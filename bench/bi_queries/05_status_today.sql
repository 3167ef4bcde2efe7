-- How many sanctions are in force, lifted, expired.
select status, count(*) as sanctions
from bi.sanctions
where counts
group by status
order by sanctions desc;
-- by hand
select
  case
    when lifted_on_latest <= current_date then 'lifted'
    when starts_earliest > current_date then
      case when announced_on_earliest <= current_date then 'announced' else 'not_yet' end
    when lifted_on_earliest <= current_date then 'lifted'
    when expires_on_latest < current_date then 'expired'
    when starts_earliest <= current_date then 'in_force'
    when announced_on_earliest <= current_date then 'announced'
    else 'unknown'
  end as status,
  count(*) as sanctions
from sanctions
where claim_status not in ('denied', 'retracted')
group by 1
order by sanctions desc;
