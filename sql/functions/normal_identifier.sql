create or replace function normal_identifier(scheme text, value text) returns text
language sql immutable strict parallel safe
-- The one place where a scheme says in which form its values are compared. Two indexes have this expression: a change for a
-- scheme that has values needs a migration that rebuilds them (reindex).
return case
  when scheme in ('imo', 'imo_company', 'mmsi') and value ~ '[0-9]' then regexp_replace(value collate "C", '[^0-9]', '', 'g')
  when scheme in (
    'passport', 'national_id', 'tax_id', 'registration', 'lei', 'isin', 'bic', 'call_sign', 'phone', 'aircraft_tail_number',
    'aircraft_serial_number', 'mode_s'
  )
    then coalesce(nullif(compact_key(value), ''), value)
  when scheme in ('email', 'website') then lower(value collate "C")
  else value
end;
comment on function normal_identifier(text, text) is 'The value of an identifier as it is compared with others: numbers of documents without capitals, blanks, dashes and dots; the value itself for schemes whose values have one spelling';
