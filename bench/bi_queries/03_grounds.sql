-- Why: sanctions by ground.
select ground, count(*) as sanctions
from bi.sanction_grounds
where counts
group by ground
order by sanctions desc;
-- by hand
select given.ground, count(*) as sanctions
from sanction_grounds as given
join sanctions as sanction on sanction.id = given.sanction_id
where sanction.claim_status not in ('denied', 'retracted')
group by given.ground
order by sanctions desc;
