create or replace function property_keys(properties jsonb) returns text[]
language sql immutable parallel safe set search_path = pg_catalog, public, pg_temp
return case
  when properties is null or properties = '{}' then null
  else array(
    select named.key
    from jsonb_object_keys(properties) as named (key)
    union all
    select named.key || chr(31) || plain_name(given.value)
    from jsonb_each(properties) as named (key, list)
    cross join lateral jsonb_array_elements_text(case jsonb_typeof(named.list) when 'array' then named.list else '[]' end) as given (value)
  )
end;
comment on function property_keys(jsonb) is 'What records are found by in their properties: each name, and each name with each of its values in the form of plain_name; null where there are none';
revoke execute on function property_keys(jsonb) from public;
