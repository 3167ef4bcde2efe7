select
  actor.id,
  '/began_on' as pointer,
  format('is %s, a day to come', actor.began_on) as detail
from actors as actor
where actor.began_on_earliest > (now() at time zone 'UTC')::date
