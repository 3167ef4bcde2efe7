create function as_of.settled(known_at timestamptz) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
declare
  -- Nothing was known before our era, and it would be written like a moment of it.
  moment timestamptz := greatest(coalesce(known_at, clock_timestamp()), '0001-01-01 00:00:00+00');
begin
  if moment > clock_timestamp() then
    raise exception using
      errcode = 'invalid_parameter_value',
      message = format('known_at %s is to come: what will be known then nobody can tell', moment);
  end if;
  -- Each look sees what was committed by then, unless the transaction reads one snapshot from its beginning on.
  for look in 1..20 loop
    if exists (select from chain_head where horizon >= moment) or not exists (select from outbox) then
      return moment;
    end if;
    perform pg_sleep(0.1);
  end loop;
  raise exception using
    errcode = 'object_not_in_prerequisite_state',
    message = format('what was known at %s is still being put in order', moment),
    hint = 'Ask again in a moment in a transaction that begins then, or about an earlier moment; a server of the registry must be running.';
end
$$;
revoke execute on function as_of.settled(timestamptz) from public;
comment on function as_of.settled(timestamptz) is 'The moment that is asked about, now where none is, once what was known then will not change; waits two seconds for that at most';
