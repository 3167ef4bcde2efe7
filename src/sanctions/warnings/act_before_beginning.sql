select
  sanction.id,
  named.pointer,
  format(
    '%s began on %s, after the sanction of %s; correct one of the dates',
    party.name, party.began_on, coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)
  ) as detail
from sanctions as sanction
cross join lateral (
  values ('/imposer', sanction.imposer_id), ('/target', sanction.target_id)
) as named (pointer, actor_id)
join actors as party
  on party.id = named.actor_id
  and party.began_on_earliest > partial_date_latest(coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on))
-- A day that is only about known is no limit.
where strpos(concat(party.began_on, coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)), '~') = 0
