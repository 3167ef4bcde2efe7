create or replace function first_id_since(moment timestamptz) returns uuid
language sql immutable parallel safe
begin atomic
  select coalesce(
    rpad(lpad(to_hex(floor(extract(epoch from moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid,
    '00000000-0000-0000-0000-000000000000'
  );
end;
comment on function first_id_since(timestamptz) is 'The least UUID of version 7 that can be made from a moment on: records from then on have none below it; of null the least of all';
