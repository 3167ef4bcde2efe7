select
  sanction.id as event_id,
  sanction.id,
  'sanctions' as resource,
  'imposed' as event,
  coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)::text as written,
  partial_date_sort_day(coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)) as day,
  partial_date_earliest(coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)) as day_earliest,
  partial_date_latest(coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)) as day_latest,
  'actual' as modality,
  sanction.claim_status::text as claim_status,
  -- A sanction comes directly after the act that announced it, if both are on one day.
  case
    when partial_date_sort_day(announcement.occurred_on)
      = partial_date_sort_day(coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on))
    then 1 + 2 * coalesce(placed.depth, 0)
    else 0
  end as place,
  sanction.action_id as announced_by
from concerned
join sanctions as sanction on sanction.id = concerned.sanction_id
left join diplomatic_actions as announcement on announcement.id = sanction.action_id
left join placed on placed.action_id = sanction.action_id
union all
select
  md5(sanction.id::text || 'lifted')::uuid,
  sanction.id,
  'sanctions',
  'lifted',
  sanction.lifted_on::text,
  partial_date_sort_day(sanction.lifted_on),
  sanction.lifted_on_earliest,
  sanction.lifted_on_latest,
  'actual',
  sanction.claim_status::text,
  0,
  null
from concerned
join sanctions as sanction on sanction.id = concerned.sanction_id
where sanction.lifted_on is not null
union all
select
  md5(sanction.id::text || 'expired')::uuid,
  sanction.id,
  'sanctions',
  'expired',
  sanction.expires_on::text,
  partial_date_sort_day(sanction.expires_on),
  sanction.expires_on_earliest,
  sanction.expires_on_latest,
  'actual',
  sanction.claim_status::text,
  0,
  null
from given
cross join concerned
join sanctions as sanction on sanction.id = concerned.sanction_id
where sanction.expires_on_latest < given.day
  and coalesce(sanction.lifted_on_earliest > sanction.expires_on_latest, true)
union all
select
  action.id,
  action.id,
  'diplomatic-actions',
  'occurred',
  action.occurred_on::text,
  partial_date_sort_day(action.occurred_on),
  action.occurred_on_earliest,
  action.occurred_on_latest,
  action.modality::text,
  action.claim_status::text,
  2 * coalesce(placed.depth, 0),
  null
from concerned
join diplomatic_actions as action on action.id = concerned.action_id
left join placed on placed.action_id = action.id
