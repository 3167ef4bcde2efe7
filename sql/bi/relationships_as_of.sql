create function bi.relationships_as_of(day date, known_at timestamptz) returns setof bi.relationships
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  before text := coalesce(current_setting('demarche.known_at', true), '');
begin
  perform public.day_in_range(day);
  perform set_config('demarche.known_at', public.utc_text(as_of.settled(known_at)), true);
  if day is null then
    return query select * from as_of_bi.relationships;
  else
    return query select * from as_of_bi.relationships_holding(day);
  end if;
  -- All rows are computed by now.
  perform set_config('demarche.known_at', before, true);
end
$$;
comment on function bi.relationships_as_of(date, timestamptz) is 'The relationships that hold on a day (as in relationships_holding), as recorded at a moment, in the columns of bi.relationships. If the day is null, all relationships, with holds as of today; if the moment is null, as recorded now';
