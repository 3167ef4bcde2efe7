create or replace function is_regular_expression(value text) returns boolean
language plpgsql immutable strict
as $$
begin
  perform '' ~ value;
  return true;
exception
  when invalid_regular_expression then
    return false;
end
$$;
comment on function is_regular_expression(text) is 'Whether PostgreSQL reads a text as a regular expression';
