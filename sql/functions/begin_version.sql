create or replace function begin_version() returns trigger
language plpgsql
as $$
begin
  new.version := 1;
  return new;
end
$$;
comment on function begin_version() is 'Trigger of every record: a new one has version 1';
revoke execute on function begin_version() from public;
