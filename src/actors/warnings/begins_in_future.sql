select
  actor.id,
  '/began_on' as pointer,
  format('is %s, which is in the future; correct the date', actor.began_on) as detail
from actors as actor
where actor.began_on_earliest > (select given.day from given)
