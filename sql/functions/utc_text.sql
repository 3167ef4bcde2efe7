create or replace function utc_text(moment timestamptz) returns text
language plpgsql immutable parallel safe
as $$
begin
  return to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
end
$$;
comment on function utc_text(timestamptz) is 'A moment as RFC 3339 in UTC, whatever the time zone of the session';
