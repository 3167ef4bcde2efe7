create or replace function is_placeholder(value text) returns boolean
language sql immutable strict parallel safe
begin atomic
  -- A crypto address may begin with its currency, and a number in hexadecimal with 0x.
  select regexp_replace(
    translate(
      regexp_replace(normalize(value, nfkc), '^([A-Z0-9]{2,8}:)?(0x)?', ''),
      '٠۰०০٩۹९৯',
      '00009999'
    ),
    '[^[:alnum:]]', '', 'g'
  ) ~ '^(0+|9{3,})$';
end;
comment on function is_placeholder(text) is 'Whether an identifier stands for none: zeros alone, or three nines or more alone, apart from separators, the currency of a crypto address and 0x';
