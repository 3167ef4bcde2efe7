create or replace function day_in_range(day date) returns date
language plpgsql immutable strict parallel safe
as $$
begin
  if day not between '0001-01-01' and '9999-12-31' then
    raise exception using
      errcode = 'invalid_parameter_value',
      -- JSON has one format of days, whatever the DateStyle of the session.
      message = format('day must be in the years 1 to 9999, not %s', to_json(day) #>> '{}');
  end if;
  return day;
end
$$;
comment on function day_in_range(date) is 'The day; an error if it is infinite or not in the years 1 to 9999; null for null';
