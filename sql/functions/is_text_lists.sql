create or replace function is_text_lists(value jsonb) returns boolean
language sql immutable parallel safe
begin atomic
  select case
    when jsonb_typeof(value) <> 'object' then false
    when value = '{}' then true
    when jsonb_path_exists(
      value,
      'strict $.* ? (@.type() != "array" || exists (@[*] ? (@.type() != "string")))'
    ) then false
    else not exists (
      select
      from jsonb_each(value) as property (name, list)
      where not is_clean_line(property.name)
        or exists (
          select
          from jsonb_array_elements_text(property.list) as element (text)
          where not is_clean_text(element.text)
        )
    )
  end;
end;
comment on function is_text_lists(jsonb) is 'Whether a value is an object of name to list of strings, the shape of properties, and all its texts are clean';
