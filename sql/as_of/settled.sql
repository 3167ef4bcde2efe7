create function as_of.settled(known_at timestamptz) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  moment constant timestamptz := coalesce(known_at, clock_timestamp());
begin
  -- The sentence of day_in_range.
  if moment not between '0001-01-01 00:00:00+00' and '9999-12-31 23:59:59.999999+00' then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('known_at must be in the years 1 to 9999, not %s', to_json(moment at time zone 'UTC') #>> '{}');
  end if;
  if moment > clock_timestamp() then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('known_at must not be in the future: %s', utc_text(moment)),
      hint = 'Use a time that is not later than now().';
  end if;
  -- Each round sees what was committed by then, unless the transaction reads one snapshot from its beginning on.
  for round in 1..20 loop
    if exists (select from chain_head where horizon >= moment) or not exists (select from outbox) then
      return moment;
    end if;
    perform pg_sleep(0.1);
  end loop;
  raise exception using
    errcode = 'object_not_in_prerequisite_state',
    message = format('the changes up to %s are still being put in order', utc_text(moment)),
    hint = 'Repeat the query in a moment, in a new transaction, or ask for an earlier moment. A server of the registry must be running.';
end
$$;
revoke execute on function as_of.settled(timestamptz) from public;
comment on function as_of.settled(timestamptz) is 'Returns the moment (now if null) once reads as of it can no longer change; waits at most two seconds for that';
