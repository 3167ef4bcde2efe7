select
  sanction.id,
  named.pointer,
  format(
    '%s ended on %s, before the sanction of %s; correct one of the dates',
    party.name, party.ended_on, coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)
  ) as detail
from sanctions as sanction
cross join lateral (
  values ('/imposer', sanction.imposer_id), ('/target', sanction.target_id)
) as named (pointer, actor_id)
join actors as party
  on party.id = named.actor_id
  and party.ended_on_latest < partial_date_earliest(coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on))
-- A day that is only about known is no limit.
where strpos(concat(party.ended_on, coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)), '~') = 0
