-- The shares that certainly hold on the day from which the last of them holds, of an interval the least. A share without dates holds
-- always.
select
  relationship.id,
  '/share_percent' as pointer,
  format(
    'the owners of %s have shares of %s %% together%s; at most 100 %% can be owned at one time; correct the share, the dates or the claim_status of one of them',
    (select owned.name from actors as owned where owned.id = relationship.object_id),
    trim_scale(most.shares),
    case when most.day > '-infinity' then ' on ' || to_char(most.day, 'YYYY-MM-DD') else '' end
  ) as detail
from relationships as relationship
cross join lateral (
  select started.day, sum(held.share_percent_min) as shares
  from (
    select coalesce(share.started_on_latest, '-infinity') as day
    from relationships as share
    where share.object_id = relationship.object_id
      and share.kind = 'owns'
      and share.share_percent_min is not null
      and share.claim_status not in ('denied', 'retracted')
    group by 1
  ) as started
  join relationships as held
    on held.object_id = relationship.object_id
    and held.kind = 'owns'
    and held.claim_status not in ('denied', 'retracted')
    and coalesce(held.started_on_latest, '-infinity') <= started.day
    and coalesce(held.ended_on_earliest, 'infinity') > started.day
  where started.day < 'infinity'
    and coalesce(relationship.started_on_latest, '-infinity') <= started.day
    and coalesce(relationship.ended_on_earliest, 'infinity') > started.day
  group by started.day
  order by shares desc nulls last, started.day
  limit 1
) as most
where relationship.kind = 'owns'
  and relationship.share_percent_min is not null
  and relationship.claim_status not in ('denied', 'retracted')
  and most.shares > 100
