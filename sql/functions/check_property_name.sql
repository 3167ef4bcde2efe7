create or replace function check_property_name() returns trigger
language plpgsql
as $$
declare
  unfit record;
begin
  select * into unfit from unfit_properties(new.code, new.value_type, new.words) limit 1;
  if found then
    raise exception using
      errcode = 'check_violation', constraint = 'property_names_values_check', table = 'property_names',
      message = format('%s of %s %s %s', new.code, unfit.resource, unfit.record_id, unfit.detail);
  end if;
  return null;
end
$$;
comment on function check_property_name() is 'Trigger of property_names: the values that records have of the name are of its type';
revoke execute on function check_property_name() from public;
