create or replace function is_text_lists(value jsonb) returns boolean
language sql immutable parallel safe
begin atomic
  select case
    when jsonb_typeof(value) <> 'object' then false
    else not jsonb_path_exists(
      value,
      'strict $.* ? (@.type() != "array" || exists (@[*] ? (@.type() != "string")))'
    )
  end;
end;
comment on function is_text_lists(jsonb) is 'Whether a value is an object of name to list of strings, the shape of properties';
