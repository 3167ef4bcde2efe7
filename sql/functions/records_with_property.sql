create or replace function records_with_property(name text) returns table (resource text, record_id uuid)
language plpgsql volatile
as $$
declare
  kind text;
begin
  for kind in
    select record_kinds.resource from record_kinds where reference is not null order by record_kinds.resource
  loop
    return query execute format(
      'select %L::text, record.id from %1$I as record where property_keys(record.properties) @> array[$1]', kind
    )
    using name;
  end loop;
end
$$;
comment on function records_with_property(text) is 'The records of all kinds that have a property of this name';
revoke execute on function records_with_property(text) from public;
