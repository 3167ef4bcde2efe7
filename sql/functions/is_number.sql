create or replace function is_number(value text) returns boolean
language sql immutable parallel safe
return value ~ '^-?[0-9]{1,15}(\.[0-9]{1,9})?$';
comment on function is_number(text) is 'Whether a text is a number as properties have it: digits with an optional sign and point. Such a text can be cast to numeric';
