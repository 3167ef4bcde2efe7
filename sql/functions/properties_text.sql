-- In PL/pgSQL, which keeps the plan: it is called for each record of a page that has properties.
create or replace function properties_text(properties jsonb) returns text
language plpgsql immutable strict parallel safe
as $$
begin
  return '{' || array_to_string(array(
    select to_json(property.key)::text || ':[' || array_to_string(array(
      select to_json(element.value)::text
      from pg_catalog.jsonb_array_elements_text(property.value) with ordinality as element (value, place)
      order by element.place
    ), ',') || ']'
    from pg_catalog.jsonb_each(properties) as property (key, value)
    order by property.key collate "C"
  ), ',') || '}';
end
$$;
comment on function properties_text(jsonb) is 'An object of lists of texts as responses have it: its fields in the order of their names, without blanks';
