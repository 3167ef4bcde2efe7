create or replace function imo_is_valid(value text) returns boolean
language sql immutable strict parallel safe
begin atomic
  select value ~ '^[0-9]{7}$' and (
    substr(value, 1, 1)::integer * 7 + substr(value, 2, 1)::integer * 6 + substr(value, 3, 1)::integer * 5
    + substr(value, 4, 1)::integer * 4 + substr(value, 5, 1)::integer * 3 + substr(value, 6, 1)::integer * 2
  ) % 10 = substr(value, 7, 1)::integer;
end;
comment on function imo_is_valid(text) is 'Whether an IMO ship number has the right check digit';
