select
  format(
    'chain_head has the time %s, which is in the future: the clock was wrong, or the row was changed by hand; changes recorded until then get a later time',
    to_char(greatest(chain_head.recorded_at, chain_head.horizon) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  ) as fault,
  count(*) over () as count
from chain_head
where greatest(chain_head.recorded_at, chain_head.horizon) > clock_timestamp() + interval '1 minute'
limit 
