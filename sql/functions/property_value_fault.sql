create or replace function property_value_fault(value_type text, words text[], value text) returns text
language sql stable parallel safe set search_path = pg_catalog, public, pg_temp
return case
  when value !~ '\S' then 'is empty; write a text'
  when value_type = 'word' then case
    when value <> all (words) then format('must be one of %s, not "%s"', array_to_string(words, ', '), left(value, 80))
  end
  when value_type = 'date' then case
    when not partial_date_is_valid(value) then format('is not a date: "%s"; write one such as 1960, 1960-04, 1960-04-19 or 1960~', left(value, 80))
  end
  when value_type = 'number' then case
    when not is_number(value) then format('is not a number: "%s"; write digits, such as 2500 or 12.5', left(value, 80))
  end
  when value_type = 'country' then case
    when not exists (select from countries as country where country.code = value)
      then format('%s is not a code of the vocabulary countries; /v1/vocabularies/countries lists its codes', left(value, 80))
  end
  when value_type = 'url' then case
    when value !~* '^https?://[^/[:space:]]+[^[:space:]]*$' then 'is not a web address: write one that begins with http:// or https:// and names a host'
  end
end;
comment on function property_value_fault(text, text[], text) is 'What is wrong with a value of a property of this type (see property_names); null if nothing is';
revoke execute on function property_value_fault(text, text[], text) from public;
