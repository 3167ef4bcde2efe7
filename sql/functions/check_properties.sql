create or replace function check_properties() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  known record;
  fault text;
begin
  -- Locked against every update: who changes the type waits for this transaction, and then checks its values too.
  for known in
    select name.code, name.value_type, name.words
    from property_names as name
    where name.code in (select jsonb_object_keys(new.properties))
    for share
  loop
    select property_value_fault(known.value_type, known.words, given.value) into fault
    from jsonb_array_elements_text(new.properties -> known.code) as given (value)
    where property_value_fault(known.value_type, known.words, given.value) is not null
    limit 1;
    if fault is not null then
      raise exception using
        errcode = 'check_violation', constraint = 'property_values_check', table = tg_table_name,
        message = format('property %s %s', known.code, fault);
    end if;
  end loop;
  return null;
end
$$;
comment on function check_properties() is 'Trigger of tables of records: the values of properties whose names are in property_names are of their types';
revoke execute on function check_properties() from public;
