create or replace function lei_is_valid(value text) returns boolean
language plpgsql immutable strict parallel safe
as $$
declare
  remainder integer := 0;
  letter text;
  digits text;
begin
  if value !~ '^[0-9A-Z]{18}[0-9]{2}$' then
    return false;
  end if;
  foreach letter in array regexp_split_to_array(value, '') loop
    digits := case when letter ~ '[0-9]' then letter else (ascii(letter) - 55)::text end;
    remainder := (remainder * (case length(digits) when 1 then 10 else 100 end) + digits::integer) % 97;
  end loop;
  return remainder = 1;
end
$$;
comment on function lei_is_valid(text) is 'Whether a legal entity identifier (ISO 17442) has the right check digits (ISO 7064, mod 97-10)';
