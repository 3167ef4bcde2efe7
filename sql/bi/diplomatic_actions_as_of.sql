create function bi.diplomatic_actions_as_of(day date, known_at timestamptz) returns setof bi.diplomatic_actions
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('demarche.known_at', true), '');
begin
  perform public.day_in_range(day);
  perform set_config('demarche.known_at', public.utc_text(as_of.settled(known_at)), true);
  if day is null then
    return query select * from as_of_bi.diplomatic_actions;
  else
    return query
      select *
      from as_of_bi.diplomatic_actions as action
      where coalesce(action.occurred_on_earliest <= day, true);
  end if;
  -- All rows are computed by now.
  perform set_config('demarche.known_at', before, true);
end
$$;
comment on function bi.diplomatic_actions_as_of(date, timestamptz) is 'The diplomatic actions that had occurred by a day, or may have occurred if the date is unknown or only partly known, as recorded at a moment, in the columns of bi.diplomatic_actions. If the day is null, all actions; if the moment is null, as recorded now';
