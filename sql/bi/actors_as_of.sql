create function bi.actors_as_of(day date, known_at timestamptz) returns setof bi.actors
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('demarche.known_at', true), '');
begin
  perform public.day_in_range(day);
  perform set_config('demarche.known_at', public.utc_text(as_of.settled(known_at)), true);
  if day is null then
    return query select * from as_of_bi.actors;
  else
    return query
      select *
      from as_of_bi.actors as actor
      where coalesce(actor.began_on_earliest <= day, true)
        and coalesce(actor.ended_on_latest >= day, true);
  end if;
  -- All rows are computed by now.
  perform set_config('demarche.known_at', before, true);
end
$$;
comment on function bi.actors_as_of(date, timestamptz) is 'The actors that existed on a day, or may have existed if a date is unknown or only partly known, as recorded at a moment, in the columns of bi.actors. If the day is null, all actors; if the moment is null, as recorded now';
