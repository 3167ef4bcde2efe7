create or replace function uuid_v7() returns uuid
language sql volatile parallel safe
begin atomic
  select (
    lpad(to_hex(floor(extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
    || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14, 3)
    || substr(replace(gen_random_uuid()::text, '-', ''), 17, 16)
  )::uuid;
end;
comment on function uuid_v7() is 'A new UUID of version 7 (RFC 9562): milliseconds since 1970, then random bits';
