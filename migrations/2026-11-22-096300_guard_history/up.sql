-- What a hand in psql, or a mistaken load, could still do to history without being refused.

-- A record that was never there begins with version 1, whatever an insert says. Its name makes this trigger run before
-- continue_version, which knows of records that were there before.
create function begin_version() returns trigger
language plpgsql
as $$
begin
  new.version := 1;
  return new;
end
$$;
comment on function begin_version() is 'Trigger of every record: a new one has version 1';
revoke execute on function begin_version() from public;

do $$
declare
  kept regclass;
begin
  for kept in select tgrelid from pg_trigger where tgname like '%\_continue\_version' loop
    execute format(
      'create trigger %1$s_begin_version before insert on %1$s
         for each row when (new.version <> 1) execute function begin_version()', kept);
  end loop;
end
$$;

-- Of revisions that are there already it is not asked.
alter table revisions add constraint revisions_backdated_to_is_past_check check (backdated_to <= written_at) not valid;

-- Nothing could be put in order without it, nor truly with another.
create trigger chain_head_refuse_deleting before delete on chain_head
  for each row execute function refuse_rewriting();
create trigger chain_head_refuse_truncate before truncate on chain_head
  for each statement execute function refuse_rewriting();
create trigger chain_head_refuse_rewriting before update on chain_head
  for each row
  when (
    new.sequence < old.sequence
    or new.recorded_at < old.recorded_at
    or new.horizon < old.horizon
    -- One pass gives each transaction a microsecond more than the one before, at the least.
    or new.horizon > greatest(old.horizon, clock_timestamp()) + interval '1 minute'
  )
  execute function refuse_rewriting();
