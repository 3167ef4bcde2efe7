create function bi.sanctions_as_of(day date, known_at timestamptz) returns setof bi.sanctions
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set demarche.known_at = ''
as $$
begin
  -- Where the function ends the setting is what it was before.
  perform set_config('demarche.known_at', public.utc_text(known_store.settled(known_at)), true);
  if day is null then
    return query select * from known_bi.sanctions;
  else
    return query select * from known_bi.sanctions_in_force(day);
  end if;
end
$$;
comment on function bi.sanctions_as_of(date, timestamptz) is 'The sanctions in force on a day, as the registry knew them at a moment, in the columns of bi.sanctions, told for the day as by sanctions_in_force; without a day all of them, told for today; without a moment as known now';
