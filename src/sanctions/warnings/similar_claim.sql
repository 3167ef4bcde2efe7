select
  sanction.id,
  '' as pointer,
  format(
    'says the same as /v1/sanctions/%s: %s sanctions %s, for a time that overlaps; keep one of the two, or give them other dates, measures, programmes or list entries',
    other.id,
    (select imposer.name from actors as imposer where imposer.id = sanction.imposer_id),
    (select target.name from actors as target where target.id = sanction.target_id)
  ) as detail
from sanctions as sanction
cross join lateral (
select other.id
from sanctions as other
where other.target_id = sanction.target_id
  and other.imposer_id = sanction.imposer_id
  and other.id <> sanction.id
  and (
    (
      coalesce(sanction.starts_latest, '-infinity')
        < coalesce(least(other.lifted_on_earliest, other.expires_on_earliest + 1), 'infinity')
      and coalesce(other.starts_latest, '-infinity')
        < coalesce(least(sanction.lifted_on_earliest, sanction.expires_on_earliest + 1), 'infinity')
    )
    or (
      coalesce(sanction.effective_on, sanction.imposed_on) = coalesce(other.effective_on, other.imposed_on)
      and coalesce(sanction.lifted_on, sanction.expires_on) = coalesce(other.lifted_on, other.expires_on)
    )
  )
  -- Two entries of lists are two claims, and so are two acts of the imposer.
  and coalesce((other.list_code, coalesce(other.list_part, ''), other.list_uid)
    = (sanction.list_code, coalesce(sanction.list_part, ''), sanction.list_uid), true)
  and coalesce(other.action_id = sanction.action_id, true)
  and other.claim_status not in ('denied', 'retracted')
  and case
    when exists (select from sanction_measures as taken where taken.sanction_id = sanction.id) then
      exists (
        select
        from sanction_measures as taken
        join sanction_measures as other_taken
          on other_taken.sanction_id = other.id
          and other_taken.measure = taken.measure
        where taken.sanction_id = sanction.id
      )
    else not exists (select from sanction_measures as other_taken where other_taken.sanction_id = other.id)
  end
  and (
    not exists (select from sanction_programmes as basis where basis.sanction_id = sanction.id)
    or not exists (select from sanction_programmes as other_basis where other_basis.sanction_id = other.id)
    or exists (
      select
      from sanction_programmes as basis
      join sanction_programmes as other_basis
        on other_basis.sanction_id = other.id
        and other_basis.programme_id = basis.programme_id
      where basis.sanction_id = sanction.id
    )
  )
-- Many equal sanctions would have a warning for each pair.
limit 3
) as other
where sanction.claim_status not in ('denied', 'retracted')
