create or replace function unfit_properties(name text, value_type text, words text[])
  returns table (resource text, record_id uuid, value text, detail text)
language plpgsql volatile
as $$
declare
  kind text;
begin
  for kind in
    select record_kinds.resource from record_kinds where reference is not null order by record_kinds.resource
  loop
    return query execute format(
      $sql$
        select %L::text, record.id, given.value, fault.detail
        from %1$I as record
        cross join lateral jsonb_array_elements_text(record.properties -> $1) as given (value)
        cross join lateral property_value_fault($2, $3, given.value) as fault (detail)
        where property_keys(record.properties) @> array[$1] and fault.detail is not null
        order by record.id
      $sql$,
      kind
    )
    using name, value_type, words;
  end loop;
end
$$;
comment on function unfit_properties(text, text, text[]) is 'The values of a property that would be wrong if the name were registered with this type';
revoke execute on function unfit_properties(text, text, text[]) from public;
