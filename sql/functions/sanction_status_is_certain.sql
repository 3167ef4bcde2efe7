create or replace function sanction_status_is_certain(sanction sanctions, day date) returns boolean
language sql immutable parallel safe
return sanction.starts_earliest is not null
  and not coalesce(
    day < sanction.starts_earliest
      and day between sanction.announced_on_earliest and partial_date_latest(sanction.announced_on)
      and not partial_date_is_exact(sanction.announced_on),
    false
  )
  and not coalesce(
    day between sanction.starts_earliest and sanction.starts_latest
      and not partial_date_is_exact(coalesce(sanction.effective_on, sanction.imposed_on)),
    false
  )
  and not coalesce(
    day between sanction.lifted_on_earliest and sanction.lifted_on_latest
      and not partial_date_is_exact(sanction.lifted_on),
    false
  )
  and not coalesce(
    day between sanction.expires_on_earliest and sanction.expires_on_latest
      and not partial_date_is_exact(sanction.expires_on),
    false
  );
comment on function sanction_status_is_certain(sanctions, date) is 'False while the day lies inside a date of the sanction that is only partly known (that of the announcement counts until it starts), or where it is not known when it starts';
