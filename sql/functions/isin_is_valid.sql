create or replace function isin_is_valid(value text) returns boolean
language plpgsql immutable strict parallel safe
as $$
declare
  digits text := '';
  letter text;
  total integer := 0;
  digit integer;
begin
  if value !~ '^[A-Z]{2}[0-9A-Z]{9}[0-9]$' then
    return false;
  end if;
  foreach letter in array regexp_split_to_array(value, '') loop
    digits := digits || case when letter ~ '[0-9]' then letter else (ascii(letter) - 55)::text end;
  end loop;
  for place in 1 .. length(digits) loop
    digit := substr(digits, length(digits) - place + 1, 1)::integer;
    if place % 2 = 0 then
      digit := digit * 2;
    end if;
    total := total + digit / 10 + digit % 10;
  end loop;
  return total % 10 = 0;
end
$$;
comment on function isin_is_valid(text) is 'Whether a securities number (ISO 6166) has the right check digit (Luhn)';
