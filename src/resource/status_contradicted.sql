select
  {alias}.id,
  '/claim_status' as pointer,
  format(
    case
      when {alias}.claim_status in ('disputed', 'denied', 'retracted') then 'is %s, but none of its citations disputes it; change claim_status or cite a source that disputes it'
      else 'is %s, but its citations dispute it, and none supports it; change claim_status or cite a source that supports it'
    end,
    {alias}.claim_status
  ) as detail
from {table} as {alias}
cross join lateral (
  select
    count(*) as citations,
    count(*) filter (where citation.stance = 'supports') as supporting,
    count(*) filter (where citation.stance = 'disputes') as disputing
  from citations as citation
  where citation.{reference} = {alias}.id
) as said
where said.citations > 0
  and case {alias}.claim_status
    when 'disputed' then said.disputing = 0
    when 'denied' then said.disputing = 0
    when 'retracted' then said.disputing = 0
    else said.supporting = 0 and said.disputing > 0
  end
