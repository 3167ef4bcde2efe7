select
  sanction.id,
  '/action' as pointer,
  format(
    '%s announced it on %s, long after the sanction of %s; correct one of the dates',
    announced.title, announced.occurred_on, sanction.imposed_on
  ) as detail
from sanctions as sanction
join diplomatic_actions as announced
  on announced.id = sanction.action_id
  -- What is signed is often announced some days later.
  and sanction.imposed_on_latest + 7 < announced.occurred_on_earliest
where strpos(concat(sanction.imposed_on, announced.occurred_on), '~') = 0
