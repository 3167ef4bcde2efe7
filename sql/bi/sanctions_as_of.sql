create function bi.sanctions_as_of(day date, known_at timestamptz) returns setof bi.sanctions
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('demarche.known_at', true), '');
begin
  perform public.day_in_range(day);
  perform set_config('demarche.known_at', public.utc_text(as_of.settled(known_at)), true);
  if day is null then
    return query select * from as_of_bi.sanctions;
  else
    return query select * from as_of_bi.sanctions_in_force(day);
  end if;
  -- All rows are computed by now.
  perform set_config('demarche.known_at', before, true);
end
$$;
comment on function bi.sanctions_as_of(date, timestamptz) is 'The sanctions in force on a day (as in sanctions_in_force), as recorded at a moment, in the columns of bi.sanctions. If the day is null, all sanctions, with the status of today; if the moment is null, as recorded now';
