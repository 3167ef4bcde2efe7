select
  format(
    'chain_head stands at %s, which is to come: the clock was wrong, or a hand moved it; what is recorded until then is known from a later moment on',
    to_char(greatest(chain_head.recorded_at, chain_head.horizon) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  ) as fault,
  count(*) over () as count
from chain_head
where greatest(chain_head.recorded_at, chain_head.horizon) > clock_timestamp() + interval '1 minute'
limit 
