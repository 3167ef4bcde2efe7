create or replace function imo_company_is_valid(value text) returns boolean
language sql immutable strict parallel safe
begin atomic
  select value ~ '^[0-9]{7}$' and (
    11 - (
      substr(value, 1, 1)::integer * 8 + substr(value, 2, 1)::integer * 6 + substr(value, 3, 1)::integer * 4
      + substr(value, 4, 1)::integer * 2 + substr(value, 5, 1)::integer * 9 + substr(value, 6, 1)::integer * 7
    ) % 11
  ) % 10 = substr(value, 7, 1)::integer;
end;
comment on function imo_company_is_valid(text) is 'Whether an IMO company number has the right check digit; it is another than that of ships';
