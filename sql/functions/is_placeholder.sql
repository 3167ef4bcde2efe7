create or replace function is_placeholder(value text) returns boolean
language sql immutable strict parallel safe
begin atomic
  select regexp_replace(value, '[^[:alnum:]]', '', 'g') ~ '^(0+|9{3,})$';
end;
comment on function is_placeholder(text) is 'Whether an identifier stands for none: zeros alone, or three nines or more alone, apart from separators';
